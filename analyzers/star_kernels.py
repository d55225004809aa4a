"""Compiled walk over texts that finds the one kept for each; plain twin: `stars`.

Import this module only where `compiled.is_compiled()` says so. Callers allocate, the loops fill.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analyzers.compiled import kernel
from analyzers.pair_kernels import agreement, merged

Array = npt.NDArray[Any]


@kernel
def find_owners(
    runs: Array, room: Array, signatures: tuple[Array, Array, Array], least: int,
    sets: tuple[Array, Array, Array], threshold: float, slots: tuple[Array, Array, Array],
    slot_threshold: float, budget: int, few: int, met: Array, owner: Array,
) -> int:  # fmt: skip
    """The first kept text each text is similar to, into `owner`; -1 where there is none, and it is kept.

    `runs` as from `bands.number_runs`; `room`, zeros, takes at the place of each run how many texts are kept
    there and behind it these texts. `signatures` are the values, the row in them of each text, and the lowest
    bytes of at most 255 values of each text; `sets` and `slots` shingles and where those of each text begin
    and end; `met` are zeros, one a text; for the others see `stars.Walk`. Returns in how many bands the
    budget was used up.
    """
    begins, ends = sets[1], sets[2]
    values, rows, low_bytes = signatures
    least_bytes = least - values.shape[1] + low_bytes.shape[1]
    looks = np.zeros(len(runs), np.int64)
    for text in range(len(rows)):
        best: Any = len(rows)
        size = ends[text] - begins[text]
        signature = values[rows[text]]
        for band in range(len(runs)):
            run = np.int64(runs[band, text])
            if run == 0:
                continue
            kept: Any = np.int64(room[band, run])
            looks[band] += kept
            if looks[band] > budget:
                kept = min(kept, few)
            for place in range(run + 1, run + 1 + kept):
                other: Any = np.int64(room[band, place])
                if other >= best:
                    break
                if met[other] == text:
                    continue
                met[other] = text
                other_size = ends[other] - begins[other]
                if min(size, other_size) / max(size, other_size) < threshold:
                    continue
                # The cheapest test first; what fills the slots of a template is little, and mostly differs.
                if (
                    _agreeing_bytes(low_bytes[text], low_bytes[other]) >= least_bytes
                    and _are_alike(slots, other, text, slot_threshold)
                    and agreement(signature, values[rows[other]]) >= least
                    and _jaccard(sets, other, text, threshold) >= threshold
                ):
                    best = other
        owner[text] = -1
        if best < len(rows):
            owner[text] = best
            continue
        for band in range(len(runs)):
            run = np.int64(runs[band, text])
            if run:
                room[band, run] += np.uint32(1)
                room[band, run + np.int64(room[band, run])] = text
    over = 0
    for band in range(len(runs)):
        over += looks[band] > budget
    return over


@kernel
def _agreeing_bytes(one: Array, other: Array) -> int:
    """How many of at most 255 bytes agree, counted in a byte, so that many are compared at once.

    Values that agree do so in their lowest bytes, which are a quarter of the memory to look at.
    """
    agreeing = np.uint8(0)
    for place in range(len(one)):
        agreeing = np.uint8(agreeing + np.uint8(one[place] == other[place]))
    return int(agreeing)


@kernel
def _are_alike(slots: tuple[Array, Array, Array], a: int, b: int, threshold: float) -> bool:
    return threshold == 0.0 or _jaccard(slots, a, b, threshold) >= threshold


@kernel
def _jaccard(sets: tuple[Array, Array, Array], a: int, b: int, threshold: float) -> Any:
    """The Jaccard similarity of two sorted sets where it reaches the threshold, else something below it.

    1 for two empty sets.
    """
    shingles, begins, ends = sets
    sizes = ends[a] - begins[a] + ends[b] - begins[b]
    if sizes == 0:
        return 1.0
    # One less than what the threshold asks for, so that rounding never refuses a pair.
    needed: Any = max(np.int64(threshold / (1.0 + threshold) * sizes) - 1, 0)
    found = merged(shingles, begins[a], ends[a], begins[b], ends[b], needed)
    return found / max(sizes - found, 1)
