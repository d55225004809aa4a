"""Which rows leave before anything is chosen, and why: filters, benchmarks, duplicates, in that order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analyzers.arrow import from_numpy, text, texts, to_numpy
from analyzers.equal_rows import equal_rows
from analyzers.removals import Removals, RowSet
from mixtures.plan import PartPlan, Plan
from mixtures.recipe import Deduplicate, MixtureRecipe
from mixtures.sources import Progress
from mixtures.stock import PartStock
from registry.snapshot import Snapshot

if TYPE_CHECKING:
    from registry.registry import Registry

Ints = NDArray[np.int64]

_FIELDS: list[pa.Field[Any]] = [
    pa.field("part", pa.string(), nullable=False),
    pa.field("row", pa.int64(), nullable=False),
    pa.field("reason", pa.string(), nullable=False),
    pa.field("kept_part", pa.string()),
    pa.field("kept_row", pa.int64()),
    pa.field("jaccard", pa.float64()),
    pa.field("benchmark", pa.string()),
    pa.field("benchmark_row", pa.int64()),
]
LEDGER_SCHEMA = pa.schema(_FIELDS)
"""One removed row: `row` and `kept_row` are row numbers of the sources, `jaccard` is exact."""


@dataclass(frozen=True, eq=False)
class Removed:
    """Rows of one part that left for one reason, as positions, with what explains it."""

    part: int
    reason: str
    positions: Ints
    kept_parts: Ints | None = None
    kept_positions: Ints | None = None
    jaccard: NDArray[np.float64] | None = None
    benchmark: str | None = None
    benchmark_rows: Ints | None = None


@dataclass(frozen=True, eq=False)
class Survivors:
    """The stocks that are left, every removal, and what deserves a warning."""

    stocks: tuple[PartStock, ...]
    removed: tuple[Removed, ...]
    warnings: tuple[str, ...]


def survivors(registry: Registry, plan: Plan, *, progress: Progress | None = None) -> Survivors:
    """What is left of every part's stock after filters, decontamination and deduplication."""
    removed = [found for n, part in enumerate(plan.parts) for found in _filtered(n, part.stock)]
    stocks = [part.stock for part in plan.parts]
    warnings: list[str] = []
    if plan.benchmarks:
        leaks = _contaminated(plan, stocks, progress)
        stocks = _without(stocks, leaks)
        removed += leaks
    if plan.recipe.deduplicate:
        if progress:
            progress(0, None, "looking for duplicates")
        folder = registry.settings.signatures
        doubles, limited = _duplicates(plan.recipe, stocks, folder)
        stocks = _without(stocks, doubles)
        removed += doubles
        if limited:
            warnings.append(
                "rows are so much alike that not all pairs were compared; some duplicates may remain"
            )
    return Survivors(tuple(stocks), tuple(removed), tuple(warnings))


def ledger_tables(parts: Sequence[PartPlan], removed: Sequence[Removed]) -> Iterator[pa.Table]:
    """Every removal as tables of `LEDGER_SCHEMA`, in order of part, reason and row."""
    numbers = [_row_numbers(part.snapshot) for part in parts]
    labels = texts([part.label for part in parts], pa.string())
    for found in removed:
        count = len(found.positions)
        absent = [pa.nulls(count, field.type) for field in LEDGER_SCHEMA][3:]
        columns: list[Any] = [
            labels.take(from_numpy(np.full(count, found.part))),
            from_numpy(numbers[found.part][found.positions]),
            pa.repeat(text(found.reason, pa.string()), count),
            *absent,
        ]
        if found.kept_parts is not None and found.kept_positions is not None:
            columns[3] = labels.take(from_numpy(found.kept_parts))
            columns[4] = from_numpy(_kept_rows(numbers, found.kept_parts, found.kept_positions))
            columns[5] = from_numpy(np.asarray(found.jaccard))
        if found.benchmark is not None:
            columns[6] = pa.repeat(text(found.benchmark, pa.string()), count)
            columns[7] = from_numpy(np.asarray(found.benchmark_rows))
        yield pa.Table.from_arrays(columns, schema=LEDGER_SCHEMA)


