from __future__ import annotations

from pathlib import Path

import pytest

from analyzers.table import ANALYZERS, load_analyzer

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ANALYZERS)
def test_an_analyzer_carries_the_name_of_its_line(name: str) -> None:
    assert load_analyzer(name).name == name


@pytest.mark.parametrize("name", ANALYZERS)
def test_every_metric_has_its_paragraph_in_the_docs(name: str) -> None:
    pages = "".join(
        (DOCS / page).read_text(encoding="utf-8") for page in ("metrics.md", "hygiene.md", "overlap.md")
    )

    missing = [metric for metric in load_analyzer(name).metrics if f"`{metric}`" not in pages]

    assert missing == []


def test_a_seed_reaches_those_who_draw() -> None:
    seeded = {name for name in ANALYZERS if getattr(load_analyzer(name, seed=9), "seed", None) == 9}

    assert seeded == {name for name, listed in ANALYZERS.items() if listed.seeded}
