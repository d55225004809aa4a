"""The facets of the Browse page, held in the session and written to the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.selection import FACETS, SORTS, BrowseSelection, Facet, browse_query
from dashboard.views.browse import option_label

_IN_SIGHT = ("category", "commercial")
_LISTS = ("method", "focus", "license", "language")
_KEPT = "browse_kept"


def held(asked: BrowseSelection) -> BrowseSelection:
    """The filter in force: what the widgets hold, else what the address asks for."""
    state = st.session_state
    chosen = {f.name: tuple(state.get(_key(f), asked.chosen.get(f.name, ()))) for f in FACETS}
    search = str(state.get("browse.search", asked.search)).strip()
    return BrowseSelection(chosen, search, str(state.get("browse.sort", asked.sort)))


def kept(query: Mapping[str, str]) -> Mapping[str, str]:
    """The address, or on coming back without one, the filter as it was left."""
    return query or dict(st.session_state.get(_KEPT, {}))


def show(
    selection: BrowseSelection, counts: Mapping[str, Mapping[str, int]], known: Mapping[str, Sequence[str]]
) -> None:
    """Draw the facets in the sidebar and write the filter to the address."""
    hold(selection)
    facets = {facet.name: facet for facet in FACETS}
    with st.sidebar:
        for name in _IN_SIGHT:
            _pills(facets[name], counts[name], known[name])
        for name in _LISTS:
            _list(facets[name], counts[name], known[name])
        others = [facet for facet in FACETS if facet.name not in _IN_SIGHT + _LISTS]
        with st.expander("More", expanded=any(selection.chosen.get(facet.name) for facet in others)):
            for facet in others:
                _pills(facet, counts[facet.name], known[facet.name])
        st.button(
            "Clear all",
            on_click=hold,
            args=(BrowseSelection(),),
            disabled=selection.is_empty,
            width="stretch",
        )


def hold(selection: BrowseSelection) -> None:
    """Put `selection` into the widgets and the address."""
    for facet in FACETS:
        # Given anew each run: labels carry counts, and a widget whose labels change forgets its value.
        st.session_state[_key(facet)] = list(selection.chosen.get(facet.name, ()))
    st.session_state["browse.search"] = selection.search
    st.session_state["browse.sort"] = selection.sort if selection.sort in SORTS else "rows"
    st.session_state[_KEPT] = browse_query(selection)
    st.query_params.from_dict(browse_query(selection))


def _key(facet: Facet) -> str:
    return f"browse.{facet.name}"


def _list(facet: Facet, counts: Mapping[str, int], known: Sequence[str]) -> None:
    offered = [v for v in known if counts.get(v)] + [
        v for v in st.session_state[_key(facet)] if not counts.get(v)
    ]
    st.multiselect(
        facet.label,
        offered,
        key=_key(facet),
        placeholder="any",
        format_func=lambda v: option_label(facet, v, counts),
    )


def _pills(facet: Facet, counts: Mapping[str, int], known: Sequence[str]) -> None:
    st.pills(
        facet.label,
        known,
        key=_key(facet),
        selection_mode="multi",
        format_func=lambda v: option_label(facet, v, counts),
    )
