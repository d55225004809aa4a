"""The lineage of a dataset of the catalogue: what is declared, what was measured here, what was shipped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from registry.entry import Entry
from registry.figures import Origin
from registry.kinship import LEAST_FOUND, Kinship, Relation
from registry.lineage import Edge, Lineage, family, measured_steps

EntryOf = Callable[[str], Entry | None]
Steps = Collection[tuple[str, str]]


class Declaring(Protocol):
    """What declares facts of datasets; a `Registry` does."""

    def parents(self) -> Steps:
        """Every declared (child, parent) step."""

    def entry_or_none(self, name: str) -> Entry | None:
        """The dataset or sample `name`; None where nothing is called so."""


def lineage_of(
    dataset: str,
    pairs: Steps,
    entry_of: EntryOf,
    *,
    here: Iterable[Kinship] = (),
    shipped: Iterable[Kinship] = (),
    sets: Mapping[str, Origin] | None = None,
) -> Lineage:
    """The family of `dataset` with measured shares, teachers and models.

    `pairs` are the declared (child, parent) steps; `here` was measured between datasets by their own names
    and counts before `shipped`, whose names are those of `sets`. A shipped set stands for its entry as a
    child; as a parent only where it is the whole of it. Sets without an entry are left out, and so is a
    declared step of which nothing was found in the measured part of a child: the rest may hold it.
    """

    steps = steps_between(pairs, entry_of, here=here, shipped=shipped, sets=sets)
    found = family(dataset, pairs, steps.values())
    up, down = (dataset, *found.ancestors), (dataset, *found.descendants)
    return replace(
        found,
        teachers=tuple((name, m) for name in up if (e := entry_of(name)) for m in e.teacher),
        models=tuple((name, m) for name in down if (e := entry_of(name)) for m in e.models_trained),
    )


def steps_between(
    pairs: Steps,
    entry_of: EntryOf,
    *,
    here: Iterable[Kinship] = (),
    shipped: Iterable[Kinship] = (),
    sets: Mapping[str, Origin] | None = None,
) -> dict[tuple[str, str], Relation]:
    """Every measured (child, parent) step, as `lineage_of` takes it."""

    def year_of(name: str) -> int | None:
        entry = entry_of(name)
        return entry.year if entry else None

    steps = {(r.child, r.parent): r for r in _shipped_steps(shipped, pairs, sets or {}, year_of)}
    return steps | {(r.child, r.parent): r for r in measured_steps(here, pairs, year_of)}


def undeclared_parents(steps: Mapping[tuple[str, str], Relation], pairs: Steps) -> dict[str, list[Relation]]:
    """For each child the measured parents that nobody declared and no other parent explains."""
    found: dict[str, list[Relation]] = {}
    for step, relation in sorted(steps.items()):
        if step not in pairs and relation.is_directed and relation.is_shown:
            found.setdefault(relation.child, []).append(relation)
    return found


def lineage_among(registry: Declaring, names: Sequence[str], kinships: Iterable[Kinship]) -> Lineage:
    """Who of `names` comes from whom as `kinships` tell; every edge between them, the family of the first."""
    wanted = set(names)
    pairs = {pair for pair in registry.parents() if wanted.issuperset(pair)}

    def year_of(name: str) -> int | None:
        entry = registry.entry_or_none(name)
        return entry.year if entry else None

    steps = measured_steps(kinships, pairs, year_of)
    found = family(names[0], pairs, steps)
    told = {(r.child, r.parent): r for r in steps}
    edges = tuple(
        Edge(child, parent, declared=(child, parent) in pairs, measured=r.share, relation=r)
        for (child, parent), r in sorted(told.items())
    )
    return replace(found, edges=edges)


def _shipped_steps(
    kinships: Iterable[Kinship],
    pairs: Steps,
    sets: Mapping[str, Origin],
    year_of: Callable[[str], int | None],
) -> list[Relation]:
    """Measured steps between entries; of several measured parts of a child the one that shares most."""
    parts: dict[str, list[str]] = {}
    for name, measured in sets.items():
        if measured.entry:
            parts.setdefault(measured.entry, []).append(name)
    # A step through entries of which no file was measured still tells who is whose ancestor.
    spelled = {
        (child, parent)
        for one, other in pairs
        for child in parts.get(one, [f"{one}/"])
        for parent in parts.get(other, [f"{other}/"])
    }

    def year(name: str) -> int | None:
        entry = sets[name].entry if name in sets else None
        return year_of(entry) if entry else None

    best: dict[tuple[str, str], Relation] = {}
    for relation in measured_steps(kinships, spelled, year):
        child, parent = sets[relation.child], sets[relation.parent]
        whole = parent.part == "whole" and (relation.is_directed or child.part == "whole")
        tells = child.part == "whole" or relation.found >= LEAST_FOUND
        if child.entry and parent.entry and whole and tells and child.entry != parent.entry:
            step = (child.entry, parent.entry)
            if step not in best or relation.found > best[step].found:
                best[step] = replace(relation, child=child.entry, parent=parent.entry)
    return list(best.values())
