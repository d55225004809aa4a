"""Warnings about rows that parts share, from overlaps that were measured or are declared."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from mixtures.recipe import Deduplicate, MixtureRecipe
from registry.errors import UnknownDatasetError
from registry.figures import measured_origins, measured_overlaps
from registry.measurements import Overlap

if TYPE_CHECKING:
    from registry.registry import Registry

NOTABLE_SHARE = 0.01


def overlap_notes(registry: Registry, recipe: MixtureRecipe) -> list[str]:
    """One line for each pair of parts known to share at least 1 % of either's rows.

    Measured here comes before shipped figures, and both before a declared descent that nobody measured.
    """
    datasets = list(dict.fromkeys(part.dataset for part in recipe.parts if part.dataset is not None))
    view = (recipe.deduplicate or Deduplicate()).view
    known = _known_overlaps(registry, view) if len(datasets) > 1 else {}
    notes = []
    for a, b in combinations(datasets, 2):
        found = known.get(frozenset((a, b)))
        if found is not None:
            notes += _measured_note(found, removed=recipe.deduplicate is not None)
        elif _is_declared(registry, a, b):
            notes.append(f"{a} and {b} are declared to come from one another; how many rows is not measured")
    return notes


def _known_overlaps(registry: Registry, view: str) -> dict[frozenset[str], tuple[str, str, Overlap]]:
    """The overlap of each pair that was measured, on `view` where it was measured on several."""
    entry_of = {name: found.entry for name, found in measured_origins().items() if found.part == "whole"}
    shipped = [(entry_of.get(found.a), entry_of.get(found.b), found) for found in measured_overlaps()]
    here = [(found.a, found.b, found) for found in registry.overlaps()]
    known: dict[frozenset[str], tuple[str, str, Overlap]] = {}
    for overlaps in (shipped, here):
        for a, b, found in sorted(overlaps, key=lambda overlap: overlap[2].view == view):
            if a and b:
                known[frozenset((a, b))] = (a, b, found)
    return known


def _measured_note(found: tuple[str, str, Overlap], *, removed: bool) -> list[str]:
    a, b, overlap = found
    share_a, share_b = overlap.share_a or 0.0, overlap.share_b or 0.0
    if max(share_a, share_b) < NOTABLE_SHARE:
        return []
    if share_a < share_b:
        a, b, share_a, share_b = b, a, share_b, share_a
    end = "duplicates are removed when building" if removed else "`deduplicate` would remove them"
    rule = f"{overlap.view}, Jaccard >= {overlap.threshold:g} on word {overlap.shingle}-grams"
    return [f"{share_a:.1%} of {a} is also in {b} ({share_b:.1%} the other way; {rule}); {end}"]


def _is_declared(registry: Registry, a: str, b: str) -> bool:
    try:
        return b in registry.entry(a).derived_from or a in registry.entry(b).derived_from
    except UnknownDatasetError:
        return False
