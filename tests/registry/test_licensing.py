"""What a chain of datasets permits: never more than its strictest part, with a path to every reason."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.entry import Entry
from registry.licensing import LicenseVerdict, license_verdict, teacher_terms
from registry.terms import Use, Verdict

VERIFIED = [{"source": "owner/x README.md", "status": "verified"}]


def entry(name: str, **changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "id": name,
        "name": name,
        "category": "distillation",
        "method": "seed-expansion",
        "focus": "general",
        "languages": ["en"],
        "format": "single-turn",
        "license": "MIT",
        "commercial_use": "yes",
        "evidence": VERIFIED,
    }
    return Entry.model_validate(facts | changes)


def ask(*entries: Entry, ids: list[str] | None = None, use: Use = Use.COMMERCIAL) -> LicenseVerdict:
    known = {found.id: found for found in entries}
    return license_verdict(ids or [entries[0].id], use, known.__getitem__)


def test_a_permissive_licence_that_was_read_allows() -> None:
    answer = ask(entry("a"))

    assert answer.verdict is Verdict.ALLOWED
    assert answer.reasons[0].to_json() == {
        "dataset": "a",
        "path": ["a"],
        "verdict": "allowed",
        "fact": "MIT, commercial use yes",
        "evidence": VERIFIED,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"license": None},
        {"license": "LicenseRef-Some-Terms"},
        {"license": "other", "license_name": "House", "license_url": "https://example.org"},
        {"commercial_use": "unclear"},
        {"teacher": ["GPT-4"]},
        {"evidence": [{"source": "general knowledge", "status": "recalled"}]},
        {
            "conflicts": [
                {
                    "field": "license",
                    "readings": [
                        {"value": "MIT", "source": "card"},
                        {"value": "research only", "source": "README"},
                    ],
                }
            ]
        },
    ],
)
def test_what_is_unknown_or_disputed_is_never_permissive(changes: dict[str, Any]) -> None:
    assert ask(entry("a", **changes)).verdict is Verdict.UNCLEAR


@pytest.mark.parametrize("changes", [{"commercial_use": "no"}, {"license": "CC-BY-NC-4.0"}])
def test_non_commercial_terms_forbid(changes: dict[str, Any]) -> None:
    assert ask(entry("a", **changes)).verdict is Verdict.FORBIDDEN


def test_a_disagreement_between_permissive_readings_is_shown_and_harmless() -> None:
    readings = [{"value": "Apache-2.0", "source": "card"}, {"value": "CC-BY-4.0", "source": "audit"}]
    answer = ask(entry("a", conflicts=[{"field": "license", "readings": readings}]))

    assert answer.verdict is Verdict.ALLOWED
    assert any("card: Apache-2.0; audit: CC-BY-4.0" in reason.fact for reason in answer.reasons)


def test_a_forbidding_ancestor_forbids_and_the_path_leads_to_it() -> None:
    answer = ask(
        entry("c", derived_from=["b"]), entry("b", derived_from=["a"]), entry("a", commercial_use="no")
    )

    assert answer.verdict is Verdict.FORBIDDEN
    assert answer.reasons[0].dataset == "a"
    assert answer.reasons[0].path == ("c", "b", "a")


def test_the_shortest_path_is_shown() -> None:
    answer = ask(
        entry("d", derived_from=["b", "a"]), entry("b", derived_from=["a"]), entry("a", commercial_use="no")
    )

    assert answer.reasons[0].path == ("d", "a")


def test_several_datasets_are_judged_together() -> None:
    answer = ask(entry("a"), entry("b", commercial_use="no"), ids=["a", "b"])

    assert answer.verdict is Verdict.FORBIDDEN
    assert [reason.dataset for reason in answer.reasons] == ["b", "a"]


def test_nothing_asked_is_not_a_pass() -> None:
    assert license_verdict([], Use.COMMERCIAL, {}.__getitem__).verdict is Verdict.UNCLEAR


def test_research_may_use_non_commercial_data_of_any_teacher() -> None:
    nc = entry("a", license="CC-BY-NC-4.0", commercial_use="no", teacher=["GPT-4"])

    assert ask(nc, use=Use.RESEARCH).verdict is Verdict.ALLOWED
    assert ask(entry("a", license=None), use=Use.RESEARCH).verdict is Verdict.UNCLEAR


labels = st.sampled_from(["yes", "no", "unclear"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(labels, st.sets(st.integers(0, 5))), min_size=1, max_size=6))
def test_a_verdict_is_never_milder_than_any_label_in_the_ancestry(nodes: list[tuple[str, set[int]]]) -> None:
    known = {
        f"n{i}": entry(f"n{i}", commercial_use=label, derived_from=[f"n{p}" for p in sorted(ups) if p < i])
        for i, (label, ups) in enumerate(nodes)
    }
    for name in known:
        reasons = license_verdict([name], Use.COMMERCIAL, known.__getitem__).reasons
        family = {reason.dataset for reason in reasons}
        found = {str(known[member].commercial_use) for member in family}
        wanted = "forbidden" if "no" in found else "unclear" if "unclear" in found else "allowed"

        assert license_verdict([name], Use.COMMERCIAL, known.__getitem__).verdict == wanted
        assert {parent for member in family for parent in known[member].derived_from} <= family


@pytest.mark.parametrize(
    ("teacher", "restricted"),
    [
        ("GPT-4 (judge)", True),
        ("gpt-3.5-turbo-1106", True),
        ("ChatGPT", True),
        ("text-davinci-003", True),
        ("o1", True),
        ("Claude 3.5 Sonnet", True),
        ("Gemini 2.0 Flash Thinking", True),
        ("Llama-2-70B-chat", True),
        ("Llama-3-70B-Instruct", True),
        ("LLaMA", True),
        ("Llama-3.1-405B-Instruct", False),
        ("Llama-3.3-70B-Instruct", False),
        ("DeepSeek-R1-Distill-Llama-70B", False),
        ("MiniGPT-4 stage 1", False),
        ("GPT-OSS-120B", False),
        ("Mixtral-8x7B", False),
        ("Qwen2.5-72B-Instruct", False),
        ("NVIDIA in-house models", False),
    ],
)
def test_teachers_with_restrictive_terms_are_known(teacher: str, restricted: bool) -> None:
    assert (teacher_terms(teacher) is not None) == restricted
