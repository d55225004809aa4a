"""The rows of a dataset at one pinned state: Parquet rows beside a manifest of their source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from registry.columns import Column
from registry.errors import IntegrityError, Problem, ProblemCode
from registry.files import sha256_file
from registry.row_groups import row_groups
from registry.settings import Settings

if TYPE_CHECKING:
    import datasets

ROW_GROUP_ROWS = 16_384
ROWS_FILE = "rows.parquet"
MANIFEST_FILE = "manifest.json"
FORMAT_VERSION = 1
READER_VERSION = 1
"""Part of every snapshot's id: raised whenever the same files would give other rows."""

TURN_TYPE = pa.struct(
    [
        pa.field("role", pa.string(), nullable=False),
        pa.field("content", pa.large_string(), nullable=False),
        pa.field("tool_calls", pa.large_string()),
        pa.field("label", pa.large_string()),
    ]
)

_COLUMNS: list[pa.Field[Any]] = [
    pa.field("row", pa.int64(), nullable=False),
    pa.field("row_hash", pa.binary(32), nullable=False),
    pa.field("system", pa.large_string()),
    pa.field("turns", pa.list_(TURN_TYPE), nullable=False),
    pa.field("prompt", pa.large_string(), nullable=False),
    pa.field("response", pa.large_string(), nullable=False),
    pa.field("extra", pa.large_string(), nullable=False),
]
SNAPSHOT_SCHEMA = pa.schema(_COLUMNS)
"""Columns of every snapshot.

`row` counts the rows of the source from 0, bad ones included, over all its files in order; it equals the
position in the snapshot unless bad rows were set aside. `row_hash` is the SHA-256 of the source fields in
canonical JSON. A leading system turn is in `system` and not in `turns`; roles in `turns` are user, assistant,
tool, or system for a later system turn. `tool_calls`, `label` and `extra` hold JSON; `label` says what else
the source says of a turn. `prompt` joins the user contents and `response` the assistant contents with a
line feed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file that was read: its name inside the source, and its bytes as stored there.

    Rows of the file stand at `first_row` and the following `rows_read` positions of the source. `envelope`
    is the JSON object around the rows without them, None where there is none. `columns` are the fields of
    its rows in order of appearance, those of bad rows too; () where an older version read it.
    """

    name: str
    bytes: int
    sha256: str
    format: str
    shape: str
    first_row: int
    rows_read: int
    rows_bad: int
    blank_lines: int
    envelope: str | None = None
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where rows come from; `repository` and `revision` (40 hex digits) are None unless `kind` is hub.

    `skipped` are names in a folder that hold no rows, each with the reason.
    """

    kind: Literal["file", "folder", "hub", "sample"]
    files: tuple[SourceFile, ...]
    repository: str | None = None
    revision: str | None = None
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Rows of `dataset` in `folder`, written once and never changed.

    `id` is a SHA-256 over dataset, source, options and the version of the reading code: same in, same id.
    `rows_read` = `rows_kept` + `rows_bad`, and lines read are those plus `blank_lines`. `problems` are the
    first 100 of the bad rows' faults.
    """

    id: str
    dataset: str
    source: Source
    shape: str
    rows_read: int
    rows_kept: int
    rows_bad: int
    blank_lines: int
    problems: tuple[Problem, ...]
    folder: Path
    rows_bytes: int
    rows_sha256: str
    limit: int | None = None
    keep_good: bool = False

    @property
    def rows_path(self) -> Path:
        """The Parquet file of the rows."""
        return self.folder / ROWS_FILE

    def batches(
        self, columns: Sequence[str] | None = None, *, size: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order with the named columns, `size` at a time (the last batch may be shorter).

        None: as many as are small enough for any machine (see `row_groups`), at most 4,096.

        Raises:
            IntegrityError: the rows are gone or not as long as the manifest says.
        """
        if size is None:
            self.check_size()
            for group in row_groups(self.rows_path):
                yield from group.batches(columns)
            return
        with self._open() as file:
            yield from file.iter_batches(batch_size=size, columns=_listed(columns))

    def take(self, rows: Sequence[int], columns: Sequence[str] | None = None) -> pa.Table:
        """Rows at the positions 0 .. rows_kept-1, in the order asked; reads only the row groups that hold
        them.

        Raises:
            IndexError: a position is outside the snapshot.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        if wanted.size and (wanted.min() < 0 or wanted.max() >= self.rows_kept):
            raise IndexError(f"positions go from 0 to {self.rows_kept - 1} in snapshot {self.id[:12]}")
        with self._open() as file:
            groups_here = range(file.metadata.num_row_groups)
            sizes = np.array(
                [file.metadata.row_group(group).num_rows for group in groups_here], dtype=np.int64
            )
            ends = np.cumsum(sizes)
            group_of = np.searchsorted(ends, wanted, side="right")
            groups, nth = np.unique(group_of, return_inverse=True)
            table = file.read_row_groups(groups.tolist(), columns=_listed(columns))
        begins = np.cumsum(sizes[groups]) - sizes[groups]
        places: np.ndarray[tuple[int], np.dtype[np.int64]] = begins[nth] + wanted - (ends - sizes)[group_of]
        return table.take(places)

    def row_hashes(self) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        """Row hashes in order, uint8 of shape (rows_kept, 32)."""
        with self._open() as file:
            return hashes_of(file.read(columns=["row_hash"]).column(0).combine_chunks())

    def verify(self) -> None:
        """Compare the stored rows with the hash in the manifest.

        Raises:
            IntegrityError: they differ or are gone.
        """
        self.check_size()
        found = sha256_file(self.rows_path)
        if found != self.rows_sha256:
            raise IntegrityError(
                f"rows of snapshot {self.id[:12]} have SHA-256 {found}, not {self.rows_sha256}"
            )

    def to_json(self) -> dict[str, Any]:
        """What `instructory fetch --json` prints."""
        return {
            "dataset": self.dataset,
            "snapshot": self.id,
            "shape": self.shape,
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "rows_bad": self.rows_bad,
            "blank_lines": self.blank_lines,
            "errors": [asdict(problem) for problem in self.problems],
            "source": asdict(self.source),
        }

    def to_dataset(self) -> datasets.Dataset:
        """The rows as a `datasets.Dataset`, memory-mapped from a file beside the rows.

        Columns: `messages` (list of role and content, the system turn first, and `tool_calls` as JSON text
        or None), `row` and `extra` (JSON text).
        """
        from registry.dataset_view import to_dataset

        return to_dataset(self)

    def check_size(self) -> None:
        """Compare the size of the stored rows with the manifest; done at each use.

        Raises:
            IntegrityError: the rows are gone or not as long as the manifest says.
        """
        try:
            size = self.rows_path.stat().st_size
        except OSError as error:
            raise IntegrityError(f"rows of snapshot {self.id[:12]} are gone: {error.strerror}") from error
        if size != self.rows_bytes:
            raise IntegrityError(
                f"rows of snapshot {self.id[:12]} have {size:,} bytes, not {self.rows_bytes:,}"
            )

    def _open(self) -> pq.ParquetFile:
        self.check_size()
        return pq.ParquetFile(self.rows_path)


def hashes_of(column: pa.Array[Any]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """A column of row hashes as uint8 of shape (rows, 32), without a copy."""
    flat = np.frombuffer(memoryview(column.buffers()[1] or b""), dtype=np.uint8)
    return flat[column.offset * 32 : (column.offset + len(column)) * 32].reshape(-1, 32)


class SnapshotIndex(Protocol):
    """What fetching needs of the registry."""

    @property
    def settings(self) -> Settings:
        """Where things live."""
        ...

    def declared(self, name: str) -> Any:
        """The dataset, sample or benchmark `name`, with its `hf_id`, or UnknownDatasetError."""
        ...

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Remember a snapshot that is durable on disk."""
        ...

    def latest_snapshot(self, dataset: str) -> Snapshot | None:
        """The snapshot added last for `dataset`, None where there is none."""
        ...


def open_snapshot(registry: SnapshotIndex, ref: str) -> Snapshot:
    """The snapshot that `ref` means: what was fetched last for an id, or a sample or path, read where needed.

    Raises:
        UnknownDatasetError: neither an id nor a path.
        NotMeasuredError: an id whose rows nobody fetched yet.
        InputRefusedError: the file at the path is not taken.
    """
    from registry.fetch import open_reference

    return open_reference(registry, ref)


def load_snapshot(folder: Path) -> Snapshot:
    """The snapshot that `folder` holds, as its manifest describes it.

    Raises:
        IntegrityError: there is no manifest, or it cannot be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        return _from_manifest(manifest, folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"no readable snapshot in {str(folder)!r}: {error}") from error


def manifest_of(snapshot: Snapshot) -> dict[str, Any]:
    """What the manifest holds: every field but the folder, which is where the manifest lies."""
    fields = asdict(snapshot)
    del fields["folder"]
    return {"format": FORMAT_VERSION, **fields}


def _from_manifest(manifest: dict[str, Any], folder: Path) -> Snapshot:
    if manifest.pop("format") != FORMAT_VERSION:
        raise ValueError("the manifest has another format version; use the program that wrote it")
    source = manifest.pop("source")
    files = tuple(_source_file(file) for file in source.pop("files"))
    skipped = tuple((name, reason) for name, reason in source.pop("skipped"))
    problems = tuple(
        Problem(**{**problem, "code": ProblemCode(problem["code"])}) for problem in manifest.pop("problems")
    )
    return Snapshot(
        **manifest,
        source=Source(**source, files=files, skipped=skipped),
        problems=problems,
        folder=folder,
    )


def _source_file(plain: dict[str, Any]) -> SourceFile:
    columns = tuple(Column.from_json(column) for column in plain.pop("columns", ()))
    return SourceFile(**plain, columns=columns)


def _listed(columns: Sequence[str] | None) -> list[str] | None:
    return None if columns is None else list(columns)
