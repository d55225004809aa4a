"""Pairs of rows worth comparing: rows whose signatures agree in a whole band, found by sorting.

A signature of `num_perm` values is cut into `bands` bands of `width` values. Two rows of Jaccard J agree
in at least one band with probability 1 - (1 - J^width)^bands. Each band is hashed to 32 bits, the rows
are sorted by it, and equal runs are walked as ranges; there is no hash table and no loop over rows.
A pair is given once, in the first band it agrees in, so nothing has to be remembered between bands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.agreement import plain_agreeing
from analyzers.compiled import is_compiled
from analyzers.scratch import scratch_array

WANTED_RECALL = 0.99
# Most candidate pairs taken from one slice of a band, and how many are held at once.
BAND_PAIRS = 32_000_000
BLOCK_PAIRS = 500_000

_BLOCK_ROWS = 16_384
_SEED, _FACTOR = np.uint32(0x9747B28C), np.uint32(0x85EBCA6B)
# Columns sorted at a time: about 50 MB.
SLICE_COLUMNS = 1 << 20

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Banding:
    """How signatures are cut: `bands` bands of `width` values each."""

    bands: int
    width: int

    def recall(self, jaccard: float) -> float:
        """Probability that a pair of this Jaccard similarity becomes a candidate."""
        return 1.0 - (1.0 - jaccard**self.width) ** self.bands


@dataclass(slots=True)
class Shortfall:
    """What a search left out.

    `limited_bands` counts the bands (above a million texts: slices of them) whose runs held more than
    `BAND_PAIRS` pairs, so that only the first rows of each run were paired with the others; pair counts of
    such a search are lower bounds. In a search for stars it counts the bands in which more kept texts were
    met than `stars.BAND_LOOKS` allows, so that only the first of each run were looked at.
    """

    limited_bands: int = 0


@dataclass(frozen=True)
class Hopes:
    """What pairs of columns must show to be worth a look at their shingles.

    Sizes that allow the threshold, as |A n B| / |A u B| <= min(|A|, |B|) / max(|A|, |B|), and signatures
    that agree in at least `least` places; that of column i is row `rows[i]` of `values`. `least` 0 asks for
    nothing.
    """

    sizes: Ints
    values: npt.NDArray[np.uint32]
    rows: Ints
    threshold: float
    least: int

    def plain_kept(self, a: Ints, b: Ints) -> tuple[Ints, Ints]:
        """Those of the pairs that show it, in numpy."""
        if not self.least:
            return a, b
        size_a, size_b = self.sizes[a], self.sizes[b]
        possible = np.minimum(size_a, size_b) / np.maximum(size_a, size_b) >= self.threshold
        a, b = a[possible], b[possible]
        enough = plain_agreeing(self.values, self.rows[a], self.rows[b], self.least)
        return a[enough], b[enough]


_NO_HOPES = Hopes(np.empty(0, np.int64), np.empty((0, 0), np.uint32), np.empty(0, np.int64), 0.0, 0)


def banding(threshold: float, num_perm: int) -> Banding:
    """The widest bands that find pairs of exactly `threshold` with probability .990 (three decimals).

    Wider bands propose fewer pairs in vain; more similar pairs are found more surely still.
    With 128 permutations: .7 gives 25 bands of 5, .8 gives 21 of 6, .9 gives 12 of 10.

    Raises:
        ValueError: the threshold is outside (0, 1].

    >>> banding(0.7, 128)
    Banding(bands=25, width=5)
    """
    if not 0.0 < threshold <= 1.0:
        raise ValueError(f"a Jaccard threshold lies above 0 and at most at 1, got {threshold!r}")
    for width in range(num_perm, 1, -1):
        cut = Banding(num_perm // width, width)
        if round(cut.recall(threshold), 3) >= WANTED_RECALL:
            return cut
    return Banding(num_perm, 1)


def band_keys(values: npt.NDArray[np.uint32], rows: Ints, cut: Banding) -> Keys:
    """A 32-bit hash of each band of the signatures at `rows`, shape (bands, rows).

    Different bands may share a key by chance (1 in 4 billion pairs): one more candidate, never a match.
    """
    keys: Keys = scratch_array((cut.bands, len(rows)), np.uint32)
    if is_compiled():
        from analyzers.pair_kernels import fold_bands

        fold_bands(values, rows, cut.width, _SEED, _FACTOR, keys)
        return keys
    for low in range(0, len(rows), _BLOCK_ROWS):
        block = np.ascontiguousarray(values[rows[low : low + _BLOCK_ROWS]].T)
        for band in range(cut.bands):
            keys[band, low : low + _BLOCK_ROWS] = _folded(block[band * cut.width : (band + 1) * cut.width])
    return keys


def pairs_within(
    keys: Keys, missed: Shortfall | None = None, *, slices: int | None = None, hopes: Hopes | None = None
) -> Iterator[tuple[Ints, Ints]]:
    """Blocks of pairs (i, j), i < j, of columns of `keys` that agree in a band; each pair once.

    With `hopes`, only those that may still reach a threshold. Each band is sorted in slices of its range of
    keys (None: one for each million columns), so that what is held does not grow with the rows.
    """
    if slices is None:
        slices = -(-keys.shape[1] // SLICE_COLUMNS)
    for band in range(len(keys)):
        for columns in _slices(keys[band], slices):
            order = _ordered(keys[band], columns)
            begins = _run_begins(keys[band][order])
            lengths = _limited(np.arange(len(order)) - begins, missed)
            yield from _walked(order, begins, lengths, keys[:band], hopes or _NO_HOPES)


def number_runs(keys: Keys, *, slices: int | None = None) -> None:
    """In place of each key the number of its run of equal keys in that band; 0 for a key that no other has.

    A run of n columns takes n + 1 numbers from its own on, the first run from 1: places for its columns and
    one thing more in an array half as long again as the columns. `slices` as in `pairs_within`.
    """
    if slices is None:
        slices = -(-keys.shape[1] // SLICE_COLUMNS)
    numbers: Keys = scratch_array(keys.shape[1], np.uint32)
    for band in keys:
        done = 0
        for columns in _slices(band, slices):
            order = _ordered(band, columns)
            ordered = band[order]
            begins = _run_begins(ordered)
            is_first = begins == np.arange(len(order))
            is_shared = ~(is_first & np.append(ordered[1:] != ordered[:-1], True)[: len(order)])
            rank = np.cumsum(is_shared) + np.cumsum(is_shared & is_first)
            numbers[order] = np.where(is_shared, done + rank[begins] - 1, 0)
            done += int(rank[-1]) if len(rank) else 0
        band[:] = numbers


def _slices(keys: npt.NDArray[np.uint32], slices: int) -> Iterator[Ints]:
    """The columns whose keys lie in each of so many equal ranges."""
    if slices <= 1:
        yield np.arange(len(keys))
        return
    span = -(-(1 << 32) // slices)
    for low in range(slices):
        yield np.concatenate(
            [
                begin + np.flatnonzero(keys[begin : begin + SLICE_COLUMNS] // np.uint32(span) == low)
                for begin in range(0, len(keys), SLICE_COLUMNS)
            ]
        )


def _ordered(keys: npt.NDArray[np.uint32], columns: Ints) -> Ints:
    """`columns` sorted by key, then by position: key and place sort as one 64-bit integer."""
    packed = keys[columns].astype(np.uint64) << np.uint64(32) | np.arange(len(columns), dtype=np.uint64)
    packed.sort()
    return columns[(packed & np.uint64(0xFFFFFFFF)).astype(np.int64)]


def _run_begins(ordered: npt.NDArray[np.uint32]) -> Ints:
    """For each place of the sorted keys where its run of equal keys begins."""
    places = np.arange(len(ordered))
    is_first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return np.maximum.accumulate(np.where(is_first, places, 0))


def _walked(
    order: Ints, begins: Ints, lengths: Ints, earlier: Keys, hopes: Hopes
) -> Iterator[tuple[Ints, Ints]]:
    """Blocks of the pairs of each run, without those that agree in one of the `earlier` bands."""
    if not is_compiled():
        for place, other in _expanded(begins, lengths):
            yield hopes.plain_kept(*_not_met_before(earlier, order[other], order[place]))
        return
    from analyzers.pair_kernels import walk_runs

    runs, asked = (order, begins, lengths, earlier), (hopes.sizes, hopes.values, hopes.rows)
    at = np.zeros(2, np.int64)
    while at[0] < len(order):
        first, second = np.empty(BLOCK_PAIRS, np.int64), np.empty(BLOCK_PAIRS, np.int64)
        found = walk_runs(*runs, *asked, hopes.threshold, hopes.least, at, first, second)
        yield first[:found], second[:found]


def _folded(columns: npt.NDArray[np.uint32]) -> Keys:
    key = np.full(columns.shape[1], _SEED, np.uint32)
    for column in columns:
        key ^= column
        key *= _FACTOR
        key ^= key >> np.uint32(15)
    return key


def _limited(lengths: Ints, missed: Shortfall | None) -> Ints:
    """`lengths`, cut to the largest common limit that keeps their sum within `BAND_PAIRS`."""
    if int(lengths.sum()) <= BAND_PAIRS:
        return lengths
    if missed is not None:
        missed.limited_bands += 1
    low, high = 1, int(lengths.max())
    while low < high:
        middle = (low + high + 1) // 2
        if int(np.minimum(lengths, middle).sum()) <= BAND_PAIRS:
            low = middle
        else:
            high = middle - 1
    return np.minimum(lengths, low)


def _expanded(begins: Ints, lengths: Ints) -> Iterator[tuple[Ints, Ints]]:
    """For each place i the pairs (i, begins[i]), (i, begins[i] + 1), ... in blocks of bounded size."""
    sources = np.flatnonzero(lengths)
    ends = np.cumsum(lengths[sources])
    low = 0
    while low < len(sources):
        base = int(ends[low - 1]) if low else 0
        high = max(int(np.searchsorted(ends, base + BLOCK_PAIRS, side="right")), low + 1)
        chosen = sources[low:high]
        counts = lengths[chosen]
        shifts = np.repeat(begins[chosen] - (ends[low:high] - counts - base), counts)
        yield np.repeat(chosen, counts), np.arange(int(ends[high - 1]) - base) + shifts
        low = high


def _not_met_before(earlier: Keys, first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """The pairs that agree in none of the bands given, so that no earlier band named them."""
    for band in earlier:
        fresh = band[first] != band[second]
        first, second = first[fresh], second[fresh]
    return first, second
