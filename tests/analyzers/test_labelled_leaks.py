"""Precision and recall of every contamination rule on rows we wrote, as the docs show them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzers.benchmark_items import Items
from analyzers.benchmark_search import BenchmarkIndex
from analyzers.detection_ceiling import rows_batch
from analyzers.leak_rules import RULES
from analyzers.planted_forms import Row

DATA = Path(__file__).parents[1] / "data" / "leaks"
DOCS = Path(__file__).parents[2] / "docs" / "contamination.md"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


ITEMS, ROWS = lines("benchmark.jsonl"), lines("rows.jsonl")
FORMS = list(dict.fromkeys(row["form"] for row in ROWS if row["item"] is not None))


def found_rows(rule: str) -> list[bool]:
    """Which rows the rule says hold the item they were made of, or any item where they hold none."""
    items = Items.of_texts([item["question"] for item in ITEMS], [item["answer"] for item in ITEMS])
    batch = rows_batch([Row(row["prompt"], row["response"]) for row in ROWS])
    every = BenchmarkIndex(items, RULES[rule]).find(batch).every
    pairs = set(zip(every.hit_rows.tolist(), every.hit_items.tolist(), strict=True))
    by_mistake = [pair for pair in pairs if ROWS[pair[0]]["item"] not in (None, pair[1])]
    assert not by_mistake, "a row holds another item than the one it was made of"
    marked = {row for row, _ in pairs}
    return [place in marked for place in range(len(ROWS))]


@pytest.fixture(scope="module")
def found() -> dict[str, list[bool]]:
    return {rule: found_rows(rule) for rule in RULES}


def test_rules_hardly_call_a_row_leaked_that_only_looks_like_it(found: dict[str, list[bool]]) -> None:
    clean = [place for place, row in enumerate(ROWS) if row["item"] is None]

    alarms = {rule: sum(marked[place] for place in clean) for rule, marked in found.items()}

    assert len(clean) >= 20
    assert {rule for rule, alarm in alarms.items() if alarm} == {"ngram8_any", "ngram_cover", "containment"}
    assert max(alarms.values()) == 1


def test_copies_are_seen_by_every_rule_that_reads_questions(found: dict[str, list[bool]]) -> None:
    copies = [place for place, row in enumerate(ROWS) if row["form"] in {"copy", "other marks"}]

    for rule in set(RULES) - {"ngram12", "idf_cluster"}:
        assert all(found[rule][place] for place in copies), rule


def test_the_documentation_shows_these_figures(found: dict[str, list[bool]]) -> None:
    assert table(found) in DOCS.read_text(encoding="utf-8")


def table(found: dict[str, list[bool]]) -> str:
    """The table of the documentation: found of all, a line a form, then precision and recall."""
    out = [f"| rows that hold an item as | {' | '.join(RULES)} |", "| --- |" + " ---: |" * len(RULES)]
    for form in FORMS:
        places = [place for place, row in enumerate(ROWS) if row["form"] == form]
        cells = [f"{sum(found[rule][place] for place in places)} of {len(places)}" for rule in RULES]
        out.append(f"| {form} | {' | '.join(cells)} |")
    leaked = [place for place, row in enumerate(ROWS) if row["item"] is not None]
    hits = {rule: sum(found[rule][place] for place in leaked) for rule in RULES}
    alarms = {rule: sum(found[rule]) - hits[rule] for rule in RULES}
    out.append(f"| recall | {' | '.join(f'{hits[rule] / len(leaked):.2f}' for rule in RULES)} |")
    precision = (f"{hits[rule] / (hits[rule] + alarms[rule]):.2f}" for rule in RULES)
    out.append(f"| precision | {' | '.join(precision)} |")
    return "\n".join(out)
