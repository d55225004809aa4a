"""The table of analyzers: one line each. Their modules load when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from analyzers.base import Analyzer
from analyzers.options import DEFAULTS, Options


class Listed(NamedTuple):
    """Where an analyzer lives, whether its constructor takes a `seed`, and which options it takes."""

    module: str
    cls: str
    seeded: bool = False
    options: tuple[str, ...] = ()


ANALYZERS: Mapping[str, Listed] = {
    "structure": Listed("analyzers.structure", "Structure"),
    "lexical": Listed("analyzers.lexical", "Lexical", seeded=True),
    "pairwise": Listed("analyzers.pairwise", "Pairwise", seeded=True),
    "syntax": Listed("analyzers.syntax", "Syntax", seeded=True, options=("parser",)),
    "topics": Listed("analyzers.topics", "Topics", seeded=True),
    "complexity": Listed("analyzers.complexity", "Complexity"),
    "reasoning": Listed("analyzers.reasoning", "Reasoning", seeded=True),
    "readability": Listed("analyzers.readability", "Readability", seeded=True),
    "semantic": Listed("analyzers.semantic", "Semantic", seeded=True, options=("embedding",)),
    "budget": Listed("analyzers.budget", "Budget", options=("tokenizer",)),
    "hygiene": Listed("analyzers.flag_rates", "Hygiene"),
    "duplicates": Listed("analyzers.duplicates", "DuplicateRates"),
    "cut_lengths": Listed("analyzers.cut_lengths", "CutLengths"),
    "conflicts": Listed("analyzers.conflicts", "AnswerConflicts"),
    "preferences": Listed("analyzers.preferences", "Preferences"),
}


# Run only where they are named: they take something only the user can give.
ON_REQUEST: Mapping[str, Listed] = {
    "perplexity": Listed("analyzers.perplexity", "Perplexity", seeded=True, options=("model",)),
}
LISTED: Mapping[str, Listed] = {**ANALYZERS, **ON_REQUEST}


def load_analyzer(name: str, *, seed: int = 0, options: Options = DEFAULTS) -> Analyzer[Any]:
    """The analyzer `name` with the options it takes, and the seed where it draws."""
    listed = LISTED[name]
    make = _class_of(name)
    chosen = {option: getattr(options, option) for option in listed.options}
    analyzer: Analyzer[Any] = make(**chosen, **({"seed": seed} if listed.seeded else {}))
    return analyzer


def metric_owners() -> dict[str, str]:
    """Each metric and the analyzer that computes it."""
    return {metric: name for name in LISTED for metric in _class_of(name).metrics}


def _class_of(name: str) -> Any:
    listed = LISTED[name]
    return getattr(import_module(listed.module), listed.cls)
