"""Chosen rows in their final order, in bounded memory: sources are read once, blocks sorted one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analyzers.arrow import from_numpy, to_numpy
from mixtures.ranking import ORDER, keyed_hashes, ranked
from mixtures.row_shapes import Turns, shaped, tools_of, without_tool_calls
from registry.files import disk_errors
from registry.row_groups import row_groups
from registry.snapshot import Snapshot

Ints = NDArray[np.int64]

BLOCK_ROWS = 32_768
COLUMNS = ("row", "system", "turns", "extra")


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
        for copy in np.flatnonzero(np.bincount(copies)).tolist():
            these = copies == copy
            key[these] = keyed_hashes(drawn[these], seed=seed, source=label, purpose=ORDER, copy=copy)
        keys.append(key)
        hashes.append(drawn)
    order = ranked(np.concatenate(keys), np.concatenate(hashes))
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    borders = np.cumsum([len(positions) for _, _, positions, _ in parts])
    return np.split(places, borders[:-1])


@dataclass(frozen=True, eq=False)
class Gathered:
    """Chosen rows waiting in `paths`, one block each, and which columns some row of them fills."""

    paths: tuple[Path, ...]
    has_tool_calls: bool
    has_tools: bool

    def blocks(self) -> Iterator[pa.Table]:
        """The rows in the order of their places, block by block; a block read is deleted.

        Columns are `part`, `row` (its number in the source), those of the shape, and `tools` where one has.
        """
        for path in self.paths:
            with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as reader:
                waiting = reader.read_all().combine_chunks()
            order: Any = from_numpy(np.argsort(to_numpy(waiting.column("place"))))
            block = waiting.drop_columns(["place"] if self.has_tools else ["place", "tools"]).take(order)
            del waiting  # of one batch it is the file itself
            path.unlink()
            yield block if self.has_tool_calls else without_tool_calls(block)


def gather(parts: Sequence[Chosen], folder: Path, *, shape: str, block_rows: int = BLOCK_ROWS) -> Gathered:
    """Read the chosen rows, each row group once, and put them in `shape` into blocks of `block_rows` places.

    Memory holds the chosen rows of one row group; the blocks are uncompressed Arrow streams in `folder`.
    """
    total = sum(len(part.places) for part in parts)
    paths = [folder / f"block-{number}.arrow" for number in range(-(-total // block_rows))]
    with _Spill(paths, block_rows) as spill:
        for number, part in enumerate(parts):
            for rows, places in _rows_of(part):
                spill.add(rows, places, number, shape)
    return Gathered(tuple(paths), spill.has_tool_calls, spill.has_tools)


def _rows_of(part: Chosen) -> Iterator[tuple[pa.RecordBatch, Ints]]:
    """The chosen rows of each row group, in the order of their places, and these."""
    order = np.argsort(part.positions, kind="stable")
    positions, places = part.positions[order], part.places[order]
    part.snapshot.check_size()
    for group in row_groups(part.snapshot.rows_path):
        begin, end = np.searchsorted(positions, (group.first, group.first + group.rows))
        if begin == end:
            continue
        here = places[begin:end]
        by_place = np.argsort(here)
        chosen: Any = from_numpy(positions[begin:end][by_place] - group.first)
        rows: Any = group.table(COLUMNS).combine_chunks()
        yield rows.take(chosen).combine_chunks().to_batches()[0], here[by_place]


class _Spill:
    """One Arrow stream a block; rows go to the block their place lies in."""

    def __init__(self, paths: Sequence[Path], block_rows: int) -> None:
        self._paths = paths
        self._block_rows = block_rows
        self._stack = ExitStack()
        self._streams: dict[int, Any] = {}
        self.has_tool_calls = False
        self.has_tools = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, rows: pa.RecordBatch, places: Ints, part: int, shape: str) -> None:
        """Put each row of `rows`, which stand in the order of their places, into its block."""
        tools = tools_of(rows)
        self.has_tool_calls = self.has_tool_calls or Turns(rows).has_tool_calls
        self.has_tools = self.has_tools or tools.null_count < len(tools)
        numbers = [from_numpy(places), from_numpy(np.full(len(places), part, np.int32)), rows.column("row")]
        texts = shaped(shape, rows)
        table = pa.Table.from_arrays(
            [*numbers, *texts.columns, tools], names=["place", "part", "row", *texts.column_names, "tools"]
        )
        blocks = places // self._block_rows
        borders = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(blocks)]
        for begin, end in pairwise(borders):
            block = int(blocks[begin])
            with disk_errors(self._paths[block]):
                self._stream(block, table.schema).write_table(table.slice(begin, end - begin))

    def _stream(self, block: int, schema: pa.Schema) -> Any:
        if block not in self._streams:
            file = self._stack.enter_context(pa.OSFile(str(self._paths[block]), "wb"))
            self._streams[block] = self._stack.enter_context(pa.ipc.new_stream(file, schema))
        return self._streams[block]
