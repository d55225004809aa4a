"""All row groups of a snapshot through many analyzers at once, here or in other processes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from analyzers import sampling
from analyzers.base import Analyzer, Batch
from analyzers.heap import give_back
from analyzers.options import DEFAULTS, Options
from analyzers.runner import Workers, run_jobs
from analyzers.sampling import hash_heads, keys_of_heads, sample_mask
from analyzers.scratch import scratch_array
from analyzers.shards import is_finished, read_shard, unfinished, write_shard
from analyzers.table import load_analyzer
from analyzers.text import Hashes
from registry.row_groups import RowGroup, row_groups
from registry.snapshot import Snapshot, hashes_of

Progress = Callable[[int, int | None, str], None]
Partials = dict[str, Any]

VERSION = 1


@dataclass(frozen=True, slots=True)
class Pass:
    """What measuring a row group takes besides the group; travels to other processes."""

    rows_path: Path
    features: Path
    analyzers: tuple[str, ...]
    seed: int
    options: Options = DEFAULTS

    def loaded(self) -> dict[str, Analyzer[Any]]:
        """The analyzers by name."""
        return {name: load_analyzer(name, seed=self.seed, options=self.options) for name in self.analyzers}


@dataclass(frozen=True, slots=True)
class _Job:
    """One row group, the keys of its rows, and which of them the sample holds (None: all)."""

    group: RowGroup
    keys: Hashes
    sampled: npt.NDArray[np.bool_] | None


@contextmanager
def merged_partials(
    snapshot: Snapshot,
    features: Path,
    rows: int,
    *,
    names: Sequence[str],
    seed: int,
    options: Options = DEFAULTS,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Iterator[Partials]:
    """The partial of each analyzer named over the first `rows`, merged in the order of the rows.

    Each row group's partials are a shard beside the features until the block ends well: a run that was broken
    off measures only the groups it had not finished. Large arrays of the partials are maps of the shards.
    """
    shared = Pass(snapshot.rows_path, features, tuple(names), seed, options)
    analyzers = shared.loaded()
    totals: Partials = {name: analyzer.start() for name, analyzer in analyzers.items()}
    if not names:
        yield totals
        return
    groups = row_groups(snapshot.rows_path, rows)
    with unfinished(features.parent, _identity(shared, snapshot, rows, analyzers)) as folder:
        _measure_groups(shared, snapshot, groups, folder, workers=workers, progress=progress)
        for group in groups:
            partials = read_shard(_shard(folder, group))
            totals = {name: analyzers[name].merge(totals[name], partials[name]) for name in totals}
        yield totals


def _identity(shared: Pass, snapshot: Snapshot, rows: int, analyzers: Mapping[str, Analyzer[Any]]) -> str:
    """A name for all that the partials depend on."""
    with pq.ParquetFile(shared.features) as file:
        made_by = (file.schema_arrow.metadata or {}).get(b"made_by", b"").decode()
    parts = {
        "format": VERSION,
        "snapshot": snapshot.id,
        "rows": rows,
        "features": made_by,
        "analyzers": {name: analyzer.version for name, analyzer in analyzers.items()},
        "seed": shared.seed,
        "options": asdict(shared.options),
        "sample": [sampling.EXACT_ROWS, sampling.SAMPLE_ROWS, sampling.MAX_WORDS],
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return f".partials-{digest[:40]}"


def _measure_groups(
    shared: Pass,
    snapshot: Snapshot,
    groups: Sequence[RowGroup],
    folder: Path,
    *,
    workers: Workers,
    progress: Progress | None,
) -> None:
    """Measure the groups that have no shard in `folder` yet."""
    rows = sum(group.rows for group in groups)
    missing = [group for group in groups if not is_finished(_shard(folder, group))]
    done = rows - sum(group.rows for group in missing)
    if not missing:
        return
    keys = _row_keys(snapshot, rows, shared.seed)
    jobs = _jobs(missing, keys, sample_mask(keys, _words(shared.features, rows)))
    found = run_jobs(partial(_measure_group, shared, folder), jobs, workers=workers)
    for group, _ in zip(missing, found, strict=True):
        done += group.rows
        if progress:
            progress(done, rows, "analyze")
    give_back()  # what batches took here is no use to those who finish


def _shard(folder: Path, group: RowGroup) -> Path:
    return folder / f"{group.number:08}"


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


def _measure_group(shared: Pass, folder: Path, job: _Job) -> None:
    """Write the shard of one row group, which is measured batch by batch."""
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
    write_shard(_shard(folder, job.group), found)
