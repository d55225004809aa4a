"""What was measured on one dataset."""

from __future__ import annotations

import streamlit as st

from dashboard.pages.parts import plain
from dashboard.selection import word
from dashboard.views import compare, lengths, measured, prompts, trainers
from dashboard.views.figures import Figures
from registry.entry import Entry


def show_figures(entry: Entry | None, held: list[Figures]) -> None:
    """Headline numbers, declared beside measured, charts, and every number in a table."""
    figures = held[0]
    if len(held) > 1:
        labels = {f.name: f.label for f in held}
        name = st.selectbox(
            "Measured rows", list(labels), format_func=labels.__getitem__, key="dataset.figures"
        )
        figures = next((f for f in held if f.name == name), figures)
    plain.quiet(measured.origin_line(figures), "origin")
    with st.container(horizontal=True, key="cards"):
        for card in measured.cards(figures):
            st.metric(card.label, card.value, help=card.meaning, border=True, width=170)
    left, right = st.columns(2, gap="large")
    with left:
        _lengths(figures)
        if entry is not None:
            st.markdown("**Declared beside measured**")
            st.dataframe(measured.beside_table(measured.beside(entry, figures)), hide_index=True)
    with right:
        flagged = measured.flag_chart(figures)
        if flagged is None:
            st.info("No row carries a flag." if figures.value("usable_rate") else "Flags were not measured.")
        else:
            st.echarts_chart(flagged[0], height=flagged[1])
        st.caption(measured.remarks(figures))
        st.caption(measured.purpose_note(entry))
        languages = measured.language_chart(figures)
        if languages is not None:
            st.echarts_chart(languages, height=230)
    _trainers(figures)
    _prompts(figures)
    with st.expander(f"All {len(figures.measurements)} measurements"):
        st.dataframe(measured.all_rows(figures), hide_index=True)
        st.caption("Numbers are associated with training value at best; docs/metrics says what each means.")


def show_distribution(chosen: list[Figures], titles: list[str]) -> str | None:
    """Distributions of several sets over each other; the metric shown, None where they share none."""
    offered = compare.shared_metrics(chosen)
    asked = word(st.query_params.get("metric", ""), offered, next(iter(offered), ""))
    metric = st.selectbox(
        "Distribution",
        offered,
        index=offered.index(asked) if offered else None,
        format_func=lengths.NAMES.__getitem__,
        key="compare.metric",
    )
    chart = compare.length_chart(chosen, titles, metric) if metric else None
    if chart is None:
        st.info("These sets have no distribution in common bins.")
    else:
        st.echarts_chart(chart, height=430)
    return metric


def _trainers(figures: Figures) -> None:
    lines = trainers.trainer_lines(figures.measurements)
    if lines:
        st.markdown("**What trainers do with these rows**")
        st.dataframe(trainers.trainer_table(lines), hide_index=True)
        st.caption(trainers.CAPTION)
    st.caption(trainers.untroubled(figures.measurements))


def _prompts(figures: Figures) -> None:
    verbs, tasks = prompts.verb_chart(figures), prompts.task_chart(figures)
    left, right = st.columns(2, gap="large")
    if verbs is not None:
        left.echarts_chart(verbs, height=560)
        left.caption(prompts.verb_note(figures))
    if tasks is not None:
        right.echarts_chart(tasks, height=330)
    domains = prompts.domain_chart(figures)
    if domains is not None:
        right.echarts_chart(domains, height=330)


def _lengths(figures: Figures) -> None:
    offered = lengths.offered(figures.distributions)
    if not offered:
        return
    metric = st.selectbox(
        "Distribution", offered, format_func=lengths.NAMES.__getitem__, key="dataset.metric"
    )
    chart = measured.length_chart(figures, metric)
    if chart is not None:
        st.echarts_chart(chart, height=320)
