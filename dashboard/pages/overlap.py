"""Overlap: which rows of one dataset stand in another, read both ways."""

from functools import partial

import streamlit as st

from dashboard import data
from dashboard.pages.parts.pair import choose_pair, hold_clicked, show_pairs
from dashboard.views import overlap

st.title("What do they share?")
found = data.overlaps()
titles = data.titles()
if not found:
    st.info("No two datasets were compared yet. Choose two whose rows are here and measure them.")
    choose_pair({}, titles)
    st.stop()
left, right = st.columns([7, 5], gap="large")
with left:
    rules = overlap.rules(found)
    rule = rules[0]
    if len(rules) > 1:
        rule = st.selectbox("Rule", rules, key="overlap.rule")
    pairs = overlap.by_pair(found, rule)
    shown = overlap.notable(pairs)
    if not shown or st.toggle("Also sets that share next to nothing", key="overlap.all"):
        shown = sorted({name for pair in pairs for name in pair})
    drawn = overlap.matrix(pairs, shown, titles)
    with st.container(key="scroll-wide" if drawn.is_wide else "scroll"):
        st.echarts_chart(
            drawn.chart, height=drawn.height, key="overlap.matrix", on_select=partial(hold_clicked, drawn)
        )
    st.caption(f"A match: {rule}. Select a cell to see the pair on both sides.")
with right:
    chosen = choose_pair(pairs, titles)
    st.caption("The strongest overlaps")
    st.dataframe(overlap.ranking(pairs, titles), hide_index=True, height="content")
if chosen is not None:
    show_pairs(overlap.pairs_shown(chosen, titles))
