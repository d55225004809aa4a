"""A dataset card of the Hub -> what it states of a dataset, as a proposed entry.

The front matter is read strictly and never run. What the card states becomes a fact with the card as its
evidence; what it only suggests becomes a hint for a curator; what it does not say is named as missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from registry.card_front import FrontMatter, front_matter
from registry.card_hints import body_hints, front_hints, papers, repositories
from registry.card_license import license_facts
from registry.entry import Entry
from registry.errors import InputRefusedError, Problem, ProblemCode, escaped
from registry.vocabulary import Category, CommercialUse, EvidenceStatus, Focus, Method, RowFormat

MAX_BYTES: Final = 5 * 1024 * 1024
REQUIRED: Final = ("category", "method", "focus", "languages", "format", "commercial_use")
"""Fields without which there is no entry; those a card does not state are left to a curator."""

_ORDER: Final = (
    *("id", "name", "hf_id", "github", "homepage", "paper", "year", "category", "method", "focus", "teacher"),
    *("languages", "size_rows", "size_text", "modality", "format", "license", "license_name", "license_url"),
    *("commercial_use", "license_note", "gated", "derived_from", "evidence"),
)
_ANY_ENTRY: Final[Mapping[str, Any]] = {
    "id": "any",
    "name": "any",
    "category": Category.DISTILLATION,
    "method": Method.RESPONSE_DISTILLATION,
    "focus": Focus.GENERAL,
    "languages": ["en"],
    "format": RowFormat.SINGLE_TURN,
    "commercial_use": CommercialUse.UNCLEAR,
    "evidence": [{"source": "any", "status": EvidenceStatus.RECALLED}],
}
_NAME_CHARS = 200
_LANGUAGE = re.compile(r"multi|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ADDRESS = re.compile(r"https://[^\s)>\]]{1,300}")
_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)
_MEDIA: Final[Mapping[str, str]] = {"image": "image", "audio": "audio", "video": "video"}


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card states: `facts` by field of an entry, evidence included, as plain JSON types.

    `hints` are what the card suggests without stating it, one line each, control characters escaped;
    `missing` are the required fields it does not give.
    """

    facts: Mapping[str, Any]
    hints: tuple[str, ...]
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types; `yaml` is the block for the catalogue."""
        return {
            "facts": dict(self.facts),
            "hints": list(self.hints),
            "missing": list(self.missing),
            "yaml": self.to_yaml(),
        }

    def to_yaml(self) -> str:
        """A block for `datasets:` of a catalogue; hints and missing fields stand in it as comments."""
        plain = yaml.safe_dump(
            dict(self.facts), sort_keys=False, allow_unicode=True, default_flow_style=None, width=110
        )
        notes = [f"# {hint}" for hint in self.hints]
        notes += [f"# {name}: to be chosen ({_choices(name)})" for name in self.missing]
        first, *rest = [*plain.splitlines(), *notes]
        return "\n".join([f"  - {first}", *(f"    {line}" for line in rest)]) + "\n"

    def with_read(self, field: str, value: Any) -> CardFacts:
        """These facts with one more that the Hub says beside the card; None says nothing."""
        if value is None or not self.facts["evidence"][0]["fields"]:
            return self
        first, *rest = self.facts["evidence"]
        evidence = [{**first, "fields": list(dict.fromkeys([*first["fields"], field]))}, *rest]
        return replace(self, facts={**self.facts, field: value, "evidence": evidence})

    def completed(
        self, guesses: Mapping[str, Any], notes: Sequence[str], *, taken: Set[str] = frozenset()
    ) -> CardFacts:
        """These facts with `guesses` where the card states nothing, as evidence nobody read anywhere.

        An id that is `taken` gets the owner of the repository in front.
        """
        added = {
            name: value for name, value in guesses.items() if name not in self.facts and value is not None
        }
        facts = {**self.facts, **added}
        if facts["id"] in taken and "hf_id" in facts:
            facts["id"] = _slug(facts["hf_id"])
        guessed = {
            "source": "proposal of a classifier trained on the catalogue",
            "status": str(EvidenceStatus.RECALLED),
            "fields": [name for name in _ORDER if name in added],
            "note": "to be checked",
        }
        facts["evidence"] = [*facts["evidence"], guessed]
        return CardFacts(
            facts={name: facts[name] for name in _ORDER if name in facts},
            hints=(*self.hints, *(escaped(note) for note in notes)),
            missing=tuple(name for name in self.missing if name not in added),
        )

    def overruled(self, chosen: Mapping[str, Any]) -> CardFacts:
        """These facts with those that somebody `chose` in their place, said to be so."""
        given = {name: value for name, value in chosen.items() if value is not None}
        if not given:
            return self
        said = {
            "source": "stated by whoever added the entry",
            "status": str(EvidenceStatus.RECALLED),
            "fields": [name for name in _ORDER if name in given and name not in ("id", "name")],
        }
        evidence = [
            {**item, "fields": kept}
            for item in self.facts["evidence"]
            if (kept := [name for name in item["fields"] if name not in given])
        ]
        facts = {**self.facts, **given, "evidence": [*evidence, *([said] if said["fields"] else [])]}
        return CardFacts(
            facts={name: facts[name] for name in _ORDER if name in facts},
            hints=tuple(hint for hint in self.hints if hint.partition(":")[0] not in given),
            missing=tuple(name for name in self.missing if name not in given),
        )

    def entry(self, **chosen: Any) -> Entry:
        """The entry of these facts, completed and overruled by `chosen`.

        Raises:
            pydantic.ValidationError: a required field is still missing, or a choice is not valid.
        """
        return Entry.model_validate({**self.facts, **chosen})


def card_facts(
    text: str,
    *,
    file: str = "README.md",
    hf_id: str | None = None,
    revision: str | None = None,
    known: Mapping[str, str] | None = None,
) -> CardFacts:
    """What the dataset card `text` states.

    `hf_id` and `revision` say where on the Hub it was read: then its facts count as verified, else as read
    at second hand. `known` maps Hub repositories in lower case to ids of entries, to name parents by id.

    Raises:
        InputRefusedError: over 5 MiB, no Unicode text, or front matter that is broken or unsafe YAML; each
            fault with its line.
    """
    _check_text(text, file)
    front, body = front_matter(text, file)
    facts: dict[str, Any] = {"name": _name(front, body, hf_id), "hf_id": hf_id, **_addresses(front, body)}
    facts |= _front_facts(front)
    licence, licence_hints = license_facts(front)
    facts |= licence
    parents, others = _parents(front, known or {}, hf_id)
    facts["derived_from"] = parents
    facts, refused = _valid({name: value for name, value in facts.items() if value not in (None, [], "")})
    stated = sorted(set(facts) - {"name", "hf_id"}, key=_ORDER.index)
    facts["id"] = _slug(hf_id.partition("/")[2] if hf_id else facts["name"])
    facts["evidence"] = [_evidence(file, hf_id, revision, stated)]
    hints = [*refused, *licence_hints, *_parent_hints(others), *front_hints(front), *body_hints(body, facts)]
    return CardFacts(
        facts={name: facts[name] for name in _ORDER if name in facts},
        hints=tuple(escaped(hint) for hint in hints),
        missing=tuple(name for name in REQUIRED if name not in facts),
    )


def read_card(path: str | Path) -> str:
    """The text of a card's file.

    Raises:
        InputRefusedError: it cannot be read, is over 5 MiB or not UTF-8.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        message = error.strerror or "cannot be read"
        problem = Problem(code=ProblemCode.NO_ACCESS, message=message, file=str(path))
        raise InputRefusedError([problem]) from error
    if len(data) > MAX_BYTES:
        message = f"a card holds at most {MAX_BYTES:,} bytes"
        raise InputRefusedError([Problem(code=ProblemCode.TOO_BIG, message=message, file=str(path))])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Problem(code=ProblemCode.ENCODING, message="not UTF-8", file=str(path), line=line)
        raise InputRefusedError([problem]) from error


