"""Instructory: find, measure and mix public instruction-tuning datasets.

Names are fetched on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from instructory.rooms import refuse_shadowed_rooms

if TYPE_CHECKING:
    from analyzers.contamination_certificate import Certificate
    from analyzers.data_tests.file import DataTests
    from analyzers.data_tests.run import DataTestReport
    from analyzers.duplicates import Duplicates
    from instructory.answer_conflicts import conflicts
    from instructory.benchmark_checks import certificate, contamination
    from instructory.describe import Description, describe
    from instructory.tracing import audit, measure_lineage, teachers
    from instructory.verbs import (
        analyze,
        build,
        compare,
        diff,
        diversity,
        duplicates,
        export,
        fetch,
        open_snapshot,
        overlap,
        overlaps,
        plan,
        search_rows,
        verify,
    )
    from instructory.verdicts import compare_fair, expect, report, test_data
    from mixtures.build import Build
    from mixtures.plan import Plan
    from mixtures.recipe import MixtureRecipe
    from registry.adding import add_entry
    from registry.comparisons import FairComparison
    from registry.contaminations import Contamination
    from registry.discovery import discover
    from registry.entry import Benchmark, Entry, Evidence
    from registry.errors import (
        InputRefusedError,
        InstructoryError,
        IntegrityError,
        NetworkError,
        NotMeasuredError,
        Problem,
        UnknownDatasetError,
    )
    from registry.hub_sync import baselines, drift, sync_facts
    from registry.lineage import Lineage
    from registry.measurements import Distribution, Measurement, Overlap
    from registry.registry import Registry
    from registry.settings import Settings
    from registry.snapshot import Snapshot
    from registry.vocabulary import Category, Method

__version__ = "0.1.0"

_HOMES = {
    "analyze": "instructory.verbs",
    "audit": "instructory.tracing",
    "build": "instructory.verbs",
    "certificate": "instructory.benchmark_checks",
    "compare": "instructory.verbs",
    "compare_fair": "instructory.verdicts",
    "conflicts": "instructory.answer_conflicts",
    "contamination": "instructory.benchmark_checks",
    "describe": "instructory.describe",
    "diff": "instructory.verbs",
    "diversity": "instructory.verbs",
    "duplicates": "instructory.verbs",
    "expect": "instructory.verdicts",
    "export": "instructory.verbs",
    "fetch": "instructory.verbs",
    "measure_lineage": "instructory.tracing",
    "open_snapshot": "instructory.verbs",
    "overlap": "instructory.verbs",
    "overlaps": "instructory.verbs",
    "plan": "instructory.verbs",
    "report": "instructory.verdicts",
    "search_rows": "instructory.verbs",
    "teachers": "instructory.tracing",
    "test_data": "instructory.verdicts",
    "verify": "instructory.verbs",
    "Benchmark": "registry.entry",
    "Build": "mixtures.build",
    "Category": "registry.vocabulary",
    "Certificate": "analyzers.contamination_certificate",
    "Contamination": "registry.contaminations",
    "DataTestReport": "analyzers.data_tests.run",
    "DataTests": "analyzers.data_tests.file",
    "Description": "instructory.describe",
    "Distribution": "registry.measurements",
    "Duplicates": "analyzers.duplicates",
    "Entry": "registry.entry",
    "Evidence": "registry.entry",
    "FairComparison": "registry.comparisons",
    "InputRefusedError": "registry.errors",
    "InstructoryError": "registry.errors",
    "IntegrityError": "registry.errors",
    "Lineage": "registry.lineage",
    "Measurement": "registry.measurements",
    "Method": "registry.vocabulary",
    "MixtureRecipe": "mixtures.recipe",
    "NetworkError": "registry.errors",
    "NotMeasuredError": "registry.errors",
    "Overlap": "registry.measurements",
    "Plan": "mixtures.plan",
    "Problem": "registry.errors",
    "Registry": "registry.registry",
    "Settings": "registry.settings",
    "Snapshot": "registry.snapshot",
    "UnknownDatasetError": "registry.errors",
    "sync_facts": "registry.hub_sync",
    "drift": "registry.hub_sync",
    "baselines": "registry.hub_sync",
    "discover": "registry.discovery",
    "add_entry": "registry.adding",
}

__all__ = [
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

refuse_shadowed_rooms()


def __getattr__(name: str) -> object:
    """Fetch a public name from its room on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'instructory' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
