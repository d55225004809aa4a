"""Exact Jaccard similarity of many pairs of shingle sets at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from analyzers.text import Grams

# Shingles of both sides held at once: about 100 MB with everything made of them.
_BLOCK_SHINGLES = 2_000_000

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class ShingleSets(Protocol):
    """Many sets of shingles, by position."""

    @property
    def counts(self) -> Ints:
        """Size of each set."""
        ...

    def take(self, positions: Ints) -> Grams:
        """The sets at `positions`, each sorted and distinct."""
        ...


def similar(
    sets_a: ShingleSets, a: Ints, sets_b: ShingleSets, b: Ints, threshold: float
) -> tuple[Ints, Ints, Floats]:
    """Those of the pairs (a[i], b[i]) whose Jaccard similarity is at least `threshold`, and its values.

    Decided on the sets themselves: no pair is taken or refused by an estimate. Pairs whose sizes alone
    forbid the threshold are dropped first, as |A n B| / |A u B| <= min(|A|, |B|) / max(|A|, |B|).
    """
    size_a, size_b = sets_a.counts[a], sets_b.counts[b]
    possible = np.minimum(size_a, size_b) / np.maximum(np.maximum(size_a, size_b), 1) >= threshold
    a, b = a[possible], b[possible]
    values = jaccard(sets_a, a, sets_b, b)
    enough = values >= threshold
    return a[enough], b[enough], values[enough]


def jaccard(sets_a: ShingleSets, a: Ints, sets_b: ShingleSets, b: Ints) -> Floats:
    """|A n B| / |A u B| of each pair (a[i], b[i]), in [0, 1]; 0 for a pair of empty sets."""
    size_a, size_b = sets_a.counts[a], sets_b.counts[b]
    shared = np.empty(len(a), np.int64)
    for low, high in _blocks(size_a + size_b):
        shared[low:high] = _shared(sets_a, a[low:high], sets_b, b[low:high])
    values: Floats = shared / np.maximum(size_a + size_b - shared, 1)
    return values


def _blocks(sizes: Ints) -> Iterator[tuple[int, int]]:
    ends = np.cumsum(sizes)
    low = 0
    while low < len(sizes):
        base = int(ends[low - 1]) if low else 0
        high = max(int(np.searchsorted(ends, base + _BLOCK_SHINGLES, side="right")), low + 1)
        yield low, high
        low = high


def _shared(sets_a: ShingleSets, a: Ints, sets_b: ShingleSets, b: Ints) -> Ints:
    """|A n B| of each pair: element-wise products of two sparse 0/1 matrices, counted by row."""
    from scipy.sparse import csr_array

    sides = []
    for sets, positions in ((sets_a, a), (sets_b, b)):
        distinct, places = np.unique(positions, return_inverse=True)
        grams = sets.take(distinct)
        # Columns are the hashes themselves (48 bits), so no dictionary of shingles is needed.
        columns = grams.hashes.view(np.int64)
        ones = np.ones(len(columns), np.int8)
        matrix = csr_array((ones, columns, grams.offsets), shape=(len(distinct), np.iinfo(np.int64).max))
        sides.append(matrix[places])
    products = sides[0].multiply(sides[1])
    shared: Ints = np.diff(products.indptr).astype(np.int64)
    return shared
