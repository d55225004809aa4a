"""The lineage of a dataset as a drawing: parents to the left, children to the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboard import charts, diagrams
from dashboard.views.figures import Figures
from dashboard.views.numbers import count, percent
from dashboard.views.overlap import Found, turned
from dashboard.views.plain import one_line
from registry.entry import Entry
from registry.lineage import Edge, Lineage

MAX_COLUMN = 14
ROW_HEIGHT = 28


def family_chart(
    lineage: Lineage, entry_of: Callable[[str], Entry | None]
) -> tuple[dict[str, Any], list[str], int]:
    """The drawing, the dataset of each of its nodes, and its height in pixels.

    Drawn are all ancestors and the direct children, at most `MAX_COLUMN` a column; the rest is counted.
    """
    columns = _columns(lineage)
    measured = {edge.child for edge in lineage.edges if edge.measured}
    shown = {
        depth: sorted(names, key=lambda name: name not in measured)[:MAX_COLUMN]
        for depth, names in columns.items()
    }
    tallest = max(len(names) for names in shown.values())
    places = {
        name: (float(column), (place + 0.5) * tallest / len(names))
        for column, names in enumerate(shown.values())
        for place, name in enumerate(names)
    }
    shares = {
        edge.child: f" · {percent(edge.measured, digits=0)}"
        for edge in lineage.edges
        if edge.parent == lineage.dataset and edge.measured
    }
    hidden = 1 + len(lineage.ancestors) + len(lineage.descendants) - len(places)
    parts = [
        f"{_counted(len(lineage.ancestors), 'ancestor')}, {_counted(len(lineage.descendants), 'descendant')}",
        *([f"{count(hidden)} not drawn"] if hidden else []),
        *(["per cent: measured share of their rows found here"] if shares else []),
    ]
    heading = charts.title("Lineage", " · ".join(parts))
    nodes = [
        {
            "name": name,
            "label": _label(entry_of(name), name) + shares.get(name, ""),
            "colour": _colour(entry_of(name)),
            "x": x,
            "y": y,
            "is_self": name == lineage.dataset,
            "label_place": "right" if name in shown.get(1, ()) else "top",
        }
        for name, (x, y) in places.items()
    ]
    edges = [
        {"coords": [places[edge.parent], places[edge.child]], "declared": edge.declared}
        for edge in lineage.edges
        if _is_drawn(edge, places)
    ]
    return diagrams.descent(heading, nodes, edges), list(places), 90 + ROW_HEIGHT * tallest


def with_measured(lineage: Lineage, found: Iterable[Found], figures: Iterable[Figures]) -> Lineage:
    """The lineage with, on edges without a figure yet, the share of the child's rows found in the parent.

    Of several measured parts of a child the one with most rows speaks; a parent counts only as a whole.
    """
    entry_of = {f.name: (f.entry or f.name, f.is_whole) for f in figures}
    shares: dict[tuple[str, str], tuple[int, float]] = {}
    for item in found:
        for o in (item.overlap, turned(item.overlap)):
            (child, _), (parent, is_whole) = (entry_of.get(name, (name, True)) for name in (o.a, o.b))
            if is_whole and o.share_a is not None and o.rows_a >= shares.get((child, parent), (0, 0.0))[0]:
                shares[child, parent] = (o.rows_a, o.share_a)
    edges = (
        replace(edge, measured=shares[edge.child, edge.parent][1])
        if edge.measured is None and (edge.child, edge.parent) in shares
        else edge
        for edge in lineage.edges
    )
    return replace(lineage, edges=tuple(edges))


def measured_lines(lineage: Lineage, title_of: Callable[[str], str]) -> list[str]:
    """What rows say of the steps to and from the dataset: undeclared parents and copies first."""
    own = [edge for edge in lineage.edges if edge.relation and lineage.dataset in (edge.child, edge.parent)]
    return [_measured_line(edge, title_of) for edge in sorted(own, key=lambda edge: edge.declared)]


def clicked(names: Sequence[str], selected: Sequence[Mapping[str, Any]]) -> str | None:
    """The dataset whose node was clicked; None where no node was."""
    places = [i for group in selected if group["series_index"] == 0 for i in group["data_indices"]]
    return names[places[0]] if places and places[0] < len(names) else None


def has_family(lineage: Lineage) -> bool:
    """Whether there is anything to draw."""
    return bool(lineage.edges)


def _columns(lineage: Lineage) -> dict[int, list[str]]:
    """Names by generation: 0 the dataset, -1 its parents and so on, 1 its children."""
    parents: dict[str, list[str]] = {}
    for edge in lineage.edges:
        parents.setdefault(edge.child, []).append(edge.parent)
    depths = {lineage.dataset: 0}
    level = [lineage.dataset]
    while level:
        found = {
            p for name in level for p in parents.get(name, ()) if p in lineage.ancestors and p not in depths
        }
        depths.update(dict.fromkeys(sorted(found), depths[level[0]] - 1))
        level = sorted(found)
    for name in sorted(_children(lineage.edges, lineage.dataset)):
        depths.setdefault(name, 1)
    columns: dict[int, list[str]] = {}
    for name, depth in depths.items():
        columns.setdefault(depth, []).append(name)
    return dict(sorted(columns.items()))


def _counted(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def _children(edges: Iterable[Edge], parent: str) -> set[str]:
    return {edge.child for edge in edges if edge.parent == parent}


def _is_drawn(edge: Edge, places: Mapping[str, tuple[float, float]]) -> bool:
    """Whether both ends are drawn, and in different generations."""
    return edge.child in places and edge.parent in places and places[edge.child][0] != places[edge.parent][0]


def _measured_line(edge: Edge, title_of: Callable[[str], str]) -> str:
    relation = edge.relation
    if relation is None:
        return ""
    child, parent = title_of(edge.child), title_of(edge.parent)
    shares = f"{percent(relation.share)} of the {relation.kind.removeprefix('same ')}"
    if not relation.is_directed:
        word = "Copy" if relation.is_copy else "Akin"
        return f"{word}: {shares} of {child} stand in {parent} too; which was first is not known"
    known = "declared" if edge.declared else "not declared"
    return f"{child} ← {parent}, {known}: {shares} stand in it ({percent(relation.exact)} word for word)"


def _label(entry: Entry | None, name: str) -> str:
    return one_line(entry.name if entry else name, 28)


def _colour(entry: Entry | None) -> str:
    return charts.CATEGORY.get(str(entry.category), charts.OTHER) if entry else charts.OTHER
