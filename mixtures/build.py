"""From a plan to files: rows, ledger, lock, card, notices and, last of all, the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analyzers.arrow import texts
from mixtures.card import CARD_FILE, NOTICES_FILE, card_text
from mixtures.croissant import CROISSANT_FILE, mixture_croissant
from mixtures.lock import FORMAT, LOCK_FILE, MANIFEST_FILE, canonical_json, source_facts, writer_versions
from mixtures.notices import mixture_notices
from mixtures.plan import PartPlan, Plan, supply_of
from mixtures.removal import LEDGER_SCHEMA, Removed, Survivors, ledger_tables, survivors
from mixtures.repetition import Copies
from mixtures.shuffling import BLOCK_ROWS, Chosen, Gathered, final_places, gather
from mixtures.sources import Progress
from mixtures.staging import publish, staging
from mixtures.stock import PartStock
from mixtures.writers import WRITERS, RowWriter, WrittenFile, write_text
from registry.errors import InputRefusedError, IntegrityError, Problem, ProblemCode

if TYPE_CHECKING:
    from registry.registry import Registry

ROWS_NAME = "train"
LEDGER_NAME = "ledger"


@dataclass(frozen=True, slots=True)
class Build:
    """A finished mixture: files with rows, bytes and SHA-256, rows removed by reason, and its parts.

    For each part rows in the source = removed + not selected + different rows written.
    """

    folder: Path
    rows: int
    files: tuple[WrittenFile, ...]
    removed: dict[str, int]
    parts: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]

    @property
    def lock(self) -> Path:
        """The file that pins sources and outputs."""
        return self.folder / LOCK_FILE

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types, with absolute paths."""
        home = self.folder.resolve()
        return {
            "rows": self.rows,
            "files": [{**file.to_json(), "path": str(home / file.path)} for file in self.files],
            "removed": self.removed,
            "parts": list(self.parts),
            "warnings": list(self.warnings),
            "lock": str(home / LOCK_FILE),
        }


@dataclass(frozen=True, eq=False)
class _Drawn:
    """What one part really gives, out of the stock that was left of it."""

    plan: PartPlan
    stock: PartStock
    copies: Copies
    missing: int

    @property
    def positions(self) -> NDArray[np.int64]:
        return np.concatenate(
            [np.tile(self.stock.rows, self.copies.whole), self.stock.rows[: self.copies.extra]]
        )

    @property
    def copy_numbers(self) -> NDArray[np.int64]:
        whole = np.repeat(np.arange(self.copies.whole), self.stock.available)
        return np.concatenate([whole, np.full(self.copies.extra, self.copies.whole)])


def build(
    registry: Registry,
    plan: Plan,
    *,
    to: str | Path,
    format: Sequence[str] | None = None,  # noqa: A002 - the recipe's own word
    force: bool = False,
    progress: Progress | None = None,
    block_rows: int = BLOCK_ROWS,
) -> Build:
    """Write the mixture of `plan` into the folder `to`.

    Rows that filters, benchmarks or duplicates take leave first and stand in the ledger; quotas are filled
    from the rest in rank order, so a part falls short only where too little is left of it (a warning, and
    `shortfall` in the manifest). Equal recipes and sources give equal bytes, whatever `block_rows`, which
    only sets how many rows are held in memory. The manifest is written last: without it there is no mixture.

    Raises:
        InputRefusedError: the licence policy forbids the mixture, `to` holds files and `force` is off, an
            unknown format, or nothing is left to write.
        IntegrityError: stored rows are not what their snapshot says.
        BusyError, DiskError: another build is at work in `to`, or it cannot be written.
    """
    formats = _formats(plan, format)
    if plan.refusals:
        raise InputRefusedError(plan.refusals)
    folder = Path(to)
    with staging(folder, force=force) as scratch:
        for snapshot in {part.snapshot.id: part.snapshot for part in plan.parts}.values():
            snapshot.verify()
        alive = survivors(registry, plan, progress=progress)
        drawn = _drawn(plan, alive)
        rows, schema = _write_rows(
            scratch, plan, drawn, formats=formats, block_rows=block_rows, progress=progress
        )
        ledger = _write_ledger(scratch, plan, alive.removed, formats)
        return _finish(registry, plan, scratch, alive, drawn, rows=rows, schema=schema, ledger=ledger)


