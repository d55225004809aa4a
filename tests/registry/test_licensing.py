"""What a chain of datasets permits: never more than its strictest part, with a path to every reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.entry import Entry
from registry.kinship import Relation
from registry.license_terms import FAMILIES
from registry.licensing import LicenseVerdict, license_verdict
from registry.proof import Proof
from registry.teacher_terms import TEACHER_TERMS, teacher_terms
from registry.terms import Use, Verdict, strictest

VERIFIED = [{"source": "owner/x README.md", "status": "verified"}]


def entry(name: str, **changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "id": name,
        "name": name,
        "category": "human-crafted",
        "method": "manual-annotation",
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
    return license_verdict(ids or [entries[0].id], use, known.get)


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
        {"teacher": ["a model nobody knows"]},
        {"category": "distillation", "method": "seed-expansion"},
        {
            "conflicts": [
                {
                    "field": "license",
                    "readings": [
                        {"value": "MIT", "source": "card"},
                        {"value": "unspecified", "source": "audit"},
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


def test_of_several_readings_the_strictest_rules() -> None:
    readings = [
        {"value": "MIT", "source": "card", "status": "verified"},
        {"value": "research only", "source": "README", "status": "secondary"},
    ]
    answer = ask(entry("a", conflicts=[{"field": "license", "readings": readings}]))

    assert answer.verdict is Verdict.FORBIDDEN
    assert answer.reasons[0].fact.endswith("README: research only; card: MIT")
    assert [item.source for item in answer.reasons[0].evidence] == ["README", "card"]


@pytest.mark.parametrize(
    ("changes", "redistribution", "competing"),
    [
        ({}, "allowed", "allowed"),
        ({"license": "CC-BY-NC-4.0", "commercial_use": "no"}, "allowed", "unclear"),
        ({"license": None, "commercial_use": "unclear"}, "unclear", "unclear"),
        ({"license": "CC-BY-NC-ND-4.0", "commercial_use": "no"}, "unclear", "unclear"),
        ({"teacher": ["GPT-4"]}, "allowed", "forbidden"),
        ({"teacher": ["Llama-3-70B-Instruct"]}, "allowed", "forbidden"),
        ({"teacher": ["Llama-3.1-70B-Instruct", "QwQ-32B"]}, "allowed", "allowed"),
        ({"teacher": ["many chat models"]}, "unclear", "unclear"),
        ({"evidence": [{"source": "general knowledge", "status": "recalled"}]}, "unclear", "unclear"),
    ],
)
def test_each_use_is_judged_by_its_own_terms(
    changes: dict[str, Any], redistribution: str, competing: str
) -> None:
    found = entry("a", **changes)

    assert ask(found, use=Use.REDISTRIBUTION).verdict == redistribution
    assert ask(found, use=Use.COMPETING_MODEL).verdict == competing


def test_a_name_without_an_entry_is_unknown() -> None:
    answer = license_verdict(["rows.jsonl"], Use.COMMERCIAL, lambda _: None)

    assert answer.verdict is Verdict.UNCLEAR
    assert answer.reasons[0].fact == "no catalogue entry: its licence is not known to us"


def test_a_parent_that_only_rows_show_counts_like_a_declared_one() -> None:
    known = {"copy": entry("copy"), "nc": entry("nc", license="CC-BY-NC-4.0", commercial_use="no")}
    step = Relation(
        child="copy", parent="nc", kind="rows", view="all", share=0.98, back=0.5, exact=0.9, found=98,
        direction="containment",
    )  # fmt: skip

    answer = license_verdict(["copy"], Use.COMMERCIAL, known.get, {"copy": [step]})

    assert answer.verdict is Verdict.FORBIDDEN
    assert answer.reasons[0].path == ("copy", "nc")
    assert answer.proof is not None
    assert "nc (not declared, but 98% of the rows of copy stand in it)" in "\n".join(answer.proof.lines())


def test_a_proof_shows_each_ancestor_once_and_refers_to_it_elsewhere() -> None:
    answer = ask(
        entry("d", derived_from=["b", "c"]),
        entry("b", derived_from=["a"]),
        entry("c", derived_from=["a"]),
        entry("a", commercial_use="no"),
    )

    assert answer.proof is not None
    rules = [proof.rule for proof in nodes(answer.proof) if proof.dataset == "a" and "(" in proof.claim]
    assert sorted(rules) == ["shown above", "strictest"]
    whole = [proof for proof in nodes(answer.proof) if proof.rule == "strictest"]
    assert len(whole) == 5
    assert {proof.verdict for proof in whole} == {Verdict.FORBIDDEN}


def nodes(proof: Proof) -> list[Proof]:
    return [proof, *(below for part in proof.because for below in nodes(part))]


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
    assert license_verdict([], Use.COMMERCIAL, {}.get).verdict is Verdict.UNCLEAR


def test_research_may_use_non_commercial_data_of_any_teacher() -> None:
    nc = entry("a", license="CC-BY-NC-4.0", commercial_use="no", teacher=["GPT-4"])

    assert ask(nc, use=Use.RESEARCH).verdict is Verdict.ALLOWED
    assert ask(entry("a", license=None), use=Use.RESEARCH).verdict is Verdict.UNCLEAR


labels = st.sampled_from(["yes", "no", "unclear"])
families = st.lists(st.tuples(labels, st.sets(st.integers(0, 5))), min_size=1, max_size=6)


@settings(max_examples=50, deadline=None)
@given(families)
def test_a_verdict_is_never_milder_than_any_label_in_the_ancestry(nodes: list[tuple[str, set[int]]]) -> None:
    known = {
        f"n{i}": entry(f"n{i}", commercial_use=label, derived_from=[f"n{p}" for p in sorted(ups) if p < i])
        for i, (label, ups) in enumerate(nodes)
    }
    for name in known:
        reasons = license_verdict([name], Use.COMMERCIAL, known.get).reasons
        family = {reason.dataset for reason in reasons}
        found = {str(known[member].commercial_use) for member in family}
        wanted = "forbidden" if "no" in found else "unclear" if "unclear" in found else "allowed"

        assert license_verdict([name], Use.COMMERCIAL, known.get).verdict == wanted
        assert {parent for member in family for parent in known[member].derived_from} <= family


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(labels, st.sets(st.integers(0, 5))), min_size=1, max_size=6),
    st.sampled_from(list(Use)),
)
def test_every_node_of_a_proof_is_the_strictest_of_what_it_rests_on(
    rows: list[tuple[str, set[int]]], use: Use
) -> None:
    known = {
        f"n{i}": entry(f"n{i}", commercial_use=label, derived_from=[f"n{p}" for p in sorted(ups) if p < i])
        for i, (label, ups) in enumerate(rows)
    }
    answer = license_verdict(list(known), use, known.get)

    assert answer.proof is not None
    assert answer.proof.verdict is answer.verdict
    facts = set()
    for proof in nodes(answer.proof):
        if proof.rule == "strictest":
            assert proof.verdict is strictest(part.verdict for part in proof.because)
        else:
            assert proof.because == ()
        if proof.rule == "fact":
            facts.add((proof.dataset, proof.claim, proof.verdict))
        if proof.rule == "shown above":
            whole = {p.verdict for p in nodes(answer.proof) if p.dataset == proof.dataset and p.because}
            assert whole == {proof.verdict}
    assert facts == {(reason.dataset, reason.fact, reason.verdict) for reason in answer.reasons}


@pytest.mark.parametrize(
    ("teacher", "competing"),
    [
        ("GPT-4 (judge)", "forbidden"),
        ("gpt-3.5-turbo-1106", "forbidden"),
        ("ChatGPT", "forbidden"),
        ("text-davinci-003", "forbidden"),
        ("o1", "forbidden"),
        ("Claude 3.5 Sonnet", "forbidden"),
        ("Gemini 2.0 Flash Thinking", "forbidden"),
        ("Llama-2-70B-chat", "forbidden"),
        ("Llama-3-70B-Instruct", "forbidden"),
        ("LLaMA", "forbidden"),
        ("Qwen-72B-Chat (filter)", "forbidden"),
        ("Llama-3.1-405B-Instruct", "allowed"),
        ("Llama-3.3-70B-Instruct", "allowed"),
        ("DeepSeek-R1-Distill-Llama-70B", "allowed"),
        ("GPT-OSS-120B", "allowed"),
        ("Mixtral-8x7B", "allowed"),
        ("Qwen2.5-72B-Instruct", "allowed"),
        ("Qwen3", "allowed"),
        ("NVIDIA in-house models", "allowed"),
        ("Gemma-2-27B-it", "unclear"),
        ("Character.AI", "unclear"),
        ("MiniGPT-4 stage 1", None),
        ("Qwen", None),
        ("several", None),
        ("Mistral/LLaMA math models (rollouts)", None),
    ],
)
def test_terms_of_teachers(teacher: str, competing: str | None) -> None:
    terms = teacher_terms(teacher)

    assert (terms and str(terms.says[Use.COMPETING_MODEL])) == competing


def test_each_family_of_teachers_answers_each_use_and_says_where_it_was_read() -> None:
    for family in TEACHER_TERMS:
        assert set(family.says) == set(Use) - {Use.RESEARCH}
        assert family.evidence is not None or family.provider == "the publisher's own models"


def test_the_page_on_licences_lists_every_family_that_we_model() -> None:
    page = (Path(__file__).parents[2] / "docs" / "licences.md").read_text(encoding="utf-8")

    for family in TEACHER_TERMS:
        row = next(line for line in page.splitlines() if line.startswith(f"| {family.provider} |"))
        assert all(str(verdict) in row for verdict in family.says.values())
        assert family.evidence is None or family.evidence.source in row
    for licence in FAMILIES:
        row = next(line for line in page.splitlines() if line.startswith(f"| {licence.name} |"))
        assert all(str(verdict) in row for verdict in licence.says.values())
