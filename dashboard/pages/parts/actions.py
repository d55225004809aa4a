"""What can be done when rows or figures are missing: commands to copy, and measuring at once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.views import commands
from registry.entry import Entry
from registry.errors import InstructoryError
from registry.snapshot import Snapshot


def offer_rows(name: str, entry: Entry | None) -> None:
    """How to bring the rows here."""
    st.info("The rows of this dataset are not on this machine. Fetch them, then reload this page:")
    st.code(commands.fetch_command(name, on_hub=bool(entry and entry.hf_id)), language=None)
    st.code(commands.analyze_command([name]), language=None)
    if entry is not None and not entry.hf_id:
        st.caption("No Hub repository is known for it: download the file yourself and name it after --from.")


def then_reload(action: Callable[[], object], doing: str, key: str) -> None:
    """Do something while the page says what, then run the page anew; a refusal is shown instead."""
    try:
        with st.spinner(doing, show_time=True):
            action()
    except InstructoryError as error:
        plain.notice("error", str(error), key)
    else:
        st.rerun()


def offer_measuring(snapshot: Snapshot) -> None:
    """Measure the rows that are here, with progress; the same as the command under it."""
    st.info("The rows are here, but nobody measured them yet.")
    if st.button("Measure now", type="primary", key="dataset.measure"):
        bar = st.progress(0.0, "Measuring …")
        try:
            data.measure(snapshot, bar.progress)
        except InstructoryError as error:
            bar.empty()
            plain.notice("error", str(error), "measure")
        else:
            st.rerun()
    st.code(commands.analyze_command([snapshot.dataset]), language=None)
