"""Chosen rows in their final order, in bounded memory: sources are read once, blocks sorted one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mixtures.ranking import ORDER, keyed_hashes, ranked
from mixtures.row_shapes import Turns, has_tools
from registry.files import disk_errors
from registry.snapshot import ROW_GROUP_ROWS, SNAPSHOT_SCHEMA, Snapshot

Ints = NDArray[np.int64]

BLOCK_ROWS = 32_768
COLUMNS = ("row", "system", "turns", "extra")
SPILL_SCHEMA = pa.schema(
    [
        pa.field("place", pa.int64()),
        pa.field("part", pa.int32()),
        *(SNAPSHOT_SCHEMA.field(name) for name in COLUMNS),
    ]
)


@dataclass(frozen=True, eq=False)
class Chosen:
    """Rows of one part: positions in `snapshot` and, for each, its place in the finished mixture."""

    snapshot: Snapshot
    positions: Ints
    places: Ints


def final_places(parts: Sequence[tuple[str, Snapshot, Ints, Ints]], *, seed: int) -> list[Ints]:
    """The places of all drawn rows in the mixture, part by part.

    Each part is (label, snapshot, positions drawn, number of the copy of each). The order is by keyed hash
    of seed, label, row and copy, ties by row hash, then by the order given.
    """
    keys, hashes = [], []
    for label, snapshot, positions, copies in parts:
        drawn = snapshot.row_hashes()[positions]
        key = np.empty(len(positions), np.uint64)
        for copy in np.unique(copies):
            these = copies == copy
            key[these] = keyed_hashes(drawn[these], seed=seed, source=label, purpose=ORDER, copy=int(copy))
        keys.append(key)
        hashes.append(drawn)
    order = ranked(np.concatenate(keys), np.concatenate(hashes))
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    borders = np.cumsum([len(positions) for _, _, positions, _ in parts])
    return np.split(places, borders[:-1])


@dataclass(frozen=True, eq=False)
class Gathered:
    """Chosen rows waiting in `paths`, one block each, and what their schema must hold."""

    paths: tuple[Path, ...]
    has_tool_calls: bool
    has_tools: bool

    def blocks(self) -> Iterator[pa.Table]:
        """The rows in order of their places, with the columns of `SPILL_SCHEMA`; a block read is deleted."""
        for path in self.paths:
            with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as reader:
                block = reader.read_all()
            path.unlink()
            yield block.take(np.argsort(block.column("place").to_numpy()))


def gather(parts: Sequence[Chosen], folder: Path, *, block_rows: int = BLOCK_ROWS) -> Gathered:
    """Read the chosen rows, each needed row group once, into blocks of `block_rows` places in `folder`.

    Memory holds the chosen rows of one row group; the blocks are uncompressed Arrow streams.
    """
    total = sum(len(part.places) for part in parts)
    paths = [folder / f"block-{number}.arrow" for number in range(-(-total // block_rows))]
    with _Spill(paths, block_rows) as spill:
        for number, part in enumerate(parts):
            for rows in _rows_of(part, number):
                spill.add(rows)
    return Gathered(tuple(paths), spill.has_tool_calls, spill.has_tools)


def _rows_of(part: Chosen, number: int) -> Iterator[pa.Table]:
    order = np.argsort(part.positions, kind="stable")
    positions, places = part.positions[order], part.places[order]
    groups = positions // ROW_GROUP_ROWS
    borders = np.flatnonzero(np.diff(groups)) + 1
    for here, there in zip(np.split(positions, borders), np.split(places, borders), strict=True):
        if not len(here):
            continue
        rows = part.snapshot.take(here.tolist(), COLUMNS)
        columns: list[Any] = [
            pa.array(there),
            pa.array(np.full(len(there), number, np.int32)),
            *(rows.column(name) for name in COLUMNS),
        ]
        yield pa.Table.from_arrays(columns, schema=SPILL_SCHEMA)


class _Spill:
    """One Arrow stream a block; rows go to the block their place lies in."""

    def __init__(self, paths: Sequence[Path], block_rows: int) -> None:
        self._paths = paths
        self._block_rows = block_rows
        self._stack = ExitStack()
        self._streams: list[Any] = []
        self.has_tool_calls = False
        self.has_tools = False

    def __enter__(self) -> Self:
        for path in self._paths:
            with disk_errors(path):
                file = self._stack.enter_context(pa.OSFile(str(path), "wb"))
                self._streams.append(self._stack.enter_context(pa.ipc.new_stream(file, SPILL_SCHEMA)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, rows: pa.Table) -> None:
        """Put each row of `rows` into its block."""
        self.has_tool_calls = self.has_tool_calls or Turns(rows).has_tool_calls
        self.has_tools = self.has_tools or has_tools(rows)
        blocks = rows.column("place").to_numpy() // self._block_rows
        for block in np.unique(blocks):
            with disk_errors(self._paths[block]):
                self._streams[block].write_table(rows.filter(pa.array(blocks == block)))
