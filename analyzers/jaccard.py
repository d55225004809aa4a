"""Exact Jaccard similarity of many pairs of shingle sets at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from analyzers.compiled import is_compiled
from analyzers.distinct import distinct_values
from analyzers.text import Grams

# Shingles of both sides held at once: about 50 MB with everything made of them.
_BLOCK_SHINGLES = 1_000_000
# Pairs are counted on the grid of their rows when at least one cell in so many is wanted.
_GRID_CELLS_PER_PAIR = 16
# Rows are numbered through a table of all of them while there are at most so many for each pair.
_ROWS_PER_PAIR = 16
# A shingle is common when it accounts for a shared one in at least one cell of so many.
_COMMON = 64

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


def similar(sets: ShingleSets, a: Ints, b: Ints, threshold: float) -> tuple[Ints, Ints, Floats]:
    """Those of the pairs (a[i], b[i]) whose Jaccard similarity is at least `threshold`, and its values.

    Decided on the sets themselves: no pair is taken or refused by an estimate.
    """
    values = _values(sets, a, b, threshold)
    enough = values >= threshold
    return a[enough], b[enough], values[enough]


def jaccard(sets: ShingleSets, a: Ints, b: Ints) -> Floats:
    """|A n B| / |A u B| of each pair (a[i], b[i]), in [0, 1]; 0 for a pair of empty sets."""
    return _values(sets, a, b, 0.0)


def _values(sets: ShingleSets, a: Ints, b: Ints, threshold: float) -> Floats:
    """`jaccard` where it reaches `threshold`; elsewhere some value below it."""
    sizes = sets.counts[a] + sets.counts[b]
    if is_compiled():
        # One less than what the threshold asks for, so that rounding never refuses a pair.
        needed = np.floor(threshold / (1 + threshold) * sizes).astype(np.int64) - 1
        shared = _shared_by_merging(sets, a, b, np.maximum(needed, 0))
    else:
        shared = _shared(sets, a, b)
    values: Floats = shared / np.maximum(sizes - shared, 1)
    return values


def _shared_by_merging(sets: ShingleSets, a: Ints, b: Ints, needed: Ints) -> Ints:
    """|A n B| of each pair, exact where it reaches `needed`; the pairs are halved until sets fit a block."""
    rows, (place_a, place_b) = numbered(len(sets.counts), a, b)
    if int(sets.counts[rows].sum()) > _BLOCK_SHINGLES and len(a) > 1:
        half = len(a) // 2
        return np.concatenate(
            [
                _shared_by_merging(sets, a[part], b[part], needed[part])
                for part in (slice(half), slice(half, None))
            ]
        )
    from analyzers.pair_kernels import count_shared

    grams = sets.take(rows)
    shared = np.zeros(len(a), np.int64)
    count_shared(grams.hashes, grams.offsets, place_a, place_b, needed, shared)
    return shared


def numbered(most: int, *sides: Ints) -> tuple[Ints, list[Ints]]:
    """The distinct rows of all sides, rising, and the place of each among them; all are below `most`."""
    if most > _ROWS_PER_PAIR * sum(len(side) for side in sides):
        rows = distinct_values(np.concatenate(sides))
        return rows, [np.searchsorted(rows, side) for side in sides]
    is_met = np.zeros(most, bool)
    for side in sides:
        is_met[side] = True
    place = np.cumsum(is_met) - 1
    return np.flatnonzero(is_met), [place[side] for side in sides]


def _shared(sets: ShingleSets, a: Ints, b: Ints) -> Ints:
    """|A n B| of each pair: over the grid of their rows where they fill much of it, else pair by pair."""
    (rows_a, place_a), (rows_b, place_b) = (np.unique(rows, return_inverse=True) for rows in (a, b))
    shingles = int(sets.counts[rows_a].sum() + sets.counts[rows_b].sum())
    if len(rows_a) * len(rows_b) <= _GRID_CELLS_PER_PAIR * len(a) and shingles <= _BLOCK_SHINGLES:
        grid = _shared_on_grid(sets.take(rows_a), sets.take(rows_b))
        return grid[place_a, place_b].astype(np.int64)
    shared = np.empty(len(a), np.int64)
    for low, high in _blocks(sets.counts[a] + sets.counts[b]):
        shared[low:high] = _shared_by_pair(sets, a[low:high], b[low:high])
    return shared


def _blocks(sizes: Ints) -> Iterator[tuple[int, int]]:
    ends = np.cumsum(sizes)
    low = 0
    while low < len(sizes):
        base = int(ends[low - 1]) if low else 0
        high = max(int(np.searchsorted(ends, base + _BLOCK_SHINGLES, side="right")), low + 1)
        yield low, high
        low = high


def _shared_by_pair(sets: ShingleSets, a: Ints, b: Ints) -> Ints:
    """|A n B| of each pair: element-wise products of two sparse 0/1 matrices, counted by row."""
    from scipy.sparse import csr_array

    sides = []
    for positions in (a, b):
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


def _shared_on_grid(grams_a: Grams, grams_b: Grams) -> npt.NDArray[np.float32]:
    """|A n B| of every row of one side with every row of the other: a product of 0/1 matrices.

    Shingles that many rows share (templates) are multiplied as dense columns, which is many times faster;
    the others as sparse ones. Sums of ones up to 2^24 are exact in 32-bit floats.
    """
    distinct, column = np.unique(np.concatenate((grams_a.hashes, grams_b.hashes)), return_inverse=True)
    columns = column[: len(grams_a.hashes)], column[len(grams_a.hashes) :]
    in_rows = [np.bincount(side, minlength=len(distinct)) for side in columns]
    cells = len(grams_a.counts) * len(grams_b.counts)
    common = in_rows[0] * in_rows[1] * _COMMON >= cells
    dense, sparse = zip(
        *(_split(grams, side, common) for grams, side in zip((grams_a, grams_b), columns, strict=True)),
        strict=True,
    )
    shared: npt.NDArray[np.float32] = dense[0] @ dense[1].T
    shared += (sparse[0] @ sparse[1].T).toarray()
    return shared


def _split(grams: Grams, columns: Ints, common: npt.NDArray[np.bool_]) -> tuple[Any, Any]:
    """The rows as a dense matrix of the common columns and a sparse one of the others, 32-bit floats."""
    from scipy.sparse import csr_array

    rows = np.repeat(np.arange(len(grams.counts)), grams.counts)
    is_common = common[columns]
    dense = np.zeros((len(grams.counts), int(common.sum())), np.float32)
    dense[rows[is_common], (np.cumsum(common) - 1)[columns[is_common]]] = 1
    others = rows[~is_common], columns[~is_common]
    ones = np.ones(len(others[0]), np.float32)
    return dense, csr_array((ones, others), shape=(len(grams.counts), len(common)))
