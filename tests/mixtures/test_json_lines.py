"""JSON Lines written from Arrow equal those of the json module."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtures import json_lines as module
from mixtures.json_lines import RAW_JSON, escaped, json_lines

few = settings(max_examples=50, deadline=None)
texts = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from('"\\\n\r\t\b\f\x00\x1f\x7f\u2028é漢🙂'))
)
messages = st.lists(
    st.tuples(texts, st.none() | texts).map(lambda pair: {"role": pair[0], "content": pair[1]}), max_size=4
)
SCHEMA = pa.schema(
    [
        ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.large_string())]))),
        ("n", pa.int64()),
        ("note", pa.large_string()),
        ("yes", pa.bool_()),
    ]
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "messages": st.none() | messages,
            "n": st.none() | st.integers(-(2**63), 2**63 - 1),
            "note": st.none() | texts,
            "yes": st.booleans(),
        }
    ),
    max_size=8,
)


spread = st.lists(
    st.fixed_dictionaries(
        {
            "messages": messages.filter(len),
            "n": st.integers(0, 99),
            "note": st.none() | texts,
            "yes": st.booleans(),
        }
    ),
    max_size=8,
)


def lines_of(plain: list[dict[str, object]]) -> bytes:
    ordered = ({name: row[name] for name in SCHEMA.names} for row in plain)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ordered).encode()


@few
@given(rows, st.integers(0, 8))
def test_lines_equal_those_of_the_json_module(plain: list[dict[str, object]], cut: int) -> None:
    table = pa.Table.from_pylist(plain, schema=SCHEMA)

    assert json_lines(table) == lines_of(plain)
    assert json_lines(table.slice(cut)) == lines_of(plain[cut:])


@few
@given(spread, st.integers(1, 9))
def test_lines_of_rows_that_hold_lists_do_not_depend_on_slices(
    plain: list[dict[str, object]], size: int
) -> None:
    table = pa.Table.from_pylist(plain, schema=SCHEMA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SLICE_ROWS", size)

        assert json_lines(table) == lines_of(plain)


@few
@given(st.lists(st.none() | texts), st.integers(0, 4))
def test_escaping_keeps_nulls_and_slices(values: list[str | None], cut: int) -> None:
    array = pa.array(values, pa.large_string())[cut:]

    expected = [None if v is None else json.dumps(v, ensure_ascii=False)[1:-1] for v in values[cut:]]
    assert escaped(array).to_pylist() == expected


def test_fields_that_hold_json_go_in_as_they_are_and_nulls_are_left_out() -> None:
    calls = pa.field("calls", pa.large_string(), metadata=RAW_JSON)
    turn = pa.struct([pa.field("role", pa.string()), calls])
    table = pa.table({"turns": pa.array([[("a", '[{"x": 1}]'), ("b", None)]], pa.list_(turn))})

    assert json_lines(table) == b'{"turns": [{"role": "a", "calls": [{"x": 1}]}, {"role": "b"}]}\n'
