"""Several measured datasets side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzers.compare import ComparedMetric, Comparison, comparison
from analyzers.metric_catalogue import DIRECTIONS, facts_of
from dashboard import charts, diagrams
from dashboard.views.figures import Figures
from dashboard.views.lengths import NAMES, drawn_bins
from dashboard.views.measured import setting
from dashboard.views.numbers import UNKNOWN, count, figure, percent, short
from registry.measurements import Measurement, Param

LEAST, MOST = 2, 6
FIRST = 3
LEAST_ROWS_SEEN = 1000


@dataclass(frozen=True, slots=True)
class Headline:
    """A metric worth a first look: its name for people, which figure it is, how it is written."""

    label: str
    metric: str
    view: str
    params: Mapping[str, Param] = field(default_factory=dict)
    write: Callable[[float | None], str] = figure
    is_drawn: bool = True


DRAWS: Mapping[str, Param] = {"draws": 20, "words": 10000}
HEADLINES: tuple[Headline, ...] = (
    Headline("Words a prompt (median)", "len_words", "prompt", {"stat": "median"}),
    Headline("Words a response (median)", "len_words", "response", {"stat": "median"}),
    Headline("Tokens to learn", "loss_tokens", "response", {}, short, is_drawn=False),
    Headline("Several turns", "multi_turn_share", "all", {}, percent, is_drawn=False),
    Headline("Constraints a prompt", "n_constraints", "prompt", {"stat": "mean"}),
    Headline("Prompt diversity (MTLD)", "mtld", "first_prompt"),
    Headline("Response diversity (MTLD)", "mtld", "response"),
    Headline("Distinct 2-grams, drawn", "distinct_n", "first_prompt", {**DRAWS, "n": 2}),
    Headline("Topics (Vendi)", "vendi_q", "first_prompt", {"q": 1}),
    Headline("Nearest prompt (ROUGE-L)", "rougeL_nn", "first_prompt", {"stat": "mean", "rows": 2000}),
    Headline("Spread of meaning (NovelSum)", "novelsum", "first_prompt", {"rows": 2000}),
    Headline("Evenness of tasks", "task_entropy", "first_prompt", {"normalised": True}),
    Headline("Compression ratio", "compression_ratio", "response"),
    Headline("Self-repetition", "self_repetition", "response"),
    Headline("Reading ease", "readability", "response", {"formula": "flesch_reading_ease"}),
    Headline("Usable rows", "usable_rate", "all", {}, percent),
    Headline("Near duplicates", "dup_near", "first_prompt+final_answer", {}, percent, is_drawn=False),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One headline metric over all datasets."""

    headline: Headline
    measurements: tuple[Measurement | None, ...]

    @property
    def values(self) -> tuple[float | None, ...]:
        """The values in the order of the datasets."""
        return tuple(m.value if m else None for m in self.measurements)

    @property
    def direction(self) -> str:
        """Which way the metric reads."""
        return next((m.direction for m in self.measurements if m), "0")


def compared(chosen: Sequence[Figures]) -> Comparison:
    """All figures of the chosen sets, joined where they can be read against each other."""
    return comparison({f.name: f.measurements for f in chosen})


def lines(chosen: Sequence[Figures]) -> list[Line]:
    """The headline metrics of which at least one chosen set has a figure."""
    found = [Line(h, tuple(_figure_of(f, h) for f in chosen)) for h in HEADLINES]
    return [line for line in found if any(line.measurements)]


def headline_table(chosen: Sequence[Figures], titles: Sequence[str]) -> dict[str, list[str]]:
    """The headline metrics as the columns of a table, one a dataset."""
    held = lines(chosen)
    values = {
        title: [line.headline.write(line.values[place]) for line in held]
        for place, title in enumerate(titles)
    }
    return {
        "Metric": ["Rows measured", *(line.headline.label for line in held)],
        **{title: [count(f.rows), *values[title]] for title, f in zip(titles, chosen, strict=True)},
        "View": ["", *(line.headline.view for line in held)],
        "Direction": ["", *(DIRECTIONS[line.direction] for line in held)],
        "Rows used": ["all", *(_used(line) for line in held)],
    }


def whole_table(found: Comparison, titles: Sequence[str]) -> dict[str, list[Any]]:
    """Every metric as the columns of a table."""
    return {
        "Metric": [row.metric for row in found.rows],
        "Setting": [_setting(row) for row in found.rows],
        "View": [row.view or "" for row in found.rows],
        **{title: [figure(row.values[place]) for row in found.rows] for place, title in enumerate(titles)},
        "Direction": [DIRECTIONS[row.direction] for row in found.rows],
        "Comparable": [row.comparable for row in found.rows],
        "Evidence": [_evidence(row) for row in found.rows],
        "Associated with": [facts_of(row.metric).association(_evidence(row)) for row in found.rows],
    }


