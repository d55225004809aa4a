"""The compiled side of `analyzers.gram_counts`: buffers made, kernels called."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analyzers import count_kernels as kernels
from analyzers.compiled_words import Hashes, Ints, gram_blocks, ngrams
from analyzers.count_kernels import CHUNK
from analyzers.scratch import scratch_array

# Slots of a table for few hashes, 1 MB; fewer grams than it can hold need no other.
_FEW_SLOTS = 1 << 17
_FEW_GRAMS = _FEW_SLOTS // 2
# Hashes of one part on average: a table for them stays in the second cache.
_PART_HASHES = 1 << 14
_MOST_BITS = 12
# Larger arrays go into scratch files.
_MEMORY_PLACES = 1 << 22

Slots = npt.NDArray[np.uint32]


def distinct(hashes: Hashes, offsets: Ints, n: int, base: int) -> int | None:
    """How many distinct `n`-grams there are; None where hashes are so made that tables are no help."""
    return _found(hashes, offsets, n, base, None)


def counts(hashes: Hashes, offsets: Ints, n: int, base: int) -> Ints | None:
    """How often each distinct `n`-gram occurs; None as in `distinct`."""
    lengths = _places(_grams(offsets, n), np.int64)
    found = _found(hashes, offsets, n, base, lengths)
    return None if found is None else lengths[:found]


def _found(hashes: Hashes, offsets: Ints, n: int, base: int, lengths: Ints | None) -> int | None:
    size = _grams(offsets, n)
    if n == 1 or size <= _FEW_GRAMS:
        few = hashes[offsets[0] : offsets[-1]] if n == 1 else ngrams(hashes, offsets, n, base)[1]
        table = np.zeros(min(_FEW_SLOTS, _power_of_two(max(2 * size, CHUNK))), np.uint64)
        found = kernels.count_few(few, table, _slots(table, lengths), lengths)
        if found >= 0:
            return found
    spread = _Spread(size, min(max(size // _PART_HASHES, 1).bit_length(), _MOST_BITS))
    for grams in gram_blocks(hashes, offsets, n, base):
        spread.add(grams)
    return spread.found(lengths)


class _Spread:
    """Room for so many hashes, those with the same upper `bits` together, in chunks of 4 KB."""

    def __init__(self, size: int, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._slots = _power_of_two(4 * max(size >> bits, CHUNK))
        self._taken = 1 << bits
        # Each part owns a chunk from the beginning, and one place more than what is read ahead is safe.
        chunks = size // CHUNK + self._taken + 1
        self._values = _places(chunks * CHUNK, np.uint64)
        self._owners = np.zeros(chunks, np.int64)
        self._owners[: self._taken] = np.arange(self._taken)
        self._ends = np.arange(self._taken, dtype=np.uint64) * np.uint64(CHUNK)

    def add(self, hashes: Hashes) -> None:
        """Put in the next hashes."""
        self._taken = kernels.spread_hashes(
            hashes, self._shift, self._values, self._ends, self._owners, self._taken
        )

    def found(self, lengths: Ints | None) -> int | None:
        """How many distinct hashes there are; `lengths` gets how often each occurs."""
        owners = self._owners[: self._taken]
        sizes = np.full(self._taken, CHUNK)
        ends = self._ends.astype(np.int64)
        sizes[ends // CHUNK] = ends % CHUNK
        chunks = np.argsort(owners, kind="stable")
        for larger in (1, 4, 16):
            table = np.empty(larger * self._slots, np.uint64)
            found = kernels.count_spread(
                self._values, chunks, owners, sizes, self._shift, table, _slots(table, lengths), lengths
            )
            if found >= 0:
                return found
        return None


def _grams(offsets: Ints, n: int) -> int:
    return int(np.maximum(np.diff(offsets) - (n - 1), 0).sum())


def _slots(table: Hashes, lengths: Ints | None) -> Slots | None:
    return None if lengths is None else np.empty(len(table), np.uint32)


def _places(size: int, kind: npt.DTypeLike) -> npt.NDArray[np.int64]:
    return np.empty(size, kind) if size <= _MEMORY_PLACES else scratch_array(size, kind)


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()
