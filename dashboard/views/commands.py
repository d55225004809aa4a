"""Commands to copy: the same verbs as on the command line."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

FILE = "PATH-TO-FILE"


def fetch_command(name: str, *, on_hub: bool) -> str:
    """How to bring the rows here; a set without a Hub repository needs a file."""
    return f"instructory fetch {shlex.quote(name)}" + ("" if on_hub else f" --from {FILE}")


def analyze_command(names: Sequence[str]) -> str:
    """How to measure rows that were fetched."""
    return f"instructory analyze {' '.join(map(shlex.quote, names))}"


def overlap_command(a: str | None, b: str | None) -> str:
    """How to measure what two sets share; None is a set that only its file names."""
    sides = (FILE if name is None else shlex.quote(name) for name in (a, b))
    return f"instructory overlap {' '.join(sides)}"


def contamination_command(name: str | None, benchmark: str) -> str:
    """How to look for a benchmark in rows; None is a set that only its file names."""
    rows = FILE if name is None else shlex.quote(name)
    return f"instructory contamination {rows} --against {shlex.quote(benchmark)}"


def mix_command(recipe: str = "recipe.yaml") -> str:
    """How to build a mixture from a recipe file."""
    return f"instructory mix {shlex.quote(recipe)} --to mixture/"


def fair_command(refs: Sequence[str]) -> str:
    """The command that compares datasets on draws of equal size."""
    return f"instructory compare {' '.join(shlex.quote(ref) for ref in refs)} --fair rows"
