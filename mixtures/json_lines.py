"""Arrow tables to JSON Lines without a Python loop over rows; byte for byte what `json.dumps` writes.

A line is put together once: its pieces, constants and columns, are joined in one go. Where each row holds a
list, as conversations do, the pieces of its items are joined straight to lines, and what stands between the
last item of a row and the first of the next is a piece as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analyzers.arrow import buffer_of, from_numpy, pc, text, texts, to_numpy

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Piece = Any
"""A constant text, or an array of large strings with one for each row."""

RAW_JSON = {b"json": b"raw"}
"""Metadata of a text field that already holds JSON; it goes in as it is, and is left out where null."""

# Few megabytes of text, which stay in the caches from one step to the next.
SLICE_ROWS = 8_192
CHUNK_BYTES = 1 << 17

_SHORT = {'"': '"', "\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_ESCAPES = {
    ord("\\"): b"\\\\",  # the first: others put backslashes in
    **{code: b"\\u%04x" % code for code in range(32)},
    **{ord(char): b"\\" + letter.encode() for char, letter in _SHORT.items()},
}
_EXTRA = np.zeros(256, np.int64)
for _code, _escape in _ESCAPES.items():
    _EXTRA[_code] = len(_escape) - 1


def json_lines(table: pa.Table) -> bytes:
    """One JSON object a row, each line ended by LF; UTF-8, `", "` and `": "` as separators.

    Takes text, whole numbers, booleans, structs and lists of them; nulls are written as null.
    """
    return b"".join(line_buffers(table))


def line_buffers(table: pa.Table) -> Iterator[memoryview]:
    """`json_lines` piece by piece, for writing."""
    for begin in range(0, table.num_rows, SLICE_ROWS):
        rows = table.slice(begin, SLICE_ROWS)
        columns = [_one_array(column) for column in rows.columns]
        spread = [n for n, column in enumerate(columns) if _is_list(column.type)]
        if len(spread) == 1 and _holds_items(columns[spread[0]]):
            yield from _spread_lines(rows.schema, columns, spread[0])
        else:
            pieces = _object_pieces(rows.schema, columns)
            yield _bytes_of(_joined([*pieces, "\n"], rows.num_rows))


def _spread_lines(schema: pa.Schema, columns: Sequence[Any], spread: int) -> Iterator[memoryview]:
    """The lines of rows that each hold a list with items in column `spread`, item by item."""
    lists = columns[spread]
    rows, items = len(lists), lists.flatten()
    before = _object_pieces(list(schema)[: spread + 1], [*columns[:spread], None])
    after = _object_pieces(list(schema)[spread + 1 :], columns[spread + 1 :], first=False)
    ends = _joined(["]", *after, "\n"], rows)
    last_ends = pa.concat_arrays([texts([""]), ends.slice(0, rows - 1)])
    opening, *pieces = _leading_text(_pieces(items, lists.type.value_field))
    between = pa.concat_arrays([_joined([last_ends, *before, f"[{opening}"], rows), texts([f", {opening}"])])
    which = np.full(len(items), rows)
    which[_starts(lists)] = np.arange(rows)
    yield _bytes_of(_joined([between.take(from_numpy(which)), *pieces], len(items)))
    yield _bytes_of(ends.slice(rows - 1))


def _leading_text(pieces: list[Piece]) -> list[Piece]:
    """The pieces with a constant first, an empty one where there is none."""
    text, rest = "", list(pieces)
    while rest and isinstance(rest[0], str):
        text += rest.pop(0)
    return [text, *rest]


def _pieces(values: Any, field: pa.Field[Any]) -> list[Piece]:
    """What the JSON of each value is joined from."""
    pieces: list[Piece]
    if pa.types.is_struct(values.type):
        pieces = _object_pieces(list(values.type), values.flatten())
    elif _is_list(values.type):
        pieces = ["[", _items(values), "]"]
    elif pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        large = values.cast(pa.large_string())
        pieces = [large] if field.metadata == RAW_JSON else ['"', escaped(large), '"']
    else:
        pieces = [values.cast(pa.large_string())]
    if values.null_count:
        return [pc.if_else(values.is_valid(), _joined(pieces, len(values)), text("null"))]
    return pieces


def _object_pieces(
    fields: Sequence[pa.Field[Any]] | pa.Schema, columns: Sequence[Any], *, first: bool = True
) -> list[Piece]:
    """The pieces of an object of these fields, as far as they go on: a column None is what comes next."""
    pieces: list[Piece] = []
    for field, column in zip(fields, columns, strict=True):
        key = f'{"{" if first else ", "}"{field.name}": '
        first = False
        if column is None:
            return [*pieces, key]
        if field.metadata == RAW_JSON and column.null_count == len(column):
            continue
        if field.metadata == RAW_JSON:
            written = _joined([key, column.cast(pa.large_string())], len(column))
            pieces.append(pc.fill_null(written, text("")))
        else:
            pieces += [key, *_pieces(column, field)]
    return [*pieces, "{}" if first else "}"]


def _items(values: Any) -> Any:
    """The items of each list as one text, with commas between."""
    flat = values.flatten()
    items = _joined(_pieces(flat, values.type.value_field), len(flat))
    lengths = to_numpy(pc.fill_null(pc.list_value_length(values).cast(pa.int64()), _ZERO))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return pc.binary_join(pa.LargeListArray.from_arrays(from_numpy(offsets), items), text(", "))


def escaped(values: Any) -> Any:
    """Large strings as they stand between the quotes of a JSON string; nulls stay null."""
    validity, offsets, data = _buffers(values)
    data, offsets = data[offsets[0] : offsets[-1]], offsets - offsets[0]
    places, codes, written = _with_escapes(data)
    if not len(places):
        return values
    longer = np.concatenate([[0], np.cumsum(_EXTRA[codes])])[np.searchsorted(places, offsets)]
    if values.null_count and values.offset:
        validity = pc.is_valid(values).buffers()[1]
    buffers = [
        validity if values.null_count else None,
        buffer_of(offsets + longer),
        buffer_of(written),
    ]
    return pa.Array.from_buffers(pa.large_string(), len(values), buffers)


def _with_escapes(data: Bytes) -> tuple[Ints, Bytes, bytes]:
    """Where bytes stand that JSON spells out, which they are, and all bytes with these spelt out."""
    places, codes, written = [np.empty(0, np.int64)], [np.empty(0, np.uint8)], []
    for begin in range(0, len(data), CHUNK_BYTES):
        part = data[begin : begin + CHUNK_BYTES]
        here = np.flatnonzero((part < 32) | (part == ord('"')) | (part == ord("\\")))
        text = part.tobytes()
        found = np.bincount(part[here], minlength=128)
        for code, escape in _ESCAPES.items():
            if found[code]:
                text = text.replace(bytes([code]), escape)
        places.append(begin + here)
        codes.append(part[here])
        written.append(text)
    return np.concatenate(places), np.concatenate(codes), b"".join(written)


def _joined(pieces: Sequence[Piece], rows: int) -> Any:
    """The pieces of each row as one text, null where one of them is."""
    merged: list[Piece] = []
    for piece in pieces:
        if merged and isinstance(piece, str) and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    if len(merged) == 1:
        return pa.repeat(text(merged[0]), rows) if isinstance(merged[0], str) else merged[0]
    parts = [text(piece) if isinstance(piece, str) else piece for piece in merged]
    return pc.binary_join_element_wise(*parts, text(""))


def _holds_items(lists: Any) -> bool:
    """Whether each row has a list with an item in it."""
    return not lists.null_count and bool((np.diff(_offsets(lists)) > 0).all())


def _starts(lists: Any) -> Ints:
    """Where the items of each list begin among all."""
    offsets = _offsets(lists)
    starts: Ints = offsets[:-1] - offsets[0]
    return starts


def _offsets(lists: Any) -> Ints:
    offsets: Ints = to_numpy(lists.offsets).astype(np.int64)
    return offsets


def _one_array(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _is_list(kind: Any) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def _bytes_of(lines: Any) -> memoryview:
    """The bytes of all texts of an array, which follow each other."""
    _, offsets, data = _buffers(lines)
    return data[offsets[0] : offsets[-1]].data


def _buffers(values: Any) -> tuple[Any, Ints, Bytes]:
    """Validity, offsets and bytes of a large string array; offsets count from the start of the bytes."""
    validity, offsets, data = values.buffers()
    if offsets is None:
        return validity, np.zeros(1, np.int64), np.empty(0, np.uint8)
    here = np.frombuffer(offsets, np.int64)[values.offset : values.offset + len(values) + 1]
    return validity, here, np.frombuffer(data or b"", np.uint8)


_ZERO = from_numpy(np.zeros(1, np.int64))[0]
