"""What a chain of datasets, their licences and their teachers permit together.

This reads published terms cautiously; it is not legal advice. Unknown terms never count as permissive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.entry import Conflict, Entry, Evidence, evidence_json
from registry.spdx import is_non_commercial, is_permissive, spelling
from registry.terms import Use, Verdict
from registry.vocabulary import CommercialUse, EvidenceStatus


@dataclass(frozen=True, slots=True)
class TeacherTerms:
    """Terms that come with a model's output: `pattern` finds the teacher, `terms` says what they restrict."""

    pattern: re.Pattern[str]
    terms: str


TEACHER_TERMS: Final[tuple[TeacherTerms, ...]] = (
    TeacherTerms(
        re.compile(r"(?<![a-z])gpt-?[345]|chatgpt|text-davinci|\bcodex\b|^o[134](-\w+)?\b|openai", re.I),
        "OpenAI terms of use restrict training models that compete with OpenAI",
    ),
    TeacherTerms(
        re.compile(r"claude|anthropic", re.I),
        "Anthropic terms restrict training models that compete with Anthropic",
    ),
    TeacherTerms(
        re.compile(r"gemini|\bbard\b|\bpalm\b", re.I),
        "Google Gemini terms restrict training competing models",
    ),
    TeacherTerms(
        re.compile(r"bing chat|copilot", re.I), "Microsoft terms restrict training models on its AI services"
    ),
    TeacherTerms(
        re.compile(r"^(vicuna|alpaca|llama(?!-?\d)|llama-?[23](?![\d.]))", re.I),
        "Llama 1 to 3 licences forbid improving other language models with the output",
    ),
    TeacherTerms(re.compile(r"command r", re.I), "Cohere releases Command R under non-commercial terms"),
    TeacherTerms(
        re.compile(r"character\.ai", re.I), "output of a closed chat service without published data terms"
    ),
)
"""First match wins; the terms are recalled from the providers' pages, not quoted."""

_FREE_TEACHER: Final = re.compile(r"gpt-?oss|gpt-?j|gpt-?neo|gpt4all|in-house|internal", re.I)
"""Open models named like closed ones, and models of the publisher, whose own licence covers the output."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact that bears on a verdict.

    `path` leads from the dataset asked about through its parents to `dataset`, which holds the fact.
    """

    dataset: str
    path: tuple[str, ...]
    verdict: Verdict
    fact: str
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "dataset": self.dataset,
            "path": list(self.path),
            "verdict": str(self.verdict),
            "fact": self.fact,
            "evidence": evidence_json(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class LicenseVerdict:
    """Whether a use is allowed for all datasets asked about, with the facts that decide, strictest first."""

    use: Use
    ids: tuple[str, ...]
    verdict: Verdict
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "use": str(self.use),
            "datasets": list(self.ids),
            "verdict": str(self.verdict),
            "reasons": [reason.to_json() for reason in self.reasons],
        }


def teacher_terms(teacher: str) -> str | None:
    """What the terms of a teacher model restrict; None where nothing is known to.

    >>> teacher_terms("GPT-4 (judge)")
    'OpenAI terms of use restrict training models that compete with OpenAI'
    >>> teacher_terms("GPT-OSS-120B") is None
    True
    """
    if _FREE_TEACHER.search(teacher):
        return None
    return next((entry.terms for entry in TEACHER_TERMS if entry.pattern.search(teacher)), None)


def license_verdict(ids: Sequence[str], use: Use, entry_of: Callable[[str], Entry]) -> LicenseVerdict:
    """What the terms of `ids`, of all they derive from and of their teachers say of `use`.

    Forbidden where one of them forbids it, else unclear where one is unclear or unknown, else allowed;
    without ids it is unclear. Cost: one look at every ancestor.
    """
    reasons: dict[tuple[str, str], Reason] = {}
    for dataset in ids:
        for path in ancestor_paths(dataset, entry_of):
            for reason in _reasons(entry_of(path[-1]), path, use):
                reasons.setdefault((reason.dataset, reason.fact), reason)
    order = list(Verdict)
    ranked = sorted(reasons.values(), key=lambda r: (order.index(r.verdict), len(r.path), r.path, r.fact))
    verdict = ranked[0].verdict if ranked else Verdict.UNCLEAR
    return LicenseVerdict(use, tuple(ids), verdict, tuple(ranked))


def ancestor_paths(dataset: str, entry_of: Callable[[str], Entry]) -> Iterator[tuple[str, ...]]:
    """A shortest path from `dataset` to itself and to each ancestor, nearest first; cycles end the walk."""
    seen = {dataset}
    level: list[tuple[str, ...]] = [(dataset,)]
    while level:
        yield from level
        below = []
        for path in level:
            for parent in sorted(set(entry_of(path[-1]).derived_from) - seen):
                seen.add(parent)
                below.append((*path, parent))
        level = below


def _reasons(entry: Entry, path: tuple[str, ...], use: Use) -> Iterable[Reason]:
    def reason(verdict: Verdict, fact: str, field: str) -> Reason:
        return Reason(entry.id, path, verdict, fact, entry.evidence_for(field))

    yield reason(*_own_terms(entry, use), "license")
    if use is Use.RESEARCH:
        return
    for conflict in entry.conflicts:
        if conflict.field == "license":
            readings = "; ".join(f"{r.source}: {r.value}" for r in conflict.readings)
            verdict = Verdict.ALLOWED if _all_permissive(conflict) else Verdict.UNCLEAR
            yield reason(verdict, f"sources disagree on the licence: {readings}", "license")
    for teacher in entry.teacher:
        terms = teacher_terms(teacher)
        if terms is not None:
            yield reason(Verdict.UNCLEAR, f"teacher {teacher}: {terms}", "teacher")


def _all_permissive(conflict: Conflict) -> bool:
    """Whether any reading would allow commercial use; words that are no licence do not."""
    for reading in conflict.readings:
        known = spelling(reading.value)
        if known is None or not is_permissive(known):
            return False
    return True


def _own_terms(entry: Entry, use: Use) -> tuple[Verdict, str]:
    shown = entry.license_name or entry.license or "licence unknown"
    note = f". {entry.license_note}" if entry.license_note else ""
    fact = f"{shown}, commercial use {entry.commercial_use}{note}"
    if use is Use.RESEARCH:
        return (
            Verdict.UNCLEAR if entry.license is None or entry.license == "other" else Verdict.ALLOWED
        ), fact
    if entry.commercial_use is CommercialUse.NO or (entry.license and is_non_commercial(entry.license)):
        return Verdict.FORBIDDEN, fact
    if entry.commercial_use is CommercialUse.UNCLEAR or entry.license is None:
        return Verdict.UNCLEAR, fact
    if not is_permissive(entry.license):
        return Verdict.UNCLEAR, f"{fact} (terms of {shown} not known to us)"
    if entry.status_of("license") is EvidenceStatus.RECALLED:
        return Verdict.UNCLEAR, f"{fact} (licence recalled, not read)"
    return Verdict.ALLOWED, fact
