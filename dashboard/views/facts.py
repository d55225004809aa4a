"""What is declared of one dataset, fact by fact, with who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dashboard.views.languages import language_name
from dashboard.views.numbers import UNKNOWN, count
from dashboard.views.plain import visible
from registry.entry import Entry
from registry.evidence import FactEvidence, fact_evidence
from registry.vocabulary import Term

_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "size_rows": "Rows declared",
        "category": "Construction",
        "method": "Method",
        "focus": "Focus",
        "teacher": "Teacher models",
        "languages": "Languages",
        "format": "Form of a row",
        "modality": "Modality",
        "license": "Licence",
        "commercial_use": "Commercial use",
        "license_note": "How it was read",
        "gated": "Access",
        "open": "Released",
        "year": "First published",
        "derived_from": "Made from",
        "models_trained": "Models trained",
        "survey_table": "Survey table",
    }
)
_WORDS: Mapping[str, Mapping[bool, str]] = MappingProxyType(
    {
        "gated": {True: "must be asked for", False: "free to download"},
        "open": {True: "yes", False: "no, never released"},
    }
)
STATUS_COLOUR: Mapping[str, Literal["green", "orange", "red"]] = MappingProxyType(
    {"verified": "green", "secondary": "orange", "recalled": "red"}
)


@dataclass(frozen=True, slots=True)
class Fact:
    """What, which value, how well it is known (None: nothing speaks for it), what the term means."""

    field: str
    label: str
    value: str
    status: str | None
    meaning: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One place where facts were read: how well it speaks, where it is, for which facts."""

    status: str
    source: str
    fields: str


def facts(entry: Entry) -> list[Fact]:
    """The known facts of an entry in reading order; unknown ones are left out."""
    return [
        Fact(field, label, value, _status(entry, field), _meaning(entry, field))
        for field, label in _LABELS.items()
        if (value := _shown(entry, field)) != UNKNOWN
    ]


def unknown_facts(entry: Entry) -> list[str]:
    """The labels of what nobody declared."""
    return [label for field, label in _LABELS.items() if _shown(entry, field) == UNKNOWN]


def readings(entry: Entry) -> list[Reading]:
    """Every source of an entry, the best known first."""
    order = list(STATUS_COLOUR)
    found = [
        Reading(str(item.status), _with_note(item.source, item.note), _fields(item.fields))
        for item in entry.evidence
    ]
    return sorted(found, key=lambda reading: order.index(reading.status))


def conflicts(entry: Entry) -> list[str]:
    """Each field on which sources disagree, with every reading, one line each."""
    return [_conflict(fact) for fact in fact_evidence(entry) if fact.is_disputed]


def label(field: str) -> str:
    """What a field is called on pages."""
    return _LABELS.get(field, field.replace("_", " ").capitalize())


def tagline(entry: Entry) -> str:
    """What it is, in a line."""
    parts = [str(entry.category), str(entry.method), entry.focus.removeprefix("domain:")]
    return " · ".join([*parts, *([str(entry.year)] if entry.year else [])])


def links(entry: Entry) -> list[tuple[str, str]]:
    """Where to read more: label and https address."""
    paper = entry.paper and (
        entry.paper if entry.paper.startswith("https://") else f"https://arxiv.org/abs/{entry.paper}"
    )
    found = (
        ("Homepage", entry.homepage),
        ("Hugging Face", entry.hf_id and f"https://huggingface.co/datasets/{entry.hf_id}"),
        ("GitHub", entry.github and f"https://github.com/{entry.github}"),
        ("Paper", paper),
    )
    seen: dict[str, str] = {}
    for label, address in found:
        if address and address not in seen.values():
            seen[label] = address
    return list(seen.items())


def _shown(entry: Entry, field: str) -> str:
    value = getattr(entry, field)
    if field == "size_rows":
        return _size(entry)
    if field == "languages":
        return ", ".join(language_name(code) for code in entry.languages)
    if value is None or value == ():
        return UNKNOWN
    if isinstance(value, bool):
        return _WORDS[field][value]
    return visible(", ".join(value) if isinstance(value, tuple) else str(value))


def _size(entry: Entry) -> str:
    if entry.size_rows is None:
        return visible(entry.size_text) if entry.size_text else UNKNOWN
    counted = count(entry.size_rows)
    text = entry.size_text
    return f"{counted}  ({visible(text)})" if text and text != counted else counted


def _status(entry: Entry, field: str) -> str | None:
    status = entry.status_of(field)
    return None if status is None else str(status)


def _meaning(entry: Entry, field: str) -> str | None:
    value = getattr(entry, field)
    return value.definition if isinstance(value, Term) else None


def _with_note(source: str, note: str | None) -> str:
    return visible(f"{source} – {note}" if note else source)


def _fields(fields: tuple[str, ...]) -> str:
    return ", ".join(label(field) for field in fields) if fields else "the whole entry"


def _conflict(fact: FactEvidence) -> str:
    said = "; ".join(
        f"{reading.value} ({reading.source}{f', {reading.status}' if reading.status else ''})"
        for reading in fact.readings
    )
    return visible(f"{label(fact.fact)}: {said}{f'. {fact.why}' if fact.why else ''}")
