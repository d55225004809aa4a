"""Which rows a draw holds: equally many of every set, or rows worth equally many words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.base import Batch
from analyzers.row_features import COLUMNS
from analyzers.runner import Workers, run_jobs
from analyzers.sampling import draw_keys, row_keys
from analyzers.text import Hashes
from registry.row_groups import RowGroup, row_groups
from registry.snapshot import Snapshot

Ints = npt.NDArray[np.int64]


class Picked(NamedTuple):
    """Positions of rows in one Parquet file, in rising order, and the place of each in the draw."""

    path: Path
    positions: Ints
    places: Ints


@dataclass(frozen=True)
class Pool:
    """The rows of one dataset, or of several together.

    `keys` order the rows for every draw; they come from what rows hold, so that neither the order of the
    datasets nor that of their rows changes what a draw holds.
    """

    snapshots: tuple[Snapshot, ...]
    keys: Hashes

    @classmethod
    def of(cls, snapshots: Sequence[Snapshot], seed: int) -> Pool:
        """The rows of all `snapshots`."""
        hashes = np.concatenate([snapshot.row_hashes() for snapshot in snapshots])
        return cls(tuple(snapshots), row_keys(hashes, seed))

    def order(self, draw: int) -> Ints:
        """The rows in the order in which draw number `draw` takes them."""
        return np.argsort(draw_keys(self.keys, draw), kind="stable")

    def picked(self, rows: Ints) -> tuple[Picked, ...]:
        """Where the `rows` of this pool, given in the order of a draw, lie in its snapshots."""
        places = np.arange(len(rows))
        found, begin = [], 0
        for snapshot in self.snapshots:
            end = begin + snapshot.rows_kept
            here = np.flatnonzero((rows >= begin) & (rows < end))
            here = here[np.argsort(rows[here], kind="stable")]
            found.append(Picked(snapshot.rows_path, rows[here] - begin, places[here]))
            begin = end
        return tuple(found)


def first_rows(order: Ints, size: int) -> Ints:
    """The first `size` rows of a draw."""
    return order[:size]


def first_words(order: Ints, words: Ints, size: int) -> Ints:
    """The rows of a draw that come before the one that would pass `size` words in all.

    Rows stay whole: the row that would pass it is left out, and nothing is drawn after it.
    """
    return order[: int(np.searchsorted(np.cumsum(words[order]), size, side="right"))]


def drawn_batch(picked: Sequence[Picked]) -> Batch:
    """The rows of a draw in its order, read one row group at a time."""
    tables = [pa.Table.from_batches([part]) for one in picked for part in row_parts(one.path, one.positions)]
    if not tables:
        raise ValueError("a draw without rows has no batch")
    places = np.concatenate([one.places for one in picked])
    table = pa.concat_tables(tables).take(np.argsort(places)).combine_chunks()
    return Batch(table.to_batches()[0])


def row_parts(path: Path, positions: Ints) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file at `positions`, which rise, in batches; groups without any are not read."""
    for group in row_groups(path):
        begin, end = np.searchsorted(positions, (group.first, group.first + group.rows))
        first = group.first
        for batch in group.batches(COLUMNS) if end > begin else ():
            low, high = np.searchsorted(positions, (first, first + batch.num_rows))
            if high > low:
                yield batch.take((positions[low:high] - first).astype(np.int64))
            first += batch.num_rows


def view_words(snapshot: Snapshot, views: Sequence[str], *, workers: Workers = 1) -> dict[str, Ints]:
    """The `w1` words of each view in each row of a snapshot."""
    groups = row_groups(snapshot.rows_path)
    counted = list(run_jobs(partial(_group_words, tuple(views)), groups, workers=workers))
    empty = np.empty(0, np.int64)
    return {view: np.concatenate([empty, *(part[n] for part in counted)]) for n, view in enumerate(views)}


def _group_words(views: tuple[str, ...], group: RowGroup) -> list[Ints]:
    counted = [[batch.words(view).counts for view in views] for batch in map(Batch, group.batches(COLUMNS))]
    return [np.concatenate([counts[n] for counts in counted]) for n in range(len(views))]
