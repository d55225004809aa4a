"""How much two datasets share, counted both ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers.bands import Shortfall
from analyzers.base import View
from analyzers.clusters import DEFAULT_SHINGLE, DEFAULT_THRESHOLD, DEFAULT_VIEW
from analyzers.matched_text import explained
from analyzers.matching import Pairs, equal_texts, similar_between
from analyzers.row_pool import RowPool
from analyzers.signature_store import signature_store
from registry.measurements import Overlap

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

Ints = npt.NDArray[np.int64]


def overlap(
    a: Snapshot,
    b: Snapshot,
    *,
    folder: Path,
    view: View | str = DEFAULT_VIEW,
    shingle: int = DEFAULT_SHINGLE,
    threshold: float = DEFAULT_THRESHOLD,
    explain: int = 5,
) -> Overlap:
    """Rows of `a` that have a match in `b`, and the other way round.

    A match has exact Jaccard >= `threshold` on the distinct word `shingle`-grams of `view`, or the same
    words. Rows whose view has no text match nothing, so a dataset of rows with text overlaps itself
    wholly. `pairs` counts pairs of rows; where rows are so much alike that not all pairs were compared
    (`bands.BAND_PAIRS`), it is a lower bound. Signatures are kept in `folder`; memory does not grow with
    the number of pairs. Source: METRICS 7, `overlap(A->B)`.

    Raises:
        ValueError: a threshold outside (0, 1] or an unknown view.
    """
    pool_a, pool_b = (
        RowPool.of([(signature_store(side, view=view, shingle=shingle, folder=folder), None)])
        for side in (a, b)
    )
    found = _Found(pool_a, pool_b, explain)
    same_a, same_b = equal_texts(pool_a, pool_b)
    found.add((same_a, same_b, np.ones(len(same_a))))
    for pairs in similar_between(pool_a, pool_b, threshold, Shortfall()):
        found.add(_unequal(pool_a, pool_b, pairs))
    return Overlap(
        a=a.dataset,
        b=b.dataset,
        view=str(View(view)),
        shingle=shingle,
        threshold=threshold,
        rows_a=len(pool_a),
        rows_b=len(pool_b),
        matched_a=int(pool_a.sizes[found.matched_a].sum()),
        matched_b=int(pool_b.sizes[found.matched_b].sum()),
        exact_a=int(pool_a.sizes[same_a].sum()),
        exact_b=int(pool_b.sizes[same_b].sum()),
        pairs=found.pairs,
        examples=explained(a, b, found.examples(), view=view),
    )


class _Found:
    """What is remembered of the pairs: counts, flags and the first few."""

    def __init__(self, pool_a: RowPool, pool_b: RowPool, explain: int) -> None:
        self._pool_a, self._pool_b = pool_a, pool_b
        self._explain = explain
        self.matched_a = np.zeros(len(pool_a.first), bool)
        self.matched_b = np.zeros(len(pool_b.first), bool)
        self.pairs = 0
        self._first: Pairs = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))

    def add(self, pairs: Pairs) -> None:
        a, b, values = pairs
        self.matched_a[a] = True
        self.matched_b[b] = True
        self.pairs += int((self._pool_a.sizes[a] * self._pool_b.sizes[b]).sum())
        rows = (self._pool_a.position[self._pool_a.first[a]], self._pool_b.position[self._pool_b.first[b]])
        row_a, row_b, similarity = (
            np.concatenate((old, new)) for old, new in zip(self._first, (*rows, values), strict=True)
        )
        order = np.lexsort((row_b, row_a))[: self._explain]
        self._first = (row_a[order], row_b[order], similarity[order])

    def examples(self) -> list[tuple[int, int, float]]:
        row_a, row_b, values = self._first
        return list(zip(row_a.tolist(), row_b.tolist(), values.tolist(), strict=True))


def _unequal(pool_a: RowPool, pool_b: RowPool, pairs: Pairs) -> Pairs:
    """The pairs of different texts: equal ones were counted before."""
    a, b, values = pairs
    other = pool_a.text_keys[a] != pool_b.text_keys[b]
    return a[other], b[other], values[other]
