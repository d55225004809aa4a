"""The table of analyzers: one line each. Their modules load when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from analyzers.base import Analyzer
from registry.measurements import Measurement
from registry.snapshot import Snapshot


class Listed(NamedTuple):
    """Where an analyzer lives, and whether its constructor takes a `seed`."""

    module: str
    cls: str
    seeded: bool = False


class ListedWhole(NamedTuple):
    """Where the function of a whole-snapshot analysis lives, and which metrics it answers with.

    `function(snapshot, folder)` -> measurements, with `folder` the home of signatures.
    """

    module: str
    function: str
    metrics: tuple[str, ...]


ANALYZERS: Mapping[str, Listed] = {
    "structure": Listed("analyzers.structure", "Structure"),
    "lexical": Listed("analyzers.lexical", "Lexical", seeded=True),
    "complexity": Listed("analyzers.complexity", "Complexity"),
    "readability": Listed("analyzers.readability", "Readability", seeded=True),
    "semantic": Listed("analyzers.semantic", "Semantic", seeded=True),
    "hygiene": Listed("analyzers.hygiene", "Hygiene"),
}

# What compares every row with every other cannot be cut into batches.
WHOLE: Mapping[str, ListedWhole] = {
    "duplicates": ListedWhole(
        "analyzers.duplicates",
        "duplicate_measurements",
        ("dup_row", "dup_exact", "dup_near", "dup_prompt_exact"),
    ),
}


def load_analyzer(name: str, *, seed: int = 0) -> Analyzer[Any]:
    """The analyzer `name` with its default settings, and the seed where it draws."""
    listed = ANALYZERS[name]
    make = getattr(import_module(listed.module), listed.cls)
    analyzer: Analyzer[Any] = make(seed=seed) if listed.seeded else make()
    return analyzer


def measure_whole(name: str, snapshot: Snapshot, folder: Path) -> list[Measurement]:
    """The figures of the whole-snapshot analysis `name`; signatures are kept in `folder`."""
    listed = WHOLE[name]
    measured: list[Measurement] = getattr(import_module(listed.module), listed.function)(snapshot, folder)
    return measured


def metric_owners() -> dict[str, str]:
    """Each metric and the name under which it is computed."""
    passing = {metric: name for name in ANALYZERS for metric in load_analyzer(name).metrics}
    return passing | {metric: name for name, listed in WHOLE.items() for metric in listed.metrics}
