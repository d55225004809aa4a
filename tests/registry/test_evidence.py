"""Who says so, how sure it is, and which of several readings rules."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from registry.catalog import load_catalog
from registry.entry import Entry
from registry.evidence import fact_evidence, license_readings
from registry.license_terms import FAMILIES, license_says, strictest_reading
from registry.shipped import shipped_catalog
from registry.terms import Use, Verdict, strictest
from registry.vocabulary import EvidenceStatus


def entry(**changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "id": "a",
        "name": "A",
        "category": "distillation",
        "method": "seed-expansion",
        "focus": "general",
        "languages": ["en"],
        "format": "single-turn",
        "license": "MIT",
        "commercial_use": "yes",
        "evidence": [
            {"source": "a list", "status": "secondary"},
            {"source": "owner/a README.md", "status": "verified"},
            {"source": "general knowledge", "status": "recalled", "fields": ["languages"]},
        ],
    }
    return Entry.model_validate(facts | changes)


def fact(found: Entry, name: str) -> dict[str, Any]:
    return {item.fact: item.to_json() for item in fact_evidence(found)}[name]


def test_a_fact_names_its_best_source_and_every_other() -> None:
    assert fact(entry(), "license") == {
        "fact": "license",
        "value": "MIT",
        "status": "verified",
        "source": "owner/a README.md",
        "disputed": False,
        "readings": [
            {"value": "MIT", "source": "owner/a README.md", "status": "verified"},
            {"value": "MIT", "source": "a list", "status": "secondary"},
        ],
        "ruling": None,
        "why": None,
    }
    assert fact(entry(), "languages")["status"] == "recalled"


def test_what_is_unknown_is_left_out_unless_it_is_disputed() -> None:
    readings = [{"value": "unspecified", "source": "audit"}, {"value": "MIT", "source": "card"}]
    found = entry(license=None, conflicts=[{"field": "license", "readings": readings}])

    assert "paper" not in {item.fact for item in fact_evidence(found)}
    assert fact(found, "license")["value"] is None
    assert fact(found, "license")["source"] is None
    assert fact(found, "license")["ruling"] == {"value": "unspecified", "source": "audit", "status": None}


def test_a_size_is_chosen_by_the_curator_and_says_why() -> None:
    readings = [{"value": "5", "source": "x", "status": "secondary"}, {"value": "6", "source": "y"}]
    found = entry(size_rows=6, conflicts=[{"field": "size_rows", "readings": readings, "note": "counted"}])

    assert fact(found, "size_rows")["why"] == "counted"
    assert fact(found, "size_rows")["ruling"] is None
    assert fact(found, "size_rows")["disputed"] is True


@pytest.mark.parametrize(
    ("readings", "rules"),
    [
        (["MIT", "CC-BY-NC-4.0"], "CC-BY-NC-4.0"),
        (["ODC-By-1.0", "research use only", "GPL-3.0-only"], "research use only"),
        (["Apache-2.0", "unspecified"], "unspecified"),
        (["CC-BY-4.0", "CC-BY-SA-4.0"], "CC-BY-SA-4.0"),
        (["CC0-1.0", "GPL-3.0-only", "non-commercial parts"], "non-commercial parts"),
        (["LicenseRef-Llama-3.1-Community", "LicenseRef-Llama-3-Community"], "LicenseRef-Llama-3-Community"),
        (["unspecified", "CC-BY-NC-ND-4.0", "CC-BY-NC-4.0"], "CC-BY-NC-ND-4.0"),
    ],
)
def test_the_strictest_reading_rules_in_whatever_order(readings: list[str], rules: str) -> None:
    for order in permutations(readings):
        assert order[strictest_reading(order)] == rules


def test_the_ruling_reading_comes_first() -> None:
    readings = [
        {"value": "MIT", "source": "card"},
        {"value": "research only", "source": "README", "status": "verified"},
    ]
    found = license_readings(entry(conflicts=[{"field": "license", "readings": readings}]))

    assert [reading.value for reading in found] == ["research only", "MIT"]
    assert license_readings(entry()) == ()


@pytest.mark.parametrize(
    ("licence", "commercial", "redistribution", "competing"),
    [
        ("MIT", "allowed", "allowed", "allowed"),
        ("CC-BY-SA-4.0", "allowed", "allowed", "allowed"),
        ("CC-BY-NC-4.0", "forbidden", "allowed", "unclear"),
        ("CC-BY-NC-ND-4.0", "forbidden", "unclear", "unclear"),
        ("CC-BY-4.0 AND CC-BY-NC-4.0", "forbidden", "allowed", "unclear"),
        ("MIT OR CC-BY-NC-4.0", "allowed", "allowed", "allowed"),
        ("(MIT OR CC-BY-NC-4.0) AND Apache-2.0", "forbidden", "allowed", "unclear"),
        ("LicenseRef-academic-research-only", "forbidden", "unclear", "unclear"),
        ("LicenseRef-Llama-3-Community", "unclear", "allowed", "forbidden"),
        ("LicenseRef-Llama-3.1-Community", "unclear", "allowed", "unclear"),
        ("LicenseRef-Some-Terms", "unclear", "unclear", "unclear"),
        ("CC-BY-NC-4.0 and other terms among the parts", "forbidden", "unclear", "unclear"),
        ("MIT, with exceptions", "unclear", "unclear", "unclear"),
        ("other", "unclear", "unclear", "unclear"),
    ],
)
def test_licences_say(licence: str, commercial: str, redistribution: str, competing: str) -> None:
    uses = (Use.COMMERCIAL, Use.REDISTRIBUTION, Use.COMPETING_MODEL)

    assert [license_says(licence, use)[0] for use in uses] == [commercial, redistribution, competing]


def test_each_family_answers_each_use() -> None:
    for family in FAMILIES:
        assert set(family.says) == set(Use) - {Use.RESEARCH}
        assert family.asks


def test_nothing_is_not_a_pass() -> None:
    assert strictest([]) is Verdict.UNCLEAR


def test_every_reading_of_the_catalogue_says_how_well_it_was_read() -> None:
    entries = load_catalog(shipped_catalog()).entries
    readings = [r for e in entries for conflict in e.conflicts for r in conflict.readings]

    assert len(readings) > 140
    assert all(reading.status in EvidenceStatus for reading in readings)


def test_every_dispute_that_is_not_about_terms_says_why_its_value_was_chosen() -> None:
    entries = load_catalog(shipped_catalog()).entries
    silent = [
        (e.id, conflict.field)
        for e in entries
        for conflict in e.conflicts
        if conflict.field != "license" and not conflict.note
    ]

    assert silent == []
