"""The public face: a pinned list of names, each of which can be had."""

from __future__ import annotations

from pathlib import Path

import instructory

PINNED = [
    "Benchmark",
    "Build",
    "Category",
    "Certificate",
    "Contamination",
    "DataTestReport",
    "DataTests",
    "Description",
    "Distribution",
    "Duplicates",
    "Entry",
    "Evidence",
    "FairComparison",
    "InputRefusedError",
    "InstructoryError",
    "IntegrityError",
    "Lineage",
    "Measurement",
    "Method",
    "MixtureRecipe",
    "NetworkError",
    "NotMeasuredError",
    "Overlap",
    "Plan",
    "Problem",
    "Registry",
    "Settings",
    "Snapshot",
    "UnknownDatasetError",
    "__version__",
    "add_entry",
    "analyze",
    "audit",
    "baselines",
    "build",
    "certificate",
    "compare",
    "compare_fair",
    "conflicts",
    "contamination",
    "describe",
    "diff",
    "discover",
    "diversity",
    "drift",
    "duplicates",
    "expect",
    "export",
    "fetch",
    "measure_lineage",
    "open_snapshot",
    "overlap",
    "overlaps",
    "plan",
    "report",
    "search_rows",
    "sync_facts",
    "teachers",
    "test_data",
    "verify",
]


def test_the_public_names_are_the_pinned_ones() -> None:
    assert sorted(instructory.__all__) == PINNED


def test_every_public_name_can_be_had_and_is_documented() -> None:
    undocumented = [
        name
        for name in PINNED
        if name != "__version__" and not (getattr(instructory, name).__doc__ or "").strip()
    ]

    assert undocumented == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(instructory, "no_such_name")


def test_every_public_name_is_used_as_a_user_would_under_the_type_checker() -> None:
    """mypy checks tests/typing/api.py strictly: a name that is not in it has no checked type."""
    used = (Path(__file__).parents[1] / "typing" / "api.py").read_text(encoding="utf-8")

    assert [name for name in PINNED if f"ins.{name}" not in used] == []
