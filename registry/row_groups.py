"""Parquet rows group by group, and each group in batches small enough for any machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

# A batch ends where either is reached; columns hold each text about twice.
BATCH_ROWS = 4_096
BATCH_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Row group `number` of a Parquet file: its first row, how many of its rows count, rows of a batch."""

    path: Path
    number: int
    first: int
    rows: int
    batch_rows: int

    def batches(
        self, columns: Sequence[str] | None = None, *, path: Path | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows in batches; with `path`, those of another file that is cut into the same groups."""
        left, source = self.rows, path or self.path
        with pq.ParquetFile(source, metadata=_footer_of(source)) as file:
            chosen = None if columns is None else list(columns)
            for batch in file.iter_batches(self.batch_rows, row_groups=[self.number], columns=chosen):
                if left <= 0:
                    return
                yield batch.slice(0, left)
                left -= batch.num_rows

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows of the group that count, as one chunk a column as far as they fit."""
        with pq.ParquetFile(self.path, metadata=_footer_of(self.path)) as file:
            chosen = None if columns is None else list(columns)
            return file.read_row_group(self.number, columns=chosen, use_threads=False).slice(0, self.rows)


def row_groups(path: Path, rows: int | None = None) -> list[RowGroup]:
    """The row groups that hold the first `rows` of a Parquet file (None: all its rows), in order."""
    metadata = _footer_of(path)
    left = metadata.num_rows if rows is None else min(rows, metadata.num_rows)
    found: list[RowGroup] = []
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        bytes_a_row = max(group.total_byte_size // max(group.num_rows, 1), 1)
        size = int(min(max(BATCH_BYTES // bytes_a_row, 1), BATCH_ROWS))
        first = found[-1].first + found[-1].rows if found else 0
        if left > 0:
            found.append(RowGroup(path, number, first, min(left, group.num_rows), size))
        left -= group.num_rows
    return found


def _footer_of(path: Path) -> pq.FileMetaData:
    """The footer of a Parquet file, read once a process: 800 bytes a row group, which every job needs."""
    found = path.stat()
    return _footer(path, found.st_size, found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=4)
def _footer(path: Path, *_: int) -> pq.FileMetaData:
    return pq.read_metadata(path)
