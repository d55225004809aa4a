"""Compiled loops over pairs of rows; plain twins: `bands` and `jaccard` in numpy.

Import this module only where `compiled.is_compiled()` says so. Callers allocate, the loops fill.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analyzers.compiled import kernel

Array = npt.NDArray[Any]


@kernel
def fold_bands(values: Array, rows: Array, width: int, seed: Any, factor: Any, keys: Array) -> None:
    """A 32-bit hash of each band of the signatures at `rows` into `keys`, shape (bands, rows)."""
    shift = np.uint32(15)
    for column in range(len(rows)):
        signature = values[rows[column]]
        for band in range(len(keys)):
            key = seed
            for place in range(band * width, (band + 1) * width):
                key = np.uint32((key ^ signature[place]) * factor)
                key ^= key >> shift
            keys[band, column] = key


@kernel
def agreement(one: Array, other: Array) -> int:
    """Places in which two signatures agree."""
    agreeing = 0
    for place in range(len(one)):
        agreeing += one[place] == other[place]
    return agreeing


@kernel
def walk_runs(
    order: Array, begins: Array, lengths: Array, earlier: Array, sizes: Array, values: Array, rows: Array,
    threshold: float, least: int, at: Array, first: Array, second: Array,
) -> int:  # fmt: skip
    """Pairs (order[begins[i] + step], order[i]) for `step` below `lengths[i]`; returns how many.

    A pair that agrees in one of the bands `earlier` is left out, and one whose `sizes` forbid the threshold
    or whose signatures, `rows` of `values`, agree in fewer than `least` places (0: none of this is asked).
    `at` holds the place and step to go on from, as the walk stops when the room in `first` and `second` is
    used up.
    """
    found, place, step = 0, at[0], at[1]
    while place < len(order):
        other = order[place]
        while step < lengths[place]:
            if found == len(first):
                at[0], at[1] = place, step
                return found
            one = order[begins[place] + step]
            step += 1
            is_hopeful = True
            if least > 0:
                small, large = min(sizes[one], sizes[other]), max(sizes[one], sizes[other])
                is_hopeful = small / large >= threshold
            for band in range(len(earlier)):
                if not is_hopeful or earlier[band, one] == earlier[band, other]:
                    is_hopeful = False
                    break
            if is_hopeful and least > 0:
                is_hopeful = agreement(values[rows[one]], values[rows[other]]) >= least
            if is_hopeful:
                first[found], second[found] = one, other
                found += 1
        place, step = place + 1, 0
    at[0], at[1] = place, 0
    return found


@kernel
def merged(shingles: Array, at_a: int, end_a: int, at_b: int, end_b: int, needed: int) -> int:
    """How many numbers two sorted pieces of `shingles` share.

    Pieces that can no longer reach `needed` are left at what was counted so far, which is below it.
    """
    found, spare_a, spare_b = 0, end_a - at_a - needed, end_b - at_b - needed
    while at_a < end_a and at_b < end_b and spare_a >= 0 and spare_b >= 0:
        left, right = shingles[at_a], shingles[at_b]
        # Without branches: which side is behind cannot be foretold.
        found += left == right
        spare_a -= left < right
        spare_b -= right < left
        at_a += left <= right
        at_b += right <= left
    return found


@kernel
def count_shared(shingles: Array, offsets: Array, a: Array, b: Array, needed: Array, shared: Array) -> None:
    """|A n B| of each pair of sorted sets (a[i], b[i]), exact where it reaches `needed[i]`."""
    for pair in range(len(a)):
        one, other = a[pair], b[pair]
        ends = offsets[one], offsets[one + 1], offsets[other], offsets[other + 1]
        shared[pair] = merged(shingles, *ends, needed[pair])
