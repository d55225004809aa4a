"""Arrays too large for memory that need not last: kept in files without a name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from registry.files import disk_errors

# Smaller arrays stay in memory: a file would only cost time.
FILE_BYTES = 4 << 20

# Where the system keeps temporary files that need a disk; its /tmp is often in memory itself.
_ON_DISK = Path("/var/tmp")  # noqa: S108 - files in it have no name
_CHOSEN_BY = ("TMPDIR", "TEMP", "TMP")


def scratch_array(shape: int | tuple[int, ...], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """An array of zeros of `shape`; from 4 MB on it lives in a temporary file instead of in memory.

    The file has no name, so it is gone with the array, also where the process is killed. What is written to
    it does not count as memory of the process: the system keeps as many of its pages as it has room for.
    It lies in the folder that TMPDIR names, else in /var/tmp.

    Raises:
        DiskError: the folder for temporary files is full or cannot be written.
    """
    dtype = np.dtype(kind)
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if size < FILE_BYTES:
        return np.zeros(shape, dtype)
    with disk_errors(folder() / "scratch"), _nameless() as file:
        if hasattr(os, "posix_fallocate"):
            # Room is asked for here, where its lack is an error: on writing to a map it would be a crash.
            os.posix_fallocate(file.fileno(), 0, size)
        return np.memmap(file, dtype, mode="w+", shape=shape)


def gathered(blocks: Iterable[npt.NDArray[Any]], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """All `blocks` (one-dimensional) as one array; from 4 MB on in a temporary file, see `scratch_array`.

    Raises:
        DiskError: the folder for temporary files is full or cannot be written.
    """
    size = 0
    with _nameless() as file:
        for block in blocks:
            with disk_errors(folder() / "scratch", written=size):
                size += file.write(np.ascontiguousarray(block, kind).data)
        with disk_errors(folder() / "scratch", written=size):
            file.seek(0)
            if size < FILE_BYTES:
                return np.frombuffer(bytearray(file.read()), kind)
            return np.memmap(file, kind, mode="r+")


def folder() -> Path:
    """Where temporary files lie."""
    chosen = any(os.environ.get(name) for name in _CHOSEN_BY)
    return Path(tempfile.gettempdir()) if chosen or not os.access(_ON_DISK, os.W_OK) else _ON_DISK


def _nameless() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="instructory-", dir=folder())
