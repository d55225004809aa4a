"""Leaks: which benchmarks stand in which datasets, and what a search for them cannot see."""

from functools import partial

import streamlit as st

from dashboard import data
from dashboard.pages.parts.leaks import choose_leak, hold_clicked, show_leak
from dashboard.views import contamination

st.title("Does it leak my benchmarks?")
found = data.contaminations()
titles = data.titles()
benchmarks = data.benchmarks(item.result.benchmark for item in found)
if not found:
    st.info("No benchmark was looked for yet. Choose a dataset whose rows are here, and a benchmark.")
    choose_leak({}, titles, benchmarks)
    st.stop()
rules = contamination.rules(found)
left, right = st.columns([7, 5], gap="large")
with left:
    rule = rules[0] if len(rules) == 1 else st.selectbox("Rule", rules, key="contamination.rule")
    pairs = contamination.by_pair(found, rule)
    shown = contamination.affected(pairs)
    if not shown or st.toggle("Also sets in which nothing was found", key="contamination.all"):
        shown = sorted({dataset for dataset, _ in pairs})
    drawn = contamination.matrix(pairs, shown, titles)
    with st.container(key="scroll"):
        st.echarts_chart(
            drawn.chart,
            height=drawn.height,
            key="contamination.matrix",
            on_select=partial(hold_clicked, drawn),
        )
    st.caption("An empty cell was not looked at. Select a cell to see what was found.")
with right:
    chosen = choose_leak(pairs, titles, benchmarks)
    st.caption("Where most was found")
    st.dataframe(contamination.ranking(pairs, titles), hide_index=True, height="content")
if chosen is not None:
    show_leak(chosen, titles)
