"""Writing a snapshot: rows in blocks, the manifest last, the folder renamed into place when durable."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from registry.errors import IntegrityError
from registry.files import atomic_write, disk_errors, fsync_folder
from registry.shapes.base import Shaped
from registry.snapshot import ROW_GROUP_ROWS, ROWS_FILE, SNAPSHOT_SCHEMA, TURN_TYPE, load_snapshot

if os.name == "posix":
    import fcntl

BLOCK_CHARS = 8 << 20
COMPRESSION_LEVEL = 1
TEMPORARY_PREFIX = ".fetching-"
LOCK_FILE = "lock"
DICTIONARY_COLUMNS = ["turns.list.element.role", "turns.list.element.label", "system", "extra"]


class RowWriter:
    """Collects rows into columns and writes them as row groups.

    A row group ends after 16,384 rows, or earlier once its texts pass 8 Mi characters, so that memory is
    bounded.
    """

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self.rows = 0
        self._writer = writer
        self._clear()

    def add(self, row: int, row_hash: bytes, shaped: Shaped, extra: str) -> None:
        """Append one row; `row` is its position in the source."""
        self._row.append(row)
        self._hash.append(row_hash)
        self._system.append(shaped.system)
        self._extra.append(extra)
        prompts, responses = [], []
        for role, content, tool_calls, label in shaped.turns:
            self._roles.append(role)
            self._contents.append(content)
            self._calls.append(tool_calls)
            self._labels.append(label)
            self._chars += len(content)
            if role == "user":
                prompts.append(content)
            elif role == "assistant":
                responses.append(content)
        self._ends.append(len(self._roles))
        self._prompt.append("\n".join(prompts))
        self._response.append("\n".join(responses))
        self._chars += len(extra) + len(shaped.system or "")
        self.rows += 1
        if len(self._row) >= ROW_GROUP_ROWS or self._chars >= BLOCK_CHARS:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting as one row group."""
        if not self._row:
            return
        text = pa.large_string()
        turns = pa.StructArray.from_arrays(
            [
                pa.array(self._roles, pa.string()),
                pa.array(self._contents, text),
                pa.array(self._calls, text),
                pa.array(self._labels, text),
            ],
            fields=list(TURN_TYPE),
        )
        columns: list[pa.Array[Any]] = [
            pa.array(self._row, pa.int64()),
            pa.array(self._hash, pa.binary(32)),
            pa.array(self._system, text),
            pa.ListArray.from_arrays(pa.array(self._ends, pa.int32()), turns).cast(
                SNAPSHOT_SCHEMA.field("turns").type
            ),
            pa.array(self._prompt, text),
            pa.array(self._response, text),
            pa.array(self._extra, text),
        ]
        table = pa.Table.from_arrays(columns, schema=SNAPSHOT_SCHEMA)
        self._writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        self._clear()

    def _clear(self) -> None:
        self._row: list[int] = []
        self._hash: list[bytes] = []
        self._system: list[str | None] = []
        self._prompt: list[str] = []
        self._response: list[str] = []
        self._extra: list[str] = []
        self._ends: list[int] = [0]
        self._roles: list[str] = []
        self._contents: list[str] = []
        self._calls: list[str | None] = []
        self._labels: list[str | None] = []
        self._chars = 0


@contextmanager
def row_writer(folder: Path) -> Iterator[RowWriter]:
    """A writer of the rows file of `folder`; the file is whole and durable when the block ends without an
    error.

    Raises:
        DiskError: writing failed.
    """
    with atomic_write(folder / ROWS_FILE) as file:
        parquet = pq.ParquetWriter(
            file,
            SNAPSHOT_SCHEMA,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            use_dictionary=DICTIONARY_COLUMNS,  # type: ignore[arg-type]  # the stubs know only bool
            write_statistics=["row"],
        )
        with parquet:
            rows = RowWriter(parquet)
            yield rows
            rows.flush()


@contextmanager
def new_folder(parent: Path) -> Iterator[Path]:
    """A folder of our own under `parent` that goes when the block ends, unless `place_folder` moved it away.

    Left-overs of jobs that died are swept first: those whose lock nobody holds.

    Raises:
        DiskError: the folder cannot be made.
    """
    folder = parent / f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}"
    with disk_errors(folder):
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        folder.mkdir()
        lock = (folder / LOCK_FILE).open("wb")
    try:
        if os.name == "posix":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def place_folder(folder: Path, final: Path) -> None:
    """Give the finished `folder` its final name; where another job was first, its equal result stays.

    Raises:
        DiskError: the rename failed.
    """
    with disk_errors(final):
        (folder / LOCK_FILE).unlink()
        if not is_whole(final):
            shutil.rmtree(final, ignore_errors=True)
            folder.replace(final)
        fsync_folder(final.parent)


def is_whole(folder: Path) -> bool:
    """Whether `folder` holds a snapshot with its manifest and rows of the size the manifest says."""
    try:
        load_snapshot(folder).check_size()
    except IntegrityError:
        return False
    return True


def _sweep(parent: Path) -> None:
    if os.name != "posix":  # no such locks: left-overs are not swept
        return
    for leftover in parent.glob(f"{TEMPORARY_PREFIX}*"):
        try:
            lock = (leftover / LOCK_FILE).open("rb")
        except OSError:  # begun or finished this instant by a job that lives
            continue
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(leftover, ignore_errors=True)
