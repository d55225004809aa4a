"""Rows of snapshots in the shapes that trainers read."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analyzers.arrow import from_numpy, pc, text, texts, to_numpy
from mixtures.json_lines import RAW_JSON

UNSHAPED = "shape"
"""The rule that refuses rows an output shape cannot hold."""

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]

MESSAGES = "messages"
SHAREGPT = "sharegpt"
ALPACA = "alpaca"
PROMPT_COMPLETION = "prompt-completion"

_SHAREGPT_ROLES = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


class Turns:
    """The turns of a block of rows as flat arrays: turn i of row r is at `offsets[r] + i`."""

    def __init__(self, rows: pa.RecordBatch | pa.Table, name: str = "turns") -> None:
        column = rows.column(name)
        turns: Any = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if isinstance(turns, pa.ChunkedArray):
            turns = pa.concat_arrays(turns.chunks) if turns.num_chunks else pa.nulls(0, turns.type)
        offsets = to_numpy(turns.offsets).astype(np.int64)
        self.offsets: Ints = offsets - offsets[:1]
        self.flat: Any = turns.flatten()
        self.counts: Ints = np.diff(self.offsets)

    def texts(self, name: str) -> Any:
        """One field of every turn."""
        return pc.struct_field(self.flat, name)

    @property
    def has_tool_calls(self) -> bool:
        """Whether any turn calls a tool."""
        return bool(self.texts("tool_calls").null_count < len(self.flat))

    def role_is(self, role: str) -> Mask:
        """For every turn, whether it has `role`."""
        return _mask(pc.equal(self.texts("role"), text(role, pa.string())))

    def rows_where_any(self, turns: Mask) -> Mask:
        """For every row, whether one of its turns is marked."""
        sums: Ints = np.concatenate([[0], np.cumsum(turns)])
        marked: Mask = np.diff(sums[self.offsets]) > 0
        return marked


def can_hold(shape: str, rows: pa.RecordBatch) -> Mask:
    """For each row (columns `system` and `turns`), whether `shape` can hold all of it.

    messages: rows with a turn. sharegpt: also no turn with both text and tool calls. alpaca and
    prompt-completion: one user turn, then one assistant turn, no system text and no tools.
    """
    turns = Turns(rows)
    if shape == MESSAGES:
        return turns.counts > 0
    calls = _mask(pc.is_valid(turns.texts("tool_calls")))
    if shape == SHAREGPT:
        spoken = _mask(pc.not_equal(turns.texts("content"), text("")))
        whole: Mask = (turns.counts > 0) & ~turns.rows_where_any(calls & spoken)
        return whole
    pair: Mask = turns.counts == 2
    first = np.where(pair, turns.offsets[:-1], 0)
    is_user, is_assistant = turns.role_is("user"), turns.role_is("assistant")
    plain = _mask(pc.is_null(rows.column("system"))) & ~turns.rows_where_any(calls)
    if not pair.any():
        return pair
    second = np.minimum(first + 1, len(is_assistant) - 1)
    held: Mask = pair & plain & is_user[first] & is_assistant[second]
    return held


def tools_of(rows: pa.Table | pa.RecordBatch) -> pa.Array[Any]:
    """The tools each row offers as JSON text (a list), null where it offers none."""
    mentioned = np.flatnonzero(to_numpy(pc.match_substring(rows.column("extra"), '"tools"')))
    if not len(mentioned):
        return pa.nulls(rows.num_rows, pa.string())
    tools: list[str] = []
    places = np.full(rows.num_rows, -1)
    extras = rows.column("extra")
    for n in mentioned:
        offered = json.loads(extras[int(n)].as_py()).get("tools")
        if offered:
            places[n] = len(tools)
            tools.append(offered if isinstance(offered, str) else json.dumps(offered, ensure_ascii=False))
    told = pa.concat_arrays([texts(tools, pa.string()), pa.nulls(1, pa.string())])
    taken: pa.Array[Any] = told.take(from_numpy(np.where(places < 0, len(tools), places)))
    return taken


def shaped(shape: str, rows: pa.Table | pa.RecordBatch) -> pa.Table:
    """`rows` (columns `system` and `turns`) as columns of `shape`.

    Every message of the messages shape has a field `tool_calls` (JSON text); `without_tool_calls` takes it
    away again where no row of a mixture has any. In the alpaca shape `input` is what the source had there.
    """
    turns = Turns(rows)
    if shape == MESSAGES:
        return pa.Table.from_arrays([_conversation(rows, turns)], names=["messages"])
    if shape == SHAREGPT:
        return pa.Table.from_arrays([_sharegpt(rows, turns)], names=["conversations"])
    contents = turns.texts("content")
    openings: Any = from_numpy(turns.offsets[:-1])
    prompts = contents.take(openings).cast(pa.string())
    responses = contents.take(from_numpy(turns.offsets[:-1] + 1)).cast(pa.string())
    if shape == PROMPT_COMPLETION:
        return pa.Table.from_arrays([prompts, responses], names=["prompt", "completion"])
    instructions, inputs = _split_inputs(prompts, turns.texts("label").take(openings))
    columns = [instructions, inputs, responses]
    return pa.Table.from_arrays(columns, names=["instruction", "input", "output"])


def without_tool_calls(table: pa.Table) -> pa.Table:
    """A table of the messages shape (others stay as they are) without the field `tool_calls`."""
    place = table.schema.get_field_index("messages")
    if place < 0:
        return table
    turns = Turns(table, "messages")
    fields = [pa.field("role", pa.string()), pa.field("content", pa.string())]
    lists = _list_of(turns.offsets, [turns.texts(field.name) for field in fields], fields)
    return table.set_column(place, "messages", lists)


def _split_inputs(prompts: Any, labels: Any) -> tuple[pa.Array[Any], pa.Array[Any]]:
    """Prompts cut where their label says that the source's input began; the line feed between is ours."""
    instructions = prompts.to_pylist()
    inputs = [""] * len(instructions)
    tells = pc.if_else(pc.is_valid(labels), pc.match_substring(labels, '"input_at"'), _NO)
    for n in np.flatnonzero(_mask(tells)):
        at = json.loads(labels[int(n)].as_py())["input_at"]
        inputs[n], instructions[n] = instructions[n][at:], instructions[n][: at - 1]
    return texts(instructions, pa.string()), texts(inputs, pa.string())