def _formats(plan: Plan, asked: Sequence[str] | None) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(asked or plan.recipe.output.format))
    unknown = [name for name in formats if name not in WRITERS]
    if unknown:
        message = f"no format {unknown[0]!r}; known are {', '.join(WRITERS)}"
        raise InputRefusedError([Problem(code=ProblemCode.BAD_VALUE, message=message, file="format")])
    return formats


def _drawn(plan: Plan, alive: Survivors) -> list[_Drawn]:
    drawn = []
    for part, stock in zip(plan.parts, alive.stocks, strict=True):
        supply = supply_of(part.part, stock)
        copies = Copies.of(part.quota.drawn(supply), stock.available)
        drawn.append(_Drawn(part, stock, copies, part.quota.missing(supply)))
    if not any(part.copies.rows for part in drawn):
        problem = plan.recipe.problem(ProblemCode.NO_ROWS, "no row is left to write", "parts")
        raise InputRefusedError([problem])
    return drawn


def _write_rows(
    scratch: Path,
    plan: Plan,
    drawn: Sequence[_Drawn],
    *,
    formats: Sequence[str],
    block_rows: int,
    progress: Progress | None,
) -> tuple[list[WrittenFile], pa.Schema]:
    """The finished files of rows, and the columns in them."""
    total = sum(part.copies.rows for part in drawn)
    if progress:
        progress(0, total, "gathering rows")
    order = [(d.plan.label, d.plan.snapshot, d.positions, d.copy_numbers) for d in drawn]
    places = final_places(order, seed=plan.recipe.seed)
    chosen = [Chosen(d.plan.snapshot, d.positions, place) for d, place in zip(drawn, places, strict=True)]
    gathered = gather(chosen, scratch, shape=plan.recipe.output.shape, block_rows=block_rows)
    labels = texts([part.plan.label for part in drawn], pa.string())
    with ExitStack() as stack:
        writers: list[RowWriter] = []
        written, schema = 0, pa.schema([])
        for table in _tables(gathered, labels):
            if not writers:
                schema = table.schema
                writers = [_writer(stack, scratch, ROWS_NAME, name, schema) for name in formats]
            for writer in writers:
                writer.write(table)
            written += table.num_rows
            if progress:
                progress(written, total, "writing rows")
        if written != total:
            raise IntegrityError(f"{written:,} rows were written, {total:,} were drawn")
        return [writer.finish() for writer in writers], schema


def _tables(gathered: Gathered, labels: Any) -> Iterator[pa.Table]:
    for block in gathered.blocks():
        table = block.drop_columns(["part", "row"])
        table = table.append_column("source", labels.take(block.column("part").combine_chunks()))
        yield table.append_column("source_row", block.column("row"))


def _write_ledger(
    scratch: Path, plan: Plan, removed: Sequence[Removed], formats: Sequence[str]
) -> list[WrittenFile]:
    with ExitStack() as stack:
        writers = [_writer(stack, scratch, LEDGER_NAME, name, LEDGER_SCHEMA) for name in formats]
        for table in ledger_tables(plan.parts, removed):
            for writer in writers:
                writer.write(table)
        return [writer.finish() for writer in writers]


def _writer(stack: ExitStack, scratch: Path, name: str, ending: str, schema: pa.Schema) -> RowWriter:
    writer: RowWriter = WRITERS[ending](scratch / f"{name}.{ending}", schema)
    stack.callback(writer.close)
    return writer


