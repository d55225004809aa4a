"""Cached reads: the only place that asks Streamlit to remember something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.views.browse import known_values
from dashboard.views.figures import Figures, own_figures, shipped_figures, united
from dashboard.views.plain import one_line
from registry.entry import Entry
from registry.figures import measured_sets
from registry.registry import Registry
from registry.snapshot import Snapshot, open_snapshot


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
    return frozenset(entry.id for entry in registry().find(search=search or None))


@st.cache_resource(show_spinner=False)
def catalogue() -> Mapping[str, Entry]:
    """Entries and samples by id."""
    return {**{entry.id: entry for entry in entries()}, **registry().samples}


@st.cache_resource(show_spinner=False)
def shipped() -> tuple[Figures, ...]:
    """The figures that came with the package."""
    return tuple(shipped_figures(measured) for measured in measured_sets().values())


def figures() -> dict[str, Figures]:
    """All figures by name; what was measured here is read anew each time, for other programs add to it."""
    return united(shipped(), own_figures(registry(), catalogue()))


def names() -> dict[str, str]:
    """Everything the Dataset page can show: its name in addresses, and how a list names it."""
    listed = {key: f"{one_line(entry.name, 60)}  ({key})" for key, entry in catalogue().items()}
    others = {f.name: f.title for f in figures().values() if f.entry is None}
    local = {s.dataset: one_line(s.dataset, 60) for s in registry().snapshots()}
    return {**local, **others, **listed}


def title_of(name: str) -> str:
    """The name of an entry by its id; the id itself where there is none."""
    entry = catalogue().get(name)
    return one_line(entry.name, 60) if entry else one_line(name, 60)


def measured_ids() -> frozenset[str]:
    """The entries that have figures."""
    return frozenset(f.entry for f in figures().values() if f.entry)


def measured_totals() -> tuple[int, int]:
    """How many sets have figures, and how many rows were measured."""
    held = figures().values()
    return len(held), sum(f.rows for f in held)


def snapshot(name: str) -> Snapshot | None:
    """The rows of a dataset that are on this machine, a sample's included; None where there are none."""
    if name in registry().samples:
        return open_snapshot(registry(), name)
    return registry().latest_snapshot(name)


@st.cache_data(show_spinner="Reading the flags of every row …", max_entries=8, max_size="200MB")
def flag_bits(snapshot_id: str, dataset: str) -> npt.NDArray[np.uint64]:
    """The flags of each row of a snapshot, computed and stored where nobody did before."""
    from analyzers.row_features import row_features

    held = snapshot(dataset)
    assert held is not None and held.id == snapshot_id
    table = row_features(held, registry().settings.features)
    bits: npt.NDArray[np.uint64] = table.column("flags").to_numpy()
    return bits


@st.cache_data(show_spinner=False, max_entries=64)
def explained_rows(snapshot_id: str, dataset: str, positions: tuple[int, ...]) -> list[tuple[dict[str, Any], Any]]:
    """Rows at the positions, each with why it is flagged."""
    from analyzers.hygiene import explain

    held = snapshot(dataset)
    assert held is not None and held.id == snapshot_id
    table = held.take(positions)
    return list(zip(table.to_pylist(), explain(table), strict=True))


def measure(held: Snapshot, progress: Callable[[float, str], None]) -> None:
    """Run every analyzer over a snapshot and keep the figures; `progress` hears shares in [0, 1]."""
    from analyzers.run import analyze_snapshot

    def heard(done: int, total: int | None, what: str) -> None:
        progress(min(done / total, 1.0) if total else 0.0, what)

    found = analyze_snapshot(registry(), held, progress=heard)
    registry().add_distributions(held.id, found.distributions)


def category_of(entry_id: str) -> str | None:
    """The construction category of an entry; None where the catalogue does not know it."""
    entry = catalogue().get(entry_id)
    return None if entry is None else str(entry.category)
