"""Browse: the catalogue, narrowed by facets and words."""

from functools import partial

import streamlit as st

from dashboard import data
from dashboard.pages.parts import facets
from dashboard.selection import SORTS, BrowseSelection, browse_from
from dashboard.views import browse

COLUMNS = {
    "Name": st.column_config.TextColumn(width=190),
    "Construction": st.column_config.TextColumn(width=104),
    "Method": st.column_config.TextColumn(width=140),
    "Focus": st.column_config.TextColumn(width=96),
    "Rows": st.column_config.NumberColumn(format="compact", help="declared by the publisher"),
    "Year": st.column_config.NumberColumn(format="%d", width="small"),
    "Measured": st.column_config.CheckboxColumn(width="small", help="figures of its real rows are at hand"),
}


def pick_sector(selection: BrowseSelection, targets: list[dict[str, tuple[str, ...]]], key: str) -> None:
    """Filter by the sector of the sunburst that was clicked; a second click opens it again."""
    facets.hold(browse.clicked(selection, targets, st.session_state[key].selection.selected))


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
    st.info("No dataset fits this filter. Remove a value in the filter, search for fewer words, or **Clear all**.")
    st.stop()

left, right = st.columns([14, 7], gap="medium")
with left:
    st.caption(f"{browse.headline(len(shown), len(entries))} · select a row to open it")
    event = st.dataframe(
        browse.table(shown, measured),
        key="browse.table",
        height=640,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config=COLUMNS,
    )
with right:
    sunburst, targets = browse.construction(shown)
    key = f"browse.sunburst.{hash(repr(selection))}"
    st.echarts_chart(sunburst, height=340, key=key, on_select=partial(pick_sector, selection, targets, key))
    st.echarts_chart(browse.by_year(shown), height=190)
    st.echarts_chart(browse.by_size(shown), height=190)
if event.selection.rows:
    st.switch_page("pages/dataset.py", query_params={"id": shown[event.selection.rows[0]].id})
