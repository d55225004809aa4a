"""A whole report: what was told of each dataset, how they compare, and what none of it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from analyzers.metric_catalogue import DIRECTIONS, GRADES, facts_of
from dashboard import charts
from dashboard.report import svg
from dashboard.report.document import Block, Chart, Document, Paragraph, Section, Table, table
from dashboard.report.gather import Told
from dashboard.report.sections import NO_TABLE, dataset_sections, plainest
from dashboard.views import fair
from dashboard.views.numbers import UNKNOWN, count, figure, interval_percent, percent
from registry.comparisons import FairComparison, FairFigure
from registry.measurements import Measurement, Param

_DRAWN: tuple[tuple[str, str, Mapping[str, Param]], ...] = (
    ("mtld", "first_prompt", {}),
    ("mtld", "response", {}),
    ("distinct_n", "first_prompt", {"n": 2}),
    ("distinct_n", "response", {"n": 2}),
    ("compression_ratio", "response", {}),
    ("self_repetition", "response", {}),
    ("vendi_q", "first_prompt", {"q": 1}),
)
_NOT_SAID = (
    "Nothing here says how a model trained on these rows will score. Figures are associated with training "
    "value at best, mostly in single studies of English chat data; a grade says how far that goes. Whether "
    "answers are true was not checked. Flags are found by rules that miss and mistake: a rate is that of the "
    "rule, not of the defect. Diversity moves with the number of rows and words, so sets of different size "
    "are to be compared on equal draws only. Zero found is not absence. A licence verdict reads published "
    "terms and is not legal advice."
)


def report_document(
    told: Sequence[Told],
    comparisons: Iterable[FairComparison] = (),
    *,
    title: str | None = None,
    made_by: str,
    made_on: str | None = None,
) -> Document:
    """The report of some datasets; no clock is read, so equal facts give an equal document.

    `comparisons` may be any: those of exactly these datasets are shown. `made_on` is printed as it is given.
    """
    names = [one.name for one in told]
    titles = {one.name: one.figures.title for one in told}
    found = fair.fitting(comparisons, names) if len(names) > 1 else {}
    sections = [Section("At a glance", tuple(_glance(told)))]
    if len(names) > 1:
        sections.append(Section("Compared fairly", tuple(_fair(found, names, titles))))
    for one in told:
        sections += dataset_sections(one)
    sections.append(Section("What this does not say", (Paragraph(_NOT_SAID),)))
    sections.append(Section("How to read the figures", tuple(_reading(told, found.values()))))
    date = f", {made_on}" if made_on else ""
    return Document(
        title or f"Data report: {', '.join(titles.values())}",
        f"Made by {made_by}{date}. Every number names its rows, view and version.",
        tuple(sections),
    )


def _glance(told: Sequence[Told]) -> Iterator[Block]:
    rows = []
    for one in told:
        f = one.figures
        usable, near = _first(f.measurements, "usable_rate"), _first(f.measurements, "dup_near")
        rows.append(
            (
                f.title,
                str(one.licence.verdict) if one.licence else "unknown",
                count(f.rows),
                _median(f.measurements, "prompt"),
                _median(f.measurements, "response"),
                figure(_value(_first(f.measurements, "loss_tokens"))),
                f"{percent(_value(usable), digits=2)} ({interval_percent(usable.ci_low, usable.ci_high)})"
                if usable
                else UNKNOWN,
                percent(_value(near), digits=2),
            )
        )
    names = (
        "Dataset",
        "Commercial use",
        "Rows",
        "Words a prompt",
        "Words a response",
        "Tokens to learn",
        "Usable rows (95 %)",
        "Near duplicates",
    )
    yield table(names, rows, caption="Words are medians, by tokenizer w1; of all rows", numbers=names[2:])


def _fair(found: dict[str, FairComparison], names: Sequence[str], titles: dict[str, str]) -> Iterator[Block]:
    if not found:
        yield Paragraph(
            "These datasets were not compared on draws of equal size: "
            f"instructory compare {' '.join(names)} --fair rows does, and the report then shows it. "
            "Figures of diversity below are of sets of different size, not to be read against each other.",
            "warn",
        )
    for unit, comparison in found.items():
        yield Paragraph(f"Draws of {fair.UNITS[unit]}. {fair.explained(comparison)}")
        if warned := fair.cautions(comparison):
            yield Paragraph(warned, "warn")
        for held in comparison.figures:
            if _is_drawn(held) and (chart := _ranges(comparison, held, titles)) is not None:
                yield chart
        shown = plainest(comparison.figures)
        yield _fair_table(replace(comparison, figures=shown), titles, "Figures on")
        if len(shown) < len(comparison.figures):
            yield replace(_fair_table(comparison, titles, "All figures on"), is_folded=True)


def _fair_table(comparison: FairComparison, titles: dict[str, str], what: str) -> Table:
    plain = fair.table(comparison, titles)
    columns = [name for name in plain if name != "Associated with"]
    rows = list(zip(*(plain[name] for name in columns), strict=True))
    caption = f"{what} draws of {fair.UNITS[comparison.unit]}: mean and range of {comparison.draws} draws"
    return table(columns, rows, caption=caption, numbers=[*titles.values(), "Random"])


def _ranges(comparison: FairComparison, held: FairFigure, titles: dict[str, str]) -> Chart | None:
    subjects = [*zip(comparison.datasets, held.drawn, strict=True), (fair.RANDOM, held.random)]
    lines = []
    for n, (name, drawn) in enumerate(subjects):
        if drawn.value is None or drawn.ci_low is None or drawn.ci_high is None:
            return None
        colour = charts.QUIET if name == fair.RANDOM else charts.SERIES[n % len(charts.SERIES)]
        shown = titles.get(name, name)
        lines.append(svg.Ranged(shown, drawn.ci_low, drawn.value, drawn.ci_high, figure(drawn.value), colour))
    order = f" {held.params['n']}" if held.metric == "distinct_n" else ""
    title = f"{facts_of(held.metric).label}{order}, {held.view}"
    axis = f"{DIRECTIONS[held.direction]}, grade {held.evidence}"
    return Chart(svg.ranges(title, lines, axis=axis), NO_TABLE)


def _is_drawn(held: FairFigure) -> bool:
    return any(
        (held.metric, held.view) == (metric, view) and params.items() <= held.params.items()
        for metric, view, params in _DRAWN
    )


def _reading(told: Sequence[Told], comparisons: Iterable[FairComparison]) -> Iterator[Block]:
    yield Paragraph(
        "A view is the text measured: prompt all user turns, first_prompt the first of them, response all "
        "assistant turns, final_answer the response without reasoning, all everything. Words are those of "
        "tokenizer w1, tokens those of o200k_base. An interval is of 95 %; a dash is unknown or undefined, "
        "with the reason, and 0 a counted zero. Rows used of all rows: where fewer were used, they were "
        "drawn by content and seed."
    )
    rows = [(grade, text) for grade, text in GRADES.items()]
    yield table(("Grade", "Evidence"), rows, caption="Grades of evidence: associated with, never a forecast")
    seen: dict[str, str] = {}
    for one in told:
        for m in one.figures.measurements:
            seen.setdefault(m.metric, m.evidence)
    for comparison in comparisons:
        for held in comparison.figures:
            seen.setdefault(held.metric, held.evidence)
    rows_of = [(facts_of(m).label, m, e, facts_of(m).association(e)) for m, e in seen.items()]
    yield table(
        ("Metric", "Figure", "Grade", "Associated with"), rows_of, caption="Every metric of this report"
    )


def _first(held: Sequence[Measurement], metric: str) -> Measurement | None:
    return next((m for m in held if m.metric == metric and not m.params), None) or next(
        (m for m in held if m.metric == metric), None
    )


def _median(held: Sequence[Measurement], view: str) -> str:
    found = [m for m in held if (m.metric, m.view, m.params.get("stat")) == ("len_words", view, "median")]
    return figure(found[0].value) if found else UNKNOWN


def _value(measurement: Measurement | None) -> float | None:
    return None if measurement is None else measurement.value
