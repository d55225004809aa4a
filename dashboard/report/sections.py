"""What a report says of one dataset, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from analyzers.metric_catalogue import DIRECTIONS, facts_of
from analyzers.table import LISTED
from dashboard import charts
from dashboard.report import svg
from dashboard.report.document import Block, Chart, Excerpts, Paragraph, Section, Table, Tone, table
from dashboard.report.gather import Told
from dashboard.views import facts, licence
from dashboard.views.flag_rates import SEVERITY, finds, flag_rates, rule
from dashboard.views.lengths import NAMES, drawn_bins
from dashboard.views.measured import interval, purpose_note, setting
from dashboard.views.numbers import UNKNOWN, count, figure, interval_percent, percent
from dashboard.views.trainers import CAPTION, TABLE, trainer_lines, untroubled
from registry.comparisons import FairFigure
from registry.measurements import Measurement

F = TypeVar("F", Measurement, FairFigure)

MOST_OVERLAPS = 10
NUMBERS = ("Value", "95 % interval", "Rows used")
NO_TABLE = table((), ())
_DIVERSITY = ("lexical", "pairwise", "syntax", "semantic")
_TONES: dict[str, Tone] = {"good": "good", "warn": "warn", "error": "error"}
_ASIDE = frozenset({"code", "family", "language", "trainer"})
_SEVERITIES = ("error", "warn", "info")


def dataset_sections(told: Told) -> list[Section]:
    """Everything about one dataset."""
    parts = [
        Section(told.figures.title, tuple(_about(told))),
        Section("Licence", tuple(_licence(told)), 3),
        Section("Sizes and lengths", tuple(_lengths(told)), 3),
        Section("Diversity", tuple(_figures(told, _DIVERSITY)), 3),
        Section("Complexity and form", tuple(_figures(told, _others())), 3),
        Section("Flags", tuple(_flags(told)), 3),
        Section("Duplicates and overlap", tuple(_overlap(told)), 3),
        Section("Benchmarks", tuple(_benchmarks(told)), 3),
        Section("Every figure", tuple(_every(told)), 3),
    ]
    return [part for part in parts if part.blocks]


def _others() -> list[str]:
    """The analyzers that no section of its own shows."""
    return [name for name in LISTED if name not in {*_DIVERSITY, "structure", "hygiene", "duplicates"}]


def figure_table(measurements: Sequence[Measurement], *, caption: str = "") -> Table:
    """Figures with all that makes them: setting, view, interval, rows, version, direction and grade."""
    rows = [
        (
            facts_of(m.metric).label,
            m.view or "",
            figure(m.value) if m.value is not None else f"{UNKNOWN} {m.reason or ''}".strip(),
            interval(m),
            rows_used(m),
            m.evidence,
            DIRECTIONS[m.direction],
            f"{m.metric} v{m.version}",
            setting(m),
        )
        for m in measurements
    ]
    names = (
        "Metric",
        "View",
        "Value",
        "95 % interval",
        "Rows used",
        "Grade",
        "Direction",
        "Figure",
        "Setting",
    )
    return table(names, rows, caption=caption, numbers=NUMBERS)


def plainest(figures: Sequence[F]) -> tuple[F, ...]:
    """Of each metric and view the figure with the fewest settings; every statistic and formula is kept."""
    best: dict[tuple[object, ...], F] = {}
    for f in figures:
        place = (f.metric, f.view, f.params.get("stat"), f.params.get("formula"))
        if place not in best or _plainness(f) < _plainness(best[place]):
            best[place] = f
    return tuple(best.values())


def _plainness(f: Measurement | FairFigure) -> tuple[int, str]:
    return len(f.params), str(sorted(f.params.items()))


def rows_used(m: Measurement) -> str:
    """Rows that went into a figure, of all rows."""
    return count(m.n_used) if m.n_used == m.n_total else f"{count(m.n_used)} of {count(m.n_total)}"


def _about(told: Told) -> Iterator[Block]:
    f = told.figures
    part = "all published rows" if f.is_whole else "a part of the published rows"
    yield Paragraph(f"{count(f.rows)} rows measured ({part}); {f.origin}; source: {f.source}.")
    if told.snapshot is not None:
        s = told.snapshot
        lines = f"{count(s.rows_read)} rows read = {count(s.rows_kept)} kept + {count(s.rows_bad)} bad"
        yield Paragraph(
            f"{lines}; {count(s.blank_lines)} blank lines; shape {s.shape}; snapshot {s.id}.", "quiet"
        )
    if told.entry is None:
        yield Paragraph("The catalogue does not know these rows: nothing is declared of them.", "warn")
        return
    rows = [(fact.label, fact.value, fact.status or "no source") for fact in facts.facts(told.entry)]
    yield table(("Declared", "Value", "How well known"), rows)
    unknown = facts.unknown_facts(told.entry)
    if unknown:
        yield Paragraph(f"Nobody declared: {', '.join(unknown)}.", "quiet")


def _licence(told: Told) -> Iterator[Block]:
    if told.licence is None:
        yield Paragraph("No licence is known of these rows; unknown never counts as permissive.", "warn")
        return
    verdict = told.licence
    tone = _TONES[licence.TONE[str(verdict.verdict)]]
    yield Paragraph(f"Commercial use: {verdict.verdict}. {licence.verdict_line(verdict)}", tone)
    reasons = licence.reasons(verdict, lambda name: name)
    rows = [(r.verdict, r.fact, r.path, r.sources) for r in reasons]
    yield table(("Verdict", "Fact", "Line of descent", "Read in"), rows)
    yield Paragraph("This reads published terms; it is not legal advice.", "quiet")


def _lengths(told: Told) -> Iterator[Block]:
    for metric in ("prompt_words", "response_words"):
        held = [d for d in told.figures.distributions if d.metric == metric]
        bins = drawn_bins({told.figures.title: held[0]}) if held else None
        if bins is not None:
            name = f"{NAMES[metric]}: share of {count(held[0].n_total)} rows, logarithmic bins"
            (shares,) = bins.shares.values()
            as_table = table(
                (bins.unit.capitalize(), "Share of rows"),
                [(label, percent(share)) for label, share in zip(bins.labels, shares, strict=True)],
                caption=name,
                numbers=("Share of rows",),
            )
            yield Chart(svg.histogram(NAMES[metric], bins.labels, {told.figures.title: shares}), as_table)
    held_figures = _of(told, ("structure",))
    if held_figures:
        hidden = {"language_share", "len_chars"}
        yield figure_table([m for m in held_figures if m.metric not in hidden])
        languages = [m for m in held_figures if m.metric == "language_share" and (m.value or 0) >= 0.01]
        said = ", ".join(f"{m.params.get('language')} {percent(m.value)}" for m in languages)
        if said:
            yield Paragraph(f"Languages of the responses, detected, from 1 %: {said}.")


def _figures(told: Told, sections: Iterable[str]) -> Iterator[Block]:
    held = [m for m in _of(told, tuple(sections)) if not _ASIDE & set(m.params)]
    shares = [m for m in held if m.metric.endswith("_share") and m.params]
    shown = [m for m in held if m not in shares]
    if shown:
        yield figure_table(plainest(shown))
    labels = sorted((m for m in shares if m.value), key=lambda m: -(m.value or 0))[:12]
    if labels:
        yield figure_table(labels, caption="The most frequent labels")


def _flags(told: Told) -> Iterator[Block]:
    held = {m.metric: m for m in flag_rates(told.figures.measurements)}
    if not held:
        return
    rated = sorted((m for m in held.values() if m.value), key=lambda m: (_rank(m), -(m.value or 0)))
    names = ("Flag", "Severity", "Rate", "95 % interval", "Rows", "Rule", "What it finds")
    rows = [
        (
            m.metric,
            SEVERITY[m.metric],
            percent(m.value, digits=2),
            interval_percent(m.ci_low, m.ci_high),
            rows_used(m),
            rule(m),
            finds(m),
        )
        for m in rated
    ]
    found = table(names, rows, caption="Flags that occur, with Wilson intervals", numbers=names[2:5])
    lines = [
        svg.Ranged(
            m.metric,
            m.ci_low if m.ci_low is not None else m.value or 0.0,
            m.value or 0.0,
            m.ci_high if m.ci_high is not None else m.value or 0.0,
            percent(m.value, digits=2),
            charts.SEVERITY[SEVERITY[m.metric]],
        )
        for m in rated
        if SEVERITY[m.metric] != "info"
    ]
    if lines:
        yield Chart(svg.rates("Flagged rows: share with 95 % interval", lines), NO_TABLE)
    usable = [m for m in told.figures.measurements if m.metric == "usable_rate"]
    for m in usable:
        yield Paragraph(
            f"Usable rows (no flag of severity error): {percent(m.value, digits=2)} "
            f"({interval_percent(m.ci_low, m.ci_high)}; {rows_used(m)} rows)."
        )
    if rated:
        yield found
    purpose = purpose_note(told.entry)
    if purpose:
        yield Paragraph(purpose, "quiet")
    absent = [name for name, m in held.items() if m.value == 0]
    if absent:
        most = max((held[name].ci_high or 0.0) for name in absent)
        yield Paragraph(
            f"Found in no row: {', '.join(absent)}. Zero is not absence: each may still have a rate up to "
            f"{percent(most, digits=2)} (95 %).",
            "quiet",
        )
    yield from _trainers(told)
    if told.examples:
        items = [(e.title, e.excerpt) for e in told.examples]
        yield Excerpts(
            tuple(items),
            "Examples, drawn by content; rows that hold private data or secrets show the shape of the text.",
        )


def _trainers(told: Told) -> Iterator[Block]:
    lines = trainer_lines(told.figures.measurements)
    if lines:
        caption = f"What trainers do with these rows. {CAPTION}"
        yield table(TABLE, [line.cells() for line in lines], caption=caption, numbers=TABLE[3:])
    others = untroubled(told.figures.measurements)
    if others:
        yield Paragraph(others, "quiet")


def _overlap(told: Told) -> Iterator[Block]:
    held = _of(told, ("duplicates",))
    if held:
        yield figure_table(held, caption="Rows that repeat an earlier row of the same set")
    ranked = sorted(told.overlaps, key=lambda o: -max(o.share_a or 0, o.share_b or 0))[:MOST_OVERLAPS]
    rows = []
    for o in ranked:
        is_a = o.a == told.name
        own, other = (o.share_a, o.share_b) if is_a else (o.share_b, o.share_a)
        name, exact = (o.b, o.exact_a) if is_a else (o.a, o.exact_b)
        rule = f"{o.view}, {o.shingle}-word shingles, Jaccard ≥ {o.threshold:g}"
        sizes = f"{count(o.rows_a if is_a else o.rows_b)} / {count(o.rows_b if is_a else o.rows_a)}"
        rows.append((name, percent(own, digits=2), percent(other, digits=2), count(exact), sizes, rule))
    names = (
        "Other set",
        "Of this set in it",
        "Of it in this set",
        "Equal rows",
        "Rows (this / other)",
        "Rule",
    )
    if rows:
        caption = "Rows shared with other sets, every pair decided on its real shingles"
        yield table(names, rows, caption=caption, numbers=names[1:5])
    else:
        yield Paragraph(
            "No overlap with other sets is stored; instructory overlap A B measures one.", "quiet"
        )


def _benchmarks(told: Told) -> Iterator[Block]:
    rows = []
    for c in told.contaminations:
        bound = "unknown" if c.upper_bound is None else f"up to {percent(c.upper_bound, digits=2)}"
        cover = UNKNOWN if c.coverable is None else percent(c.coverable)
        rows.append(
            (
                c.benchmark,
                c.rule,
                f"{count(c.benchmark_hits)} of {count(c.benchmark_rows)}",
                cover,
                bound,
                count(c.dataset_hits),
            )
        )
    names = ("Benchmark", "Rule", "Items found", "Items it could find", "Share at 95 %", "Rows that hold one")
    if rows:
        yield table(names, rows, numbers=names[2:])
        yield Paragraph(
            "Zero is not absence: the bound holds for copies in the same words only, not for paraphrases or "
            "translations.",
            "quiet",
        )
    else:
        yield Paragraph("Not looked for; the option --against BENCHMARK looks for the items of one.", "quiet")


def _every(told: Told) -> Iterator[Block]:
    held = told.figures.measurements
    caption = f"All {count(len(held))} figures of {told.figures.title}"
    yield replace(figure_table(held, caption=caption), is_folded=True)


def _of(told: Told, sections: Sequence[str]) -> list[Measurement]:
    found = [m for m in told.figures.measurements if facts_of(m.metric).section in sections]
    order = {name: place for place, name in enumerate(sections)}
    return sorted(found, key=lambda m: order[facts_of(m.metric).section])


def _rank(m: Measurement) -> int:
    return _SEVERITIES.index(SEVERITY[m.metric])
