"""Audit: what is declared beside what was measured, and where sources disagree."""

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.selection import word, words
from dashboard.views import audit, commands
from dashboard.views.problems import said
from registry.errors import InstructoryError

TABS = {"measured": "Declared beside measured", "sources": "Sources that disagree"}

st.title("What does not add up?")
tab = st.segmented_control(
    "Show",
    list(TABS),
    default=word(st.query_params.get("show", ""), TABS, "measured"),
    format_func=TABS.__getitem__,
    key="audit.show",
    label_visibility="collapsed",
    required=True,
)
st.query_params["show"] = tab or "measured"
if tab == "sources":
    st.caption("Every reading side by side; of several readings of a licence the strictest rules.")
    st.dataframe(audit.disputes(data.entries()), hide_index=True, height=640)
    st.stop()
try:
    audits = data.audits()
except InstructoryError as error:
    plain.notice("error", said(error), "audit")
    st.stop()
if not audits:
    st.info("No rows of any entry were measured yet. Fetch and measure some:")
    st.code(commands.analyze_command(["sample-human"]), language=None)
    st.stop()
st.markdown(audit.summary(audits))
left, right = st.columns([3, 1], vertical_alignment="bottom")
only = left.multiselect(
    "Facts",
    list(audit.FACTS),
    default=words(st.query_params.get("facts", ""), audit.FACTS),
    format_func=audit.FACTS.__getitem__,
    placeholder="all facts",
    key="audit.facts",
)
everything = right.toggle("Also what agrees", value=True, key="audit.all")
found = audit.table(audits, only=only, everything=everything)
if found:
    st.dataframe(found, hide_index=True, height=min(38 + 35 * len(found), 640))
else:
    st.info("Nothing differs among these facts.")
st.caption("Nothing is settled here: a declared and a measured fact stand side by side.")
