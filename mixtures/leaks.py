"""Rows that hold questions of benchmarks, to be taken out of a mixture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analyzers.base import Batch
from analyzers.benchmark_search import COLUMNS
from analyzers.benchmark_sources import BenchmarkSource
from analyzers.leak_rules import RULES
from registry.snapshot import Snapshot

Ints = NDArray[np.int64]


class BenchmarkQuestions:
    """The questions of several benchmarks, indexed for one rule of `contamination.RULES`.

    A row leaks where `contamination` would count it among `dataset_hits`.
    """

    def __init__(self, benchmarks: Sequence[Snapshot], rule: str) -> None:
        self._indexes = [BenchmarkSource.of(benchmark).index(RULES[rule]) for benchmark in benchmarks]

    def leaks(self, dataset: Snapshot, rows: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
        """Positions of marked `rows` that leak, with the first benchmark and the first item found there."""
        found: list[tuple[Ints, Ints, Ints]] = []
        start = 0
        for block in dataset.batches(COLUMNS):
            marked = np.flatnonzero(rows[start : start + block.num_rows])
            if len(marked):
                take: Any = block.take  # the stubs refuse numpy arrays
                batch = Batch(take(marked))
                found += [(start + marked[row], number, item) for row, number, item in self._in(batch)]
            start += block.num_rows
        if not found:
            nothing = np.empty(0, np.int64)
            return nothing, nothing, nothing
        positions, numbers, items = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.lexsort((items, numbers, positions))
        _, first = np.unique(positions[order], return_index=True)
        chosen = order[first]
        return positions[chosen], numbers[chosen], items[chosen]

    def _in(self, batch: Batch) -> list[tuple[Ints, Ints, Ints]]:
        hits = [index.find(batch).every for index in self._indexes]
        return [
            (found.hit_rows, np.full(len(found.hit_rows), number), found.hit_items)
            for number, found in enumerate(hits)
        ]
