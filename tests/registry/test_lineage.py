"""Families and cycles of declared lineage."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.lineage import family, find_cycles

names = st.sampled_from("abcdefg")
graphs = st.dictionaries(names, st.lists(names, max_size=3), max_size=7)


def reaches(parents: dict[str, list[str]], start: str, goal: str) -> bool:
    seen, todo = set(), list(parents.get(start, ()))
    while todo:
        node = todo.pop()
        if node == goal:
            return True
        if node not in seen:
            seen.add(node)
            todo += parents.get(node, ())
    return False


def test_nearest_relatives_come_first() -> None:
    found = family("c", [("b", "a"), ("c", "b"), ("c", "x"), ("d", "c"), ("e", "d")])

    assert found.ancestors == ("b", "x", "a")
    assert found.descendants == ("d", "e")
    assert [(edge.child, edge.parent) for edge in found.edges] == [
        *(("b", "a"), ("c", "b"), ("c", "x"), ("d", "c"), ("e", "d"))
    ]


def test_edges_of_cousins_stay_out() -> None:
    found = family("b", [("b", "a"), ("z", "a")])

    assert [(edge.child, edge.parent) for edge in found.edges] == [("b", "a")]
    assert found.to_json()["edges"] == [{"child": "b", "parent": "a", "declared": True, "measured": None}]


@settings(max_examples=50, deadline=None)
@given(graphs, names)
def test_ancestors_are_what_can_be_reached(parents: dict[str, list[str]], start: str) -> None:
    found = family(start, [(child, parent) for child, ups in parents.items() for parent in ups])

    assert set(found.ancestors) == {n for n in "abcdefg" if n != start and reaches(parents, start, n)}
    assert set(found.descendants) == {n for n in "abcdefg" if n != start and reaches(parents, n, start)}


@settings(max_examples=50, deadline=None)
@given(graphs)
def test_a_cycle_is_found_exactly_where_there_is_one(parents: dict[str, list[str]]) -> None:
    cycles = find_cycles(parents)

    assert bool(cycles) == any(reaches(parents, node, node) for node in parents)
    for cycle in cycles:
        assert all(
            parent in parents[child] for child, parent in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
        )


def test_a_long_chain_does_not_overflow() -> None:
    chain = {f"n{i:05}": [f"n{i + 1:05}"] for i in range(20_000)}

    assert find_cycles(chain) == []
