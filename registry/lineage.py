"""What a dataset was made from and what was made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Edge:
    """`child` derives from `parent`.

    `declared` tells whether the catalogue says so; `measured` is the share of the child's rows found in the
    parent, None where nobody measured it.
    """

    child: str
    parent: str
    declared: bool
    measured: float | None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "child": self.child,
            "parent": self.parent,
            "declared": self.declared,
            "measured": self.measured,
        }


@dataclass(frozen=True, slots=True)
class Lineage:
    """The family of one dataset: ancestors and descendants, nearest first, and the edges between them."""

    dataset: str
    ancestors: tuple[str, ...]
    descendants: tuple[str, ...]
    edges: tuple[Edge, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "dataset": self.dataset,
            "ancestors": list(self.ancestors),
            "descendants": list(self.descendants),
            "edges": [edge.to_json() for edge in self.edges],
        }


def family(dataset: str, pairs: Iterable[tuple[str, str]]) -> Lineage:
    """The lineage of `dataset` in the graph of declared (child, parent) `pairs`.

    Both directions are walked by breadth, each level in order of ids; a cycle ends the walk.
    """
    up: dict[str, list[str]] = {}
    down: dict[str, list[str]] = {}
    for child, parent in pairs:
        up.setdefault(child, []).append(parent)
        down.setdefault(parent, []).append(child)
    ancestors = _reachable(dataset, up)
    descendants = _reachable(dataset, down)
    edges = {(child, parent) for child in (dataset, *ancestors) for parent in up.get(child, ())}
    edges |= {(child, parent) for parent in (dataset, *descendants) for child in down.get(parent, ())}
    return Lineage(
        dataset,
        ancestors,
        descendants,
        tuple(Edge(c, p, declared=True, measured=None) for c, p in sorted(edges)),
    )


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
