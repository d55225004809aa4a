"""Precision and recall of every flag on rows we wrote and labelled by meaning, as the docs show them."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flag_rows import conversations

from analyzers.hygiene import FLAGS, explain

ROWS = Path(__file__).parents[1] / "data" / "flags" / "labelled.jsonl"
DOCS = Path(__file__).parents[2] / "docs" / "hygiene.md"
LEAST_ROWS = 10


class Counts(NamedTuple):
    """Rows with the defect and without it, and how many of either the flag marks."""

    with_defect: int
    found: int
    without_defect: int
    false_alarms: int

    @property
    def precision(self) -> float:
        """Share of marked rows that have the defect."""
        return self.found / (self.found + self.false_alarms)

    @property
    def recall(self) -> float:
        """Share of rows with the defect that are marked."""
        return self.found / self.with_defect


@pytest.fixture(scope="module")
def counts() -> dict[str, Counts]:
    rows = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    plain = [row for row in rows if "extra" not in row]
    batches = [plain, *([row] for row in rows if "extra" in row)]
    marked: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for batch in batches:
        for row, is_marked in zip(batch, marks(batch), strict=True):
            marked[row["flag"]].append((row["bad"], is_marked))
    return {flag: count(pairs) for flag, pairs in marked.items()}


def marks(rows: list[dict[str, Any]]) -> list[bool]:
    """Whether its flag marks each row; a § parts keys that machines would take for real ones."""
    batch = conversations(*map(said, rows), extra=rows[0].get("extra", "{}"))
    shown = [{evidence.flag for evidence in row} for row in explain(batch)]
    return [row["flag"] in flags for row, flags in zip(rows, shown, strict=True)]


def said(row: dict[str, Any]) -> list[Any]:
    turns = row.get("turns") or [["user", row["prompt"]], ["assistant", row["response"]]]
    return [(turn[0], turn[1].replace("§", "")) if isinstance(turn, list) else turn for turn in turns]


def count(pairs: list[tuple[bool, bool]]) -> Counts:
    bad = [marked for is_bad, marked in pairs if is_bad]
    good = [marked for is_bad, marked in pairs if not is_bad]
    return Counts(len(bad), sum(bad), len(good), sum(good))


def test_every_flag_has_rows_with_the_defect_and_rows_that_only_look_like_it(
    counts: dict[str, Counts],
) -> None:
    assert set(counts) == {flag.id for flag in FLAGS}
    assert min(found.with_defect for found in counts.values()) >= LEAST_ROWS
    assert min(found.without_defect for found in counts.values()) >= LEAST_ROWS


@pytest.mark.parametrize("flag", [flag.id for flag in FLAGS])
def test_flags_are_mostly_right_and_see_most(flag: str, counts: dict[str, Counts]) -> None:
    assert counts[flag].precision >= 0.85
    assert counts[flag].recall >= 0.7


def test_the_documentation_shows_these_figures(counts: dict[str, Counts]) -> None:
    assert table(counts) in DOCS.read_text(encoding="utf-8")


def table(counts: dict[str, Counts]) -> str:
    """The table of the documentation, a line a flag."""
    lines = ["| flag | with the defect | found | without | false alarms | precision | recall |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for flag in FLAGS:
        found = counts[flag.id]
        numbers = " | ".join(map(str, found))
        lines.append(f"| `{flag.id}` | {numbers} | {found.precision:.2f} | {found.recall:.2f} |")
    return "\n".join(lines)
