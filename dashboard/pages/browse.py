"""Browse: the catalogue, narrowed by facets and words."""

import streamlit as st

from dashboard import data
from dashboard.pages.parts import catalogue, facets
from dashboard.selection import SORTS, browse_from
from dashboard.views import browse

entries, measured = data.entries(), data.measured_ids()
selection = facets.held(browse_from(facets.kept(st.query_params.to_dict()), data.known()))
hits = data.found(selection.search)
within = [entry for entry in entries if entry.id in hits]
facets.show(selection, browse.counts_under(within, selection, measured), data.known())
shown = browse.ordered(browse.matching(within, selection, measured), selection.sort)

st.title("What instruction-tuning data exists?")
st.markdown(browse.summary(entries, *data.measured_totals()))
words, order, save = st.columns([6, 2, 2], vertical_alignment="bottom")
words.text_input("Search", key="browse.search", placeholder="name, method, teacher, note …")
order.selectbox("Order", list(SORTS), format_func=SORTS.__getitem__, key="browse.sort")
save.download_button(
    "Download CSV", lambda: browse.csv_table(shown, measured), "datasets.csv", "text/csv", width="stretch"
)
if not shown:
    st.info("No dataset fits this filter. Remove a value, search for fewer words, or **Clear all**.")
    st.stop()
left, right = st.columns([14, 7], gap="medium")
with right:
    catalogue.show_charts(shown, selection)
with left:
    opened = catalogue.show_table(shown, measured, len(entries))
if opened is not None:
    st.switch_page("pages/dataset.py", query_params={"id": opened.id})
