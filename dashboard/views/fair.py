"""Datasets on draws of equal size: every figure with its range, beside random draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analyzers.metric_catalogue import DIRECTIONS, facts_of
from dashboard import charts
from dashboard.views.numbers import UNKNOWN, count, figure
from registry.comparisons import Drawn, FairComparison, FairFigure

RANDOM = "random"
MARKS: Mapping[str | None, str] = {"above": " ▲", "below": " ▼"}
UNITS: Mapping[str, str] = {"rows": "equally many rows", "tokens": "equally many tokens of the view"}
FIRST = (("mtld", "response"), ("distinct_n", "response"))


def fitting(comparisons: Iterable[FairComparison], names: Sequence[str]) -> dict[str, FairComparison]:
    """By unit, the comparison of exactly these datasets that has most figures."""
    found: dict[str, FairComparison] = {}
    for comparison in comparisons:
        best = found.get(comparison.unit)
        is_richer = best is None or len(comparison.figures) > len(best.figures)
        if set(comparison.datasets) == set(names) and is_richer:
            found[comparison.unit] = comparison
    return {unit: found[unit] for unit in UNITS if unit in found}


def explained(comparison: FairComparison) -> str:
    """How the figures came about, in a sentence or two."""
    return (
        f"{comparison.draws} random draws of {UNITS[comparison.unit]} from each dataset, seed "
        f"{comparison.seed}; ranges hold 95 % of the draws. Random: the same draws from all together. "
        "▲ ▼ mark ranges wholly above or below the random ones; of many figures some part by chance."
    )


def cautions(comparison: FairComparison) -> str:
    """Which datasets were drawn nearly whole, so that their ranges say little; empty where none was."""
    whole = [
        name
        for n, (name, rows) in enumerate(zip(comparison.datasets, comparison.rows, strict=True))
        if any((f.drawn[n].rows or 0) > 0.9 * rows for f in comparison.figures)
    ]
    if not whole:
        return ""
    return f"Drawn nearly whole, so that their ranges say little: {', '.join(whole)}."


def choices(comparison: FairComparison) -> dict[str, FairFigure]:
    """The figures that can be drawn, each under a name of its own; the telling ones first."""
    known = [f for f in comparison.figures if _points(f) is not None]
    first = {place: rank for rank, place in enumerate(FIRST)}
    ranked = sorted(known, key=lambda f: first.get((f.metric, f.view or ""), len(first)))
    return {figure_name(f): f for f in ranked}


def figure_name(held: FairFigure) -> str:
    """A figure by its name for people, its view and settings."""
    settings = ", ".join(f"{name} {value}" for name, value in held.params.items())
    place = ", ".join(filter(None, [held.view, settings]))
    label = facts_of(held.metric).label
    return f"{label} ({place})" if place else label


def chart(
    comparison: FairComparison, held: FairFigure, title_of: Mapping[str, str]
) -> tuple[dict[str, Any], int] | None:
    """One figure of every dataset with its range, and the height in pixels; None where one is undefined."""
    points = _points(held)
    if points is None:
        return None
    names = [*(title_of.get(name, name) for name in comparison.datasets), RANDOM]
    size = f"{comparison.draws} draws of {count(held.size)} {comparison.unit} · bar: 95 % of the draws"
    heading = charts.title(figure_name(held), size)
    return charts.interval_points(heading, names, points, x_name=DIRECTIONS[held.direction]), 130 + 42 * len(
        names
    )


def table(comparison: FairComparison, title_of: Mapping[str, str]) -> dict[str, list[str]]:
    """Every figure with its range as the columns of a table, one a dataset and one for random."""
    held = comparison.figures
    columns = {
        title_of.get(name, name): [written(f.drawn[n]) + MARKS.get(f.place(n), "") for f in held]
        for n, name in enumerate(comparison.datasets)
    }
    return {
        "Metric": [facts_of(f.metric).label for f in held],
        "View": [f.view or "" for f in held],
        **columns,
        "Random": [written(f.random) for f in held],
        "Setting": [", ".join(f"{k} {v}" for k, v in f.params.items()) for f in held],
        f"Drawn ({comparison.unit})": [count(f.size) for f in held],
        "Direction": [DIRECTIONS[f.direction] for f in held],
        "Evidence": [f.evidence for f in held],
        "Associated with": [facts_of(f.metric).association(f.evidence) for f in held],
    }


def written(drawn: Drawn) -> str:
    """A figure with its range, or why there is none."""
    if drawn.value is None:
        return f"{UNKNOWN} {drawn.reason or ''}".strip()
    return f"{figure(drawn.value)} ({figure(drawn.ci_low)} to {figure(drawn.ci_high)})"


def _points(held: FairFigure) -> list[tuple[float, float, float]] | None:
    points = [
        (d.ci_low, d.value, d.ci_high)
        for d in (*held.drawn, held.random)
        if d.value is not None and d.ci_low is not None and d.ci_high is not None
    ]
    return points if len(points) == len(held.drawn) + 1 else None
