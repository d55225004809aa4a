"""Licences: one spelling for each, what they permit, and what a chain of datasets permits together.

This reads published terms cautiously; it is not legal advice. Unknown terms never count as permissive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from pydantic_core import PydanticCustomError

from registry.entry import Entry, Evidence, evidence_json
from registry.errors import ProblemCode
from registry.vocabulary import CommercialUse, EvidenceStatus

ALIASES: Final[Mapping[str, str]] = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache2": "Apache-2.0",
    "bigcode-openrail-m": "LicenseRef-BigCode-OpenRAIL-M",
    "bigscience-openrail-m": "LicenseRef-BigScience-OpenRAIL-M",
    "bsd": "LicenseRef-BSD-unspecified-version",
    "cc": "LicenseRef-CC-unspecified-version",
    "cc0": "CC0-1.0",
    "gemma": "LicenseRef-Gemma-Terms",
    "gpl": "LicenseRef-GPL-unspecified-version",
    "llama2": "LicenseRef-Llama-2-Community",
    "llama3": "LicenseRef-Llama-3-Community",
    "llama3.1": "LicenseRef-Llama-3.1-Community",
    "llama3.2": "LicenseRef-Llama-3.2-Community",
    "llama3.3": "LicenseRef-Llama-3.3-Community",
    "odbl": "ODbL-1.0",
    "odc-by": "ODC-By-1.0",
    "openrail": "LicenseRef-OpenRAIL",
    "pddl": "PDDL-1.0",
}
"""Names found on the Hub and in READMEs that are not SPDX, and what we call them."""

_LICENSE_REF = re.compile(r"licenseref-[a-z0-9.-]+", re.IGNORECASE)
_NON_COMMERCIAL = re.compile(
    r"(^|-)NC(-|$)|non-?commercial|research-only|^LicenseRef-AI2-ImpACT-MR", re.IGNORECASE
)
_PERMISSIVE = frozenset(
    {
        *(
            "Apache-2.0",
            "MIT",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "ISC",
            "Unlicense",
            "WTFPL",
            "Zlib",
            "MIT-0",
            "0BSD",
        ),
        *(
            "CC0-1.0",
            "CC-BY-1.0",
            "CC-BY-2.0",
            "CC-BY-2.5",
            "CC-BY-3.0",
            "CC-BY-4.0",
            "PDDL-1.0",
            "ODC-By-1.0",
        ),
        *("CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "C-UDA-1.0", "OGL-UK-3.0", "etalab-2.0"),
        *("CC-BY-SA-2.0", "CC-BY-SA-2.5", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "ODbL-1.0", "CDLA-Sharing-1.0"),
        *("CC-BY-ND-4.0", "CC-BY-ND-3.0"),
    }
)
_COPYLEFT = re.compile(r"^(A|L)?GPL-\d|^MPL-|^EUPL-")


@dataclass(frozen=True, slots=True)
class TeacherTerms:
    """Terms that come with a model's output: `pattern` finds the teacher, `terms` says what they restrict."""

    pattern: re.Pattern[str]
    terms: str


TEACHER_TERMS: Final[tuple[TeacherTerms, ...]] = (
    TeacherTerms(
        re.compile(
            r"gpt-[345]|gpt-?4o|chatgpt|text-davinci|\bcodex\b|\bo[134](-\w+)?\b|bing chat|openai|^gpt$", re.I
        ),
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
        re.compile(r"^(llama|vicuna|alpaca)(-2|-3)?(?![\d.])|^llama models", re.I),
        "Llama 2 and Llama 3 licences forbid improving other language models with the output",
    ),
    TeacherTerms(re.compile(r"command r", re.I), "Cohere releases Command R under non-commercial terms"),
    TeacherTerms(
        re.compile(r"character\.ai", re.I), "output of a closed chat service without published data terms"
    ),
)
"""First match wins; the terms are recalled from the providers' pages, not quoted."""

OPEN_GPT: Final = re.compile(r"gpt-?oss|gpt-?j|gpt-?neo|gpt4all", re.I)
"""Open models whose names look like closed ones."""


class Use(StrEnum):
    """What the data is wanted for."""

    COMMERCIAL = "commercial"
    RESEARCH = "research"


class Verdict(StrEnum):
    """What the published terms say of a use; ordered from the strictest."""

    FORBIDDEN = "forbidden"
    UNCLEAR = "unclear"
    ALLOWED = "allowed"


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


