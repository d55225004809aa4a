"""Cached reads: the only place that asks Streamlit to remember something."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.views.browse import known_values
from dashboard.views.figures import Figures, shipped_figures, united
from registry.entry import Entry
from registry.figures import measured_overlaps, measured_sets
from registry.registry import Registry


@st.cache_resource(show_spinner=False)
def registry() -> Registry:
    """The registry of this server."""
    return Registry.open()


@st.cache_resource(show_spinner=False)
def entries() -> tuple[Entry, ...]:
    """Every entry of the catalogue."""
    return tuple(registry().values())


@st.cache_resource(show_spinner=False)
def known() -> Mapping[str, tuple[str, ...]]:
    """The values each facet can take."""
    return known_values(entries())


@st.cache_data(show_spinner=False, max_entries=200)
def found(search: str) -> frozenset[str]:
    """The ids of the entries in which all words of `search` occur."""
    return frozenset(entry.id for entry in registry().find(search=search))


def figures() -> dict[str, Figures]:
    """All figures, shipped and measured here, by name."""
    return united((shipped_figures(measured) for measured in measured_sets().values()), ())


def measured_ids() -> frozenset[str]:
    """The entries that have figures."""
    return frozenset(f.entry for f in figures().values() if f.entry)


def measured_totals() -> tuple[int, int]:
    """How many sets have figures, and how many rows were measured."""
    held = figures().values()
    return len(held), sum(f.rows for f in held)
