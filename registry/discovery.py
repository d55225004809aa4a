"""Datasets of the Hub that look like instruction data and that the catalogue lacks, as blocks to review."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from registry.card import CardFacts, card_facts
from registry.card_front import FrontMatter, front_matter
from registry.errors import InputRefusedError, NetworkError
from registry.hub import network_errors, refuse_offline, retried
from registry.hub_history import CARD
from registry.hub_state import read_state_and_card
from registry.hub_sync import FATAL
from registry.proposal import Proposal, Proposer, Validation, validate

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import DatasetInfo

    from registry.hub_history import HubState
    from registry.registry import Registry

SEARCHES: Final = ("instruct", "sft", "alpaca", "chat", "sharegpt", "reasoning")
LEAST: Final = 2
"""Signs that a repository must show to count as alike."""

_NAME: Final = re.compile(
    r"instruct|sft|alpaca|sharegpt|chat|dialog|conversation|orca|dolly|self-?instruct|evol|distill|"
    r"reasoning|cot|dpo|rlhf|preference|function-?call|tool-?use",
    re.IGNORECASE,
)
_TAGS: Final = re.compile(r"instruct|sft|alpaca|chat|conversational|rlhf|dpo|distil|tool-?use|reasoning")
_TASKS: Final = frozenset({"text-generation", "question-answering", "text2text-generation", "conversational"})
_COLUMNS: Final = (
    frozenset({"instruction", "output"}),
    frozenset({"instruction", "response"}),
    frozenset({"prompt", "response"}),
    frozenset({"prompt", "completion"}),
    frozenset({"chosen", "rejected"}),
    frozenset({"messages"}),
    frozenset({"conversations"}),
)
_TURNS: Final = frozenset({"messages", "conversations", "conversation"})
_NOISE: Final = re.compile(r"```.*?```|https?://\S+|<[^>]{0,200}>", re.DOTALL)
_BODY_CHARS: Final = 3_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """One repository to review: why it looks alike, what is proposed, and the block for a catalogue."""

    repository: str
    commit: str
    signs: tuple[str, ...]
    downloads: int | None
    same_name_as: tuple[str, ...]
    proposals: Mapping[str, Proposal]
    facts: CardFacts

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "hf_id": self.repository,
            "commit": self.commit,
            "signs": list(self.signs),
            "downloads": self.downloads,
            "same_name_as": list(self.same_name_as),
            "proposals": {name: proposal.to_json() for name, proposal in self.proposals.items()},
            "yaml": self.facts.to_yaml(),
        }


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a search of the Hub brought; every repository that was listed is in exactly one count.

    `listed` = `known` (to the catalogue) + `unlike` + `further` (over the limit) + candidates + failed.
    """

    listed: int
    known: int
    unlike: int
    further: int
    candidates: tuple[Candidate, ...]
    failed: tuple[tuple[str, str], ...]
    classifier: tuple[Validation, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "listed": self.listed,
            "known": self.known,
            "unlike": self.unlike,
            "further": self.further,
            "candidates": [candidate.to_json() for candidate in self.candidates],
            "failed": [{"hf_id": name, "message": message} for name, message in self.failed],
            "classifier": [figures.to_json() for figures in self.classifier],
        }


def discover(
    registry: Registry,
    *,
    searches: Sequence[str] = SEARCHES,
    limit: int = 10,
    per_search: int = 100,
    progress: Callable[[int, int | None, str], None] | None = None,
) -> Discovery:
    """Hub datasets that look like instruction data and are not in the catalogue, most signs first.

    Each of `searches` lists its `per_search` most downloaded datasets; cards are read of the first `limit`.

    Raises:
        NetworkError: offline, or the Hub cannot be reached or refuses to list.
    """
    entries = registry.find()
    listed = _listed(searches, per_search, offline=registry.settings.offline)
    repositories = {entry.hf_id.lower(): entry.id for entry in entries if entry.hf_id}
    fresh = [info for info in listed if info.id.lower() not in repositories]
    alike = [(info, signs) for info in fresh if len(signs := signs_of(info)) >= LEAST]
    alike.sort(key=lambda pair: (-len(pair[1]), -(pair[0].downloads or 0), pair[0].id))
    proposer = Proposer(entries)
    found, failed = [], []
    for done, (info, signs) in enumerate(alike[:limit]):
        if progress is not None:
            progress(done, min(limit, len(alike)), info.id)
        try:
            state, text = read_state_and_card(info.id, offline=registry.settings.offline)
            facts, proposals = proposed_facts(proposer, state, text, repositories, registry)
        except NetworkError as error:
            if error.reason in FATAL:
                raise
            failed.append((info.id, str(error)))
        except InputRefusedError as error:
            failed.append((info.id, str(error)))
        else:
            named_alike = _same_name(info.id, repositories)
            found.append(
                Candidate(info.id, state.commit, signs, info.downloads, named_alike, proposals, facts)
            )
    return Discovery(
        listed=len(listed),
        known=len(listed) - len(fresh),
        unlike=len(fresh) - len(alike),
        further=len(alike) - len(found) - len(failed),
        candidates=tuple(found),
        failed=tuple(failed),
        classifier=validate(entries),
    )


