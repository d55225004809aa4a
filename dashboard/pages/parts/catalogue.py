"""The catalogue as a table and as charts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import streamlit as st

from dashboard.pages.parts import facets
from dashboard.selection import BrowseSelection
from dashboard.views import browse
from registry.entry import Entry

_COLUMNS = {
    "Name": st.column_config.TextColumn(width=178),
    "Rows": st.column_config.NumberColumn(format="compact", help="declared by the publisher"),
    "Construction": st.column_config.TextColumn(width=98),
    "Method": st.column_config.TextColumn(width=130),
    "Focus": st.column_config.TextColumn(width=84),
    "Licence": st.column_config.TextColumn(width=90),
    "Year": st.column_config.NumberColumn(format="%d", width="small"),
    "Measured": st.column_config.CheckboxColumn(width="small", help="figures of its real rows are at hand"),
}


def show_table(shown: Sequence[Entry], measured: Collection[str], total: int) -> Entry | None:
    """The table; the entry whose row was selected, None where none was."""
    st.caption(f"{browse.headline(len(shown), total)} · select a row to open it")
    event = st.dataframe(
        browse.table(shown, measured),
        key="browse.table",
        height=640,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_COLUMNS,
    )
    return shown[event.selection.rows[0]] if event.selection.rows else None


def show_charts(shown: Sequence[Entry], selection: BrowseSelection) -> None:
    """Construction, years and sizes; a click on a sector filters by it."""
    sunburst, targets = browse.construction(shown)
    key = f"browse.sunburst.{hash(repr(selection))}"
    st.echarts_chart(sunburst, height=340, key=key, on_select=partial(_pick, selection, targets, key))
    st.echarts_chart(browse.by_year(shown), height=190)
    st.echarts_chart(browse.by_size(shown), height=190)


def _pick(selection: BrowseSelection, targets: list[dict[str, tuple[str, ...]]], key: str) -> None:
    facets.hold(browse.clicked(selection, targets, st.session_state[key].selection.selected))
