"""Fact by fact: the value we follow, who says so, how sure it is, and what others say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.entry import Benchmark, Conflict, Entry, Evidence
from registry.license_terms import license_says, strictest_reading
from registry.terms import Use
from registry.vocabulary import EvidenceStatus

NOT_FACTS: Final = frozenset({"evidence", "conflicts", "kind", "hf_shared", "license_note"})


@dataclass(frozen=True, slots=True)
class FactReading:
    """What one source says of a fact; `status` None where nobody wrote down how well it was read."""

    value: Any
    source: str
    status: EvidenceStatus | None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {"value": self.value, "source": self.source, "status": self.status and str(self.status)}


@dataclass(frozen=True, slots=True)
class FactEvidence:
    """One fact with everything that speaks for it or against it.

    `value` is what the entry holds, None where it is unknown; `source` is the best source of it. `readings`
    has one item a source. `ruling` is the reading that decides where sources conflict about the licence
    (the strictest), None elsewhere; `why` says how the value was chosen.
    """

    fact: str
    value: Any
    status: EvidenceStatus | None
    source: str | None
    readings: tuple[FactReading, ...]
    is_disputed: bool = False
    ruling: FactReading | None = None
    why: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "fact": self.fact,
            "value": self.value,
            "status": self.status and str(self.status),
            "source": self.source,
            "disputed": self.is_disputed,
            "readings": [reading.to_json() for reading in self.readings],
            "ruling": self.ruling and self.ruling.to_json(),
            "why": self.why,
        }


def fact_evidence(entry: Entry | Benchmark) -> tuple[FactEvidence, ...]:
    """Every fact that is known or disputed, in the order of the fields."""
    conflicts: dict[str, Conflict] = {}
    if isinstance(entry, Entry):
        conflicts = {conflict.field: conflict for conflict in entry.conflicts}
    plain = entry.to_json()
    return tuple(
        _of_field(entry, field, plain[field], conflicts.get(field))
        for field in plain
        if field not in NOT_FACTS and field != "id" and (_is_known(plain[field]) or field in conflicts)
    )


def license_readings(entry: Entry) -> tuple[FactReading, ...]:
    """Every reading of the licence, the one that rules first; empty where sources do not conflict."""
    conflict = next((found for found in entry.conflicts if found.field == "license"), None)
    if conflict is None:
        return ()
    readings = list(_readings(conflict))
    ruling = readings.pop(strictest_reading([reading.value for reading in readings]))
    return (ruling, *readings)


def _of_field(entry: Entry | Benchmark, field: str, value: Any, conflict: Conflict | None) -> FactEvidence:
    items = _best_first(entry.evidence_for(field))
    source = items[0].source if items and _is_known(value) else None
    status = entry.status_of(field) if _is_known(value) else None
    if conflict is None:
        sources = tuple(FactReading(value, item.source, item.status) for item in items)
        return FactEvidence(field, value, status, source, sources)
    ruling = license_readings(entry)[0] if field == "license" and isinstance(entry, Entry) else None
    return FactEvidence(
        field,
        value,
        status,
        source,
        tuple(_readings(conflict)),
        is_disputed=True,
        ruling=ruling,
        why=_why(conflict, ruling),
    )


def _why(conflict: Conflict, ruling: FactReading | None) -> str | None:
    parts = [conflict.note] if conflict.note else []
    if ruling is not None:
        verdict = license_says(ruling.value, Use.COMMERCIAL)[0]
        parts.append(
            f"the strictest of {len(conflict.readings)} readings rules: {ruling.value} "
            f"(commercial use {verdict})"
        )
    return "; ".join(parts) or None


def _readings(conflict: Conflict) -> Iterator[FactReading]:
    for reading in conflict.readings:
        yield FactReading(reading.value, reading.source, reading.status)


def _best_first(items: Sequence[Evidence]) -> list[Evidence]:
    order = list(EvidenceStatus)
    return sorted(items, key=lambda item: order.index(item.status))


def _is_known(value: Any) -> bool:
    return value is not None and value != []
