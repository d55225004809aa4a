"""What the Hub said, look by look: facts with evidence of their own, beside what the catalogue declares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from registry.entry import Benchmark, Entry
from registry.store import Store, write_rows
from registry.vocabulary import EvidenceStatus

CARD: Final = "README.md"
DECLARED: Final = ("license", "size_rows", "languages", "gated")
"""Facts of the Hub that stand beside a field of the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubState:
    """One look at a repository; `facts` are by name, what the Hub does not say is left out.

    Facts of the card: those of `registry.hub_state.CARD_FACTS`. Facts of the Hub: `gated`, `last_modified`,
    `row_files`, `size_bytes` (of all files) and `rows_sha256`, which changes with any name or byte of a file
    of rows.
    `read_at` and `last_modified` are ISO times in UTC. `notes` say what could not be read.
    """

    repository: str
    commit: str
    read_at: str
    facts: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """How evidence names it."""
        return f"{self.repository} {CARD}@{self.commit[:7]}"

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {**asdict(self), "facts": dict(self.facts), "notes": list(self.notes)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> HubState:
        """The record that `to_json` gave."""
        return cls(**{**plain, "notes": tuple(plain["notes"])})


@dataclass(frozen=True, slots=True)
class HubReading:
    """One fact as the Hub has it, beside what the entry declares.

    `agrees` is None where one of the two is not known or no field of an entry speaks of it.
    """

    field: str
    value: Any
    declared: Any
    agrees: bool | None
    source: str
    read_at: str

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types; what a publisher's card or the Hub says counts as verified."""
        return {
            "field": self.field,
            "value": self.value,
            "declared": self.declared,
            "agrees": self.agrees,
            "source": self.source,
            "status": str(EvidenceStatus.VERIFIED),
            "read_at": self.read_at,
        }


class HubHistory:
    """Every look at every repository, in a registry's database; none is ever changed or taken away."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, state: HubState) -> bool:
        """Keep a look; False where nothing differs from the latest one, which then stands."""
        from sqlalchemy import func, select

        from registry.tables import HubStateRecord

        table: Any = HubStateRecord
        name = state.repository.lower()
        with self._store.writing() as connection:
            last = connection.execute(
                select(func.coalesce(func.max(table.sequence), 0)).where(table.repository == name)
            ).scalar_one()
            kept = connection.execute(
                select(table.document).where(table.repository == name, table.sequence == last)
            ).scalar()
            if kept is not None and _same(HubState.from_json(json.loads(kept)), state):
                return False
            document = json.dumps(state.to_json(), sort_keys=True)
            row = {
                "repository": name,
                "sequence": last + 1,
                "commit_id": state.commit,
                "document": document,
            }
            write_rows(connection, table, [row])
        return True

    def states(self, repository: str) -> list[HubState]:
        """Every look at a repository, oldest first."""
        sql = "SELECT document FROM hub_state WHERE repository = :name ORDER BY sequence"
        rows = self._store.rows(sql, {"name": repository.lower()})
        return [HubState.from_json(json.loads(document)) for (document,) in rows]

    def repositories(self) -> frozenset[str]:
        """Every repository that was looked at, in lower case."""
        return frozenset(name for (name,) in self._store.rows("SELECT DISTINCT repository FROM hub_state"))

    def latest(self, repository: str) -> HubState | None:
        """The last look at a repository; None where there was none."""
        return next(reversed(self.states(repository)), None)

    def at_commit(self, repository: str, commit: str) -> HubState | None:
        """The last look at a repository that found this commit; None where there was none."""
        return next((s for s in reversed(self.states(repository)) if s.commit == commit), None)


def hub_readings(entry: Entry | Benchmark, state: HubState) -> Iterator[HubReading]:
    """Each fact of `state` as evidence of its own, those first of which `entry` may declare something."""
    order = [*DECLARED, *sorted(state.facts.keys() - set(DECLARED))]
    for field, value in ((name, state.facts[name]) for name in order if name in state.facts):
        declared = getattr(entry, field, None) if field in DECLARED else None
        plain = list(declared) if isinstance(declared, tuple) else declared
        agrees = None if plain is None or plain == [] else _alike(plain, value)
        yield HubReading(field, value, plain, agrees, state.source, state.read_at)
    yield HubReading("commit", state.commit, None, None, state.source, state.read_at)


def _alike(declared: Any, value: Any) -> bool:
    """Lists say the same in any order."""
    return sorted(declared) == sorted(value) if isinstance(declared, list) else bool(declared == value)


def _same(a: HubState, b: HubState) -> bool:
    return (a.commit, dict(a.facts), a.notes) == (b.commit, dict(b.facts), b.notes)
