"""Which relations shared texts tell: parents, copies, direction, and no false parent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kinship import Kinship, LabelledPart, Relation, SharedTexts, relations
from registry.lineage import family, measured_steps


def kin(a: str, b: str, size_a: int, size_b: int, found: int, view: str = "all", **more: Any) -> Kinship:
    shared = SharedTexts(view=view, telling_a=size_a, telling_b=size_b, found=found, exact=found)
    return Kinship(a=a, b=b, shingle=5, threshold=0.7, views=(shared,), **more)


def steps(*kinships: Kinship, **known: Any) -> list[tuple[str, str, str, str]]:
    return [(r.child, r.parent, r.kind, r.direction) for r in relations(kinships, **known) if r.is_shown]


def test_a_subset_is_the_child_of_the_whole() -> None:
    (found,) = relations([kin("whole", "cut", 1000, 100, 100)])

    assert (found.child, found.parent, found.kind, found.direction) == ("cut", "whole", "rows", "containment")
    assert (found.share, found.back, found.exact) == (1.0, 0.1, 1.0)


def test_two_of_the_same_texts_are_copies_without_direction() -> None:
    assert steps(kin("a", "b", 100, 100, 97)) == [("b", "a", "same rows", "none")]


def test_what_shares_little_is_not_related() -> None:
    assert steps(kin("a", "b", 1000, 1000, 499)) == []
    assert steps(kin("a", "b", 10, 10, 10)) == []


def test_a_labelled_part_makes_the_larger_one_the_child() -> None:
    part = LabelledPart(field="dataset", value="vicuna", texts=80, found=80)

    assert steps(kin("suite", "vicuna", 800, 80, 80, view="prompt", part_a=part)) == [
        ("suite", "vicuna", "prompts", "part")
    ]


def test_a_labelled_part_tells_its_source_where_the_source_is_much_larger() -> None:
    part = LabelledPart(field="source", value="big", texts=80, found=78)

    assert steps(kin("suite", "big", 800, 100_000, 78, part_a=part)) == [("suite", "big", "rows", "part")]


def test_what_is_declared_settles_the_direction() -> None:
    declared = {"whole": ["cut"]}.get

    assert steps(kin("cut", "whole", 100, 1000, 100), parents_of=lambda name: declared(name, [])) == [
        ("whole", "cut", "rows", "declared")
    ]


def test_the_later_one_is_the_child() -> None:
    years = {"small": 2021, "large": 2023}

    assert steps(kin("small", "large", 100, 1000, 100), year_of=years.get) == [
        ("large", "small", "rows", "year")
    ]


def test_the_view_that_shares_most_speaks() -> None:
    views = tuple(
        SharedTexts(view=view, telling_a=100, telling_b=200, found=found, exact=0)
        for view, found in (("all", 30), ("prompt", 100), ("response", 2))
    )
    (found,) = relations([Kinship(a="a", b="b", shingle=5, threshold=0.7, views=views)])

    assert (found.view, found.kind, found.share, found.exact) == ("prompt", "prompts", 1.0, 0.0)


def test_a_sibling_is_no_parent_where_both_come_from_a_third() -> None:
    found = relations(
        [
            kin("whole", "x", 1000, 600, 600),
            kin("whole", "y", 1000, 590, 590),
            kin("x", "y", 600, 590, 350),
        ]
    )

    assert [(r.child, r.parent) for r in found if r.is_shown] == [("x", "whole"), ("y", "whole")]
    assert [(r.child, r.parent, r.explained_by) for r in found if not r.is_shown] == [("y", "x", "whole")]


def test_a_nearer_parent_that_holds_more_stays() -> None:
    shown = steps(
        kin("root", "middle", 1000, 500, 300),
        kin("middle", "leaf", 500, 100, 100),
        kin("leaf", "root", 100, 1000, 60),
    )

    assert [(child, parent) for child, parent, *_ in shown] == [
        *(("leaf", "middle"), ("leaf", "root"), ("middle", "root"))
    ]


def test_of_two_copies_one_speaks_for_both() -> None:
    shown = steps(
        kin("first", "second", 100, 100, 100),
        kin("first", "cut", 100, 50, 50),
        kin("second", "cut", 100, 50, 50),
    )

    assert [(child, parent) for child, parent, *_ in shown] == [("cut", "first"), ("second", "first")]


sizes = st.integers(1, 300)


@given(sizes, sizes, st.integers(0, 300))
def test_a_relation_is_the_same_from_both_sides(size_a: int, size_b: int, found: int) -> None:
    found = min(found, size_a, size_b)
    there, back = (
        relations([kin(*order)])
        for order in (("a", "b", size_a, size_b, found), ("b", "a", size_b, size_a, found))
    )

    assert there == back


def test_a_kinship_survives_its_json() -> None:
    part = LabelledPart(field="f", value="v", texts=3, found=2)
    kinship = kin("a", "b", 5, 6, 4, part_b=part)

    assert Kinship.from_json(kinship.to_json()) == kinship


def test_an_undeclared_parent_joins_the_family() -> None:
    pairs = {("b", "a")}
    told = measured_steps([kin("b", "found", 100, 1000, 100), kin("b", "a", 100, 100, 0)], pairs)
    found = family("b", pairs, told)

    assert found.ancestors == ("a", "found")
    assert found.edges[0].to_json()["measured"] == 0.0
    assert [(e.parent, e.declared, e.measured) for e in found.edges] == [
        *(("a", True, 0.0), ("found", False, 1.0))
    ]


def test_a_declared_ancestor_is_no_news() -> None:
    pairs = {("c", "b"), ("b", "a")}
    told = measured_steps([kin("c", "a", 100, 1000, 100)], pairs)

    assert told == []


def test_copies_stand_beside_the_family() -> None:
    found = family("a", set(), measured_steps([kin("a", "b", 100, 100, 100)], set()))

    assert (found.ancestors, found.descendants, found.copies) == ((), (), ("b",))
    assert found.to_json()["edges"][0]["direction"] == "none"


def test_equal_shares_contain_neither_side() -> None:
    (found,) = relations([kin("a", "b", 100, 103, 70)])

    assert (found.direction, found.kind, found.is_copy) == ("none", "rows", False)
    assert family("a", set(), [found]).copies == ()
    assert family("a", set(), [found]).edges[0].relation == found


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_containment_both_ways_below_the_same_goes_to_the_larger_share(share: float) -> None:
    size = int(100 / share)
    found: list[Relation] = relations([kin("a", "b", size, 101, 100)])

    assert (found[0].child, found[0].parent) == ("b", "a")