def _finish(
    registry: Registry,
    plan: Plan,
    scratch: Path,
    alive: Survivors,
    drawn: Sequence[_Drawn],
    *,
    rows: Sequence[WrittenFile],
    schema: pa.Schema,
    ledger: Sequence[WrittenFile],
) -> Build:
    """Write what describes the rows, and give everything its final name."""
    parts = [_part_record(n, part, alive.removed) for n, part in enumerate(drawn)]
    total = sum(part.copies.rows for part in drawn)
    removed: Counter[str] = Counter()
    for part in parts:
        removed.update(part["removed"])
    warnings = (*plan.warnings, *alive.warnings, *_shortfall_notes(drawn))
    card = write_text(
        scratch, CARD_FILE, card_text(plan, parts, [file.path for file in rows], removed.total())
    )
    notices = write_text(scratch, NOTICES_FILE, mixture_notices(registry, plan, parts))
    described = mixture_croissant(plan.recipe.name, _sources(plan), rows, schema)
    croissant = write_text(scratch, CROISSANT_FILE, canonical_json(described))
    files = (*rows, *ledger, card, notices, croissant)
    lock = write_text(scratch, LOCK_FILE, canonical_json(_lock(plan, files)))
    manifest = {
        "format": FORMAT,
        "name": plan.recipe.name,
        "rows": total,
        "parts": parts,
        "removed": dict(removed),
        "license": plan.license.to_json(),
        "warnings": list(warnings),
        "files": [file.to_json() for file in files],
        "lock": lock.to_json(),
    }
    write_text(scratch, MANIFEST_FILE, canonical_json(manifest))
    publish(scratch, [*(file.path for file in files), LOCK_FILE, MANIFEST_FILE], replaced=_ours())
    return Build(scratch.parent, total, files, dict(removed), tuple(parts), warnings)


def _part_record(n: int, drawn: _Drawn, removed: Sequence[Removed]) -> dict[str, Any]:
    """What the manifest says of a part; its accounts are closed here."""
    left = {found.reason: len(found.positions) for found in removed if found.part == n}
    in_source = drawn.plan.snapshot.rows_kept
    not_selected = drawn.stock.available - drawn.copies.distinct
    if in_source != sum(left.values()) + not_selected + drawn.copies.distinct:
        raise IntegrityError(
            f"{drawn.plan.label}: {in_source:,} rows in the source, but {sum(left.values()):,} removed, "
            f"{not_selected:,} not selected and {drawn.copies.distinct:,} written"
        )
    return {
        "part": drawn.plan.label,
        "dataset": drawn.plan.snapshot.dataset,
        "license": drawn.plan.license,
        "rows_in_source": in_source,
        "removed": left,
        "not_selected": not_selected,
        "distinct_rows": drawn.copies.distinct,
        "rows": drawn.copies.rows,
        "tokens": drawn.copies.sum(drawn.stock.tokens),
        "planned_rows": drawn.plan.rows,
        "shortfall": drawn.missing,
        "shortfall_unit": "tokens" if drawn.plan.quota.kind == "tokens" else "rows",
    }


def _shortfall_notes(drawn: Sequence[_Drawn]) -> Iterator[str]:
    for part in drawn:
        if part.missing:
            unit = "tokens" if part.plan.quota.kind == "tokens" else "rows"
            yield (
                f"{part.plan.label}: {part.missing:,} {unit} fewer than planned; "
                f"{part.stock.available:,} rows were left after removals"
            )


def _lock(plan: Plan, files: Sequence[WrittenFile]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "writers": writer_versions(),
        "name": plan.recipe.name,
        "seed": plan.recipe.seed,
        "recipe": plan.recipe.portable(),
        "recipe_sha256": plan.recipe.sha256,
        "sources": _sources(plan),
        "benchmarks": [source_facts(rows.dataset, rows, None) for rows in plan.benchmarks],
        "outputs": [file.to_json() for file in files],
    }


def _sources(plan: Plan) -> list[dict[str, Any]]:
    return [source_facts(part.label, part.snapshot, part.license) for part in plan.parts]


def _ours() -> list[str]:
    """Every name a build may give, so that a forced build leaves no file of the one before."""
    rows = [f"{name}.{ending}" for name in (ROWS_NAME, LEDGER_NAME) for ending in WRITERS]
    return [*rows, CARD_FILE, NOTICES_FILE, CROISSANT_FILE, LOCK_FILE]
