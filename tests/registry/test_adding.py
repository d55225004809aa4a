"""Entries of one's own: prefilled, marked as proposed, checked before a byte is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_blocks import block, write_catalog
from typer.testing import CliRunner

from instructory.cli import app
from registry.adding import add_entry
from registry.catalogs import load_layers
from registry.errors import ExitCode, InputRefusedError
from registry.registry import Registry
from registry.settings import Settings


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return write_catalog(tmp_path, block(), block(id="tulips", method="translation", hf_id="lab/known"))


@pytest.fixture
def registry(settings: Settings, catalog: Path) -> Iterator[Registry]:
    with Registry.open(settings.model_copy(update={"catalog": catalog})) as opened:
        yield opened


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "tulips.jsonl"
    turns = [
        {"role": role, "content": f"Tell me of the tulips in spring, please: {role}"}
        for role in ("user", "assistant") * 2
    ]
    path.write_text(json.dumps({"messages": turns}) + "\n" + json.dumps({"messages": turns[:2]}) + "\n")
    return path


def test_a_file_is_counted_and_what_nobody_said_is_marked(
    registry: Registry, catalog: Path, rows: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"

    added = add_entry(registry, str(rows), to=mine, chosen={"id": "my-tulips", "license": "MIT"})

    entry = load_layers([catalog, mine]).entries[-1]
    assert (added.dataset, entry.id, entry.size_rows, str(entry.format)) == (
        "my-tulips",
        "my-tulips",
        2,
        "multi-turn",
    )
    assert entry.languages == ("en",)
    assert entry.status_of("size_rows") == entry.status_of("languages") == "verified"
    assert entry.status_of("method") == entry.status_of("license") == "recalled"
    assert str(entry.commercial_use) == "unclear"
    assert "SHA-256" in entry.evidence[0].source


def test_adding_again_keeps_every_byte_of_the_file(registry: Registry, rows: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    add_entry(registry, str(rows), to=mine, chosen={"id": "a-tulip"})
    mine.write_text(mine.read_text().replace("format: 1", "format: 1   # ours"))
    before = mine.read_text()

    add_entry(registry, str(rows), to=mine, chosen={"id": "b-tulip"})

    assert mine.read_text().startswith(before)


@pytest.mark.parametrize(
    "chosen", [{"id": "Ä"}, {"focus": "art"}, {"license": "no licence"}, {"languages": ["?"]}]
)
def test_what_is_not_valid_is_refused_and_nothing_is_written(
    registry: Registry, rows: Path, tmp_path: Path, chosen: dict[str, object]
) -> None:
    mine = tmp_path / "mine.yaml"

    with pytest.raises(InputRefusedError, match=r"mine\.yaml"):
        add_entry(registry, str(rows), to=mine, chosen=chosen)

    assert not mine.exists()


def test_an_id_that_stands_in_the_file_already_is_refused(
    registry: Registry, rows: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    add_entry(registry, str(rows), to=mine, chosen={"id": "a-tulip"})
    before = mine.read_bytes()

    with pytest.raises(InputRefusedError, match="stands twice"):
        add_entry(registry, str(rows), to=mine, chosen={"id": "a-tulip"})
    assert mine.read_bytes() == before


def test_the_command_adds_and_the_check_reads_it_over_the_catalogue(
    rows: Path, tmp_path: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTRUCTORY_CATALOG", str(catalog))
    mine = tmp_path / "mine.yaml"

    done = CliRunner().invoke(
        app, ["add", str(rows), "--to", str(mine), "--id", "my-tulips", "--method", "user-logs", "--json"]
    )
    mine.write_text(mine.read_text() + block(id="child", derived_from="[my-tulips, one]"))
    checked = CliRunner().invoke(app, ["check", str(mine), "--overlay", "--json"])
    alone = CliRunner().invoke(app, ["check", str(mine), "--json"])
    monkeypatch.setenv("INSTRUCTORY_OVERLAY", str(mine))
    shown = CliRunner().invoke(app, ["show", "my-tulips", "--json"])
    whole = CliRunner().invoke(app, ["check", "--json"])

    assert json.loads(done.stdout)["id"] == "my-tulips"
    assert f"INSTRUCTORY_OVERLAY={mine}" in done.stderr
    assert (checked.exit_code, json.loads(checked.stdout)["entries"]) == (0, 2)
    assert alone.exit_code == ExitCode.REFUSED
    assert (json.loads(shown.stdout)["method"], json.loads(shown.stdout)["overlay"]) == (
        "user-logs",
        "mine.yaml",
    )
    assert (whole.exit_code, json.loads(whole.stdout)["entries"]) == (0, 4)
