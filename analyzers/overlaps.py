"""How much each of many datasets shares with each other one, found in a single sweep of the bands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers.base import View
from analyzers.clusters import DEFAULT_SHINGLE, DEFAULT_THRESHOLD, DEFAULT_VIEW
from analyzers.key_ranges import blocks
from analyzers.matched_text import explained
from analyzers.matching import similar_within
from analyzers.row_pool import RowPool, ranges
from analyzers.scratch import gathered, scratch_array
from analyzers.signature_store import signature_store
from registry.measurements import Overlap

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Pairs of holdings spread out at a time.
_BLOCK_PAIRS = 250_000


def overlaps(
    snapshots: Sequence[Snapshot],
    *,
    folder: Path,
    view: View | str = DEFAULT_VIEW,
    shingle: int = DEFAULT_SHINGLE,
    threshold: float = DEFAULT_THRESHOLD,
    explain: int = 0,
) -> list[Overlap]:
    """The `overlap` of every two of `snapshots`, in the order (0, 1), (0, 2), ..., (1, 2), ...

    Each result is what `overlap` says of the two alone. Here the texts of all datasets are sorted band by
    band once, and a pair of texts that stands in several datasets is decided once: the time grows with the
    rows, not with the pairs of datasets. What grows with the rows lies in files without a name.

    Raises:
        ValueError: a threshold outside (0, 1] or an unknown view.
    """
    pool = RowPool.of(
        [(signature_store(side, view=view, shingle=shingle, folder=folder), None) for side in snapshots]
    )
    shared = _Shared(Holdings.of(pool), len(snapshots), explain)
    for block in blocks(len(pool.sizes)):
        texts = block.start + np.flatnonzero(pool.sizes[block])
        shared.add(texts, texts, np.ones(len(texts)), are_equal=True)
    for a, b, values in similar_within(pool, threshold, wanted=shared.holdings.are_apart):
        shared.add(a, b, values, are_equal=False)
    rows = [store.rows for store in pool.sources]
    return [
        Overlap(
            a=snapshots[a].dataset,
            b=snapshots[b].dataset,
            view=str(View(view)),
            shingle=shingle,
            threshold=threshold,
            rows_a=rows[a],
            rows_b=rows[b],
            matched_a=shared.matched(a, b),
            matched_b=shared.matched(b, a),
            exact_a=int(shared.exact[a, b]),
            exact_b=int(shared.exact[b, a]),
            pairs=int(shared.pairs[a, b]),
            examples=explained(snapshots[a], snapshots[b], shared.examples(a, b), view=view),
        )
        for a, b in combinations(range(len(snapshots)), 2)
    ]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Which datasets hold each text: a holding is a text in one dataset, ordered by text, then dataset.

    Text t has the holdings `begins[t]` to `begins[t + 1]`; `source`, `size` and `row` are the dataset of
    each, the rows of the text there and the first of them.
    """

    begins: Ints
    source: Ints
    size: Ints
    row: Ints

    @classmethod
    def of(cls, pool: RowPool) -> Holdings:
        """The holdings of the texts of a pool of whole stores; rows without any text are held by nobody."""
        ends = scratch_array(len(pool.first) + 1, np.int64)
        for block in blocks(len(pool.first)):
            ends[block.start + 1 : block.stop + 1] = ends[block.start] + np.cumsum(pool.sizes[block])
        rows = _grouped(pool, ends)
        first = gathered(
            (b.start + np.flatnonzero(_is_first(pool, rows, b)) for b in blocks(len(rows))), np.int64
        )
        held = list(blocks(len(first)))
        begins = scratch_array(len(ends), np.int64)
        for block in blocks(len(ends)):
            begins[block] = np.searchsorted(first, ends[block])
        return cls(
            begins,
            gathered((pool.source[rows[first[block]]] for block in held), np.int64),
            gathered(
                (
                    np.diff(np.append(first[b.start : b.stop + 1], len(rows))[: b.stop - b.start + 1])
                    for b in held
                ),
                np.int64,
            ),
            gathered((pool.position[rows[first[block]]] for block in held), np.int64),
        )

    @property
    def counts(self) -> Ints:
        """Datasets that hold each text."""
        return np.diff(self.begins)

    def count(self, texts: Ints) -> Ints:
        """Datasets that hold each of `texts`."""
        counts: Ints = self.begins[texts + 1] - self.begins[texts]
        return counts

    def are_apart(self, a: Ints, b: Ints) -> npt.NDArray[np.bool_]:
        """For each pair of texts whether two datasets are between them: not both in one alone."""
        alone = (self.count(a) == 1) & (self.count(b) == 1)
        apart: npt.NDArray[np.bool_] = ~alone | (self.source[self.begins[a]] != self.source[self.begins[b]])
        return apart

    def spread(self, a: Ints, b: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Blocks of (holding of a, holding of b, place of their pair): each with each of the other text."""
        counts_a, counts_b = self.count(a), self.count(b)
        ends = np.cumsum(counts_a * counts_b)
        low = 0
        while low < len(a):
            base = int(ends[low - 1]) if low else 0
            high = max(int(np.searchsorted(ends, base + _BLOCK_PAIRS, side="right")), low + 1)
            pair = np.arange(low, high)
            pair = np.repeat(pair, counts_a[pair])
            first = ranges(self.begins[a[low:high]], counts_a[low:high])
            others = counts_b[pair]
            yield np.repeat(first, others), ranges(self.begins[b[pair]], others), np.repeat(pair, others)
            low = high


class _Shared:
    """What is remembered of the matches: flags of each holding, counts and first pairs of two datasets."""

    def __init__(self, holdings: Holdings, sources: int, explain: int) -> None:
        self.holdings = holdings
        self.exact = np.zeros((sources, sources), np.int64)
        self.pairs = np.zeros((sources, sources), np.int64)
        self._flags = scratch_array((sources, len(holdings.source)), bool)
        self._explain = explain
        self._first: dict[tuple[int, int], tuple[Ints, Ints, Floats]] = {}

    def add(self, a: Ints, b: Ints, values: Floats, *, are_equal: bool) -> None:
        """Count the pairs of texts (a, b) for every two datasets that hold one each."""
        source, size = self.holdings.source, self.holdings.size
        for first, second, pair in self.holdings.spread(a, b):
            # Both ways round an equal text meets itself twice: once is enough.
            apart = source[first] < source[second] if are_equal else source[first] != source[second]
            first, second, pair = first[apart], second[apart], pair[apart]  # noqa: PLW2901 - of two datasets
            swapped = source[first] > source[second]
            low, high = np.where(swapped, second, first), np.where(swapped, first, second)
            places = source[low], source[high]
            np.add.at(self.pairs, places, size[low] * size[high])
            if are_equal:
                np.add.at(self.exact, places, size[low])
                np.add.at(self.exact, places[::-1], size[high])
            self._flags[source[high], low] = True
            self._flags[source[low], high] = True
            if self._explain:
                self._remember(low, high, values[pair])

    def matched(self, a: int, b: int) -> int:
        """Rows of dataset `a` with a match in `b`."""
        source, size, flags = self.holdings.source, self.holdings.size, self._flags[b]
        held = blocks(len(source))
        return sum(int(size[block][(source[block] == a) & flags[block]].sum()) for block in held)

    def examples(self, a: int, b: int) -> list[tuple[int, int, float]]:
        """The first pairs of rows of two datasets, with their similarity."""
        if (a, b) not in self._first:
            return []
        rows_a, rows_b, values = self._first[a, b]
        return list(zip(rows_a.tolist(), rows_b.tolist(), values.tolist(), strict=True))

    def _remember(self, low: Ints, high: Ints, values: Floats) -> None:
        source, row = self.holdings.source, self.holdings.row
        order = np.lexsort((row[high], row[low], source[high], source[low]))
        low, high, values = low[order], high[order], values[order]
        begins = np.flatnonzero(np.append(True, (np.diff(source[low]) != 0) | (np.diff(source[high]) != 0)))[
            : len(low)
        ]
        nothing: tuple[Ints, Ints, Floats] = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        for begin in begins:
            key = int(source[low[begin]]), int(source[high[begin]])
            own = (source[low] == key[0]) & (source[high] == key[1])
            found = (
                row[low[own]][: self._explain],
                row[high[own]][: self._explain],
                values[own][: self._explain],
            )
            rows_a, rows_b, similar = (
                np.concatenate(sides) for sides in zip(self._first.get(key, nothing), found, strict=True)
            )
            best = np.lexsort((rows_b, rows_a))[: self._explain]
            self._first[key] = rows_a[best], rows_b[best], similar[best]


def _grouped(pool: RowPool, ends: Ints) -> Ints:
    """The rows that have a text, text by text; those of text t stand at `ends[t]` up to `ends[t + 1]`."""
    rows, free = scratch_array(int(ends[-1]), np.int64), scratch_array(len(ends), np.int64)
    for block in blocks(len(ends)):
        free[block] = ends[block]
    for block in blocks(len(pool)):
        real = np.flatnonzero(pool.text_of[block] >= 0)
        texts = pool.text_of[block][real]
        order = np.argsort(texts, kind="stable")
        texts = texts[order]
        met, times = np.unique(texts, return_counts=True)
        nth = np.arange(len(texts)) - np.repeat(np.cumsum(times) - times, times)
        rows[free[texts] + nth] = block.start + real[order]
        free[met] += times
    return rows


def _is_first(pool: RowPool, rows: Ints, block: slice) -> npt.NDArray[np.bool_]:
    """Whether a row begins a holding: it has another text or dataset than the row before it."""
    here = rows[max(block.start - 1, 0) : block.stop]
    text, source = pool.text_of[here], pool.source[here]
    changes = (text[1:] != text[:-1]) | (source[1:] != source[:-1])
    return changes if block.start else np.append(True, changes)
