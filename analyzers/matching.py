"""Pairs of similar texts of a pool: proposed by bands, the hopeless refused by signature, decided exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from analyzers.agreement import least_agreement
from analyzers.bands import Hopes, Shortfall, banding, pairs_within
from analyzers.jaccard import similar
from analyzers.row_pool import RowPool

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Pairs = tuple[Ints, Ints, Floats]
Wanted = Callable[[Ints, Ints], Mask]


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
    least = max(least_agreement(threshold, pool.num_perm), 1)
    hopes = Hopes(pool.counts[texts], *pool.signature_rows(texts), threshold, least)
    for first, second in pairs_within(keys, missed, hopes=hopes):
        a, b = texts[first], texts[second]
        if wanted is not None:
            chosen = wanted(a, b)
            a, b = a[chosen], b[chosen]
        yield similar(pool, a, b, threshold)
