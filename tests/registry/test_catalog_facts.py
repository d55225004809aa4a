"""Every fact of the reference file survives in catalog.yaml; runs where the reference is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from registry.catalog import Catalog, load_catalog
from registry.entry import Evidence
from registry.shipped import shipped_catalog
from registry.vocabulary import EvidenceStatus

pytestmark = pytest.mark.real

RECALLED = "general knowledge, unverified: "


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(shipped_catalog())


def reference(real_data: Path, name: str) -> list[dict[str, Any]]:
    path = real_data.parent / "reference" / name
    if not path.is_file():
        pytest.skip(f"no reference facts at {path}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def sources(items: tuple[Evidence, ...]) -> list[str]:
    """Evidence in the words of the reference; items about the licence alone are ours."""
    found = []
    for item in items:
        if item.status is EvidenceStatus.RECALLED:
            found.append(RECALLED + (item.note or ", ".join(item.fields)))
        elif item.fields != ("license",):
            found.append(item.source)
    return found


def test_every_dataset_fact_survives(real_data: Path, catalog: Catalog) -> None:
    facts = {fact["id"]: fact for fact in reference(real_data, "catalog_facts.jsonl")}
    entries = {entry.id: entry for entry in catalog.entries}

    assert set(entries) == set(facts)
    for name, fact in facts.items():
        ours = entries[name].to_json()
        assert sources(entries[name].evidence) == fact.pop("source")
        assert {key: ours[key] for key in fact} == fact


def test_every_benchmark_fact_survives(real_data: Path, catalog: Catalog) -> None:
    facts = {fact["id"]: fact for fact in reference(real_data, "evaluations.jsonl")}

    assert [benchmark.id for benchmark in catalog.benchmarks] == list(facts)
    for benchmark in catalog.benchmarks:
        fact = facts[benchmark.id]
        ours = benchmark.to_json()
        assert sources(benchmark.evidence) == fact.pop("source")
        assert {key: ours[key] for key in fact} == fact


def test_licences_are_known_as_well_as_the_notes_say(catalog: Catalog) -> None:
    statuses = [entry.status_of("license") for entry in catalog.entries if entry.license]

    assert {status: statuses.count(status) for status in EvidenceStatus} == {
        EvidenceStatus.VERIFIED: 168,
        EvidenceStatus.SECONDARY: 84,
        EvidenceStatus.RECALLED: 65,
    }
