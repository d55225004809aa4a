"""Arrow's compute functions as the analyzers call them, and arrays without pandas.

The stubs of pyarrow refuse what the library takes (plain Python values as scalars, numpy arrays as
indices), so `pc` goes untyped and results are given their type where they are used.

pyarrow imports pandas (0.2 s and 40 MB) at the first Python value, list or numpy array it is handed, and at
the first array it is to show to numpy. Work that needs no pandas goes by `from_numpy`, `to_numpy`, `text` and
`texts` instead, which wrap the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute

_KINDS = {pa.from_numpy_dtype(np.dtype(kind)): np.dtype(kind) for kind in "bhiqBHIQfd"}


def filled(texts: pa.Array[Any]) -> pa.LargeStringArray:
    """`texts` as large strings, an empty one for each null."""
    strings: Any = texts.cast(pa.large_string())
    # Filling copies every text, so it is left where there is nothing to fill.
    return cast("pa.LargeStringArray", pc.fill_null(strings, text("")) if strings.null_count else strings)


def joined(*texts: pa.Array[Any], by: str) -> pa.LargeStringArray:
    """The texts of each row joined by `by`; nulls are left out, and a row of nulls is empty."""
    # Arrow drops a row whose every text is null, which would shift all rows behind it.
    first = pc.if_else(pc.is_null(pc.coalesce(*texts)), text(""), texts[0])
    return filled(pc.binary_join_element_wise(first, *texts[1:], text(by), null_handling="skip"))


def from_numpy(values: npt.NDArray[Any]) -> Any:
    """Whole numbers, floats or booleans as an Arrow array without nulls; only booleans are copied."""
    if values.dtype == bool:
        bits = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, buffer_of(bits)])
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, buffer_of(values)])


def buffer_of(values: npt.NDArray[Any] | bytes) -> pa.Buffer:
    """The same bytes as an Arrow buffer, which keeps `values` alive."""
    exposed: Any = values if isinstance(values, bytes) else np.ascontiguousarray(values)
    return pa.py_buffer(exposed)


def to_numpy(values: Any) -> npt.NDArray[Any]:
    """Numbers or booleans of an Arrow array or column; of one chunk of numbers a view of the same bytes.

    Raises:
        ValueError: some are null.
    """
    if values.null_count:
        raise ValueError(f"{values.null_count} nulls among {len(values)} values")
    if isinstance(values, pa.ChunkedArray):
        parts = [to_numpy(chunk) for chunk in values.chunks]
        return parts[0] if len(parts) == 1 else np.concatenate([_empty(values.type), *parts])
    begin, end = values.offset, values.offset + len(values)
    buffer = values.buffers()[1]
    if buffer is None:
        return _empty(values.type)
    if pa.types.is_boolean(values.type):
        bits = np.unpackbits(np.frombuffer(buffer, np.uint8)[begin // 8 : -(-end // 8)], bitorder="little")
        return bits[begin % 8 :][: len(values)].view(bool)
    return np.frombuffer(buffer, _KINDS[values.type])[begin:end]


def texts(values: Sequence[str], kind: pa.DataType | None = None) -> Any:
    """`values` as an Arrow array of large strings, or of `kind` (string)."""
    encoded = [value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    buffers = [None, buffer_of(offsets), buffer_of(b"".join(encoded))]
    made: Any = pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)
    return made if kind is None else made.cast(kind)


@lru_cache(maxsize=256)
def text(value: str, kind: pa.DataType | None = None) -> Any:
    """`value` as a scalar: a large string, or of `kind` (string)."""
    return texts([value], kind)[0]


def one_batch(rows: pa.Table | pa.RecordBatch) -> pa.RecordBatch:
    """All of `rows` as one batch."""
    if isinstance(rows, pa.RecordBatch):
        return rows
    batches = rows.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=rows.schema)


def _empty(kind: Any) -> npt.NDArray[Any]:
    return np.empty(0, bool if pa.types.is_boolean(kind) else _KINDS[kind])
