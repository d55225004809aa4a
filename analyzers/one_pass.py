"""All row groups of a snapshot through many analyzers at once, here or in other processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from analyzers.base import Analyzer, Batch
from analyzers.row_features import row_group
from analyzers.runner import Workers, run_jobs
from analyzers.sampling import row_keys, sample_mask
from analyzers.table import load_analyzer
from analyzers.text import Hashes
from registry.snapshot import ROW_GROUP_ROWS, Snapshot

Progress = Callable[[int, int | None, str], None]
Partials = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pass:
    """What measuring a row group takes besides the group; travels to other processes."""

    rows_path: Path
    features: Path
    analyzers: tuple[str, ...]
    seed: int

    def loaded(self) -> dict[str, Analyzer[Any]]:
        """The analyzers by name."""
        return {name: load_analyzer(name, seed=self.seed) for name in self.analyzers}


@dataclass(frozen=True, slots=True)
class _Group:
    """One row group: its number, the keys of its rows, and which of them the sample holds (None: all)."""

    number: int
    keys: Hashes
    sampled: npt.NDArray[np.bool_] | None


def merged_partials(
    snapshot: Snapshot,
    features: Path,
    rows: int,
    *,
    names: Sequence[str],
    seed: int,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Partials:
    """The partial of each analyzer named over the first `rows`, merged in the order of the rows."""
    shared = Pass(snapshot.rows_path, features, tuple(names), seed)
    analyzers = shared.loaded()
    totals: Partials = {name: analyzer.start() for name, analyzer in analyzers.items()}
    if not names:
        return totals
    keys = row_keys(snapshot.row_hashes()[:rows], seed)
    groups = _groups(keys, sample_mask(keys, _words(features, rows)))
    done = 0
    for partials in run_jobs(partial(_measure_group, shared), groups, workers=workers):
        totals = {name: analyzers[name].merge(totals[name], partials[name]) for name in totals}
        done = min(done + ROW_GROUP_ROWS, rows)
        if progress:
            progress(done, rows, "analyze")
    return totals


def _words(features: Path, rows: int) -> npt.NDArray[np.int64]:
    """Words of prompt and response of each of the first `rows`."""
    table = pq.read_table(features, columns=["prompt_words", "response_words"]).slice(0, rows)
    words = np.zeros(rows, np.int64)
    for column in table.columns:
        words += column.to_numpy()
    return words


def _groups(keys: Hashes, mask: npt.NDArray[np.bool_] | None) -> Iterator[_Group]:
    for first in range(0, len(keys), ROW_GROUP_ROWS):
        part = slice(first, first + ROW_GROUP_ROWS)
        yield _Group(first // ROW_GROUP_ROWS, keys[part], None if mask is None else mask[part])


def _measure_group(shared: Pass, group: _Group) -> Partials:
    analyzers = shared.loaded()
    columns = sorted({"row"}.union(*(analyzer.columns for analyzer in analyzers.values())))
    rows = len(group.keys)
    batch = Batch(
        row_group(shared.rows_path, group.number, columns, rows=rows),
        features=row_group(shared.features, group.number, rows=rows),
        sampled=group.sampled,
        keys=group.keys,
    )
    return {name: analyzer.measure(batch) for name, analyzer in analyzers.items()}