def cautions(chosen: Sequence[Figures], found: Comparison) -> list[str]:
    """Why numbers of these sets may not be read against each other, each reason in a sentence."""
    said = []
    stale = sorted({row.metric for row in found.rows if not row.comparable})
    if stale:
        said.append(f"Made by different versions of the metric: {', '.join(stale)}.")
    for what in ("tokenizer", "backend"):
        split = sorted(_split_by(chosen, what))
        if split:
            said.append(f"Not made by the same {what}, so never on one line: {', '.join(split)}.")
    rows = [f.rows for f in chosen]
    if max(rows) > 2 * min(rows):
        said.append(
            f"The sets differ in size ({count(min(rows))} to {count(max(rows))} rows). Numbers moving with "
            "size, such as plain distinct-n or TTR, can only be compared as drawn (20 draws of 10,000 words)."
        )
    parts = [f.title for f in chosen if not f.is_whole]
    if parts:
        said.append(f"Only a part of the published rows was measured: {', '.join(parts)}.")
    return said


def profile_chart(
    chosen: Sequence[Figures], titles: Sequence[str], among: Iterable[Figures]
) -> tuple[dict[str, Any], int] | None:
    """All datasets as lines through the metrics that every one of them has, and the height in pixels.

    Each axis spans the chosen sets and the middle nine tenths of the larger ones `among` which they stand.
    """
    held = [line for line in lines(chosen) if line.headline.is_drawn and None not in line.values]
    if len(held) < LEAST:
        return None
    others = [f for f in among if f.rows >= LEAST_ROWS_SEEN]
    axes = [_axis(line, [_figure_of(f, line.headline) for f in others]) for line in held]
    paths = {title: [_rounded(line.values[place]) for line in held] for place, title in enumerate(titles)}
    heading = charts.title("Profiles", _scale(len(others)))
    return diagrams.parallel(heading, axes, paths), 120 + 42 * len(held)


def _scale(others: int) -> str:
    if not others:
        return "axes span the chosen sets"
    return f"axes span the middle 90 % of {count(others)} sets with {count(LEAST_ROWS_SEEN)} rows or more"


def length_chart(chosen: Sequence[Figures], titles: Sequence[str], metric: str) -> dict[str, Any] | None:
    """Distributions laid over each other, as shares of rows; None where they cannot be."""
    held = {
        title: d
        for title, f in zip(titles, chosen, strict=True)
        for d in f.distributions
        if d.metric == metric
    }
    bins = drawn_bins(held)
    if bins is None:
        return None
    rows = ", ".join(count(number) for number in bins.rows.values())
    heading = charts.title(NAMES[metric], f"share of rows · n = {rows}")
    return charts.distribution_lines(
        heading, bins.labels, bins.shares, x_name=f"{bins.unit}, logarithmic bins"
    )


def shared_metrics(chosen: Sequence[Figures]) -> list[str]:
    """The histograms that at least two of the sets have."""
    return [m for m in NAMES if sum(any(d.metric == m for d in f.distributions) for f in chosen) >= LEAST]


def distinct_titles(chosen: Sequence[Figures]) -> list[str]:
    """A title for each set, told apart by its name where two are called alike."""
    titles = [f.title for f in chosen]
    return [f.title if titles.count(f.title) == 1 else f"{f.title} ({f.name})" for f in chosen]


def suggested(figures: Mapping[str, Figures], category_of: Callable[[str], str | None]) -> list[str]:
    """What to compare at first: the largest measured set of each construction category, else the largest."""
    ranked = sorted(figures.values(), key=lambda f: (-f.rows, f.name))
    best: dict[str, str] = {}
    for f in ranked:
        category = category_of(f.entry) if f.entry else None
        if category is not None:
            best.setdefault(category, f.name)
    names = list(dict.fromkeys([*best.values(), *(f.name for f in ranked)]))
    return names[:FIRST]


def _figure_of(figures: Figures, headline: Headline) -> Measurement | None:
    asked = headline.params.items()
    fitting = [
        m
        for m in figures.measurements
        if m.metric == headline.metric and m.view == headline.view and asked <= m.params.items()
    ]
    # Without parameters asked for, the plainest figure is meant.
    return min(fitting, key=lambda m: len(m.params), default=None)


def _used(line: Line) -> str:
    shares = [(m.n_used, m.n_total) for m in line.measurements if m]
    if all(used == total for used, total in shares):
        return "all"
    return " / ".join(UNKNOWN if m is None else count(m.n_used) for m in line.measurements)


def _setting(row: ComparedMetric) -> str:
    first = next((m for m in row.measurements if m), None)
    return setting(first) if first else ""


def _evidence(row: ComparedMetric) -> str:
    return next((m.evidence for m in row.measurements if m), "C")


def _split_by(chosen: Sequence[Figures], what: str) -> set[str]:
    seen: dict[tuple[str, str | None], set[str]] = {}
    for f in chosen:
        for m in f.measurements:
            seen.setdefault((m.metric, m.view), set()).add(str(getattr(m, what)))
    return {metric for (metric, _), made_by in seen.items() if len(made_by) > 1}


def _axis(line: Line, others: Sequence[Measurement | None]) -> dict[str, Any]:
    values = [value for value in line.values if value is not None]
    ranked = sorted(m.value for m in others if m is not None and m.value is not None)
    edge = len(ranked) // 20
    low, high = (f([*values, *ranked[edge : len(ranked) - edge]]) for f in (min, max))
    room = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    return {"name": line.headline.label, "low": _rounded(low - room), "high": _rounded(high + room)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
