"""What a dataset was made from and what was made from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.kinship import Kinship, Relation, declared_relation, relations


@dataclass(frozen=True, slots=True)
class Edge:
    """`child` derives from `parent`.

    `declared` tells whether the catalogue says so; `measured` is the share of the child's rows found in the
    parent (of its different telling texts, see `registry.kinship`), None where nobody measured it.
    `relation` holds the figures behind it.
    """

    child: str
    parent: str
    declared: bool
    measured: float | None
    relation: Relation | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types; how it was measured only where it was."""
        plain = {
            "child": self.child,
            "parent": self.parent,
            "declared": self.declared,
            "measured": self.measured,
        }
        if self.relation is None:
            return plain
        r = self.relation
        found = {"shares": r.kind, "view": r.view, "back": r.back, "exact": r.exact, "found": r.found}
        return {**plain, **found, "direction": r.direction, "explained_by": r.explained_by}


@dataclass(frozen=True, slots=True)
class Lineage:
    """The family of one dataset: ancestors and descendants, nearest first, and the edges between them.

    `copies` hold the same texts, and nothing tells which was first. `teachers` are models whose output the
    dataset or an ancestor holds, `models` those trained on it or a descendant: (dataset, model) each.
    """

    dataset: str
    ancestors: tuple[str, ...]
    descendants: tuple[str, ...]
    edges: tuple[Edge, ...]
    copies: tuple[str, ...] = ()
    teachers: tuple[tuple[str, str], ...] = ()
    models: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "dataset": self.dataset,
            "ancestors": list(self.ancestors),
            "descendants": list(self.descendants),
            "copies": list(self.copies),
            "edges": [edge.to_json() for edge in self.edges],
            "teachers": [{"dataset": dataset, "teacher": model} for dataset, model in self.teachers],
            "models": [{"dataset": dataset, "model": model} for dataset, model in self.models],
        }


def family(dataset: str, pairs: Iterable[tuple[str, str]], measured: Iterable[Relation] = ()) -> Lineage:
    """The lineage of `dataset` in the graph of declared (child, parent) `pairs` and `measured` relations.

    A measured step that nobody declared joins the graph unless another parent explains it. Both directions
    are walked by breadth, each level in order of ids; a cycle ends the walk.
    """
    declared = set(pairs)
    relations = {(r.child, r.parent): r for r in measured}
    found = {pair for pair, r in relations.items() if r.is_directed and r.is_shown}
    up: dict[str, list[str]] = {}
    down: dict[str, list[str]] = {}
    for child, parent in sorted(declared | found):
        up.setdefault(child, []).append(parent)
        down.setdefault(parent, []).append(child)
    ancestors = _reachable(dataset, up)
    descendants = _reachable(dataset, down)
    steps = {(child, parent) for child in (dataset, *ancestors) for parent in up.get(child, ())}
    steps |= {(child, parent) for parent in (dataset, *descendants) for child in down.get(parent, ())}
    akin = {pair for pair, r in relations.items() if not r.is_directed and r.is_shown and dataset in pair}
    edges = []
    for step in sorted(steps | akin):
        relation = relations.get(step)
        share = None if relation is None else relation.share
        edges.append(Edge(*step, declared=step in declared, measured=share, relation=relation))
    copies = tuple(sorted({name for pair in akin if relations[pair].is_copy for name in pair} - {dataset}))
    return Lineage(dataset, ancestors, descendants, tuple(edges), copies)


def measured_steps(
    kinships: Iterable[Kinship],
    pairs: Collection[tuple[str, str]],
    year_of: Callable[[str], int | None] = lambda _: None,
) -> list[Relation]:
    """The relations that `kinships` tell, beside what they say of each declared (child, parent) of `pairs`.

    A declared step is among them however little was found on it. An undeclared step to a declared ancestor
    or descendant is no news and left out.
    """
    up: dict[str, list[str]] = {}
    for child, parent in pairs:
        up.setdefault(child, []).append(parent)
    known = list(kinships)
    above = {name: _reachable(name, up) for k in known for name in (k.a, k.b)}
    declared = [
        declared_relation(kinship, *step)
        for kinship in known
        for step in ((kinship.a, kinship.b), (kinship.b, kinship.a))
        if step in pairs
    ]
    told = relations(known, parents_of=above.__getitem__, year_of=year_of)
    return [
        *declared,
        *(r for r in told if r.parent not in above[r.child] and r.child not in above[r.parent]),
    ]


def _reachable(start: str, step: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    seen = {start}
    level = [start]
    found: list[str] = []
    while level:
        level = sorted({node for here in level for node in step.get(here, ())} - seen)
        seen.update(level)
        found += level
    return tuple(found)


def find_cycles(parents: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Cycles of entries that derive from themselves, each from its smallest id on; [] where there is none.

    At least one cycle of every knot is found; each edge is walked once.
    """
    done: set[str] = set()
    cycles = []
    for start in sorted(parents):
        path: dict[str, None] = {}
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                path.pop(node, None)
                done.add(node)
            elif node in path:
                cycles.append(_rotated(list(path)[list(path).index(node) :]))
            elif node not in done:
                path[node] = None
                stack.append((node, True))
                stack += [(parent, False) for parent in sorted(parents.get(node, ()), reverse=True)]
    return sorted(set(cycles))


def _rotated(cycle: Sequence[str]) -> tuple[str, ...]:
    first = cycle.index(min(cycle))
    return (*cycle[first:], *cycle[:first])
