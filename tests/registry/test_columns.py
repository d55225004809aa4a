"""Columns of source rows: every row counts, in whatever order they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from registry.columns import Column, ColumnTally, kind_word

values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
rows = st.lists(st.dictionaries(st.sampled_from("abcd"), values, max_size=4), max_size=12)


def tallied(seen: Sequence[dict[str, Any]]) -> dict[str, Column]:
    tally = ColumnTally()
    for fields in seen:
        tally.see(fields)
    return {column.name: column for column in tally.columns()}


def kind_of(seen: list[Any]) -> str:
    """The same by looking at all values at once."""
    kinds = {kind_word(value) for value in seen} - {"null"}
    if not kinds:
        return "null"
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "mixed"


@given(rows)
def test_kinds_and_missing_columns_are_those_of_all_rows(seen: list[dict[str, Any]]) -> None:
    found = tallied(seen)

    assert list(found) == list(dict.fromkeys(name for fields in seen for name in fields))
    for name, column in found.items():
        assert column.kind == kind_of([fields[name] for fields in seen if name in fields])
        assert column.optional == any(name not in fields for fields in seen)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(seen: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(seen)
    random.shuffle(shuffled)

    assert tallied(shuffled) == tallied(seen)


def test_what_is_in_a_list_or_object_is_told_by_the_first_row_that_has_any() -> None:
    seen = [
        {"turns": [], "tags": None, "source": None},
        {"turns": [{"role": "user"}, {"text": "a"}], "tags": ["x"], "source": {"rank": 1}},
        {"turns": [{"other": 1}], "tags": [], "source": None},
    ]

    found = tallied(seen)

    assert found["turns"].parts == (Column("role", "text"), Column("text", "text"))
    assert (found["tags"].kind, found["tags"].items) == ("list", "text")
    assert (found["source"].kind, found["source"].parts) == ("object", (Column("rank", "integer"),))


def test_columns_travel_as_json() -> None:
    column = Column("turns", "list", (Column("role", "text"),), None, True)

    assert Column.from_json(asdict(column)) == column
