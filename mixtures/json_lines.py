"""Arrow tables to JSON Lines without a Python loop over rows; byte for byte what `json.dumps` writes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analyzers.arrow import pc

Bytes = NDArray[np.uint8]

RAW_JSON = {b"json": b"raw"}
"""Metadata of a text field that already holds JSON; it goes in as it is, and is left out where null."""

_SHORT = {'"': '"', "\\": "\\", "\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_HEX = b"0123456789abcdef"


def _tables() -> tuple[Bytes, Bytes, list[bytes]]:
    extra = np.zeros(256, np.uint8)
    last = np.arange(256, dtype=np.uint8)
    before = [b""] * 256
    for code in range(32):
        before[code] = b"\\u00" + _HEX[code >> 4 : (code >> 4) + 1]
        last[code] = _HEX[code & 15]
    for char, letter in _SHORT.items():
        before[ord(char)] = b"\\"
        last[ord(char)] = ord(letter)
    for code, inserted in enumerate(before):
        extra[code] = len(inserted)
    return extra, last, before


_EXTRA, _LAST, _BEFORE = _tables()


def json_lines(table: pa.Table) -> bytes:
    """One JSON object a row, each line ended by LF; UTF-8, `", "` and `": "` as separators.

    Takes text, whole numbers, booleans, structs and lists of them; nulls are written as null.
    """
    if not table.num_rows:
        return b""
    struct = table.combine_chunks().to_struct_array()
    rows: Any = struct.combine_chunks() if isinstance(struct, pa.ChunkedArray) else struct
    lines = _joined(_json(rows, pa.field("row", rows.type)), _text("\n"))
    _, offsets, data = _buffers(lines)
    return data[offsets[0] : offsets[-1]].tobytes()


def _json(values: Any, field: pa.Field[Any]) -> Any:
    if pa.types.is_struct(values.type):
        text = _object(values)
    elif pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        text = _array(values, values.type.value_field)
    elif pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        texts = values.cast(pa.large_string())
        text = texts if field.metadata == RAW_JSON else _joined(_text('"'), escaped(texts), _text('"'))
    else:
        text = values.cast(pa.large_string())
    if values.null_count:
        text = pc.if_else(values.is_valid(), text, _text("null"))
    return text


def _object(values: Any) -> Any:
    parts: list[Any] = []
    for position, (field, column) in enumerate(zip(values.type, values.flatten(), strict=True)):
        key = f'{", " if position else "{"}"{field.name}": '
        if field.metadata == RAW_JSON:
            written = _joined(_text(key), column.cast(pa.large_string()))
            parts.append(pc.fill_null(written, ""))
        else:
            parts += [_text(key), _json(column, field)]
    return _joined(*parts, _text("}"))


def _array(values: Any, inner: pa.Field[Any]) -> Any:
    items = _json(values.flatten(), inner)
    lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), items)
    return _joined(_text("["), pc.binary_join(lists, _text(", ")), _text("]"))


def escaped(texts: Any) -> pa.LargeStringArray:
    """The texts as they stand between the quotes of a JSON string; nulls stay null."""
    validity, offsets, data = _buffers(texts)
    data, offsets = data[offsets[0] : offsets[-1]], offsets - offsets[0]
    extra = _EXTRA[data]
    places = np.flatnonzero(extra)
    if len(places):
        counts = extra[places].astype(np.int64)
        inserted = np.frombuffer(b"".join([_BEFORE[code] for code in data[places].tolist()]), np.uint8)
        longer = np.concatenate([[0], np.cumsum(counts)])[np.searchsorted(places, offsets)]
        data = np.insert(_LAST[data], np.repeat(places, counts), inserted)
        offsets = offsets + longer
    if texts.null_count and texts.offset:
        validity = pc.is_valid(texts).buffers()[1]
    buffers = [
        validity if texts.null_count else None,
        pa.py_buffer(offsets.tobytes()),
        pa.py_buffer(data.tobytes()),
    ]
    made: Any = pa.Array.from_buffers(pa.large_string(), len(texts), buffers)
    return made  # type: ignore[no-any-return]


def _buffers(texts: Any) -> tuple[Any, NDArray[np.int64], Bytes]:
    """Validity, offsets and bytes of a large string array; offsets count from the start of the bytes."""
    validity, offsets, data = texts.buffers()
    if offsets is None:
        return validity, np.zeros(1, np.int64), np.empty(0, np.uint8)
    here = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return validity, here, np.frombuffer(data or b"", np.uint8)


def _joined(*parts: Any) -> Any:
    return pc.binary_join_element_wise(*parts, _text(""))


def _text(value: str) -> pa.LargeStringScalar:
    return pa.scalar(value, pa.large_string())
