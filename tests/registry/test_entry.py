"""An entry is valid on construction, and its facts know their evidence."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from registry.entry import STORED, Benchmark, Entry, Evidence
from registry.vocabulary import Category, EvidenceStatus, Kind


def entry(**changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "id": "one",
        "name": "One",
        "category": "distillation",
        "method": "seed-expansion",
        "focus": "general",
        "languages": ["en"],
        "format": "single-turn",
        "commercial_use": "unclear",
        "evidence": [{"source": "owner/one README.md", "status": "verified"}],
    }
    return Entry.model_validate(facts | changes)


def test_closed_words_become_terms_with_definitions() -> None:
    assert entry().category is Category.DISTILLATION
    assert entry().category.definition.endswith(".")


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        entry().name = "Two"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id", "One", "bad_id"),
        ("id", "-one", "bad_id"),
        ("id", "a" * 97, "bad_id"),
        ("id", "nul", "bad_id"),
        ("id", "com1", "bad_id"),
        ("hf_id", "owner", "bad_id"),
        ("hf_id", "owner/na..me", "bad_id"),
        ("hf_id", "owner/name.", "bad_id"),
        ("hf_id", "../name", "bad_id"),
        ("github", "a/b/c", "bad_id"),
        ("homepage", "http://example.org", "bad_url"),
        ("homepage", "https://user:word@example.org", "bad_url"),
        ("homepage", "https://", "bad_url"),
        ("homepage", "https://[::1", "bad_url"),
        ("homepage", "https://example.org/a b", "bad_url"),
        ("homepage", "https://example.org/" + "a" * 2048, "bad_url"),
        ("paper", "23.1", "bad_value"),
        ("paper", "javascript:alert(1)", "bad_value"),
        ("license", "free as in beer", "bad_license"),
        ("license", "other", "bad_license"),
        ("languages", ["english"], "bad_value"),
        ("languages", [], "bad_value"),
        ("modality", [], "bad_value"),
        ("teacher", ["GPT-4", "GPT-4"], "bad_value"),
        ("size_rows", -1, "greater_than_equal"),
        ("size_rows", "12", "int_type"),
        ("size_rows", True, "int_type"),
        ("open", "yes", "bool_type"),
        ("name", 12, "string_type"),
        ("name", "", "string_too_short"),
        ("focus", "cooking", "enum"),
        ("in_survey", True, "bad_value"),
        ("evidence", [], "missing_field"),
        ("evidence", [{"source": "x", "status": "verified", "fields": ["licence"]}], "bad_value"),
        ("conflicts", [{"field": "year", "readings": [{"value": "1", "source": "x"}]}], "bad_value"),
        ("conflicts", [{"field": "age", "readings": [{"value": "1", "source": "x"}] * 2}], "bad_value"),
        ("colour", "red", "extra_forbidden"),
    ],
)
def test_a_bad_fact_is_refused_with_its_code(field: str, value: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        entry(**{field: value})

    assert [error["type"] for error in caught.value.errors()] == [code]


def test_licence_other_needs_name_and_address() -> None:
    named = entry(license="other", license_name="House terms", license_url="https://example.org/terms")

    assert named.license == "other"


def test_licence_unknown_is_the_same_as_none() -> None:
    assert entry(license="unknown").license is None


def test_a_sample_needs_no_evidence() -> None:
    assert entry(kind="sample", evidence=[]).kind is Kind.SAMPLE


def test_an_item_with_fields_outranks_items_without() -> None:
    general = {"source": "owner/one README.md", "status": "verified"}
    recalled = {"source": "general knowledge", "status": "recalled", "fields": ["teacher"]}
    both = entry(evidence=[general, recalled])

    assert both.status_of("teacher") is EvidenceStatus.RECALLED
    assert both.status_of("year") is EvidenceStatus.VERIFIED
    assert [item.source for item in both.evidence_for("teacher")] == ["general knowledge"]


def test_the_best_of_several_items_counts_and_none_is_none() -> None:
    items = [
        {"source": "list", "status": "secondary", "fields": ["year"]},
        {"source": "card", "status": "verified", "fields": ["year"]},
    ]

    assert entry(evidence=items).status_of("year") is EvidenceStatus.VERIFIED
    assert entry(evidence=items).status_of("paper") is None


def test_the_summary_holds_what_a_list_shows() -> None:
    assert list(entry().summary()) == [
        *("id", "name", "category", "method", "focus", "size_rows", "license", "commercial_use"),
        *("languages", "hf_id", "derived_from", "in_survey"),
    ]
    assert type(entry().summary()["category"]) is str


def test_a_stored_document_gives_the_same_entry() -> None:
    one = entry(license="mit", derived_from=["two"], modality=["image", "text"])

    stored = Entry.model_validate_json(one.model_dump_json(exclude_defaults=True), context=STORED)

    assert stored == one


def test_a_benchmark_needs_to_say_what_it_tests() -> None:
    with pytest.raises(ValidationError, match="tests"):
        Benchmark.model_validate({"id": "x", "name": "X"})


def test_evidence_is_immutable_and_strict() -> None:
    with pytest.raises(ValidationError):
        Evidence.model_validate({"source": "x", "status": "guessed"})
