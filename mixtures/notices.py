"""The notices that travel with rows: licences, attributions, links and changes of all they come from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixtures.lock import LOCK_FILE, MANIFEST_FILE, read_lock
from mixtures.recipe import Output
from mixtures.terms import locked_names, part_name
from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.evidence import license_readings
from registry.files import atomic_write_text
from registry.hub_card import inert
from registry.license_terms import license_says
from registry.licensing import LicenseVerdict, ancestor_paths
from registry.spdx import components, spelling
from registry.teacher_terms import teacher_terms
from registry.terms import Use

if TYPE_CHECKING:
    from mixtures.plan import Plan
    from registry.entry import Entry
    from registry.registry import Registry

_ADDRESS = re.compile(r"https://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
_NO_ENTRY = "no catalogue entry: licence and makers are not known to us; add them before passing rows on"


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a mixture: its name there, its name in the catalogue, what was changed in its rows."""

    label: str
    dataset: str
    changes: tuple[str, ...] = ()


def changes_of(part: Mapping[str, Any], shape: str) -> tuple[str, ...]:
    """What was done to the rows of a part, from its record in the manifest."""
    removed = ", ".join(f"{count:,} {reason}" for reason, count in part["removed"].items() if count)
    again = "" if part["rows"] == part["distinct_rows"] else f", repeated to {part['rows']:,}"
    return (
        f"{part['distinct_rows']:,} of {part['rows_in_source']:,} rows were taken{again}",
        *([f"left out before the choice: {removed}"] if removed else []),
        f"rows were brought into the shape {shape} and shuffled among those of other sources; texts stay",
    )


def mixture_notices(registry: Registry, plan: Plan, parts: Sequence[Mapping[str, Any]]) -> str:
    """The notices of a mixture; `parts` are the manifest's records of its parts."""
    shape = plan.recipe.output.shape
    sources = [
        Source(record["part"], part_name(registry, planned.part), changes_of(record, shape))
        for planned, record in zip(plan.parts, parts, strict=True)
    ]
    return notices_text(registry, sources, plan.license)


def notices_of(registry: Registry, refs: Sequence[str], *, use: str = "redistribution") -> str:
    """The notices of datasets (ids) or of built mixtures (locks or their folders).

    Raises:
        InputRefusedError: a lock with faults, or an unknown use.
        UnknownDatasetError: neither an id nor a lock.
    """
    sources: list[Source] = []
    for ref in refs:
        path = Path(ref)
        if path.name == LOCK_FILE or (path / LOCK_FILE).is_file():
            sources += _locked(registry, path)
        else:
            name = registry.entry(ref).id
            sources.append(Source(name, name))
    names = list(dict.fromkeys(source.dataset for source in sources))
    return notices_text(registry, sources, registry.license(names, use=use, unknown="unclear"))


def write_notices(path: Path, text: str, *, force: bool = False) -> None:
    """Write `text` to `path`, whole or not at all.

    Raises:
        InputRefusedError: there is a file and `force` is off.
        DiskError: it cannot be written.
    """
    if path.exists() and not force:
        message = "is there already; choose another name, or replace it with --force"
        raise InputRefusedError([Problem(code=ProblemCode.BAD_VALUE, message=message, file=str(path))])
    atomic_write_text(path, text)


def _locked(registry: Registry, path: Path) -> list[Source]:
    """The sources of a built mixture; what was changed is known where its manifest lies beside the lock."""
    held, folder = read_lock(path)
    names = locked_names(registry, path)
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        shape = held["recipe"].get("output", {}).get("shape", Output().shape)
        changes = [changes_of(part, shape) for part in manifest["parts"]]
    except (OSError, ValueError, KeyError, TypeError):
        changes = [("not known: the manifest is not beside the lock",)] * len(held["sources"])
    labels = [str(source["part"]) for source in held["sources"]]
    return [Source(*found) for found in zip(labels, names, changes, strict=True)]


