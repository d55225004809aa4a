"""Pairs of similar texts of a pool: proposed by bands, the hopeless refused by signature, decided exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from analyzers.bands import Shortfall, banding, pairs_within
from analyzers.compiled import is_compiled
from analyzers.jaccard import similar
from analyzers.minhash import Values
from analyzers.row_pool import RowPool

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Pairs = tuple[Ints, Ints, Floats]
Wanted = Callable[[Ints, Ints], Mask]

# Of pairs of exactly the threshold, the share whose signatures may refuse them.
DOUBT = 1 / 500
_BLOCK_PAIRS = 16_384


def similar_within(
    pool: RowPool, threshold: float, missed: Shortfall | None = None, *, wanted: Wanted | None = None
) -> Iterator[Pairs]:
    """Blocks of pairs of different texts (a, b), a < b, with Jaccard >= `threshold`; each pair once.

    A pair of exactly the threshold is found with probability .99, more similar ones more surely; none is
    given that does not reach it. Texts shorter than a shingle are compared as a whole. Pairs (a, b) that
    `wanted` says no to are not looked at.
    """
    if not pool.sources:
        return
    texts, keys = pool.band_keys(banding(threshold, pool.num_perm))
    values, sizes = pool.signatures(texts), pool.counts[texts]
    least = least_agreement(threshold, pool.num_perm)
    for a, b in pairs_within(keys, missed):
        first, second = _sizes_allow(sizes, a, b, threshold)
        if wanted is not None:
            chosen = wanted(texts[first], texts[second])
            first, second = first[chosen], second[chosen]
        enough = agreeing(values, first, second, least)
        yield similar(pool, texts[first[enough]], texts[second[enough]], threshold)


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


def agreeing(values: Values, a: Ints, b: Ints, least: int) -> Mask:
    """Whether the signatures `values[a[i]]` and `values[b[i]]` agree in at least `least` places."""
    if not is_compiled():
        return plain_agreeing(values, a, b, least)
    from analyzers.pair_kernels import agree_enough

    enough = np.empty(len(a), bool)
    agree_enough(values, a, b, least, enough)
    return enough


def plain_agreeing(values: Values, a: Ints, b: Ints, least: int) -> Mask:
    """`agreeing` in numpy."""
    enough = np.empty(len(a), bool)
    for low in range(0, len(a), _BLOCK_PAIRS):
        block = slice(low, low + _BLOCK_PAIRS)
        enough[block] = np.count_nonzero(values[a[block]] == values[b[block]], axis=1) >= least
    return enough


def _sizes_allow(sizes: Ints, a: Ints, b: Ints, threshold: float) -> tuple[Ints, Ints]:
    """The pairs whose sizes allow the threshold: |A n B| / |A u B| <= min(|A|, |B|) / max(|A|, |B|)."""
    size_a, size_b = sizes[a], sizes[b]
    possible = np.minimum(size_a, size_b) / np.maximum(size_a, size_b) >= threshold
    return a[possible], b[possible]
