"""A recipe's arithmetic: whole numbers, tokens, licences and warnings. Writes no mixture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mixtures.allocation import exact
from mixtures.leak_notes import leak_notes
from mixtures.overlap_notes import overlap_notes
from mixtures.quotas import Quota, Supply, Unit, quotas_of
from mixtures.recipe import MixtureRecipe, Part
from mixtures.repetition import R_STAR, Copies
from mixtures.sources import Progress, open_benchmarks, open_parts
from mixtures.stock import PartStock
from mixtures.terms import mixture_terms, part_license, policy_answer
from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.licensing import LicenseVerdict
from registry.snapshot import Snapshot

if TYPE_CHECKING:
    from registry.registry import Registry

RULE_OF_THUMB = (
    f"rule of thumb: response tokens seen R+1 times count U + U R*(1 - exp(-R/R*)), R* = {R_STAR}; "
    "fitted for pretraining (arXiv 2305.16264), not for instruction tuning"
)


@dataclass(frozen=True, eq=False)
class PartPlan:
    """What one part will give before duplicates and benchmark rows are taken out."""

    label: str
    part: Part
    stock: PartStock
    quota: Quota
    license: str | None
    share: float

    @property
    def supply(self) -> Supply:
        """What the part can give."""
        return supply_of(self.part, self.stock)

    @property
    def snapshot(self) -> Snapshot:
        """The rows it draws from."""
        return self.stock.snapshot

    @property
    def copies(self) -> Copies:
        """How often rows are drawn."""
        return Copies.of(self.quota.drawn(self.supply), self.stock.available)

    @property
    def rows(self) -> int:
        """Rows it gives, repetitions counted."""
        return self.copies.rows

    @property
    def tokens(self) -> int:
        """Tokens of prompts and responses of these rows."""
        return self.copies.sum(self.stock.tokens)

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        copies = self.copies
        return {
            "dataset": self.label,
            "rows": copies.rows,
            "tokens": self.tokens,
            "share": self.share,
            "weight": self.part.weight,
            "epochs": copies.rows / copies.distinct if copies.distinct else 0.0,
            "distinct_rows": copies.distinct,
            "loss_tokens": copies.sum(self.stock.loss_tokens),
            "effective_tokens": copies.effective(self.stock.loss_tokens),
            "available": self.stock.available,
            "filtered": dict(self.stock.refused),
            "rows_in_source": self.snapshot.rows_kept,
            "snapshot": self.snapshot.id,
            "license": self.license,
        }


@dataclass(frozen=True, eq=False)
class Plan:
    """The arithmetic of a recipe.

    `refusals` are what the licence policy forbids: a plan can be looked at all the same, `build` refuses it.
    """

    recipe: MixtureRecipe
    unit: Unit
    parts: tuple[PartPlan, ...]
    license: LicenseVerdict
    warnings: tuple[str, ...]
    refusals: tuple[Problem, ...]
    benchmarks: tuple[Snapshot, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the whole mixture."""
        return sum(part.rows for part in self.parts)

    @property
    def totals(self) -> dict[str, Any]:
        """Sums over the parts; `effective_tokens` is explained in `effective_tokens_note`."""
        plain = [part.to_json() for part in self.parts]
        summed = ("rows", "distinct_rows", "tokens", "loss_tokens", "effective_tokens")
        return {
            **{name: sum(part[name] for part in plain) for name in summed},
            "unit": self.unit,
            "effective_tokens_note": RULE_OF_THUMB,
        }

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "name": self.recipe.name,
            "seed": self.recipe.seed,
            "recipe": self.recipe.sha256,
            "parts": [part.to_json() for part in self.parts],
            "totals": self.totals,
            "license": self.license.to_json(),
            "warnings": list(self.warnings),
            "refused": [str(problem) for problem in self.refusals],
        }


def plan(registry: Registry, recipe: MixtureRecipe, *, progress: Progress | None = None) -> Plan:
    """What `recipe` comes to: exact rows and tokens of each part, licence verdict, warnings.

    Depends on the recipe, the latest snapshots and what the registry knows, on nothing else. Row features
    that are missing are computed and stored first; after that a plan costs milliseconds.

    Raises:
        InputRefusedError: unknown ids, files or flags; more rows or tokens than there are; nothing to choose.
        NotMeasuredError: rows that nobody fetched yet.
    """
    stocks = open_parts(registry, recipe, progress=progress)
    benchmarks = open_benchmarks(registry, recipe, stocks)
    supplies = [supply_of(part, stock) for part, stock in zip(recipe.parts, stocks, strict=True)]
    found = quotas_of(recipe, supplies)
    if found.problems:
        raise InputRefusedError(found.problems)
    amounts = _amounts(found.quotas, supplies, found.unit)
    if not sum(amounts):
        problem = recipe.problem(ProblemCode.NO_ROWS, "no row passes the filters of any part", "parts")
        raise InputRefusedError([problem])
    terms = mixture_terms(registry, recipe)
    refusals, terms_warnings = policy_answer(recipe, terms)
    parts = tuple(
        PartPlan(label, part, stock, quota, part_license(registry, part), amount / sum(amounts))
        for label, part, stock, quota, amount in zip(
            _labels(stocks), recipe.parts, stocks, found.quotas, amounts, strict=True
        )
    )
    known = (*overlap_notes(registry, recipe), *leak_notes(registry, recipe))
    warnings = (*found.warnings, *_part_notes(parts), *known, *terms_warnings)
    return Plan(recipe, found.unit, parts, terms, warnings, tuple(refusals), benchmarks)


def supply_of(part: Part, stock: PartStock) -> Supply:
    """What `stock` can give under the part's epochs."""
    return Supply(stock.available, stock.tokens, exact(part.epochs))


def _amounts(quotas: Sequence[Quota], supplies: Sequence[Supply], unit: Unit) -> list[int]:
    rows = [quota.drawn(supply) for quota, supply in zip(quotas, supplies, strict=True)]
    if unit == "rows":
        return rows
    return [supply.tokens_of(count) for supply, count in zip(supplies, rows, strict=True)]


def _labels(stocks: Sequence[PartStock]) -> list[str]:
    """The dataset name of each part; a second part of one dataset is told apart by its number."""
    seen: dict[str, int] = {}
    labels = []
    for stock in stocks:
        name = stock.snapshot.dataset
        seen[name] = seen.get(name, 0) + 1
        labels.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return labels


def _part_notes(parts: Sequence[PartPlan]) -> Iterator[str]:
    for part in parts:
        copies = part.copies
        if not part.stock.available:
            yield f"{part.label}: no row passes its filters"
        elif not copies.rows:
            yield f"{part.label}: gives no rows"
        elif copies.rows > copies.distinct:
            yield f"{part.label}: {copies.distinct:,} rows make {copies.rows:,}; some are seen more than once"
