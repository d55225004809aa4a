"""Compiled search for nearest rows by longest common subsequence; plain twin: `rouge.plain_nearest`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analyzers.compiled import kernel

Array = npt.NDArray[Any]


@kernel
def nearest(
    words: Array, offsets: Array, bounds: Array, first: int, masks: Array, state: Array, best: Array
) -> None:
    """Raise `best[row]` to the largest F1 of rows `first`, `first + 1`, ..., one a line of `bounds`.

    `masks` (words x limbs) must be zero and are left zero; bit p of `masks[w]` says that word w stands at
    place p of the row at hand. `state` holds one bit vector. Bit-parallel LCS after Hyyrö 2004: with V all
    ones, each word of the other row does V = (V + (V & M)) | (V & ~M); zeros of V count the subsequence.
    """
    limbs = masks.shape[1]
    one = np.uint64(1)
    for line in range(bounds.shape[0]):
        row = first + line
        begin, size = offsets[row], offsets[row + 1] - offsets[row]
        for place in range(size):
            masks[words[begin + place], place >> 6] |= one << np.uint64(place & 63)
        likely = np.argmax(bounds[line])
        for step in range(-1, bounds.shape[1]):
            other = likely if step < 0 else step
            if bounds[line, other] <= best[row]:
                continue
            state[:] = ~np.uint64(0)
            for at in range(offsets[other], offsets[other + 1]):
                mask, carry = masks[words[at]], np.uint64(0)
                for limb in range(limbs):
                    value = state[limb]
                    common = value & mask[limb]
                    total = value + common
                    over = np.uint64(total < value)
                    total += carry
                    carry = over | np.uint64(total < carry)
                    state[limb] = total | (value & ~mask[limb])
            found = 0
            for place in range(size):
                found += 1 - int((state[place >> 6] >> np.uint64(place & 63)) & one)
            score = 2 * found / (size + offsets[other + 1] - offsets[other])
            best[row] = max(best[row], score)
        for place in range(size):
            masks[words[begin + place], place >> 6] = np.uint64(0)
