"""The one source of chance in a mixture: ranks from a keyed hash of seed, source and row."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

PICK = "pick"
"""Purpose of the ranks that choose rows."""
ORDER = "order"
"""Purpose of the ranks that put chosen rows in their final order."""


def keyed_hashes(
    row_hashes: NDArray[np.uint8], *, seed: int, source: str, purpose: str, copy: int = 0
) -> NDArray[np.uint64]:
    """A 64-bit number for each row: BLAKE2b keyed by seed, purpose, source and copy, over the row hash.

    `row_hashes` has shape (n, 32). The numbers depend on nothing else: not on position, order, process,
    hash seed or library version.
    """
    salt = blake2b(f"{seed}\n{purpose}\n{copy}\n{source}".encode(), digest_size=32).digest()
    start = blake2b(key=salt, digest_size=8)
    plain = np.ascontiguousarray(row_hashes).tobytes()
    digests = bytearray()
    for at in range(0, len(plain), 32):
        state = start.copy()
        state.update(plain[at : at + 32])
        digests += state.digest()
    return np.frombuffer(bytes(digests), dtype=">u8").astype(np.uint64)


def ranked(keys: NDArray[np.uint64], row_hashes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Positions in rank order: by key, ties by row hash, then by position. A total order."""
    order = np.argsort(keys)
    ahead = keys[order]
    if (ahead[1:] != ahead[:-1]).all():
        return order.astype(np.int64)
    words = np.ascontiguousarray(row_hashes).view(">u8")
    return np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0], keys)).astype(np.int64)
