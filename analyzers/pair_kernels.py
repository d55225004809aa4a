"""Compiled loops over pairs of shingle sets; plain twin: the sparse products of `jaccard`."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from analyzers.compiled import kernel

Array = npt.NDArray[Any]


@kernel
def count_shared(
    shingles_a: Array,
    offsets_a: Array,
    a: Array,
    shingles_b: Array,
    offsets_b: Array,
    b: Array,
    needed: Array,
    shared: Array,
) -> None:
    """|A n B| of each pair of sorted sets (a[i], b[i]) by merging them.

    A pair that can no longer reach `needed[i]` is left at what was counted so far, which is below it.
    """
    for pair in range(len(a)):
        at_a, end_a = offsets_a[a[pair]], offsets_a[a[pair] + 1]
        at_b, end_b = offsets_b[b[pair]], offsets_b[b[pair] + 1]
        found, spare_a, spare_b = 0, end_a - at_a - needed[pair], end_b - at_b - needed[pair]
        while at_a < end_a and at_b < end_b and spare_a >= 0 and spare_b >= 0:
            left, right = shingles_a[at_a], shingles_b[at_b]
            # Without branches: which side is behind cannot be foretold.
            found += left == right
            spare_a -= left < right
            spare_b -= right < left
            at_a += left <= right
            at_b += right <= left
        shared[pair] = found