def _filtered(n: int, stock: PartStock) -> Iterator[Removed]:
    for number, rule in enumerate(stock.verdicts.rules, start=1):
        positions = np.flatnonzero(stock.verdicts.rule == number)
        if len(positions):
            yield Removed(n, f"filtered:{rule}", positions)


def _contaminated(plan: Plan, stocks: Sequence[PartStock], progress: Progress | None) -> list[Removed]:
    from analyzers.leak_rules import DEFAULT_RULE
    from mixtures.leaks import BenchmarkQuestions

    wish = plan.recipe.decontaminate
    questions = BenchmarkQuestions(plan.benchmarks, wish.rule if wish else DEFAULT_RULE)
    found = []
    for n, stock in enumerate(stocks):
        if progress:
            progress(n, len(stocks), f"looking for benchmarks in {plan.parts[n].label}")
        left = np.zeros(stock.snapshot.rows_kept, bool)
        left[stock.rows] = True
        positions, numbers, items = questions.leaks(stock.snapshot, left)
        for number, benchmark in enumerate(plan.benchmarks):
            these = numbers == number
            if these.any():
                found.append(
                    Removed(
                        n,
                        f"contaminated:{benchmark.dataset}",
                        positions[these],
                        benchmark=benchmark.dataset,
                        benchmark_rows=_row_numbers(benchmark)[items[these]],
                    )
                )
    return found


def _duplicates(
    recipe: MixtureRecipe, stocks: Sequence[PartStock], folder: Path
) -> tuple[list[Removed], int]:
    """Removals of near duplicates over all stocks, and the number of bands whose search was cut short."""
    wish = recipe.deduplicate
    assert wish is not None
    order = sorted(range(len(stocks)), key=lambda n: _priority(wish.keep, recipe.parts[n].ref, n))
    sets = [RowSet(stocks[n].snapshot, np.sort(stocks[n].rows)) for n in order]
    gone = _found(wish, sets, folder)
    number = np.array(order, np.int64)
    found = []
    for n in range(len(stocks)):
        for exact, reason in ((True, "duplicate_exact"), (False, "duplicate_near")):
            these = np.flatnonzero((number[gone.part] == n) & (gone.exact == exact))
            if len(these):
                kept = number[gone.kept_part[these]]
                found.append(
                    Removed(n, reason, gone.row[these], kept, gone.kept_row[these], gone.jaccard[these])
                )
    return found, gone.limited_bands


def _found(wish: Deduplicate, sets: Sequence[RowSet], folder: Path) -> Removals:
    if wish.threshold == 1.0:  # nothing has to be searched for, nor the search to be loaded
        return equal_rows(sets, folder=folder, view=wish.view, shingle=wish.shingle)
    from analyzers.clusters import cluster_rows

    return cluster_rows(
        sets,
        folder=folder,
        view=wish.view,
        shingle=wish.shingle,
        threshold=wish.threshold,
        slot_threshold=wish.slots,
    )


def _priority(keep: Sequence[str], ref: str, n: int) -> tuple[int, int]:
    return (keep.index(ref) if ref in keep else len(keep), n)


def _without(stocks: Sequence[PartStock], removed: Sequence[Removed]) -> list[PartStock]:
    left = []
    for n, stock in enumerate(stocks):
        gone = np.zeros(stock.snapshot.rows_kept, bool)
        for found in removed:
            if found.part == n:
                gone[found.positions] = True
        left.append(stock.without(gone))
    return left


def _row_numbers(snapshot: Snapshot) -> Ints:
    if not snapshot.rows_bad:
        return np.arange(snapshot.rows_kept)
    columns = [to_numpy(batch.column("row")) for batch in snapshot.batches(["row"])]
    return np.concatenate(columns) if columns else np.empty(0, np.int64)


def _kept_rows(numbers: Sequence[Ints], parts: Ints, positions: Ints) -> Ints:
    rows = np.empty(len(positions), np.int64)
    for n in np.flatnonzero(np.bincount(parts)).tolist():
        rows[parts == n] = numbers[n][positions[parts == n]]
    return rows
