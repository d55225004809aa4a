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

WANTED_RECALL = 0.99
# Most candidate pairs taken from one band, and how many are held at once.
BAND_PAIRS = 32_000_000
BLOCK_PAIRS = 500_000

_BLOCK_ROWS = 16_384

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

    `limited_bands` counts the bands whose runs held more than `BAND_PAIRS` pairs, so that only the first
    rows of each run were paired with the others; pair counts of such a search are lower bounds.
    """

    limited_bands: int = 0


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
    keys = np.empty((cut.bands, len(rows)), np.uint32)
    for low in range(0, len(rows), _BLOCK_ROWS):
        block = np.ascontiguousarray(values[rows[low : low + _BLOCK_ROWS]].T)
        for band in range(cut.bands):
            keys[band, low : low + _BLOCK_ROWS] = _folded(block[band * cut.width : (band + 1) * cut.width])
    return keys


def pairs_within(keys: Keys, missed: Shortfall | None = None) -> Iterator[tuple[Ints, Ints]]:
    """Blocks of pairs (i, j), i < j, of columns of `keys` that agree in a band; each pair once."""
    for band in range(len(keys)):
        order = _order(keys[band])
        ordered = keys[band][order]
        begins = np.searchsorted(ordered, ordered, side="left")
        lengths = np.arange(len(ordered)) - begins  # each is paired with those before it in its run
        for later, earlier in _expanded(begins, _limited(lengths, missed)):
            first, second = order[earlier], order[later]
            yield _not_met_before(keys[:band], first, keys[:band], second)


def pairs_between(keys_a: Keys, keys_b: Keys, missed: Shortfall | None = None) -> Iterator[tuple[Ints, Ints]]:
    """Blocks of pairs (column of `keys_a`, column of `keys_b`) that agree in a band; each pair once."""
    for band in range(len(keys_a)):
        order_a, order_b = _order(keys_a[band]), _order(keys_b[band])
        ordered_a, ordered_b = keys_a[band][order_a], keys_b[band][order_b]
        for side_a, side_b in _run_products(ordered_a, ordered_b, missed):
            first, second = order_a[side_a], order_b[side_b]
            yield _not_met_before(keys_a[:band], first, keys_b[:band], second)


def _run_products(ordered_a: Keys, ordered_b: Keys, missed: Shortfall | None) -> Iterator[tuple[Ints, Ints]]:
    """Places (in a, in b) of equal keys. Where that is too many: all of a with the first of b's run,
    and the rest of b's run with the first of a's, so that every row is compared with some."""
    begins = np.searchsorted(ordered_b, ordered_a, side="left")
    lengths = np.searchsorted(ordered_b, ordered_a, side="right") - begins
    taken = _limited(lengths, missed)
    yield from _expanded(begins, taken)
    if int(taken.sum()) == int(lengths.sum()):
        return
    most = int(taken.max())
    place_in_run = np.arange(len(ordered_b)) - np.searchsorted(ordered_b, ordered_b, side="left")
    rest = np.flatnonzero(place_in_run >= most)
    begins = np.searchsorted(ordered_a, ordered_b[rest], side="left")
    lengths = np.searchsorted(ordered_a, ordered_b[rest], side="right") - begins
    for place, side_a in _expanded(begins, np.minimum(lengths, most)):
        yield side_a, rest[place]


def _folded(columns: npt.NDArray[np.uint32]) -> Keys:
    key = np.full(columns.shape[1], 0x9747B28C, np.uint32)
    for column in columns:
        key ^= column
        key *= np.uint32(0x85EBCA6B)
        key ^= key >> np.uint32(15)
    return key


def _order(keys: Keys) -> Ints:
    """Columns sorted by key, then by position: key and position sort as one 64-bit integer."""
    packed = keys.astype(np.uint64) << np.uint64(32) | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    return (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


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


def _not_met_before(keys_a: Keys, first: Ints, keys_b: Keys, second: Ints) -> tuple[Ints, Ints]:
    """The pairs that agree in none of the bands given, so that no earlier band named them."""
    for band_a, band_b in zip(keys_a, keys_b, strict=True):
        fresh = band_a[first] != band_b[second]
        first, second = first[fresh], second[fresh]
    return first, second
