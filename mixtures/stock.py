"""What a part of a mixture has to give: rows that pass, in rank order, with their tokens.

Nothing here changes with weights or budgets, so a page that moves a slider plans from memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from analyzers.arrow import to_numpy
from mixtures.filters import FEATURE_COLUMNS, Verdicts, judge, row_tokens
from mixtures.ranking import PICK, keyed_hashes, ranked
from mixtures.recipe import Where
from mixtures.row_shapes import MESSAGES, UNSHAPED, can_hold
from registry.snapshot import Snapshot

Ints = NDArray[np.int64]
KEPT_IN_MEMORY = 32


@dataclass(frozen=True, eq=False)
class PartStock:
    """Rows of `snapshot` that pass the filters: `rows` are positions in rank order, or ascending where no
    part of them is ever chosen.

    `tokens` and `loss_tokens` are running sums along `rows` with a leading zero: all tokens, and those of
    responses. `verdicts` tells for every row of the snapshot which rule refused it.
    """

    snapshot: Snapshot
    rows: Ints
    tokens: Ints
    loss_tokens: Ints
    verdicts: Verdicts

    @property
    def available(self) -> int:
        """Number of rows that pass."""
        return len(self.rows)

    @property
    def refused(self) -> Mapping[str, int]:
        """Rows refused by each rule."""
        return self.verdicts.counts()

    def without(self, gone: NDArray[np.bool_]) -> PartStock:
        """The same stock without the rows whose position is marked in `gone`."""
        stays = ~gone[self.rows]
        return PartStock(
            self.snapshot,
            self.rows[stays],
            _running(np.diff(self.tokens)[stays]),
            _running(np.diff(self.loss_tokens)[stays]),
            self.verdicts,
        )


@lru_cache(maxsize=KEPT_IN_MEMORY)
def part_stock(snapshot: Snapshot, features: Path, where: Where, shape: str, seed: int | None) -> PartStock:
    """The stock of a snapshot under filters, output shape and seed; `features` is its stored feature file.

    Without a seed rows are not ranked: for a part that gives all it has. Kept in memory for the last 32
    combinations.

    Raises:
        UnknownFlagError: the filters name a flag that does not exist.
    """
    table = _features(features)
    verdicts = _with_shape(judge(table, where), _holds(snapshot, features, shape))
    if seed is None:
        rows = np.flatnonzero(verdicts.rule == 0)
    else:
        order = _rank_order(snapshot, seed)
        rows = order[verdicts.rule[order] == 0]
    return PartStock(
        snapshot,
        rows,
        _running(row_tokens(table)[rows]),
        _running(to_numpy(table.column("response_tokens"))[rows]),
        verdicts,
    )


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _features(path: Path) -> pa.Table:
    with pq.ParquetFile(path) as file:
        return file.read([name for name in FEATURE_COLUMNS if name in file.schema_arrow.names])


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _rank_order(snapshot: Snapshot, seed: int) -> Ints:
    hashes = snapshot.row_hashes()
    return ranked(keyed_hashes(hashes, seed=seed, source=snapshot.dataset, purpose=PICK), hashes)


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _holds(snapshot: Snapshot, features: Path, shape: str) -> NDArray[np.bool_]:
    if shape == MESSAGES:  # rows with a turn, which features count: no text has to be read
        with_turns: NDArray[np.bool_] = to_numpy(_features(features).column("turns")) > 0
        return with_turns
    columns = ("system", "turns")
    masks = [can_hold(shape, batch) for batch in snapshot.batches(columns)]
    return np.concatenate(masks) if masks else np.zeros(0, bool)


def _with_shape(verdicts: Verdicts, holds: NDArray[np.bool_]) -> Verdicts:
    rules = (*verdicts.rules, UNSHAPED)
    rule = verdicts.rule.copy()
    rule[(rule == 0) & ~holds] = len(rules)
    return Verdicts(rule, rules)


def _running(values: NDArray[np.int64]) -> Ints:
    return np.concatenate([[0], np.cumsum(values, dtype=np.int64)]).astype(np.int64)
