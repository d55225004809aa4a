"""Datasets on equal draws: one figure as points with ranges, all of them in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.views import commands, fair


def show_fair(names: Sequence[str], titles: Mapping[str, str]) -> None:
    """The fair comparison of the datasets, or the command that makes one."""
    st.subheader("On equal draws")
    found = fair.fitting(data.comparisons(), names)
    if not found:
        st.info("These datasets were not compared on draws of equal size yet. With their rows fetched:")
        st.code(commands.fair_command(names), language=None)
        return
    unit = st.segmented_control(
        "Draws of",
        list(found),
        default=next(iter(found)),
        format_func=fair.UNITS.__getitem__,
        key="compare.unit",
    )
    comparison = found.get(unit or "", next(iter(found.values())))
    plain.quiet(fair.explained(comparison), "fair")
    if warned := fair.cautions(comparison):
        plain.notice("warn", warned, "fair")
    offered = fair.choices(comparison)
    if offered:
        name = st.selectbox("Figure", list(offered), key="compare.figure")
        drawn = fair.chart(comparison, offered[name], titles)
        if drawn is not None:
            st.echarts_chart(drawn[0], height=drawn[1])
    with st.expander(f"All {len(comparison.figures)} figures on equal draws"):
        st.dataframe(fair.table(comparison, titles), hide_index=True)
