"""How many values two signatures agree in, and how many they must for their pair to be worth a look."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.uint32]

# Of pairs of exactly the threshold, the share whose signatures may refuse them.
DOUBT = 1 / 500
_BLOCK_PAIRS = 16_384


def least_agreement(threshold: float, num_perm: int) -> int:
    """Values in which two signatures must agree for their pair to be looked at.

    A pair of Jaccard t agrees in a number of values with the binomial distribution (num_perm, t); of pairs
    of exactly the threshold a share of at most `DOUBT` agrees in fewer.

    >>> least_agreement(0.7, 128), least_agreement(1.0, 128)
    (74, 128)
    """
    below = 0.0
    for agreeing_values in range(num_perm):
        ways = math.comb(num_perm, agreeing_values)
        below += ways * threshold**agreeing_values * (1 - threshold) ** (num_perm - agreeing_values)
        if below > DOUBT:
            return agreeing_values
    return num_perm


def plain_agreeing(values: Values, a: Ints, b: Ints, least: int) -> Mask:
    """Whether the signatures `values[a[i]]` and `values[b[i]]` agree in at least `least` places."""
    enough = np.empty(len(a), bool)
    for low in range(0, len(a), _BLOCK_PAIRS):
        block = slice(low, low + _BLOCK_PAIRS)
        enough[block] = np.count_nonzero(values[a[block]] == values[b[block]], axis=1) >= least
    return enough
