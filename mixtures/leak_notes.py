"""Warnings about benchmark items that are known to stand in the rows of a mixture's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixtures.recipe import MixtureRecipe
from registry.contaminations import Contamination, measured_contaminations
from registry.figures import measured_origins

if TYPE_CHECKING:
    from registry.registry import Registry


def leak_notes(registry: Registry, recipe: MixtureRecipe) -> list[str]:
    """One line for each part and benchmark of which items were found in its rows and are to stay there.

    Found here comes before shipped figures; of several rules the one that found most speaks. A benchmark
    that the recipe decontaminates against is not named: its rows leave, and the ledger says which.
    """
    wish = recipe.decontaminate
    removed = set(wish.against) if wish else set()
    notes = []
    for dataset in dict.fromkeys(part.dataset for part in recipe.parts if part.dataset is not None):
        for benchmark, found in sorted(_known(registry, dataset).items()):
            if found.benchmark_hits and benchmark not in removed:
                notes.append(_note(found, dataset))
    return notes


def _known(registry: Registry, dataset: str) -> dict[str, Contamination]:
    """By benchmark the result that found most items in the rows of a dataset."""
    whole = {
        name
        for name, origin in measured_origins().items()
        if (origin.entry, origin.part) == (dataset, "whole")
    }
    here = registry.contaminations(dataset)
    # Read only where it can say something: plans of other datasets need none of it.
    shipped = [found for found in measured_contaminations() if found.dataset in whole] if whole else []
    known: dict[str, Contamination] = {}
    for results in (shipped, here):
        told = {found.benchmark for found in results}
        known = {benchmark: found for benchmark, found in known.items() if benchmark not in told}
        for found in results:
            if found.benchmark not in known or found.benchmark_hits > known[found.benchmark].benchmark_hits:
                known[found.benchmark] = found
    return known


def _note(found: Contamination, dataset: str) -> str:
    return (
        f"{found.benchmark_hits:,} of {found.benchmark_rows:,} items of {found.benchmark} stand in "
        f"{found.dataset_hits:,} rows of {dataset}; `decontaminate` by {found.rule} would remove these rows"
    )