def signs_of(info: DatasetInfo) -> tuple[str, ...]:
    """What in name, tags, tasks and columns of a listed repository speaks for instruction data."""
    name = info.id.partition("/")[2]
    tags = [tag.lower() for tag in info.tags or []]
    plain = [tag for tag in tags if ":" not in tag and _TAGS.search(tag)]
    tasks = sorted({tag.partition(":")[2] for tag in tags if tag.startswith("task_categories:")} & _TASKS)
    columns = _columns(info)
    shape = next((names for names in _COLUMNS if names <= columns), None)
    named = _NAME.search(name)
    signs = [
        f"name: {named[0].lower()}" if named else "",
        f"tags: {', '.join(plain[:3])}" if plain else "",
        f"task: {', '.join(tasks)}" if tasks else "",
        f"columns: {', '.join(sorted(shape))}" if shape else "",
    ]
    return tuple(sign for sign in signs if sign)


def proposed_facts(
    proposer: Proposer,
    state: HubState,
    text: str,
    repositories: Mapping[str, str],
    ids: Iterable[str],
) -> tuple[CardFacts, dict[str, Proposal]]:
    """What a card states, completed by what is proposed: a valid block that says what is only proposed.

    `repositories` maps those of the catalogue, in lower case, to ids of entries; `ids` are all taken ids.

    Raises:
        InputRefusedError: the card's front matter is broken or unsafe.
    """
    stated = card_facts(text, file=CARD, hf_id=state.repository, revision=state.commit, known=repositories)
    front, body = front_matter(text, CARD)
    told = [state.repository.replace("/", " "), str(stated.facts["name"]), *front.texts("tags")]
    told += [*stated.facts.get("languages", []), str(stated.facts.get("license", ""))]
    proposals = proposer.propose(" ".join([*told, _NOISE.sub(" ", body)[:_BODY_CHARS]]))
    guesses: dict[str, Any] = {name: proposal.term for name, proposal in proposals.items()}
    guesses |= {"format": _format(front), "languages": ["en"]}
    notes = [
        f"{name}: proposed, {_shown(proposal)}" for name, proposal in proposals.items() if name in guesses
    ]
    if "languages" in stated.missing:
        notes.append("languages: the card names none; English is a guess")
    notes.append("format: read off the columns, or a guess where the card names none")
    read = stated.with_read("gated", state.facts.get("gated"))
    return read.completed(guesses, notes, taken=set(ids)), proposals


def _format(front: FrontMatter) -> str:
    columns = set(front.columns())
    if {"chosen", "rejected"} <= columns:
        return "preference"
    return "multi-turn" if columns & _TURNS else "single-turn"


def _shown(proposal: Proposal) -> str:
    others = ", ".join(f"{term} {share:.2f}" for term, share in proposal.others)
    return f"p = {proposal.probability:.2f}; next {others}"


def _listed(searches: Sequence[str], per_search: int, *, offline: bool) -> list[DatasetInfo]:
    """What the searches list, each repository once, in the order of the Hub."""
    from huggingface_hub import HfApi

    refuse_offline("the list of datasets", offline)
    api = HfApi()
    found: dict[str, DatasetInfo] = {}
    for words in searches:
        with network_errors(f"search for {words}", None):
            for info in retried(partial(_search, api, words, per_search)):
                found.setdefault(info.id.lower(), info)
    return list(found.values())


def _search(api: HfApi, words: str, limit: int) -> list[DatasetInfo]:
    return list(api.list_datasets(search=words, sort="downloads", limit=limit, full=True))


def _columns(info: DatasetInfo) -> set[str]:
    """Names of the columns that the card's data describes; whatever has another form names none."""
    described = getattr(info.card_data, "dataset_info", None)
    names = set()
    for one in described if isinstance(described, list) else [described]:
        features = one.get("features") if isinstance(one, dict) else None
        for feature in features if isinstance(features, list) else []:
            if isinstance(feature, dict) and isinstance(feature.get("name"), str):
                names.add(feature["name"])
    return names


def _same_name(repository: str, repositories: Mapping[str, str]) -> tuple[str, ...]:
    """Entries whose repository has the same name under another owner: a copy, often."""
    name = repository.lower().partition("/")[2]
    return tuple(sorted(entry for known, entry in repositories.items() if known.partition("/")[2] == name))
