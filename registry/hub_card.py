"""A dataset card of the Hub for an entry: front matter the Hub understands, facts with their evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from registry.addresses import pages_of
from registry.bibtex import bibtex
from registry.card_license import hub_license
from registry.entry import Entry
from registry.errors import escaped
from registry.licensing import LicenseVerdict

_SIZES: Final = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
    100_000_000: "10M<n<100M",
    1_000_000_000: "100M<n<1B",
}
_CARD: Final = """\
---
{front}
---

# {name}

{method} Focus: {focus}

| fact | value | evidence |
| --- | --- | --- |
{facts}
{verdict}
## Sources

{sources}
## Citation

```bibtex
{citation}```
"""


def entry_card(entry: Entry, *, parents: Sequence[Entry] = (), verdict: LicenseVerdict | None = None) -> str:
    """A dataset card for `entry`: front matter, each fact with how well it is known, sources, citation.

    What is not known is left out. Texts of the entry stand inert: no tag, link or table of theirs works.
    """
    return _CARD.format(
        front=front_yaml(front_matter(entry, parents=parents)),
        name=inert(entry.name),
        method=entry.method.definition,
        focus=entry.focus.definition,
        facts="\n".join(_fact_rows(entry, parents)),
        verdict=_verdict_text(verdict) if verdict else "",
        sources="".join(f"- {inert(source)}\n" for source in _sources(entry)),
        citation=bibtex(entry),
    )


def front_matter(entry: Entry, *, parents: Sequence[Entry] = ()) -> dict[str, Any]:
    """The fields of the card's front matter, in the Hub's words, as plain JSON types."""
    languages = ["multilingual" if code == "multi" else code for code in entry.languages]
    arxiv = [entry.paper] if entry.paper and not entry.paper.startswith("https://") else []
    made = ["synthetic"] if entry.category != "human-crafted" else []
    tags = ["instruction-tuning", *made, entry.category, entry.method, *(f"arxiv:{paper}" for paper in arxiv)]
    front = {
        **hub_license(entry.license, name=entry.license_name, url=entry.license_url),
        "language": languages,
        "pretty_name": escaped(entry.name),
        "task_categories": ["text-generation"],
        "size_categories": [size_category(entry.size_rows)] if entry.size_rows is not None else None,
        "source_datasets": [parent.hf_id for parent in parents if parent.hf_id] or None,
        "tags": [str(tag) for tag in tags],
    }
    return {name: value for name, value in front.items() if value is not None}


def size_category(rows: int) -> str:
    """The Hub's word for a number of rows.

    >>> size_category(52_002), size_category(999)
    ('10K<n<100K', 'n<1K')
    """
    return next((name for bound, name in _SIZES.items() if rows < bound), "n>1B")


def front_yaml(plain: Mapping[str, Any]) -> str:
    """Front matter as YAML: texts that YAML would read as something else are quoted."""
    return yaml.safe_dump(
        dict(plain), sort_keys=False, allow_unicode=True, default_flow_style=False, width=110
    ).rstrip()


def inert(text: str) -> str:
    """`text` on one line, without control characters and what Markdown would read as table, tag or link."""
    flat = escaped(" ".join(text.split()))
    return "".join(f"\\{c}" if c in "|<>[]`*_\\" else c for c in flat)


def _fact_rows(entry: Entry, parents: Sequence[Entry]) -> list[str]:
    facts: dict[str, Any] = {
        "category": entry.category,
        "method": entry.method,
        "focus": entry.focus,
        "teacher": ", ".join(entry.teacher),
        "languages": ", ".join(entry.languages),
        "size_rows": f"{entry.size_rows:,}" if entry.size_rows is not None else None,
        "license": entry.license_name or entry.license,
        "commercial_use": entry.commercial_use,
        "license_note": entry.license_note,
        "year": entry.year,
        "derived_from": ", ".join(parent.name for parent in parents),
    }
    return [
        f"| {name} | {inert(str(value))} | {entry.status_of(name) or 'none'} |"
        for name, value in facts.items()
        if value not in (None, "")
    ]


def _verdict_text(verdict: LicenseVerdict) -> str:
    reasons = "".join(
        f"- {reason.verdict}: {inert(' <- '.join(reason.path))}: {inert(reason.fact)}\n"
        for reason in verdict.reasons
    )
    return (
        f"\n## {verdict.use.capitalize()} use: {verdict.verdict}\n\n"
        f"A reading of published terms, no legal advice.\n\n{reasons}"
    )


def _sources(entry: Entry) -> list[str]:
    pages = [entry.homepage] if entry.homepage else []
    read = [f"{item.source} ({item.status})" for item in entry.evidence]
    return [*dict.fromkeys([*pages, *pages_of(entry)]), *read]