def _check_text(text: str, file: str) -> None:
    code, message = ProblemCode.TOO_BIG, f"{len(text):,} characters; a card holds at most {MAX_BYTES:,}"
    if len(text) <= MAX_BYTES:
        if not any("\ud800" <= sign <= "\udfff" for sign in text):
            return
        code, message = ProblemCode.SURROGATE, "half a character (a lone surrogate) stands in the card"
    raise InputRefusedError([Problem(code=code, message=message, file=file)])


def _valid(facts: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The facts an entry takes, and why it does not take the others."""
    try:
        Entry.model_validate({**_ANY_ENTRY, **facts})
    except ValidationError as error:
        wrong = {str(fault["loc"][0]): fault["msg"] for fault in error.errors() if fault["loc"]}
        kept = {name: value for name, value in facts.items() if name not in wrong}
        return kept, [f"{name}: left out: {message}" for name, message in wrong.items()]
    return facts, []


def _choices(name: str) -> str:
    terms = {"category": Category, "format": RowFormat, "commercial_use": CommercialUse}
    return ", ".join(terms[name]) if name in terms else "docs/catalogue.md"


def _evidence(file: str, hf_id: str | None, revision: str | None, stated: Sequence[str]) -> dict[str, Any]:
    status = EvidenceStatus.VERIFIED if hf_id else EvidenceStatus.SECONDARY
    source = f"{hf_id} README.md{f'@{revision[:7]}' if revision else ''}" if hf_id else f"dataset card {file}"
    return {"source": source, "status": str(status), "fields": list(stated), "note": "dataset card"}


def _name(front: FrontMatter, body: str, hf_id: str | None) -> str:
    heading = _HEADING.search(body)
    names = (front.text("pretty_name"), heading and heading[1], hf_id and hf_id.partition("/")[2])
    found = next((" ".join(name.split()) for name in names if name and name.strip()), "unnamed")
    return escaped(found.removeprefix("Dataset Card for ").strip() or found)[:_NAME_CHARS]


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:96].rstrip("-") or "unnamed"


def _addresses(front: FrontMatter, body: str) -> dict[str, Any]:
    """Paper, repository and homepage, each only where the card names exactly one.

    What a tag or a line of its own names (`- **Paper:** ...`) outranks links anywhere in the text.
    """
    named = papers("\n".join(front.texts("tags"))) or papers(_line(body, "Paper")) or papers(body)
    linked = repositories(_line(body, "Repository")) or repositories(body)
    homepage = _ADDRESS.search(_line(body, "Homepage"))
    return {
        "github": linked[0] if len(linked) == 1 else None,
        "homepage": homepage[0].rstrip(".,;") if homepage else None,
        "paper": named[0] if len(named) == 1 else None,
    }


def _line(body: str, label: str) -> str:
    """What stands behind `**label:**` on its line; nothing where there is no such line."""
    found = re.search(rf"^[-*]?\s*\*\*{label}:?\*\*:?(.*)$", body, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _distinct(found: Any) -> list[str]:
    return list(dict.fromkeys(found))


def _front_facts(front: FrontMatter) -> dict[str, Any]:
    codes = ["multi" if code == "multilingual" else code for code in front.texts("language")]
    sizes = front.split_rows()
    counted = [count for _, _, count in sizes]
    one = len({config for config, _, _ in sizes}) == 1
    kinds = {_MEDIA[dtype] for dtype in front.column_types() if dtype in _MEDIA}
    return {
        "languages": _distinct(code for code in codes if _LANGUAGE.fullmatch(code)),
        "size_rows": sum(counted) if one else None,
        "size_text": _shown_sizes(sizes) if len(sizes) > 1 else None,
        "modality": ["text", *sorted(kinds)] if kinds else None,
        "gated": True if front.has("extra_gated_prompt") or front.has("extra_gated_fields") else None,
    }


def _shown_sizes(sizes: Sequence[tuple[str, str, int]]) -> str:
    one = len({config for config, _, _ in sizes}) == 1
    shown = [f"{split if one else f'{config}/{split}'} {count:,}" for config, split, count in sizes[:12]]
    more = f"; {len(sizes) - 12} more splits" if len(sizes) > 12 else ""
    return escaped("; ".join(shown) + more)


def _parents(front: FrontMatter, known: Mapping[str, str], hf_id: str | None) -> tuple[list[str], list[str]]:
    """Entries the card names as its sources, and names of sources that are no entry."""
    named = [text.removeprefix("extended|") for text in front.texts("source_datasets")]
    named = _distinct(name for name in named if name not in ("original", "extended", "other", hf_id))
    ids = _distinct(known[name.lower()] for name in named if name.lower() in known)
    return ids, [name for name in named if name.lower() not in known]


def _parent_hints(names: Sequence[str]) -> list[str]:
    return [f"names as a source: {name} (no entry of the catalogue)" for name in names[:20]]
