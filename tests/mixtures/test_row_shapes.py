"""Shapes hold rows whole, or refuse them by rule."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtures.row_shapes import can_hold, shaped, tools_of, without_tool_calls
from registry.snapshot import SNAPSHOT_SCHEMA

COLUMNS = pa.schema([SNAPSHOT_SCHEMA.field(name) for name in ("system", "turns", "extra")])
texts = st.text(max_size=6)
turns = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "tool"]),
        "content": texts,
        "tool_calls": st.none() | st.just('[{"name": "f"}]'),
        "label": st.none(),
    }
)
rows = st.lists(
    st.fixed_dictionaries(
        {"system": st.none() | texts, "turns": st.lists(turns, max_size=4), "extra": st.just("{}")}
    ),
    max_size=6,
)


def batch_of(plain: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(plain, schema=COLUMNS)


def turn(role: str, content: str, **more: str) -> dict[str, Any]:
    return {"role": role, "content": content, "tool_calls": None, "label": None, **more}


@settings(max_examples=50, deadline=None)
@given(rows, st.integers(0, 5))
def test_messages_are_the_system_text_and_all_turns(plain: list[dict[str, Any]], cut: int) -> None:
    table = pa.Table.from_batches([batch_of(plain)]).slice(cut)

    messages = shaped("messages", table).column("messages").to_pylist()

    expected = [
        [
            *(
                [{"role": "system", "content": row["system"], "tool_calls": None}]
                if row["system"] is not None
                else []
            ),
            *({name: t[name] for name in ("role", "content", "tool_calls")} for t in row["turns"]),
        ]
        for row in plain[cut:]
    ]
    assert messages == expected
    plainer = without_tool_calls(shaped("messages", table)).column("messages").to_pylist()
    assert plainer == [[{name: m[name] for name in ("role", "content")} for m in row] for row in expected]


@settings(max_examples=50, deadline=None)
@given(rows)
def test_what_a_shape_can_hold_is_decided_row_by_row(plain: list[dict[str, Any]]) -> None:
    def is_exchange(row: dict[str, Any]) -> bool:
        return (
            [t["role"] for t in row["turns"]] == ["user", "assistant"]
            and row["system"] is None
            and not any(t["tool_calls"] for t in row["turns"])
        )

    batch = batch_of(plain)

    assert can_hold("messages", batch).tolist() == [bool(row["turns"]) for row in plain]
    assert can_hold("alpaca", batch).tolist() == [is_exchange(row) for row in plain]
    assert can_hold("prompt-completion", batch).tolist() == [is_exchange(row) for row in plain]
    assert can_hold("sharegpt", batch).tolist() == [
        bool(row["turns"]) and not any(t["tool_calls"] and t["content"] for t in row["turns"])
        for row in plain
    ]


def test_alpaca_gets_back_the_input_its_source_had() -> None:
    both = turn("user", "Add them.\n1\n2", label='{"input_at":10}')
    plain = [
        {"system": None, "turns": [both, turn("assistant", "3")], "extra": "{}"},
        {"system": None, "turns": [turn("user", "Hi.\nYou?"), turn("assistant", "Hi.")], "extra": "{}"},
    ]

    table = shaped("alpaca", pa.Table.from_pylist(plain, schema=COLUMNS))

    assert table.to_pylist() == [
        {"instruction": "Add them.", "input": "1\n2", "output": "3"},
        {"instruction": "Hi.\nYou?", "input": "", "output": "Hi."},
    ]


def test_sharegpt_uses_its_own_names_and_puts_calls_in_turns() -> None:
    call = turn("assistant", "", tool_calls='[{"name":"f"}]')
    plain = [
        {"system": "Be kind.", "turns": [turn("user", "Go."), call, turn("tool", "Done.")], "extra": "{}"}
    ]

    table = shaped("sharegpt", pa.Table.from_pylist(plain, schema=COLUMNS))

    assert [(t["from"], t["value"]) for t in table.column("conversations")[0].as_py()] == [
        ("system", "Be kind."),
        ("human", "Go."),
        ("function_call", '[{"name":"f"}]'),
        ("observation", "Done."),
    ]


@pytest.mark.parametrize(
    ("extra", "tools"),
    [
        ('{"tools":[{"name":"f"}]}', '[{"name": "f"}]'),
        ('{"tools":"[1]"}', "[1]"),
        ('{"tools":[]}', None),
        ("{}", None),
    ],
)
def test_tools_come_out_of_the_other_fields_as_json_text(extra: str, tools: str | None) -> None:
    table = pa.Table.from_pylist([{"system": None, "turns": [], "extra": extra}], schema=COLUMNS)

    assert tools_of(table).to_pylist() == [tools]
