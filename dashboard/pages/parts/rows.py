"""Rows as conversations, page by page."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.pages.parts import plain
from dashboard.views import rows, trainers
from dashboard.views.numbers import count
from dashboard.views.rows import ShownRow
from registry.snapshot import Snapshot


def show_rows(snapshot: Snapshot) -> None:
    """The rows that carry the chosen flags and that the chosen trainers refuse, a page at a time."""
    bits, refusals = data.row_bits(snapshot.id, snapshot.dataset)
    counts = rows.flag_counts(bits)
    chosen = st.pills(
        "Only rows flagged as",
        list(counts),
        selection_mode="multi",
        format_func=lambda flag: f"{flag} · {count(counts[flag])}",
        key="dataset.flags",
    )
    positions = rows.flagged_positions(bits, chosen, snapshot.rows_kept)
    refusing = trainers.refusal_counts(refusals)
    named: list[str] = []
    if refusing:
        named = st.pills(
            "Only rows refused by",
            list(refusing),
            selection_mode="multi",
            format_func=lambda name: f"{name} {trainers.VERDICTS[name]} · {count(refusing[name])}",
            key="dataset.trainers",
        )
        positions = trainers.refused_positions(positions, refusals, named)
    pages = rows.page_count(len(positions))
    left, right = st.columns([2, 3], vertical_alignment="center")
    left.caption(f"{count(len(positions))} of {count(snapshot.rows_kept)} rows")
    with right:
        page = st.pagination(pages, key=f"dataset.page.{snapshot.id[:8]}.{'-'.join([*chosen, *named])}")
    for flag in chosen:
        st.caption(f"{flag}: {rows.flag_help(flag)}")
    shown = data.explained_rows(snapshot.id, snapshot.dataset, tuple(rows.page_of(positions, page)))
    for place, (row, evidence, verdicts) in enumerate(shown):
        _show_row(rows.shown_row(row, evidence, verdicts), place)


def _show_row(row: ShownRow, place: int) -> None:
    with st.container(border=True, key=f"row-{place}"):
        st.caption(row.title)
        for number, turn in enumerate(row.turns):
            with st.container(key=f"turn-{turn.kind}-{place}-{number}"):
                plain.quiet(turn.role, f"role-{place}-{number}")
                plain.run(turn.segments, f"{place}-{number}")
                for note, text in enumerate(turn.notes):
                    plain.quiet(text, f"note-{place}-{number}-{note}")
        for number, flag in enumerate(row.flags):
            with st.container(horizontal=True, wrap=False, key=f"flag-{place}-{number}"):
                st.badge(flag.flag, color=rows.SEVERITY_COLOUR[flag.severity])
                plain.quiet(flag.seen, f"seen-{place}-{number}")
        for number, text in enumerate(row.trainers):
            plain.quiet(text, f"trainer-{place}-{number}")
        if row.has_hidden:
            st.caption("Characters that cannot be seen are shown as ⟨U+…⟩.")
        with st.expander("Raw row, character for character"):
            st.code(row.raw, language=None, wrap_lines=True, height=240)
