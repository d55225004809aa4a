"""Text of others, shown by plain-text elements only: never as markup, so nothing in it can act."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.views.rows import Segment


def title(text: str) -> None:
    """The heading of a page about something that others named."""
    with st.container(key="title"):
        st.text(text)


def quiet(text: str, key: str) -> None:
    """A remark in small grey letters."""
    with st.container(key=f"quiet-{key}"):
        st.text(text)


def notice(kind: str, text: str, key: str) -> None:
    """A message in a coloured box; `kind` is error, warn, info or good."""
    with st.container(key=f"notice-{kind}-{key}"):
        st.text(text)


def run(pieces: Sequence[Segment], key: str) -> None:
    """Pieces of one text in a line, the marked ones with a coloured ground."""
    with st.container(key=f"run-{key}"):
        for place, piece in enumerate(pieces):
            if piece.is_marked:
                with st.container(key=f"mark-{key}-{place}"):
                    st.text(piece.text)
            else:
                st.text(piece.text)
