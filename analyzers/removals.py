"""Rows that take part in a search for doubles, and what such a search answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows of one snapshot that take part; `rows` None means all of them."""

    snapshot: Snapshot
    rows: Ints | None = None


@dataclass(frozen=True, slots=True)
class Removals:
    """The rows that go, in order of part and row, and for each the row kept for it.

    Parts are numbered as they were given; rows are positions in their snapshot. `exact` marks rows of
    the same words as the kept one; their `jaccard` is 1. `limited_bands` above 0 says that the rows were
    so much alike that not all pairs were compared (see `bands.Shortfall`): some duplicates may have stayed.
    """

    part: Ints
    row: Ints
    kept_part: Ints
    kept_row: Ints
    jaccard: Floats
    exact: npt.NDArray[np.bool_]
    limited_bands: int = 0

    def __len__(self) -> int:
        return len(self.row)


def checked_rows(part: RowSet) -> Ints | None:
    """The rows of a part in ascending order, None for all of them.

    Raises:
        ValueError: a row is given twice or lies outside the snapshot.
    """
    if part.rows is None:
        return None
    rows = np.sort(np.asarray(part.rows, np.int64))
    if len(rows) and (rows[0] < 0 or rows[-1] >= part.snapshot.rows_kept or (np.diff(rows) == 0).any()):
        raise ValueError(f"rows of {part.snapshot.dataset!r} are given twice or lie outside its rows")
    return rows
