"""The table of analyzers: one line each. Their modules load when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from analyzers.base import Analyzer


class Listed(NamedTuple):
    """Where an analyzer lives, and whether its constructor takes a `seed`."""

    module: str
    cls: str
    seeded: bool = False


ANALYZERS: Mapping[str, Listed] = {
    "structure": Listed("analyzers.structure", "Structure"),
    "lexical": Listed("analyzers.lexical", "Lexical", seeded=True),
    "pairwise": Listed("analyzers.pairwise", "Pairwise", seeded=True),
    "complexity": Listed("analyzers.complexity", "Complexity"),
    "readability": Listed("analyzers.readability", "Readability", seeded=True),
    "semantic": Listed("analyzers.semantic", "Semantic", seeded=True),
    "hygiene": Listed("analyzers.hygiene", "Hygiene"),
    "duplicates": Listed("analyzers.duplicates", "DuplicateRates"),
}


def load_analyzer(name: str, *, seed: int = 0) -> Analyzer[Any]:
    """The analyzer `name` with its default settings, and the seed where it draws."""
    listed = ANALYZERS[name]
    make = getattr(import_module(listed.module), listed.cls)
    analyzer: Analyzer[Any] = make(seed=seed) if listed.seeded else make()
    return analyzer


def metric_owners() -> dict[str, str]:
    """Each metric and the analyzer that computes it."""
    return {metric: name for name in ANALYZERS for metric in load_analyzer(name).metrics}