def notices_text(registry: Registry, sources: Sequence[Source], verdict: LicenseVerdict) -> str:
    """Every source with licence, attribution, links and changes; its own sources; all licences and terms.

    Markdown in which untrusted text cannot act. It lists what is known and says what is not.
    """
    lines = ["# Notices", "", "Rows come from the following sources. This is no legal advice.", ""]
    names = list(dict.fromkeys(source.dataset for source in sources))
    for source in sources:
        lines += [f"## {inert(source.label)}", ""]
        entry = registry.entry_or_none(source.dataset)
        lines += list(_entry_lines(entry)) if entry else [f"- {_NO_ENTRY}"]
        lines += [f"- changed: {inert(change)}" for change in source.changes]
        lines.append("")
    ancestors = _ancestors(registry, names)
    if ancestors:
        lines += ["## What these were made from", ""]
        for name, path in ancestors.items():
            entry = registry.entry_or_none(name)
            lines += [f"### {inert(name)}", "", f"- reached by: {inert(' <- '.join(path))}"]
            lines += [*(_entry_lines(entry) if entry else [f"- {_NO_ENTRY}"]), ""]
    entries = [e for name in (*names, *ancestors) if (e := registry.entry_or_none(name))]
    lines += [*_licences(entries), *_teachers(entries), *_verdict(verdict)]
    return "\n".join([*lines, ""])


def _ancestors(registry: Registry, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        for path in ancestor_paths(name, registry.entry_or_none):
            if path[-1] not in names:
                found.setdefault(path[-1], path)
    return found


def _entry_lines(entry: Entry) -> Iterator[str]:
    facts = {
        "name": entry.name,
        "licence": entry.license_name or entry.license or "unknown",
        "licence text": entry.license_url,
        "note": entry.license_note,
        "teacher models": ", ".join(entry.teacher) or None,
        "Hugging Face": entry.hf_id and f"https://huggingface.co/datasets/{entry.hf_id}",
        "GitHub": entry.github and f"https://github.com/{entry.github}",
        "homepage": entry.homepage,
        "paper": entry.paper and _paper(entry.paper),
        "derived from": ", ".join(entry.derived_from) or None,
    }
    yield f"- attribution: {inert(_attribution(entry))}"
    for name, value in facts.items():
        if value:
            yield f"- {name}: {_linked(str(value))}"
    for reading in license_readings(entry):
        yield f"- licence as read by {inert(reading.source)}: {inert(reading.value)}"


def _linked(value: str) -> str:
    """An address as a link, anything else as plain text."""
    return f"<{value}>" if _ADDRESS.fullmatch(value) else inert(value)


def _paper(paper: str) -> str:
    return paper if "://" in paper else f"https://arxiv.org/abs/{paper}"


def _attribution(entry: Entry) -> str:
    owner = next((place.split("/")[0] for place in (entry.hf_id, entry.github) if place), None)
    parts = (
        f'"{entry.name}"',
        owner and f"by {owner}",
        entry.year and str(entry.year),
        f"licence {entry.license_name or entry.license or 'unknown'}",
    )
    return ", ".join(part for part in parts if part)


def _licences(entries: Sequence[Entry]) -> Iterator[str]:
    """Each licence once, with the address of its text and what it asks for in return."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        readings = [reading.value for reading in license_readings(entry)]
        for text in (entry.license or "unknown", *readings):
            expression = spelling(text)
            for licence in components(expression) if expression else [text]:
                found.setdefault(licence, []).append(entry.id)
    yield from ("## Licences", "")
    for licence in sorted(found):
        asks = "nothing is known: ask the makers"
        if licence != "unknown":
            asks = license_says(licence, Use.COMMERCIAL)[1]
        is_spdx = spelling(licence) is not None and not licence.startswith("LicenseRef-")
        address = f" <https://spdx.org/licenses/{licence}.html>" if is_spdx else ""
        names = ", ".join(dict.fromkeys(found[licence]))
        yield f"- {inert(licence)}{address}: {inert(asks)}. Held by: {inert(names)}"
    yield ""


def _teachers(entries: Sequence[Entry]) -> Iterator[str]:
    found: dict[str, None] = {}
    for entry in entries:
        for teacher in entry.teacher:
            terms = teacher_terms(teacher)
            said = f"{terms.provider}: {terms.terms}" if terms else f"{teacher}: terms not known to us"
            where = f" <{terms.evidence.source}>" if terms and terms.evidence else ""
            found[f"- {inert(said)}{where}"] = None
    if found:
        yield from ("## Terms of the models that wrote rows", "", *sorted(found), "")


def _verdict(verdict: LicenseVerdict) -> Iterator[str]:
    yield from (f"## What the terms say of {verdict.use} use: {verdict.verdict}", "")
    for reason in verdict.reasons:
        yield f"- {reason.verdict}: {inert(' <- '.join(reason.path))}: {inert(reason.fact)}"
