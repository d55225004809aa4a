"""How much of each of many datasets stands in each other one, counted so that descent can be told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers.base import View
from analyzers.matching import similar_within
from analyzers.overlaps import Holdings
from analyzers.row_labels import Labelling, labellings, names_origin
from analyzers.row_pool import RowPool
from analyzers.signature_store import signature_store
from registry.kinship import LEAST_FOUND, SAME_SHARE, Kinship, LabelledPart, SharedTexts

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

VIEWS = (View.ALL, View.PROMPT, View.RESPONSE)
SHINGLE = 5
NEAR = 0.7
LEAST_SHINGLES = 4
"""A text of fewer different shingles (below eight words) is trivial: anyone may have written it."""

BOILERPLATE_SHARE = 0.01
BOILERPLATE_ROWS = 20
"""A text that fills more than 1 % of a dataset's rows, and more than 20, is boilerplate."""

COMMON_SOURCES = 6
"""A text that stands in at least six datasets, and in more than half of all, is nobody's own."""

_PURE = 0.95
_WHOLE = 0.8


def kinships(
    snapshots: Sequence[Snapshot],
    *,
    folder: Path,
    names: Sequence[str] | None = None,
    shingle: int = SHINGLE,
    threshold: float = NEAR,
) -> list[Kinship]:
    """What every two of `snapshots` share, in the order (0, 1), (0, 2), ..., (1, 2), ...

    They go by `names`, else by the names of their datasets.

    On each view of `VIEWS` the different telling texts of all datasets are compared in one sweep; a match
    has the same words, or exact Jaccard >= `threshold` on the distinct word `shingle`-grams. Matches are
    counted one to one: `found` is the smaller of the numbers of matched texts of the two sides. Telling is a
    text that is neither trivial (`LEAST_SHINGLES`) nor boilerplate (`BOILERPLATE_SHARE`) nor common to most
    datasets (`COMMON_SOURCES`).

    Raises:
        ValueError: a threshold outside (0, 1].
    """
    names = names or [snapshot.dataset for snapshot in snapshots]
    sweeps = [_Sweep(snapshots, view, folder, shingle, threshold) for view in VIEWS]
    labels = _Labels(snapshots, names)
    found = []
    for a, b in combinations(range(len(snapshots)), 2):
        views = tuple(sweep.shared(a, b) for sweep in sweeps)
        best = max(range(len(views)), key=lambda place: max(views[place].share_a, views[place].share_b))
        found.append(
            Kinship(
                a=names[a],
                b=names[b],
                shingle=shingle,
                threshold=threshold,
                views=views,
                part_a=_part(sweeps[best], a, b, labels),
                part_b=_part(sweeps[best], b, a, labels),
            )
        )
    return found


class _Sweep:
    """The telling texts of all datasets under one view, and which of them each other dataset holds."""

    def __init__(
        self, snapshots: Sequence[Snapshot], view: View, folder: Path, shingle: int, threshold: float
    ) -> None:
        self._view = view
        stores = [signature_store(side, view=view, shingle=shingle, folder=folder) for side in snapshots]
        pool = RowPool.of([(store, np.flatnonzero(store.counts >= LEAST_SHINGLES)) for store in stores])
        self._holdings = held = Holdings.of(pool)
        telling = _telling(held, np.array([store.rows for store in stores]))
        self._telling = telling[np.repeat(np.arange(len(held.counts)), held.counts)]
        self._exact = np.zeros((len(stores), len(stores)), np.int64)
        self._flags = np.zeros((len(stores), len(held.source)), bool)
        texts = np.flatnonzero(telling)
        self._add(texts, texts, are_equal=True)

        def wanted(a: Ints, b: Ints) -> Mask:
            apart: Mask = telling[a] & telling[b] & held.are_apart(a, b)
            return apart

        for a, b, _ in similar_within(pool, threshold, wanted=wanted):
            self._add(a, b, are_equal=False)

    def shared(self, a: int, b: int) -> SharedTexts:
        """The figures of two datasets."""
        return SharedTexts(
            view=str(self._view),
            telling_a=len(self.rows(a)),
            telling_b=len(self.rows(b)),
            found=min(len(self.matched_rows(a, b)), len(self.matched_rows(b, a))),
            exact=int(self._exact[min(a, b), max(a, b)]),
        )

    def rows(self, source: int) -> Ints:
        """The first row of each telling text of a dataset."""
        rows: Ints = self._holdings.row[self._telling & (self._holdings.source == source)]
        return rows

    def matched_rows(self, source: int, other: int) -> Ints:
        """The first row of each telling text of a dataset that stands in another."""
        own = self._telling & (self._holdings.source == source)
        rows: Ints = self._holdings.row[own & self._flags[other]]
        return rows

    def _add(self, a: Ints, b: Ints, *, are_equal: bool) -> None:
        source = self._holdings.source
        for first, second, _ in self._holdings.spread(a, b):
            apart = source[first] < source[second] if are_equal else source[first] != source[second]
            one, two = first[apart], second[apart]
            self._flags[source[two], one] = True
            self._flags[source[one], two] = True
            if are_equal:
                np.add.at(self._exact, (source[one], source[two]), 1)


def _telling(held: Holdings, rows: Ints) -> Mask:
    """Which texts tell something: held by few datasets, and no boilerplate in any of them."""
    common = (held.counts >= COMMON_SOURCES) & (2 * held.counts > len(rows))
    most = np.maximum(BOILERPLATE_ROWS, BOILERPLATE_SHARE * rows)
    text = np.repeat(np.arange(len(held.counts)), held.counts)
    boilerplate = np.zeros(len(held.counts), bool)
    boilerplate[text[held.size > most[held.source]]] = True
    telling: Mask = (held.counts > 0) & ~common & ~boilerplate
    return telling


class _Labels:
    """What the rows of each dataset say of their origin, read when first asked for."""

    def __init__(self, snapshots: Sequence[Snapshot], names: Sequence[str]) -> None:
        self.names = names
        self._snapshots = snapshots
        self._read: dict[int, list[Labelling]] = {}

    def of(self, source: int) -> list[Labelling]:
        if source not in self._read:
            self._read[source] = labellings(self._snapshots[source])
        return self._read[source]


def _part(sweep: _Sweep, own: int, other: int, labels: _Labels) -> LabelledPart | None:
    """The labelled part of `own` that is just what it shares with `other`; None where no label fits."""
    telling, matched = sweep.rows(own), sweep.matched_rows(own, other)
    if len(matched) < LEAST_FOUND or len(matched) >= SAME_SHARE * len(telling):
        return None
    for labelling in labels.of(own):
        codes = labelling.codes[matched]
        counts = np.bincount(codes[codes >= 0], minlength=len(labelling.values))
        top = int(counts.argmax())
        found, whole = int(counts[top]), int((labelling.codes[telling] == top).sum())
        value = labelling.values[top]
        if labelling.is_file and not names_origin(value, labels.names[other]):
            continue
        if found >= max(LEAST_FOUND, _PURE * len(matched), _WHOLE * whole):
            return LabelledPart(field=labelling.field, value=value, texts=whole, found=found)
    return None