def normalise_license(text: str) -> str | None:
    """The one spelling of a licence: SPDX expression, `LicenseRef-...` or `other`; None for `unknown`.

    Case is ignored and Hub names are understood.

    >>> normalise_license("apache-2.0"), normalise_license("llama3.1")
    ('Apache-2.0', 'LicenseRef-Llama-3.1-Community')

    Raises:
        PydanticCustomError: of type `bad_license`, with the nearest known ids.
    """
    normal, unknown = _normalised(text)
    if unknown is None:
        return normal
    near = get_close_matches(unknown.lower(), [*_spdx_ids(), *ALIASES], n=3)
    offer = f"; did you mean {', '.join(_spdx_ids().get(n, n) for n in near)}?" if near else ""
    message = (
        f"{unknown[:80]!r} is no SPDX licence{offer} Else write LicenseRef-<name>, or leave it out if unknown"
    )
    raise PydanticCustomError(ProblemCode.BAD_LICENSE.value, "{message}", {"message": message})


@lru_cache(maxsize=1024)
def _normalised(text: str) -> tuple[str | None, str | None]:
    """(normal form, None) or (None, what is not known)."""
    lowered = text.strip().lower()
    if lowered in ("unknown", "other"):
        return (None if lowered == "unknown" else "other"), None
    if lowered in ALIASES:
        return ALIASES[lowered], None
    parts = re.split(r"(\s+(?:AND|OR)\s+|[()])", text.strip())
    if len(parts) > 1 and not _is_expression(text):
        return None, text
    out = []
    for index, part in enumerate(parts):
        if index % 2 or not part:
            out.append(part)
            continue
        known = _single(part.strip())
        if known is None:
            return None, part
        out.append(known)
    return "".join(out), None


def _single(name: str) -> str | None:
    if _LICENSE_REF.fullmatch(name):
        return "LicenseRef-" + name[len("LicenseRef-") :]
    if name.lower() in ALIASES:
        return ALIASES[name.lower()]
    found = _spdx().validate(name)
    return found.normalized_expression if name and not found.errors else None


def _is_expression(text: str) -> bool:
    from license_expression import ExpressionError, ExpressionParseError

    try:
        return _spdx().parse(text) is not None
    except (ExpressionError, ExpressionParseError):
        return False


@lru_cache(maxsize=1)
def _spdx() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


@lru_cache(maxsize=1)
def _spdx_ids() -> dict[str, str]:
    return {key.lower(): key for key in _spdx().known_symbols}


def components(expression: str) -> list[str]:
    """The single licences an expression names, in order."""
    return [part for part in re.split(r"\s+(?:AND|OR|WITH)\s+|[()\s]+", expression) if part]


def is_non_commercial(expression: str) -> bool:
    """Whether a licence that must be kept forbids commercial use; alternatives (OR) need all to forbid it."""
    verdicts = [bool(_NON_COMMERCIAL.search(part)) for part in components(expression)]
    return all(verdicts) if " OR " in expression else any(verdicts)


def is_permissive(expression: str) -> bool:
    """Whether a licence is known to allow commercial use of data, share-alike included, GPL left aside."""
    return all(part in _PERMISSIVE for part in components(expression))


def teacher_terms(teacher: str) -> str | None:
    """What the terms of a teacher model restrict; None where nothing is known to.

    >>> teacher_terms("GPT-4 (judge)")
    'OpenAI terms of use restrict training models that compete with OpenAI'
    >>> teacher_terms("GPT-OSS-120B") is None
    True
    """
    if OPEN_GPT.search(teacher):
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
            yield reason(Verdict.UNCLEAR, f"sources disagree on the licence: {readings}", "license")
    for teacher in entry.teacher:
        terms = teacher_terms(teacher)
        if terms is not None:
            yield reason(Verdict.UNCLEAR, f"teacher {teacher}: {terms}", "teacher")


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
    if not (is_permissive(entry.license) or _COPYLEFT.search(entry.license)):
        return Verdict.UNCLEAR, f"{fact} (terms of {shown} not known to us)"
    if entry.status_of("license") is EvidenceStatus.RECALLED:
        return Verdict.UNCLEAR, f"{fact} (licence recalled, not read)"
    return Verdict.ALLOWED, fact
