"""Locks: what verifies, what is refused, what differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mixtures.build import build
from mixtures.lock import LOCK_FILE, diff, read_lock, verify
from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe, Part
from registry.errors import InputRefusedError, ProblemCode
from registry.registry import Registry


@pytest.fixture
def mixture(registry: Registry, tmp_path: Path) -> Path:
    return made(registry, tmp_path / "mix", seed=1)


def made(registry: Registry, to: Path, **recipe: Any) -> Path:
    wish = {"parts": [Part(dataset="sample-human", rows=20)], **recipe}
    return build(registry, plan(registry, MixtureRecipe(**wish)), to=to).folder


def edit(mixture: Path, change: Any) -> None:
    lock = json.loads((mixture / LOCK_FILE).read_text())
    change(lock)
    (mixture / LOCK_FILE).write_text(json.dumps(lock))


def test_a_fresh_mixture_verifies_by_folder_and_by_file(mixture: Path) -> None:
    assert verify(mixture).to_json() == {"ok": True, "problems": [], "files": 5}
    assert verify(mixture / LOCK_FILE).ok


def test_a_lock_holds_seed_sources_licences_and_hashes(mixture: Path) -> None:
    lock, folder = read_lock(mixture)

    assert folder == mixture
    assert (lock["seed"], lock["format"]) == (1, 1)
    source = lock["sources"][0]
    assert (source["dataset"], source["license"], source["rows"]) == ("sample-human", "CC0-1.0", 162)
    assert len(source["files"][0]["sha256"]) == 64
    assert {output["path"] for output in lock["outputs"]} == {
        "train.jsonl",
        "ledger.jsonl",
        "README.md",
        "NOTICES.md",
        "croissant.json",
    }
    assert set(lock["writers"]) == {"instructory", "pyarrow"}


def test_a_changed_byte_a_lost_file_and_a_longer_file_are_found(mixture: Path) -> None:
    rows = mixture / "train.jsonl"
    data = bytearray(rows.read_bytes())
    data[5] ^= 1
    rows.write_bytes(data)
    (mixture / "ledger.jsonl").unlink()
    with (mixture / "README.md").open("a") as card:
        card.write("more")

    problems = verify(mixture).problems

    assert len(problems) == 3
    assert "train.jsonl: SHA-256" in problems[0]
    assert problems[1] == "ledger.jsonl: missing"
    assert "bytes, the lock says" in problems[2]


def test_without_its_manifest_or_with_another_lock_nothing_is_trusted(mixture: Path) -> None:
    edit(mixture, lambda lock: lock.update(seed=2))
    assert any("mixture.lock" in problem for problem in verify(mixture).problems)

    (mixture / "manifest.json").unlink()
    assert any("did not finish" in problem for problem in verify(mixture).problems)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (lambda lock: lock.update(format=2), ProblemCode.UNSUPPORTED, "format"),
        (lambda lock: lock.pop("format"), ProblemCode.SCHEMA, "format"),
        (lambda lock: lock["outputs"][0].pop("sha256"), ProblemCode.INTEGRITY, "outputs[0].sha256"),
        (
            lambda lock: lock["sources"][0]["files"][0].pop("sha256"),
            ProblemCode.INTEGRITY,
            "sources[0].files[0].sha256",
        ),
        (lambda lock: lock["outputs"][0].update(path="../up"), ProblemCode.BAD_VALUE, "outputs[0].path"),
        (lambda lock: lock.update(outputs=[]), ProblemCode.MISSING_FIELD, "outputs"),
    ],
)
def test_a_lock_with_a_hole_is_refused_as_a_whole(
    mixture: Path, change: Any, code: ProblemCode, field: str
) -> None:
    edit(mixture, change)

    with pytest.raises(InputRefusedError) as caught:
        verify(mixture)

    assert [(p.code, p.field) for p in caught.value.problems] == [(code, field)]


def test_what_is_no_lock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match="cannot read the lock"):
        verify(tmp_path)
    (tmp_path / LOCK_FILE).write_text("not json")
    with pytest.raises(InputRefusedError, match="not JSON"):
        verify(tmp_path)


def test_equal_builds_do_not_differ(registry: Registry, mixture: Path, tmp_path: Path) -> None:
    again = made(registry, tmp_path / "again", seed=1)

    assert diff(mixture, again).to_json() == {"added": [], "removed": [], "changed": []}


def test_seed_sources_and_outputs_show_in_a_diff(registry: Registry, mixture: Path, tmp_path: Path) -> None:
    parts = [Part(dataset="sample-human", rows=20), Part(dataset="sample-distilled", rows=5)]
    other = made(registry, tmp_path / "other", seed=2, parts=parts)

    found = diff(mixture, other)

    assert "recipe.seed: 1 -> 2" in found.changed
    assert any(line.startswith("sources.sample-distilled.snapshot = ") for line in found.added)
    assert any(line.startswith("outputs.train.jsonl.sha256: ") for line in found.changed)
    assert found.removed == ()
    assert diff(other, mixture).removed == found.added
