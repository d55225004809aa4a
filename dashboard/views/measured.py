"""Figures of one dataset: headline numbers, rates, lengths, languages, and beside them what was declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzers.metric_catalogue import facts_of
from dashboard import charts
from dashboard.views import audit
from dashboard.views.figures import Figures
from dashboard.views.flag_rates import SEVERITY, flag_rates
from dashboard.views.languages import language_name
from dashboard.views.lengths import NAMES, drawn_bins
from dashboard.views.numbers import UNKNOWN, count, figure, percent, short
from dashboard.views.plain import visible
from registry.audit import MeasuredRows, rows_checks
from registry.entry import Entry
from registry.measurements import Measurement
from registry.vocabulary import Focus

MOST_LANGUAGES = 6
MOST_FLAGS = 12


@dataclass(frozen=True, slots=True)
class Card:
    """One headline number: what, how much, what it means."""

    label: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A declared fact beside the measured one, and whether they agree (None: cannot be told)."""

    what: str
    declared: str
    measured: str
    agrees: bool | None

    @property
    def verdict(self) -> str:
        """The comparison in a word."""
        return {True: "✓ agrees", False: "≠ differs", None: "not comparable"}[self.agrees]


def origin_line(figures: Figures) -> str:
    """What was measured and where it came from."""
    part = "all of it" if figures.is_whole else "a part of it"
    bad = f", {count(figures.rows_bad)} unreadable rows left out" if figures.rows_bad else ""
    origin = str(figures.origin).capitalize()
    return visible(f"{origin}: {count(figures.rows)} rows ({part}{bad}) · {figures.source}")


def cards(figures: Figures) -> list[Card]:
    """The headline numbers; a dash where one was not measured."""
    usable = figures.value("usable_rate")
    near = figures.value("dup_near")
    return [
        Card("Rows", count(figures.rows), "rows that could be read"),
        Card("Words a prompt", _stat(figures, "len_words", "prompt", "median"), "median, words by rule w1"),
        Card(
            "Words a response", _stat(figures, "len_words", "response", "median"), "median, words by rule w1"
        ),
        Card("Tokens to learn", short(_value(figures.value("loss_tokens"))), "tokens of all responses"),
        Card("Usable rows", percent(_value(usable)), "rows without any flag of severity error"),
        Card("Near duplicates", percent(_value(near)), "rows with an earlier near-equal row in the same set"),
    ]


def beside(entry: Entry, figures: Figures) -> list[Beside]:
    """Declared facts beside measured ones; nothing is settled here."""
    rows = MeasuredRows(
        name=figures.name,
        source=figures.source,
        is_whole=figures.is_whole,
        rows=figures.rows + figures.rows_bad,
        shape=figures.shape,
        measurements=figures.measurements,
    )
    part = "" if figures.is_whole else " (a part)"
    return [
        Beside(
            audit.FACTS[check.fact],
            audit.declared_text(check),
            f"{audit.measured_text(check)}{part if check.fact == 'size_rows' else ''}",
            check.agrees,
        )
        for check in rows_checks(entry, rows)
    ]


def beside_table(lines: Sequence[Beside]) -> dict[str, list[str]]:
    """Declared beside measured as the columns of a table."""
    return {
        "": [line.what for line in lines],
        "Declared": [line.declared for line in lines],
        "Measured": [line.measured for line in lines],
        "Verdict": [line.verdict for line in lines],
    }


def flag_chart(figures: Figures) -> tuple[dict[str, Any], int] | None:
    """Rates of the errors and warnings that occur, with Wilson 95 % intervals, and the height in pixels."""
    shown = [m for m in _flag_rates(figures) if SEVERITY[m.metric] != "info"][:MOST_FLAGS]
    if not shown:
        return None
    rows = f"n = {count(shown[0].n_used)}"
    chart = charts.interval_bars(
        charts.title(
            "Flagged rows", f"share of rows with 95 % interval, red: error, amber: warning · {rows}"
        ),
        [m.metric for m in shown],
        [(_low(m), m.value or 0.0, _high(m)) for m in shown],
        [charts.SEVERITY[SEVERITY[m.metric]] for m in shown],
    )
    return chart, 96 + 24 * len(shown)