def _conversation(rows: pa.Table | pa.RecordBatch, turns: Turns) -> pa.ListArray[Any]:
    offsets, take = _with_system(rows, turns)
    calls = turns.texts("tool_calls").cast(pa.string())
    if take is not None:
        calls = pa.concat_arrays([calls, pa.nulls(rows.num_rows, pa.string())]).take(take)
    columns = [
        _merged(turns.texts("role"), "system", rows, take),
        _merged(turns.texts("content"), None, rows, take),
        calls,
    ]
    fields = [
        pa.field("role", pa.string()),
        pa.field("content", pa.string()),
        pa.field("tool_calls", pa.string(), metadata=RAW_JSON),
    ]
    return _list_of(offsets, columns, fields)


def _sharegpt(rows: pa.Table | pa.RecordBatch, turns: Turns) -> pa.ListArray[Any]:
    offsets, take = _with_system(rows, turns)
    calls = turns.texts("tool_calls")
    has_call = pc.is_valid(calls)
    names = texts(list(_SHAREGPT_ROLES.values()), pa.string())
    known = texts(list(_SHAREGPT_ROLES), pa.string())
    roles = names.take(pc.index_in(turns.texts("role"), known))
    roles = pc.if_else(has_call, text("function_call", pa.string()), roles)
    values = pc.if_else(has_call, calls, turns.texts("content"))
    columns = [_merged(roles, "system", rows, take), _merged(values, None, rows, take)]
    return _list_of(offsets, columns, [pa.field("from", pa.string()), pa.field("value", pa.string())])


def _with_system(rows: pa.Table | pa.RecordBatch, turns: Turns) -> tuple[Ints, Any]:
    """Offsets of the turns with a system turn put first where there is one, and where each comes from.

    A place at or beyond the number of turns means the system text of row (place - number of turns). None:
    no row has one, and each turn stays where it is.
    """
    if rows.column("system").null_count == rows.num_rows:
        return turns.offsets, None
    has_system = _mask(pc.is_valid(rows.column("system")))
    offsets = np.concatenate([[0], np.cumsum(turns.counts + has_system)]).astype(np.int64)
    total = len(turns.flat)
    places = np.empty(offsets[-1], np.int64)
    own = np.ones(offsets[-1], bool)
    own[offsets[:-1][has_system]] = False
    places[own] = np.arange(total)
    places[~own] = total + np.flatnonzero(has_system)
    return offsets, from_numpy(places)


def _merged(values: Any, system: str | None, rows: pa.Table | pa.RecordBatch, take: Any) -> Any:
    if take is None:
        return values.cast(pa.string())
    if system is None:
        column = rows.column("system")
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        extra = [chunk.cast(pa.string()) for chunk in chunks]
    else:
        extra = [pa.repeat(text(system, pa.string()), rows.num_rows)]
    return pa.concat_arrays([values.cast(pa.string()), *extra]).take(take)


def _list_of(offsets: Ints, columns: list[Any], fields: list[pa.Field[Any]]) -> pa.ListArray[Any]:
    struct = pa.StructArray.from_arrays(columns, fields=fields)
    lists: Any = pa.ListArray.from_arrays(from_numpy(offsets.astype(np.int32)), struct)
    return lists  # type: ignore[no-any-return]


def _mask(values: Any) -> Mask:
    mask: Mask = to_numpy(values)
    return mask


_NO = from_numpy(np.zeros(1, bool))[0]
