"""The catalogues in force: the shipped one or the user's, and private ones laid over it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.shipped import SAMPLES_FILE, shipped_catalog
from registry.store import CATALOG_KEY, Store

if TYPE_CHECKING:
    from registry.catalog import CatalogReport
    from registry.entry import Benchmark, Entry
    from registry.settings import Settings

TABLES_VERSION: Final = 3
"""Raised whenever the same catalogues would fill the tables otherwise."""


@dataclass(frozen=True, slots=True)
class Layered:
    """Several catalogues as one; `origins` names the overlay file that an id comes from."""

    entries: tuple[Entry, ...]
    benchmarks: tuple[Benchmark, ...]
    origins: dict[str, str]


def files_in_force(settings: Settings) -> tuple[Path, ...]:
    """The catalogue and its overlays, lowest first."""
    return (settings.catalog or shipped_catalog(), *settings.overlay)


def load_layers(files: Sequence[Path]) -> Layered:
    """The catalogues in `files` as one: an id of a later file replaces that of an earlier one as a whole.

    Replaced entries keep their place, new ones follow. Entries may derive from those of earlier files.

    Raises:
        InputRefusedError: a file holds faults; those of every overlay are told together, each with its file.
    """
    from registry.catalog import load_catalog

    lowest = load_catalog(files[0])
    entries = {entry.id: entry for entry in lowest.entries}
    benchmarks = {mark.id: mark for mark in lowest.benchmarks}
    origins: dict[str, str] = {}
    problems: list[Problem] = []
    for file in files[1:]:
        try:
            loaded = load_catalog(file, base=tuple(entries.values()))
        except InputRefusedError as error:
            problems += error.problems
            continue
        entries |= {entry.id: entry for entry in loaded.entries}
        benchmarks |= {mark.id: mark for mark in loaded.benchmarks}
        origins |= {entry.id: file.name for entry in loaded.entries}
    if problems:
        raise InputRefusedError(problems, summary=f"{len(problems)} faults in catalogues laid over another")
    return Layered(tuple(entries.values()), tuple(benchmarks.values()), origins)


def check_layers(files: Sequence[Path]) -> list[CatalogReport]:
    """A report for each file, every overlay over what lies below it and holds no fault."""
    from registry.catalog import check_catalog

    reports: list[CatalogReport] = []
    for index, file in enumerate(files):
        sound = [files[at] for at in range(index) if not reports[at].errors]
        base = load_layers(sound).entries if sound else ()
        reports.append(check_catalog(file, base=base))
    return reports


def sync_if_changed(store: Store, settings: Settings) -> None:
    """Make the tables hold the catalogues in force; nothing happens where their bytes did not change.

    Raises:
        InputRefusedError: a file cannot be read or holds faults; the tables stay as they were.
    """
    files = files_in_force(settings)
    state = _state(files)
    if store.meta(CATALOG_KEY) != state:
        from registry.sync import sync

        sync(store, files, SAMPLES_FILE, state)


def _state(files: Sequence[Path]) -> str:
    """A hash over catalogues, samples and the way they are read; equal states need no sync."""
    state = hashlib.sha256(f"tables {TABLES_VERSION}\n".encode())
    for file in files:
        try:
            state.update(hashlib.sha256(file.read_bytes()).digest())
        except OSError as error:
            message = error.strerror or "cannot be read"
            problem = Problem(code=ProblemCode.NO_ACCESS, message=message, file=str(file))
            raise InputRefusedError([problem]) from error
        state.update(f"{file.name}\n".encode())
    state.update(hashlib.sha256(SAMPLES_FILE.read_bytes() if SAMPLES_FILE.is_file() else b"").digest())
    return state.hexdigest()
