"""Two datasets: what they share in both directions, and the rows that prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.pages.parts.actions import then_reload
from dashboard.selection import word
from dashboard.views import commands, overlap
from dashboard.views.overlap import Found, Matrix, ShownPair


def hold_clicked(drawn: Matrix) -> None:
    """Take the pair of the clicked cell into the two lists."""
    pair = overlap.clicked(drawn, st.session_state["overlap.matrix"].selection.selected)
    if pair is not None:
        st.session_state["overlap.a"], st.session_state["overlap.b"] = pair


def choose_pair(pairs: Mapping[tuple[str, str], Found], titles: Mapping[str, str]) -> Found | None:
    """Two lists of datasets, their overlap in words, and a way to measure it where rows are here."""
    names = list(titles)
    first, second = overlap.strongest(pairs) or tuple(names[:2])
    for key, otherwise in (("a", first), ("b", second)):
        st.session_state.setdefault(f"overlap.{key}", word(st.query_params.get(key, ""), names, otherwise))
    a = st.selectbox("Rows of", names, format_func=titles.__getitem__, key="overlap.a")
    b = st.selectbox("found in", names, format_func=titles.__getitem__, key="overlap.b")
    st.query_params.from_dict({"a": a, "b": b})
    found = pairs.get((a, b))
    if a == b:
        st.info("Choose two different datasets.")
        return None
    if found is None:
        st.info("This pair was not measured.")
    else:
        for place, sentence in enumerate(overlap.sentences(found, titles)):
            plain.notice("info", sentence, f"way-{place}")
        plain.quiet(f"{str(found.origin).capitalize()} · {found.rule}", "rule")
    if found is None or not found.overlap.examples:
        _offer(a, b, found)
    return found


def show_pairs(shown: Sequence[ShownPair]) -> None:
    """Two texts side by side for each, what both say marked."""
    for place, pair in enumerate(shown):
        with st.container(border=True, key=f"pair-{place}"):
            plain.quiet(pair.heading, f"pair-{place}")
            left, right = st.columns(2, gap="medium")
            with left:
                plain.run(pair.left, f"a-{place}")
            with right:
                plain.run(pair.right, f"b-{place}")


def _offer(a: str, b: str, found: Found | None) -> None:
    rows_a, rows_b = data.local(a), data.local(b)
    if rows_a is None or rows_b is None:
        st.caption("To see the rows themselves, fetch both datasets, then run:")
    elif found is not None and not (found.overlap.matched_a or found.overlap.matched_b):
        return
    elif st.button("Measure this pair now", type="primary", key="overlap.measure"):
        doing = "Comparing every row of one with every row of the other …"
        then_reload(lambda: data.measure_overlap(rows_a, rows_b), doing, "overlap")
    st.code(commands.overlap_command(data.fetch_name(a), data.fetch_name(b)), language=None)
