"""What travels with rows: every licence, attribution, link and change, whatever names look like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mixtures.build import build
from mixtures.notices import changes_of, notices_of, notices_text
from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe, Part
from registry.errors import UnknownDatasetError
from registry.licensing import ancestor_paths
from registry.registry import Registry
from registry.settings import Settings

if TYPE_CHECKING:
    from tests.mixtures.conftest import MakeRows

HOSTILE = """\
format: 1
datasets:
  - id: odd
    name: "[click](https://evil.example) <script>|x|"
    hf_id: owner/odd_name
    category: human-crafted
    method: manual-annotation
    focus: general
    languages: [en]
    format: single-turn
    license: MIT OR Apache-2.0
    commercial_use: "yes"
    license_note: "first line\\n# second line"
    evidence: [{source: our tests, status: verified}]
"""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The registry of the shipped catalogue."""
    return Registry.open(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.mark.parametrize(
    "ids", [["alpagasus", "ultrachat-200k"], ["tulu-3-sft-mixture"], ["gsm8k"], ["s1k", "limo", "slimorca"]]
)
def test_nothing_of_the_ancestry_is_left_out(shipped: Registry, ids: list[str]) -> None:
    text = notices_of(shipped, ids).replace("\\", "")
    family = {path[-1] for name in ids for path in ancestor_paths(name, shipped.entry_or_none)}

    for name in family:
        entry = shipped.entry(name)
        assert f"# {name}\n" in text
        assert f'attribution: "{" ".join(entry.name.split())}"' in text
        assert (entry.license or "unknown") in text
        assert not entry.hf_id or f"<https://huggingface.co/datasets/{entry.hf_id}>" in text
        assert not entry.github or f"<https://github.com/{entry.github}>" in text
        assert all(teacher in text for teacher in entry.teacher)
        for conflict in entry.conflicts:
            if conflict.field == "license":
                assert all(reading.value in text for reading in conflict.readings)


def test_text_of_others_cannot_act(home: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(HOSTILE)
    with Registry.open(Settings(home=home, catalog=catalog)) as registry:
        text = notices_of(registry, ["odd"])

    assert "[click](" not in text
    assert "<script>" not in text
    assert "\n# second line" not in text
    assert "<https://huggingface.co/datasets/owner/odd_name>" in text
    assert "<https://spdx.org/licenses/Apache-2.0.html>" in text
    assert "<https://spdx.org/licenses/MIT.html>" in text


def test_a_mixture_says_what_was_changed_and_its_lock_says_it_again(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    parts = [
        Part(dataset="sample-human", rows=20),
        Part(path=str(rows_file("mine", 5)), rows="all", epochs=2),
    ]
    recipe = MixtureRecipe(parts=parts, seed=3)

    build(registry, plan(registry, recipe), to=tmp_path / "mix")

    text = (tmp_path / "mix" / "NOTICES.md").read_text(encoding="utf-8")
    assert "- changed: 20 of 162 rows were taken" in text
    assert "- changed: 5 of 5 rows were taken, repeated to 10" in text
    assert "no catalogue entry: licence and makers are not known to us" in text
    again = notices_of(registry, [str(tmp_path / "mix")])
    assert again.partition("## What the terms say")[0] == text.partition("## What the terms say")[0]
    (tmp_path / "mix" / "manifest.json").unlink()
    assert "the manifest is not beside the lock" in notices_of(registry, [str(tmp_path / "mix")])


def test_rows_that_left_are_counted_by_reason() -> None:
    part = {"distinct_rows": 5, "rows": 5, "rows_in_source": 9, "removed": {"duplicate": 3, "filter": 0}}

    assert changes_of(part, "messages")[1] == "left out before the choice: 3 duplicate"


def test_nothing_asked_gives_a_page_that_allows_nothing(registry: Registry) -> None:
    text = notices_text(registry, [], registry.license([], use="redistribution"))

    assert text.count("#") > 0
    assert "redistribution use: unclear" in text


def test_unknown_names_are_refused(registry: Registry) -> None:
    with pytest.raises(UnknownDatasetError):
        notices_of(registry, ["no-such-dataset"])
