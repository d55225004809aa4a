"""Cached reads: the only place that asks Streamlit to remember something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from shutil import make_archive
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.views import contamination, family, overlap
from dashboard.views.browse import known_values
from dashboard.views.figures import Figures, Origin, own_figures, shipped_figures, united
from dashboard.views.overlap import Found
from dashboard.views.plain import one_line
from registry import audit
from registry.audit import Audit
from registry.comparisons import FairComparison
from registry.contaminations import measured_contaminations
from registry.entry import Entry
from registry.errors import NotMeasuredError
from registry.figures import measured_overlaps, measured_sets
from registry.hashed_benchmarks import hashed_records, open_benchmark
from registry.lineage import Lineage
from registry.registry import Registry
from registry.snapshot import Snapshot, open_snapshot

if TYPE_CHECKING:
    from mixtures.build import Build
    from mixtures.plan import Plan
    from mixtures.recipe import MixtureRecipe


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


def lineage(entry_id: str) -> Lineage:
    """The declared family of an entry, with what was measured of it."""
    return family.with_measured(registry().lineage(entry_id), overlaps(), (*shipped(), *figures().values()))


def comparisons() -> list[FairComparison]:
    """The fair comparisons made on this machine."""
    return registry().comparisons()


def report(names: Sequence[str]) -> bytes:
    """The report of these datasets as one HTML file; what was not measured yet is measured."""
    from dashboard.report.build import report_document
    from dashboard.report.gather import told
    from dashboard.report.html import to_html
    from mixtures.lock import writer_versions

    held = [told(registry(), name) for name in names]
    made_by = f"instructory {writer_versions()['instructory']}"
    return to_html(report_document(held, comparisons(), made_by=made_by)).encode()


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
def row_bits(snapshot_id: str, dataset: str) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The flags of each row of a snapshot, and what of it trainers do not take; computed where nobody did."""
    from analyzers.row_features import row_features

    held = snapshot(dataset)
    if held is None or held.id != snapshot_id:
        raise NotMeasuredError(f"the rows of {dataset!r} changed; reload the page")
    table = row_features(held, registry().settings.features)
    return table.column("flags").to_numpy(), table.column("refusals").to_numpy()


@st.cache_data(show_spinner=False, max_entries=64)
def explained_rows(
    snapshot_id: str, dataset: str, positions: tuple[int, ...]
) -> list[tuple[dict[str, Any], Any, Any]]:
    """Rows at the positions, each with why it is flagged and why trainers do not take it."""
    from analyzers.hygiene import explain
    from analyzers.row_features import stored_cut, stored_features
    from analyzers.trainers import row_verdicts

    held = snapshot(dataset)
    if held is None or held.id != snapshot_id:
        raise NotMeasuredError(f"the rows of {dataset!r} changed; reload the page")
    table = held.take(positions)
    cut = stored_cut(stored_features(held, registry().settings.features))
    return list(zip(table.to_pylist(), explain(table, cut), row_verdicts(table), strict=True))


def measure(held: Snapshot, progress: Callable[[float, str], object]) -> None:
    """Run every analyzer over a snapshot and keep the figures; `progress` hears shares in [0, 1]."""
    from analyzers.run import analyze_snapshot

    def heard(done: int, total: int | None, what: str) -> None:
        progress(min(done / total, 1.0) if total else 0.0, what)

    analyze_snapshot(registry(), held, progress=heard)


def category_of(entry_id: str) -> str | None:
    """The construction category of an entry; None where the catalogue does not know it."""
    entry = catalogue().get(entry_id)
    return None if entry is None else str(entry.category)


def overlaps() -> list[Found]:
    """All overlaps, shipped and measured here, under the names of figures."""
    known = figures()
    found = overlap.gathered(measured_overlaps(), registry().overlaps())
    return overlap.fitting(overlap.renamed(found, overlap.aliases(shipped(), known)), known)


def contaminations() -> list[contamination.Found]:
    """What of benchmarks stands in datasets, shipped and found here, under the names of figures."""
    known = figures()
    own, others = registry().contaminations(), overlap.aliases(shipped(), known)
    return contamination.gathered(measured_contaminations(), own, others, known)


