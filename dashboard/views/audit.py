"""Declared beside measured over all entries: what differs, what agrees, what cannot be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from dashboard.views import facts
from dashboard.views.languages import language_name
from dashboard.views.numbers import UNKNOWN, count, percent
from dashboard.views.plain import visible
from registry.audit import Audit, Check
from registry.entry import Entry
from registry.evidence import FactReading, fact_evidence

FACTS: Mapping[str, str] = MappingProxyType(
    {
        "size_rows": "Rows",
        "languages": "Languages",
        "format": "Form of a row",
        "derived_from": "Made from",
        "teacher": "Teacher models",
    }
)
VERDICTS: Mapping[bool | None, str] = MappingProxyType(
    {False: "≠ differs", True: "✓ agrees", None: "not comparable"}
)
COLUMNS = ("Dataset", "Fact", "Declared", "Measured", "Verdict", "Note", "Measured on")


def summary(audits: Sequence[Audit]) -> str:
    """How much was compared and how much differs, in a sentence."""
    checks = [check for found in audits for check in found.checks]
    differs = sum(check.agrees is False for check in checks)
    agrees = sum(check.agrees is True for check in checks)
    open_ones = len(checks) - differs - agrees
    return (
        f"**{count(differs)}** of {count(len(checks))} facts differ between what is declared and what was "
        f"measured on {count(len(audits))} datasets; {count(agrees)} agree, {count(open_ones)} cannot be "
        "compared."
    )


def table(
    audits: Sequence[Audit], *, only: Sequence[str] = (), everything: bool = False
) -> list[dict[str, str]]:
    """One row a check, what differs first; of `only`, where any are named; all with `everything`."""
    found = [
        (check.agrees is not False, check.agrees is None, place, audit.id, check)
        for place, audit in enumerate(audits)
        for check in audit.checks
        if (everything or check.agrees is False) and (not only or check.fact in only)
    ]
    return [_row(name, check) for *_, name, check in sorted(found, key=lambda item: item[:3])]


def disputes(entries: Iterable[Entry]) -> list[dict[str, str]]:
    """Every fact on which sources differ, with all readings, the one that rules or was chosen, and why."""
    return [
        {
            "Dataset": entry.id,
            "Fact": facts.label(fact.fact),
            "Readings": visible("; ".join(_said(reading) for reading in fact.readings)),
            "Followed": _text(fact.fact, fact.ruling.value if fact.ruling else fact.value),
            "Why": visible(fact.why or ""),
        }
        for entry in entries
        for fact in fact_evidence(entry)
        if fact.is_disputed
    ]


def declared_text(check: Check) -> str:
    """The declared value as a person reads it."""
    return _text(check.fact, check.declared)


def measured_text(check: Check) -> str:
    """The measured value as a person reads it."""
    value = check.measured
    if check.fact == "format":
        share = value["multi_turn_share"]
        turns = "" if share is None else f", {percent(share, digits=0)} with several user turns"
        return visible(f"{value['shape']}{turns}")
    if check.fact == "derived_from":
        return visible(value.get("copy") or f"{value['parent']} {percent(value['share'], digits=1)}")
    if check.fact in ("languages", "teacher"):
        named = language_name if check.fact == "languages" else str
        return visible(
            ", ".join(f"{named(key)} {percent(share, digits=0)}" for key, share in value.items()) or UNKNOWN
        )
    return _text(check.fact, value)


def _said(reading: FactReading) -> str:
    return f"{reading.value} ({reading.source}, {reading.status or 'unknown'})"


def _row(name: str, check: Check) -> dict[str, str]:
    cells = (
        name,
        FACTS.get(check.fact, check.fact),
        declared_text(check),
        measured_text(check),
        VERDICTS[check.agrees],
        visible(check.note or ""),
        visible(check.measured_on),
    )
    return dict(zip(COLUMNS, cells, strict=True))


def _text(fact: str, value: Any) -> str:
    if value is None or value == []:
        return UNKNOWN
    if isinstance(value, int):
        return count(value)
    if fact == "languages":
        return ", ".join(language_name(code) for code in value)
    return visible(", ".join(value) if isinstance(value, list) else str(value))
