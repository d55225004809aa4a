"""Catalogues laid over one another: who wins, what may refer to what, and faults told by file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from catalog_blocks import block, catalog_text

from registry.catalogs import check_layers, load_layers
from registry.errors import InputRefusedError
from registry.registry import Registry
from registry.settings import Settings


def written(folder: Path, name: str, *blocks: str) -> Path:
    path = folder / name
    path.write_text(catalog_text(*blocks), encoding="utf-8")
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return written(
        tmp_path,
        "base.yaml",
        block(hf_id="lab/one"),
        block(id="two", derived_from="[one]"),
        block(id="three"),
    )


def test_later_files_replace_whole_entries_and_add_new_ones(base: Path, tmp_path: Path) -> None:
    mine = written(
        tmp_path, "mine.yaml", block(id="three", name="Mine", derived_from="[two]"), block(id="four")
    )
    last = written(tmp_path, "last.yaml", block(id="four", name="Last", derived_from="[three]"))

    found = load_layers([base, mine, last])

    assert [(entry.id, entry.name) for entry in found.entries] == [
        ("one", "One"),
        ("two", "One"),
        ("three", "Mine"),
        ("four", "Last"),
    ]
    assert found.origins == {"three": "mine.yaml", "four": "last.yaml"}


def test_an_entry_that_replaces_another_may_keep_its_repository(base: Path, tmp_path: Path) -> None:
    mine = written(tmp_path, "mine.yaml", block(hf_id="lab/one", license="MIT"))

    assert load_layers([base, mine]).entries[0].license == "MIT"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (block(id="other", derived_from="[nobody]"), "no dataset 'nobody'"),
        (block(id="other", hf_id="lab/one"), "also holds one"),
        (block(derived_from="[two]"), "derives from itself"),
    ],
)
def test_what_does_not_fit_what_lies_below_is_a_fault_of_the_overlay(
    base: Path, tmp_path: Path, wrong: str, words: str
) -> None:
    mine = written(tmp_path, "mine.yaml", wrong)

    with pytest.raises(InputRefusedError, match=words) as caught:
        load_layers([base, mine])

    assert {problem.file for problem in caught.value.problems} == {str(mine)}
    assert all(problem.line for problem in caught.value.problems)


def test_faults_of_every_overlay_are_told_together_with_their_files(base: Path, tmp_path: Path) -> None:
    first = written(tmp_path, "first.yaml", block(id="four", focus="art"))
    second = written(tmp_path, "second.yaml", block(id="five", method="magic"))

    with pytest.raises(InputRefusedError) as caught:
        load_layers([base, first, second])

    assert [problem.file for problem in caught.value.problems] == [str(first), str(second)]
    reports = check_layers([base, first, second])
    assert [(report.entries, len(report.errors)) for report in reports] == [(3, 0), (1, 1), (1, 1)]


def test_a_registry_follows_its_overlays(
    base: Path, tmp_path: Path, settings: Settings, database_url: str
) -> None:
    mine = written(tmp_path, "mine.yaml", block(id="four", name="Mine", derived_from="[one]"))
    layered = settings.model_copy(update={"catalog": base, "overlay": (mine,), "database": database_url})

    with Registry.open(layered) as registry:
        assert [entry.id for entry in registry.find(search="mine")] == ["four"]
        assert registry.facets()["open"] == {"true": 4}
        assert registry.describe("four")["overlay"] == "mine.yaml"
        assert registry.describe("one")["overlay"] is None
        assert "four" in registry.lineage("one").descendants
    written(tmp_path, "mine.yaml", block(id="five"))
    with Registry.open(layered) as registry:
        assert sorted(registry) == ["five", "one", "three", "two"]
    with Registry.open(layered.model_copy(update={"overlay": ()})) as registry:
        assert sorted(registry) == ["one", "three", "two"]


def test_a_missing_overlay_is_a_located_fault(base: Path, settings: Settings, tmp_path: Path) -> None:
    layered = settings.model_copy(update={"catalog": base, "overlay": (tmp_path / "none.yaml",)})

    with pytest.raises(InputRefusedError, match=r"none\.yaml"):
        Registry.open(layered)


def test_the_variable_names_files_as_path_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTRUCTORY_OVERLAY", os.pathsep.join(["a.yaml", "b.yaml"]))
    assert Settings().overlay == (Path("a.yaml"), Path("b.yaml"))

    monkeypatch.setenv("INSTRUCTORY_OVERLAY", "")
    assert Settings().overlay == ()