def benchmarks(tried: Iterable[str]) -> dict[str, str]:
    """The benchmarks one can ask for, by id, with their names: the catalogue's, our sample, those tried."""
    declared = {**registry().evaluations, **registry().sample_benchmarks}
    held = {name: one_line(found.name, 60) for name, found in declared.items()}
    return {**held, **{name: title_of(name) for name in tried if name not in held}}


def has_benchmark(name: str) -> bool:
    """Whether the items of a benchmark, or their hashes, are at hand."""
    ours = {**hashed_records(), **registry().sample_benchmarks}
    return name in ours or registry().latest_snapshot(name) is not None


def look_for(held: Snapshot, benchmark: str) -> None:
    """Look for a benchmark by the default rule, with planted forms and examples; keep the result."""
    from analyzers.contamination import contaminations as found_in

    found = found_in(held, [open_benchmark(registry(), benchmark)], explain=20, ceiling=True)
    registry().add_contaminations(held.id, found)


def certificate(held: Snapshot, names: Sequence[str]) -> str:
    """The contamination certificate of rows against benchmarks under all rules, as Markdown."""
    from analyzers.contamination_certificate import certificate as certified

    items = [open_benchmark(registry(), name) for name in names]
    return certified([held], items, rule="all", catalogue=list(registry().evaluations)).to_markdown()


def local(name: str) -> Snapshot | None:
    """The rows behind a name of figures that are on this machine; None where there are none."""
    held = figures().get(name)
    return snapshot(name) or (snapshot(held.entry) if held and held.entry and held.is_whole else None)


def measure_overlap(a: Snapshot, b: Snapshot) -> None:
    """Measure what two snapshots share, with explained pairs, and keep it."""
    from analyzers.overlap import overlap as measured

    found = measured(a, b, folder=registry().settings.signatures, explain=20)
    registry().add_overlap(a.id, b.id, found)


def fetch_name(name: str) -> str | None:
    """The name by which commands know the rows of figures; None where only their file does."""
    held = figures().get(name)
    if held is None or held.origin is Origin.HERE:
        return name
    return held.entry if held.is_whole else None


def titles() -> dict[str, str]:
    """How to call everything that can be compared: sets with figures, samples, rows on this machine."""
    known = figures()
    rows = [*registry().samples, *(held.dataset for held in registry().snapshots())]
    covered = {f.entry for f in known.values() if f.is_whole}
    others = {name: title_of(name) for name in rows if name not in known and name not in covered}
    apart = {f.name: f.title for f in shipped() if f.name not in known and f.name not in others}
    return {**apart, **{name: f.title for name, f in known.items()}, **others}


def samples() -> tuple[str, ...]:
    """The ids of the bundled samples."""
    return tuple(registry().samples)


def local_titles() -> dict[str, str]:
    """How to call every dataset whose rows are on this machine."""
    fetched = [held.dataset for held in registry().snapshots()]
    return {name: title_of(name) for name in dict.fromkeys([*samples(), *fetched])}


def audits() -> list[Audit]:
    """Declared beside measured of every entry of which rows were measured, here or for the package."""
    return audit.audits(registry(), models_of=_named_models)


def _named_models(held: Snapshot, entry: Entry) -> Mapping[str, float]:
    return _models_of(held.id, entry.id)


@st.cache_data(show_spinner="Reading who wrote the rows …", max_entries=200)
def _models_of(snapshot_id: str, dataset: str) -> Mapping[str, float]:
    from analyzers.teachers import named_models

    held = snapshot(dataset)
    if held is None or held.id != snapshot_id:
        raise NotMeasuredError(f"the rows of {dataset!r} changed; reload the page")
    return named_models(held)


def plan(recipe: MixtureRecipe) -> Plan:
    """What a recipe comes to."""
    from mixtures.plan import plan as planned

    return planned(registry(), recipe)


def build_mixture(planned: Plan, progress: Callable[[float, str], object]) -> Build:
    """Write a mixture into the home's folder of mixtures; `progress` hears shares in [0, 1]."""
    from dashboard.views.mix import folder_name
    from mixtures.build import build

    def heard(done: int, total: int | None, what: str) -> None:
        progress(min(done / total, 1.0) if total else 0.0, what)

    folder = registry().settings.mixtures / folder_name(planned.recipe)
    return build(registry(), planned, to=folder, force=True, progress=heard)


def archive(folder: Path) -> Path:
    """The files of a built mixture in one zip beside it."""
    made = make_archive(str(folder), "zip", root_dir=folder)
    return Path(made)
