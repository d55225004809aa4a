"""The rows of all draws in one small file: a large dataset is gone through once, not once a draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analyzers.fair.draws import Ints, Picked, row_parts
from analyzers.fair.jobs import Job

GATHERED_SHARE = 0.5
"""Above this share of a file's rows, draws read the file itself."""

_GROUP_ROWS = 4_096


@contextmanager
def gathered(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The same jobs, reading from files that hold only rows that are drawn; they are gone afterwards."""
    wanted: dict[Path, list[Ints]] = {}
    for job in jobs:
        for picked in job.picked:
            wanted.setdefault(picked.path, []).append(picked.positions)
    with TemporaryDirectory() as folder:
        moved = {}
        for number, (path, positions) in enumerate(wanted.items()):
            rows = np.unique(np.concatenate(positions))
            if 0 < len(rows) <= GATHERED_SHARE * pq.read_metadata(path).num_rows:
                small = Path(folder) / f"{number}.parquet"
                _write(small, row_parts(path, rows))
                moved[path] = small, rows
        yield [replace(job, picked=tuple(_moved(picked, moved) for picked in job.picked)) for job in jobs]


def _moved(picked: Picked, moved: dict[Path, tuple[Path, Ints]]) -> Picked:
    if picked.path not in moved:
        return picked
    path, rows = moved[picked.path]
    return Picked(path, np.searchsorted(rows, picked.positions), picked.places)


def _write(path: Path, parts: Iterator[pa.RecordBatch]) -> None:
    writer: pq.ParquetWriter | None = None
    waiting: list[pa.RecordBatch] = []
    for part in parts:
        waiting.append(part)
        if writer is None:
            writer = pq.ParquetWriter(path, part.schema, compression="zstd")
        if sum(batch.num_rows for batch in waiting) >= _GROUP_ROWS:
            writer.write_table(pa.Table.from_batches(waiting))
            waiting = []
    if writer is None:
        return
    if waiting:
        writer.write_table(pa.Table.from_batches(waiting))
    writer.close()
