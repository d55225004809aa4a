from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from registry import fetch, reading, recall
from registry.registry import Registry
from registry.settings import Settings
from registry.snapshot import Snapshot, open_snapshot


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.open(Settings(home=tmp_path / "home"))


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files just written count as old."""
    monkeypatch.setattr(recall, "SETTLED_NS", 0)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the sources that were read."""
    names: list[str] = []
    truly = reading.read_source

    def counted(source: fetch.RowSource, **options: object) -> Snapshot:
        names.append(source.dataset)
        return truly(source, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "read_source", counted)
    return names


def write(path: Path, *prompts: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"instruction": prompt, "output": "Yes."} for prompt in prompts]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def prompts(snapshot: Snapshot) -> list[str]:
    return [text for batch in snapshot.batches(["prompt"]) for text in batch.column("prompt").to_pylist()]


@pytest.mark.usefixtures("settled")
def test_a_path_opened_again_is_not_read_again(registry: Registry, tmp_path: Path, reads: list[str]) -> None:
    path = write(tmp_path / "rows.jsonl", "Is ice cold?")

    first = open_snapshot(registry, str(path))
    again = open_snapshot(registry, str(path))

    assert reads == ["rows.jsonl"]
    assert again == first
    assert registry.latest_snapshot("rows.jsonl") == first


@pytest.mark.usefixtures("settled")
def test_fetching_always_reads(registry: Registry, tmp_path: Path, reads: list[str]) -> None:
    path = write(tmp_path / "rows.jsonl", "Is ice cold?")

    assert fetch.fetch(registry, str(path)) == fetch.fetch(registry, str(path))
    assert len(reads) == 2


@pytest.mark.usefixtures("settled")
def test_other_bytes_of_the_same_length_and_date_are_read(registry: Registry, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", "Is ice cold?")
    before = path.stat()
    open_snapshot(registry, str(path))
    write(path, "Is tea cold?")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert prompts(open_snapshot(registry, str(path))) == ["Is tea cold?"]


@pytest.mark.usefixtures("settled")
def test_a_file_more_in_a_folder_is_read(registry: Registry, tmp_path: Path) -> None:
    write(tmp_path / "set" / "a.jsonl", "Is ice cold?")
    open_snapshot(registry, str(tmp_path / "set"))
    write(tmp_path / "set" / "b.jsonl", "Is tea hot?")

    assert prompts(open_snapshot(registry, str(tmp_path / "set"))) == ["Is ice cold?", "Is tea hot?"]


@pytest.mark.usefixtures("settled")
def test_what_came_back_becomes_the_latest_again(registry: Registry, tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "rows.jsonl", "Is ice cold?")
    other = write(tmp_path / "b" / "rows.jsonl", "Is tea hot?")
    first = open_snapshot(registry, str(path))
    open_snapshot(registry, str(other))
    open_snapshot(registry, str(path))

    assert registry.latest_snapshot("rows.jsonl") == first


def test_a_file_that_just_changed_is_read_again(registry: Registry, tmp_path: Path, reads: list[str]) -> None:
    path = write(tmp_path / "rows.jsonl", "Is ice cold?")

    open_snapshot(registry, str(path))
    open_snapshot(registry, str(path))

    assert len(reads) == 2


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("damage", ["rows", "manifest", "memory"])
def test_what_is_damaged_is_read_again(
    registry: Registry, tmp_path: Path, reads: list[str], damage: str
) -> None:
    path = write(tmp_path / "rows.jsonl", "Is ice cold?")
    first = open_snapshot(registry, str(path))
    (memory,) = (registry.settings.snapshots / recall.MEMORY_FOLDER).iterdir()
    damaged = {"rows": first.rows_path, "manifest": first.folder / "manifest.json", "memory": memory}[damage]
    damaged.write_bytes(damaged.read_bytes()[:-2])

    assert open_snapshot(registry, str(path)) == first
    assert len(reads) == 2
    first.verify()
