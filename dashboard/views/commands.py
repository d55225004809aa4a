"""Commands to copy: the same verbs as on the command line."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def fetch_command(name: str, *, on_hub: bool) -> str:
    """How to bring the rows here; a set without a Hub repository needs a file."""
    return f"instructory fetch {shlex.quote(name)}" + ("" if on_hub else " --from PATH-TO-FILE")


def analyze_command(names: Sequence[str]) -> str:
    """How to measure rows that were fetched."""
    return f"instructory analyze {' '.join(map(shlex.quote, names))}"


def overlap_command(a: str, b: str) -> str:
    """How to measure what two sets share."""
    return f"instructory overlap {shlex.quote(a)} {shlex.quote(b)}"


def mix_command(recipe: str = "recipe.yaml") -> str:
    """How to build a mixture from a recipe file."""
    return f"instructory mix {shlex.quote(recipe)} --to mixture/"
