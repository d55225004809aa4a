"""Arrays too large for memory that need not last: kept in files without a name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

# Smaller arrays stay in memory: a file would only cost time.
FILE_BYTES = 32 << 20


def scratch_array(shape: int | tuple[int, ...], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """An array of zeros of `shape`; from 32 MB on it lives in a temporary file instead of in memory.

    The file has no name, so it is gone with the array, also where the process is killed. What is written to
    it does not count as memory of the process: the system keeps as many of its pages as it has room for.

    Raises:
        OSError: the folder for temporary files is full or cannot be written.
    """
    dtype = np.dtype(kind)
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if size < FILE_BYTES:
        return np.zeros(shape, dtype)
    with tempfile.TemporaryFile(prefix="instructory-") as file:
        return np.memmap(file, dtype, mode="w+", shape=shape)


def gathered(blocks: Iterable[npt.NDArray[Any]], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """All `blocks` (one-dimensional) as one array; from 32 MB on in a temporary file, see `scratch_array`."""
    with tempfile.TemporaryFile(prefix="instructory-") as file:
        size = sum(file.write(np.ascontiguousarray(block, kind).data) for block in blocks)
        file.seek(0)
        if size < FILE_BYTES:
            return np.frombuffer(bytearray(file.read()), kind)
        return np.memmap(file, kind, mode="r+")
