"""How many rows each part gives: budgets, fixed numbers, weights, caps and supply brought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mixtures.allocation import allocate, exact, largest_total
from mixtures.recipe import MixtureRecipe, Part
from mixtures.repetition import Copies, draws_for
from registry.errors import Problem, ProblemCode

Unit = Literal["rows", "tokens"]


@dataclass(frozen=True, eq=False)
class Supply:
    """What a part can give: `available` rows in rank order, used up to `epochs` times.

    `tokens` is the running sum of their tokens along the ranks, with a leading zero.
    """

    available: int
    tokens: NDArray[np.int64]
    epochs: Fraction

    @property
    def rows(self) -> int:
        """Rows it can give at most, repetitions included."""
        return floor(self.epochs * self.available)

    def tokens_of(self, rows: int) -> int:
        """Tokens of its first `rows` draws."""
        return Copies.of(rows, self.available).sum(self.tokens)


@dataclass(frozen=True, slots=True)
class Quota:
    """What a part is to give: everything, `amount` rows, or rows until `amount` tokens are reached."""

    kind: Literal["all", "rows", "tokens"]
    amount: int = 0
    max_rows: int | None = None

    def drawn(self, supply: Supply) -> int:
        """Rows to draw from `supply`: the quota, or all there is where that is less."""
        most = supply.rows if self.max_rows is None else min(supply.rows, self.max_rows)
        if self.kind == "all":
            return most
        wanted = self.amount if self.kind == "rows" else draws_for(self.amount, supply.tokens)
        return min(wanted, most)

    def missing(self, supply: Supply) -> int:
        """Rows or tokens, as `kind` says, by which `supply` falls short; 0 for everything."""
        if self.kind == "all":
            return 0
        rows = self.drawn(supply)
        return max(0, self.amount - (rows if self.kind == "rows" else supply.tokens_of(rows)))


@dataclass(frozen=True, slots=True)
class Quotas:
    """One quota a part, the unit they share, what was refused and what deserves a warning."""

    unit: Unit
    quotas: tuple[Quota, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


def quotas_of(recipe: MixtureRecipe, supplies: Sequence[Supply]) -> Quotas:
    """What each part of `recipe` is to give, given what each has.

    Fixed parts (`rows`) come first; weighted parts share what they leave of the budget, by largest
    remainder under caps and supply, what one cannot give going to the others by weight. Without a budget
    the weighted parts make the largest total their exact weights permit. In tokens, a part gives whole
    rows until its share is reached, so it exceeds it by less than one row.
    """
    unit: Unit = "tokens" if recipe.budget and recipe.budget.tokens else "rows"
    problems = _fixed_problems(recipe, supplies)
    quotas = [_fixed(part) for part in recipe.parts]
    weights = [exact(part.share_weight) for part in recipe.parts]
    if problems or not any(weights):
        return Quotas(unit, tuple(quotas), (*problems,), _budget_note(recipe, supplies, quotas, unit))
    caps = [_cap(recipe, n, supply, unit) for n, supply in enumerate(supplies)]
    left = _left(recipe, supplies, quotas, unit)
    if left is None:
        left = largest_total(weights, caps)
    if left <= 0 or left > sum(cap for cap, weight in zip(caps, weights, strict=True) if weight):
        problem = _budget_problem(recipe, left, caps, weights, unit)
        return Quotas(unit, tuple(quotas), (problem,), ())
    shares = allocate(left, weights, caps)
    for n, part in enumerate(recipe.parts):
        if part.rows is None:
            quotas[n] = Quota(unit, shares[n], part.max_rows)
    return Quotas(unit, tuple(quotas), (), tuple(_cut_notes(recipe, supplies, shares, unit)))


def _fixed(part: Part) -> Quota:
    if part.rows == "all":
        return Quota("all", 0, part.max_rows)
    return Quota("rows", part.rows or 0)


def _fixed_problems(recipe: MixtureRecipe, supplies: Sequence[Supply]) -> list[Problem]:
    problems = []
    for n, (part, supply) in enumerate(zip(recipe.parts, supplies, strict=True)):
        if isinstance(part.rows, int) and part.rows > supply.rows:
            ways = f"ask for at most {supply.rows:,}"
            if supply.available:
                ways += f", or allow epochs: {_epochs_for(part.rows, supply.available)}"
            message = (
                f"asks for {part.rows:,} rows; {part.name} has {supply.available:,} that pass, "
                f"used up to {float(supply.epochs):g} times: {ways}"
            )
            problems.append(recipe.problem(ProblemCode.BAD_VALUE, message, "parts", n, "rows"))
    return problems


def _epochs_for(rows: int, available: int) -> int:
    return ceil(Fraction(rows, available))


def _left(
    recipe: MixtureRecipe, supplies: Sequence[Supply], quotas: Sequence[Quota], unit: Unit
) -> int | None:
    if recipe.budget is None:
        return None
    total = recipe.budget.rows or recipe.budget.tokens or 0
    return total - _fixed_amount(recipe, supplies, quotas, unit)


def _fixed_amount(
    recipe: MixtureRecipe, supplies: Sequence[Supply], quotas: Sequence[Quota], unit: Unit
) -> int:
    drawn = [
        (quota.drawn(supply), supply)
        for part, quota, supply in zip(recipe.parts, quotas, supplies, strict=True)
        if part.rows is not None
    ]
    return sum(rows if unit == "rows" else supply.tokens_of(rows) for rows, supply in drawn)


def _cap(recipe: MixtureRecipe, n: int, supply: Supply, unit: Unit) -> int:
    part = recipe.parts[n]
    rows = supply.rows if part.max_rows is None else min(supply.rows, part.max_rows)
    cap = rows if unit == "rows" else supply.tokens_of(rows)
    if part.max_share is not None and recipe.budget is not None:
        total = recipe.budget.rows or recipe.budget.tokens or 0
        cap = min(cap, floor(exact(part.max_share) * total))
    return cap


def _budget_problem(
    recipe: MixtureRecipe, left: int, caps: Sequence[int], weights: Sequence[Fraction], unit: Unit
) -> Problem:
    given = [
        f"{part.name} {cap:,}"
        for part, cap, weight in zip(recipe.parts, caps, weights, strict=True)
        if part.rows is None and weight
    ]
    if recipe.budget is None:
        message = f"weights need rows of each part to hold, and one has none: {', '.join(given)}"
        return recipe.problem(ProblemCode.BAD_VALUE, message, "parts")
    total = recipe.budget.rows or recipe.budget.tokens or 0
    if left <= 0:
        message = (
            f"parts with fixed rows take {total - left:,} {unit}: nothing of {total:,} is left for weights"
        )
    else:
        there = sum(cap for cap, weight in zip(caps, weights, strict=True) if weight)
        message = (
            f"asks for {left:,} {unit} from weighted parts; there are {there:,} ({', '.join(given)}): "
            f"lower the budget to {total - left + there:,}, or raise epochs, caps or filters"
        )
    return recipe.problem(ProblemCode.BAD_VALUE, message, "budget", unit)


def _budget_note(
    recipe: MixtureRecipe, supplies: Sequence[Supply], quotas: Sequence[Quota], unit: Unit
) -> tuple[str, ...]:
    if recipe.budget is None:
        return ()
    total = recipe.budget.rows or recipe.budget.tokens or 0
    given = _fixed_amount(recipe, supplies, quotas, unit)
    if given == total:
        return ()
    return (f"the budget is {total:,} {unit}, but every part has fixed rows: together {given:,}",)


def _cut_notes(
    recipe: MixtureRecipe, supplies: Sequence[Supply], shares: Sequence[int], unit: Unit
) -> list[str]:
    weights = [exact(part.share_weight) for part in recipe.parts]
    left = sum(shares)
    whole = sum(weights, Fraction(0))
    notes = []
    for part, supply, share, weight in zip(recipe.parts, supplies, shares, weights, strict=True):
        wanted = left * weight / whole
        if part.rows is not None or wanted - share < 1:
            continue
        own_cap = share < (supply.rows if unit == "rows" else supply.tokens_of(supply.rows))
        why = "its cap allows" if own_cap else "it has"
        asked = f"{part.name}: its weight asks for {round(wanted):,} {unit}"
        notes.append(f"{asked}, {why} {share:,}; the rest goes to others")
    return notes