def remarks(figures: Figures) -> str:
    """The flags that only describe, in a line; empty where none occurs."""
    found = [f"{m.metric} {percent(m.value)}" for m in _flag_rates(figures) if SEVERITY[m.metric] == "info"]
    return f"Descriptive flags: {', '.join(found)}" if found else ""


def purpose_note(entry: Entry | None) -> str:
    """What the declared purpose of a dataset says of its flags; empty where it says nothing."""
    if entry is None or entry.focus is not Focus.SAFETY:
        return ""
    return "Declared purpose: safety. Its refusals may be what the rows are there to teach, not a defect."


def length_chart(figures: Figures, metric: str) -> dict[str, Any] | None:
    """How long rows are: share of rows in each bin; bins double in width every second step."""
    found = {d.metric: d for d in figures.distributions}
    bins = drawn_bins({figures.title: found[metric]}) if metric in found else None
    if bins is None:
        return None
    rows = next(iter(bins.rows.values()))
    heading = charts.title(NAMES[metric], f"share of rows · n = {count(rows)}")
    return charts.distribution_lines(
        heading, bins.labels, bins.shares, x_name=f"{bins.unit}, logarithmic bins"
    )


def language_chart(figures: Figures) -> dict[str, Any] | None:
    """The languages of the responses as a detector sees them; the rare ones together."""
    shares = [m for m in figures.measurements if m.metric == "language_share" and m.value]
    if not shares:
        return None
    ranked = sorted(shares, key=lambda m: -(m.value or 0))[:MOST_LANGUAGES]
    names = [language_name(str(m.params.get("language"))) for m in ranked]
    values = [m.value or 0.0 for m in ranked]
    rest = 1 - sum(values)
    if rest > 1e-4:
        names, values = [*names, "others"], [*values, rest]
    heading = charts.title(
        "Language of the response", f"share of rows, detected · n = {count(ranked[0].n_used)}"
    )
    return charts.share_bars(heading, names, values)


def all_rows(figures: Figures) -> dict[str, list[Any]]:
    """Every measurement as the columns of a table."""
    held = figures.measurements
    return {
        "Metric": [m.metric for m in held],
        "Setting": [setting(m) for m in held],
        "View": [m.view or "" for m in held],
        "Value": [
            figure(m.value) if m.value is not None else f"{UNKNOWN} {m.reason or ''}".strip() for m in held
        ],
        "95 % interval": [interval(m) for m in held],
        "Rows used": [m.n_used for m in held],
        "Of": [m.n_total for m in held],
        "Tokenizer": [m.tokenizer or "" for m in held],
        "Evidence": [m.evidence for m in held],
        "Associated with": [facts_of(m.metric).association(m.evidence) for m in held],
    }


def setting(measurement: Measurement) -> str:
    """The parameters of a measurement in words."""
    return ", ".join(
        f"{name} {value}" for name, value in sorted(measurement.params.items()) if value is not None
    )


def interval(measurement: Measurement) -> str:
    """The 95 % interval, empty where the number is exact."""
    low, high = measurement.ci_low, measurement.ci_high
    return "" if low is None or high is None else f"{figure(low)} to {figure(high)}"


def _flag_rates(figures: Figures) -> list[Measurement]:
    rates = [m for m in flag_rates(figures.measurements) if m.value]
    return sorted(rates, key=lambda m: (-(m.value or 0), m.metric))


def _stat(figures: Figures, metric: str, view: str, stat: str) -> str:
    found = (
        m for m in figures.measurements if (m.metric, m.view, m.params.get("stat")) == (metric, view, stat)
    )
    return figure(_value(next(found, None)))


def _value(measurement: Measurement | None) -> float | None:
    return None if measurement is None else measurement.value


def _low(measurement: Measurement) -> float:
    value = measurement.value or 0.0
    return value if measurement.ci_low is None else measurement.ci_low


def _high(measurement: Measurement) -> float:
    value = measurement.value or 0.0
    return value if measurement.ci_high is None else measurement.ci_high
