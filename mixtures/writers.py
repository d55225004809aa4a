"""Files of rows, written in blocks and hashed on the way: the bytes depend on the rows, not on the blocks."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from mixtures.json_lines import line_buffers
from registry.files import disk_errors

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ROW_GROUP_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One finished file: its name in its folder, bytes and SHA-256; `rows` is None where it holds none."""

    path: str
    rows: int | None
    bytes: int
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {"path": self.path, "rows": self.rows, "bytes": self.bytes, "sha256": self.sha256}


class HashedFile(io.RawIOBase):
    """A new binary file that knows the SHA-256 and the number of its bytes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._hash = hashlib.sha256()
        self.count = 0
        with disk_errors(path):
            self._file = path.open("xb")

    def writable(self) -> bool:
        """True: the file is for writing."""
        return True

    def tell(self) -> int:
        """Bytes written so far."""
        return self.count

    def write(self, data: ReadableBuffer, /) -> int:
        """Append `data`; DiskError names the file when the disk refuses."""
        view = memoryview(data).cast("B")
        with disk_errors(self._path, written=self.count):
            self._file.write(view)
        self._hash.update(view)
        self.count += len(view)
        return len(view)

    def finish(self, rows: int | None = None) -> WrittenFile:
        """Make the file durable and say what it holds."""
        with disk_errors(self._path, written=self.count):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        return WrittenFile(self._path.name, rows, self.count, self._hash.hexdigest())

    def close(self) -> None:
        """Close the file as it is."""
        self._file.close()
        super().close()


def write_text(folder: Path, name: str, text: str) -> WrittenFile:
    """Write `text` as UTF-8 to a new file and make it durable."""
    file = HashedFile(folder / name)
    try:
        file.write(text.encode())
        return file.finish()
    finally:
        file.close()


class RowWriter(Protocol):
    """Takes tables of one schema, one after the other."""

    def write(self, rows: pa.Table) -> None:
        """Append `rows`."""
        ...

    def finish(self) -> WrittenFile:
        """End the file and make it durable."""
        ...

    def close(self) -> None:
        """Let go of the file, finished or not."""
        ...


class JsonLinesWriter:
    """One JSON object a line."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = HashedFile(path)
        self._schema = schema
        self._rows = 0

    def write(self, rows: pa.Table) -> None:
        """Append `rows`."""
        for lines in line_buffers(rows.select(self._schema.names)):
            self._file.write(lines)
        self._rows += rows.num_rows

    def finish(self) -> WrittenFile:
        """End the file and make it durable."""
        return self._file.finish(self._rows)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class ParquetWriter:
    """Parquet with row groups of exactly 16,384 rows (the last may be shorter), compressed with zstd."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = HashedFile(path)
        sink: Any = self._file
        self._writer = pq.ParquetWriter(sink, schema, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._rows = 0

    def write(self, rows: pa.Table) -> None:
        """Append `rows`; whole row groups are written, the rest waits."""
        self._waiting.append(rows)
        self._waiting_rows += rows.num_rows
        self._rows += rows.num_rows
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self._write_groups(self._waiting_rows - self._waiting_rows % ROW_GROUP_ROWS)

    def finish(self) -> WrittenFile:
        """End the file and make it durable."""
        self._write_groups(self._waiting_rows)
        self._writer.close()
        return self._file.finish(self._rows)

    def close(self) -> None:
        """Let go of the file."""
        if self._writer.is_open:
            self._writer.close()
        self._file.close()

    def _write_groups(self, count: int) -> None:
        together = pa.concat_tables(self._waiting) if self._waiting else None
        if together is None or not count:
            return
        for at in range(0, count, ROW_GROUP_ROWS):
            # Pages end at borders of chunks too: one chunk a group makes the bytes independent of the blocks.
            group = together.slice(at, min(ROW_GROUP_ROWS, count - at)).combine_chunks()
            self._writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
        self._waiting = [together.slice(count)]
        self._waiting_rows -= count


WRITERS: dict[str, type[JsonLinesWriter] | type[ParquetWriter]] = {
    "jsonl": JsonLinesWriter,
    "parquet": ParquetWriter,
}
"""Formats a mixture can be written in; the name is also the ending of the file."""
