"""Measured steps between entries: shipped sets under their entries' ids, and figures made here first."""

from __future__ import annotations

from registry.descent import lineage_of
from registry.entry import Entry
from registry.figures import Origin, measured_kinships, measured_sets
from registry.kinship import Kinship, SharedTexts, relations
from registry.registry import Registry


def kin(a: str, b: str, size_a: int, size_b: int, found: int) -> Kinship:
    shared = SharedTexts(view="all", telling_a=size_a, telling_b=size_b, found=found, exact=found)
    return Kinship(a=a, b=b, shingle=5, threshold=0.7, views=(shared,))


def nothing(_: str) -> Entry | None:
    return None


SETS = {
    "whole-file": Origin("whole", "whole"),
    "cut-file": Origin("cut", "part"),
    "stray": Origin(None, "whole"),
}


def test_a_shipped_set_stands_for_its_entry() -> None:
    found = lineage_of(
        "cut", {("cut", "other")}, nothing, shipped=[kin("whole-file", "cut-file", 100, 50, 50)], sets=SETS
    )

    assert found.ancestors == ("other", "whole")
    assert [(e.parent, e.declared, e.measured) for e in found.edges] == [
        *(("other", True, None), ("whole", False, 1.0))
    ]


def test_a_part_is_no_parent_and_a_stray_set_no_relative() -> None:
    kinships = [kin("cut-file", "whole-file", 100, 50, 50), kin("stray", "whole-file", 100, 50, 50)]

    assert lineage_of("whole", set(), nothing, shipped=kinships, sets=SETS).edges == ()


def test_nothing_found_in_a_part_says_nothing_of_the_whole() -> None:
    pairs = {("cut", "whole")}
    found = lineage_of("cut", pairs, nothing, shipped=[kin("cut-file", "whole-file", 100, 50, 3)], sets=SETS)

    assert [edge.measured for edge in found.edges] == [None]


def test_figures_made_here_come_before_shipped_ones() -> None:
    pairs = {("cut", "whole")}
    found = lineage_of(
        "cut",
        pairs,
        nothing,
        here=[kin("cut", "whole", 100, 200, 80)],
        shipped=[kin("cut-file", "whole-file", 100, 50, 50)],
        sets=SETS,
    )

    assert [edge.measured for edge in found.edges] == [0.8]


def test_teachers_of_ancestors_and_models_of_descendants_belong_to_the_family() -> None:
    with Registry.open() as registry:
        found = registry.lineage("alpagasus")

    assert ("alpaca", "text-davinci-003") in found.teachers
    assert ("alpagasus", "AlpaGasus") in found.models


def test_the_shipped_kinships_tell_what_the_page_on_lineage_says() -> None:
    told = relations(measured_kinships())
    shown = {(r.child, r.parent) for r in told if r.is_shown and r.is_directed}

    assert {name for k in measured_kinships() for name in (k.a, k.b)} <= set(measured_sets())
    assert {("alpagasus", "alpaca"), ("flan-cot", "gsm8k"), ("alpaca-cot", "flan-cot")} <= shown
    assert {("alpaca-eval", "vicuna-bench"), ("alpaca-eval", "koala-test")} <= shown
    assert len(shown) == 13
