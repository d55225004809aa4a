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
            with st.container(key=f"{'mark' if piece.is_marked else 'text'}-{key}-{place}"):
                st.text(_guarded(piece.text))


def _guarded(text: str) -> str:
    """`text` between two word joiners, which take no room: else blanks at its ends would be cut off."""
    return f"\u2060{text}\u2060"
