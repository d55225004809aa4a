"""Pairs of similar texts, within one pool of rows or between two: proposed by bands, decided exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from analyzers.bands import Shortfall, banding, pairs_between, pairs_within
from analyzers.jaccard import similar
from analyzers.row_pool import RowPool

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Pairs = tuple[Ints, Ints, Floats]
Wanted = Callable[[Ints, Ints], npt.NDArray[np.bool_]]


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
    for first, second in pairs_within(keys, missed):
        a, b = texts[first], texts[second]
        if wanted is not None:
            chosen = wanted(a, b)
            a, b = a[chosen], b[chosen]
        yield similar(pool, a, pool, b, threshold)


def similar_between(
    pool_a: RowPool, pool_b: RowPool, threshold: float, missed: Shortfall | None = None
) -> Iterator[Pairs]:
    """Blocks of pairs (text of `pool_a`, text of `pool_b`) with Jaccard >= `threshold`; each pair once.

    Equal texts are among them where they have words. Found as surely as by `similar_within`.
    """
    cut = banding(threshold, pool_a.num_perm)
    texts_a, keys_a = pool_a.band_keys(cut)
    texts_b, keys_b = pool_b.band_keys(cut)
    for a, b in pairs_between(keys_a, keys_b, missed):
        yield similar(pool_a, texts_a[a], pool_b, texts_b[b], threshold)


def equal_texts(pool_a: RowPool, pool_b: RowPool) -> tuple[Ints, Ints]:
    """Pairs (text of `pool_a`, text of `pool_b`) of the same words, or the same marks without words."""
    a, b = np.flatnonzero(pool_a.sizes), np.flatnonzero(pool_b.sizes)
    _, place_a, place_b = np.intersect1d(
        pool_a.text_keys[a], pool_b.text_keys[b], assume_unique=True, return_indices=True
    )
    return a[place_a], b[place_b]
