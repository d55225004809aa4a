"""All row groups of a snapshot through many analyzers at once, here or in other processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from analyzers.base import Analyzer, Batch
from analyzers.row_groups import RowGroup, row_groups
from analyzers.runner import Workers, run_jobs
from analyzers.sampling import hash_heads, keys_of_heads, sample_mask
from analyzers.scratch import scratch_array
from analyzers.table import load_analyzer
from analyzers.text import Hashes
from registry.snapshot import Snapshot, hashes_of

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
class _Job:
    """One row group, the keys of its rows, and which of them the sample holds (None: all)."""

    group: RowGroup
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
    keys = _row_keys(snapshot, rows, seed)
    groups = row_groups(snapshot.rows_path, rows)
    jobs = _jobs(groups, keys, sample_mask(keys, _words(features, rows)))
    found = run_jobs(partial(_measure_group, shared), jobs, workers=workers)
    for group, partials in zip(groups, found, strict=True):
        totals = {name: analyzers[name].merge(totals[name], partials[name]) for name in totals}
        if progress:
            progress(group.first + group.rows, rows, "analyze")
    return totals


def _row_keys(snapshot: Snapshot, rows: int, seed: int) -> Hashes:
    """The keys of the first `rows` of a snapshot, see `sampling.row_keys`."""
    heads = scratch_array(rows, np.uint64)
    at = 0
    for batch in snapshot.batches(["row_hash"]):
        part = hash_heads(hashes_of(batch.column(0)))[: rows - at]
        heads[at : at + len(part)] = part
        at += len(part)
        if at >= rows:
            break
    return keys_of_heads(heads, seed)


def _words(features: Path, rows: int) -> npt.NDArray[np.int64]:
    """Words of prompt and response of each of the first `rows`."""
    words = scratch_array(rows, np.int64)
    at = 0
    with pq.ParquetFile(features) as file:
        for batch in file.iter_batches(columns=["prompt_words", "response_words"]):
            here = words[at : at + batch.num_rows]
            for column in batch.columns:
                here += column.to_numpy()[: len(here)]
            at += batch.num_rows
    return words


def _jobs(groups: Iterable[RowGroup], keys: Hashes, mask: npt.NDArray[np.bool_] | None) -> Iterator[_Job]:
    for group in groups:
        part = slice(group.first, group.first + group.rows)
        yield _Job(group, np.array(keys[part]), None if mask is None else np.array(mask[part]))


def _measure_group(shared: Pass, job: _Job) -> Partials:
    """The partials of one row group, which is measured batch by batch."""
    analyzers = shared.loaded()
    columns = sorted({"row"}.union(*(analyzer.columns for analyzer in analyzers.values())))
    found: Partials = {name: analyzer.start() for name, analyzer in analyzers.items()}
    at = 0
    features = job.group.batches(path=shared.features)
    for rows, numbers in zip(job.group.batches(columns), features, strict=True):
        part = slice(at, at + rows.num_rows)
        at += rows.num_rows
        sampled = None if job.sampled is None else job.sampled[part]
        batch = Batch(rows, features=numbers, sampled=sampled, keys=job.keys[part])
        found = {name: analyzers[name].merge(found[name], analyzers[name].measure(batch)) for name in found}
    return found
