"""What a chain of datasets, their licences and their teachers permit together, as a proof.

This reads published terms cautiously; it is not legal advice. Unknown terms never count as permissive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.entry import Entry, Evidence, evidence_json
from registry.evidence import FactReading, license_readings
from registry.kinship import Relation
from registry.license_terms import license_says
from registry.proof import Proof, prove
from registry.spdx import is_non_commercial
from registry.teacher_terms import teacher_terms
from registry.terms import Use, Verdict, strictest
from registry.vocabulary import Category, CommercialUse, EvidenceStatus, Method

EntryOf = Callable[[str], Entry | None]
Found = Mapping[str, Sequence[Relation]]

_ADDS_NO_TEXT: Final = frozenset(
    {
        *(Method.AGGREGATION, Method.DATASET_INTEGRATION),
        *(Method.LLM_JUDGED_FILTERING, Method.HEURISTIC_FILTERING),
    }
)


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
    """Whether a use is allowed for all datasets asked about, with the facts that decide, strictest first.

    `proof` holds the same facts as a tree: each verdict is the strictest of those it rests on.
    """

    use: Use
    ids: tuple[str, ...]
    verdict: Verdict
    reasons: tuple[Reason, ...]
    proof: Proof | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "use": str(self.use),
            "datasets": list(self.ids),
            "verdict": str(self.verdict),
            "reasons": [reason.to_json() for reason in self.reasons],
            "proof": self.proof and self.proof.to_json(),
        }


def license_verdict(
    ids: Sequence[str], use: Use, entry_of: EntryOf, found_parents: Found | None = None
) -> LicenseVerdict:
    """What the terms of `ids`, of all they derive from and of their teachers say of `use`.

    Forbidden where one of them forbids it, else unclear where one is unclear or unknown, else allowed;
    without ids it is unclear. A name without an entry is unknown. `found_parents` are steps that nobody
    declared but rows show: they count like declared ones. Cost: one look at every ancestor.
    """
    found = found_parents or {}
    walks = [list(ancestor_paths(dataset, entry_of, found)) for dataset in ids]
    reasons: dict[tuple[str, str], Reason] = {}
    facts: dict[str, list[Reason]] = {}
    for walk in walks:
        for path in walk:
            own = facts.setdefault(path[-1], list(_reasons(path[-1], entry_of(path[-1]), use)))
            for reason in own:
                here = Reason(reason.dataset, path, reason.verdict, reason.fact, reason.evidence)
                reasons.setdefault((reason.dataset, reason.fact), here)
    ranked = sorted(reasons.values(), key=lambda r: (r.verdict.gravity, len(r.path), r.path, r.fact))
    trees = [prove(walk, facts, lambda name: _steps(name, entry_of, found)) for walk in walks]
    proof = Proof(
        claim=f"{use} use of {', '.join(ids) or 'nothing'}",
        verdict=strictest(tree.verdict for tree in trees),
        rule="strictest",
        because=tuple(trees),
    )
    return LicenseVerdict(use, tuple(ids), proof.verdict, tuple(ranked), proof)


def ancestor_paths(
    dataset: str, entry_of: EntryOf, found_parents: Found | None = None
) -> Iterator[tuple[str, ...]]:
    """A shortest path from `dataset` to itself and to each ancestor, nearest first; cycles end the walk."""
    seen = {dataset}
    level: list[tuple[str, ...]] = [(dataset,)]
    while level:
        yield from level
        below = []
        for path in level:
            for parent in sorted(set(_steps(path[-1], entry_of, found_parents or {})) - seen):
                seen.add(parent)
                below.append((*path, parent))
        level = below


def _steps(name: str, entry_of: EntryOf, found: Found) -> dict[str, str]:
    """The parents of `name`, each with what says so."""
    entry = entry_of(name)
    declared = dict.fromkeys(entry.derived_from if entry else (), "declared parent")
    measured = {relation.parent: _found(relation) for relation in found.get(name, ())}
    return measured | declared


def _found(relation: Relation) -> str:
    what = relation.kind.removeprefix("same ")
    return f"not declared, but {relation.share:.0%} of the {what} of {relation.child} stand in it"


def _reasons(name: str, entry: Entry | None, use: Use) -> Iterator[Reason]:
    if entry is None:
        yield Reason(name, (name,), Verdict.UNCLEAR, "no catalogue entry: its licence is not known to us", ())
        return

    def reason(verdict: Verdict, fact: str, evidence: Sequence[Evidence]) -> Reason:
        return Reason(name, (name,), verdict, fact, tuple(evidence))

    yield reason(*_own_terms(entry, use), entry.evidence_for("license"))
    if use is Use.RESEARCH:
        return
    readings = license_readings(entry)
    if readings:
        yield reason(*_disputed(readings, use), [_as_evidence(reading) for reading in readings])
    for teacher in entry.teacher:
        verdict, fact, source = _teacher_says(teacher, use)
        yield reason(verdict, fact, (*entry.evidence_for("teacher"), *source))
    if not entry.teacher and _is_written_by_models(entry):
        fact = "models wrote it, and nobody says which: their terms are unknown"
        yield reason(Verdict.UNCLEAR, fact, entry.evidence_for("method"))


def _own_terms(entry: Entry, use: Use) -> tuple[Verdict, str]:
    shown = entry.license_name or entry.license or "licence unknown"
    note = f". {entry.license_note}" if entry.license_note else ""
    if use is Use.COMMERCIAL:
        return _commercial(entry, shown, f"{shown}, commercial use {entry.commercial_use}{note}")
    if use is Use.RESEARCH:
        known = entry.license is not None and entry.license != "other"
        fact = f"{shown}, commercial use {entry.commercial_use}{note}"
        return (Verdict.ALLOWED if known else Verdict.UNCLEAR), fact
    if entry.license is None:
        return Verdict.UNCLEAR, f"{shown}{note}"
    verdict, asks = license_says(entry.license, use)
    fact = f"{shown}: {asks}{note}"
    if verdict is Verdict.ALLOWED and entry.status_of("license") is EvidenceStatus.RECALLED:
        return Verdict.UNCLEAR, f"{fact} (licence recalled, not read)"
    return verdict, fact


def _commercial(entry: Entry, shown: str, fact: str) -> tuple[Verdict, str]:
    if entry.commercial_use is CommercialUse.NO or (entry.license and is_non_commercial(entry.license)):
        return Verdict.FORBIDDEN, fact
    if entry.commercial_use is CommercialUse.UNCLEAR or entry.license is None:
        return Verdict.UNCLEAR, fact
    verdict, _ = license_says(entry.license, Use.COMMERCIAL)
    if verdict is not Verdict.ALLOWED:
        return verdict, f"{fact} (terms of {shown} not known to us)"
    if entry.status_of("license") is EvidenceStatus.RECALLED:
        return Verdict.UNCLEAR, f"{fact} (licence recalled, not read)"
    return Verdict.ALLOWED, fact


def _disputed(readings: Sequence[FactReading], use: Use) -> tuple[Verdict, str]:
    """The verdict of the strictest of all readings, and what each says."""
    verdict = strictest(license_says(reading.value, use)[0] for reading in readings)
    said = "; ".join(f"{reading.source}: {reading.value}" for reading in readings)
    return verdict, f"sources disagree on the licence, the strictest rules: {said}"


def _as_evidence(reading: FactReading) -> Evidence:
    status = reading.status or EvidenceStatus.RECALLED
    return Evidence(source=reading.source, status=status, note=reading.value)


def _teacher_says(teacher: str, use: Use) -> tuple[Verdict, str, tuple[Evidence, ...]]:
    terms = teacher_terms(teacher)
    if terms is None:
        return Verdict.UNCLEAR, f"teacher {teacher}: its terms are not known to us", ()
    evidence = (terms.evidence,) if terms.evidence else ()
    return terms.says[use], f"teacher {teacher}: {terms.terms}", evidence


def _is_written_by_models(entry: Entry) -> bool:
    if entry.category is Category.HUMAN_CRAFTED:
        return False
    return not (entry.derived_from and entry.method in _ADDS_NO_TEXT)
