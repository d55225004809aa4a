"""Taking facts from the Hub, and telling what changed there since rows were fetched, mixed or looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from registry.errors import NetworkError, NetworkReason, ProblemCode
from registry.hub_history import HubReading, HubState, hub_readings
from registry.hub_state import read_state
from registry.readers.raw import refusal

if TYPE_CHECKING:
    from registry.registry import Registry

Progress: TypeAlias = Callable[[int, int | None, str], None]
Since: TypeAlias = Literal["snapshot", "lock", "sync"]

FATAL: Final = frozenset({"offline", "unreachable"})
"""Reasons that would be the same for every other repository: the work ends there."""

COMPARED: Final = ("license", "size_rows", "languages", "gated", "row_files", "size_bytes", "rows_sha256")


@dataclass(frozen=True, slots=True)
class Synced:
    """What a look at one dataset's repository brought; `state` is None where it failed, `reason` says why."""

    dataset: str
    repository: str
    state: HubState | None
    is_new: bool
    readings: tuple[HubReading, ...] = ()
    reason: NetworkReason | None = None
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "id": self.dataset,
            "hf_id": self.repository,
            "commit": self.state and self.state.commit,
            "new": self.is_new,
            "facts": [reading.to_json() for reading in self.readings],
            "notes": list(self.state.notes) if self.state else [],
            "reason": self.reason,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is compared with the Hub's present: a dataset's repository at the commit it was taken from."""

    dataset: str
    repository: str
    commit: str
    since: Since


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that differs; None means not said."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed upstream since a baseline.

    `status` is `same`, `changed`, or why the Hub did not show the repository (`gone`, `gated`, `busy` ...).
    """

    baseline: Baseline
    status: str
    commit: str | None
    changes: tuple[Change, ...]
    message: str | None = None

    @property
    def rows_changed(self) -> bool | None:
        """Whether any name or byte of a file of rows differs; None where that is not known."""
        if self.status == "same":
            return False
        if self.commit is None or any(c.field == "rows_sha256" and c.before is None for c in self.changes):
            return None
        return any(change.field == "rows_sha256" for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "id": self.baseline.dataset,
            "hf_id": self.baseline.repository,
            "since": {"kind": self.baseline.since, "commit": self.baseline.commit},
            "status": self.status,
            "commit": self.commit,
            "rows_changed": self.rows_changed,
            "changes": [{"field": c.field, "before": c.before, "after": c.after} for c in self.changes],
            "message": self.message,
        }


def sync_facts(
    registry: Registry, refs: Iterable[str], *, now: datetime | None = None, progress: Progress | None = None
) -> list[Synced]:
    """Look at the repository of each dataset and keep what its card and its list of files say.

    Nothing that is declared or was read before is overwritten. A repository that refuses, is gone or breaks
    off is told in its place and the others go on.

    Raises:
        UnknownDatasetError: an id is not known. InputRefusedError: one has no repository on the Hub.
        NetworkError: offline, or the Hub cannot be reached at all.
    """
    wanted = [(ref, _repository_of(registry, ref)) for ref in refs]
    found = []
    for done, (ref, repository) in enumerate(wanted):
        if progress is not None:
            progress(done, len(wanted), ref)
        try:
            state = read_state(repository, offline=registry.settings.offline, now=now)
        except NetworkError as error:
            if error.reason in FATAL:
                raise
            found.append(Synced(ref, repository, None, False, (), error.reason, str(error)))
            continue
        is_new = registry.hub.add(state)
        readings = tuple(hub_readings(registry.declared(ref), state))
        found.append(Synced(ref, repository, state, is_new, readings))
    return found


def baselines(registry: Registry, refs: Sequence[str] | None = None) -> list[Baseline]:
    """What each dataset can be compared with: its latest snapshot from the Hub, else the last look at it.

    Without `refs`: every dataset that has one of the two.

    Raises:
        UnknownDatasetError: an id is not known.
        InputRefusedError: nothing was ever taken from the Hub for one.
    """
    found = []
    for ref in _looked_at(registry) if refs is None else refs:
        baseline = _baseline(registry, ref)
        if baseline is None:
            message = f"nothing of {ref!r} came from the Hub yet: run `instructory sync {ref}` or `fetch`"
            raise refusal(ref, ProblemCode.NO_ROWS, message)
        found.append(baseline)
    return found


def drift(registry: Registry, since: Iterable[Baseline], *, progress: Progress | None = None) -> list[Drift]:
    """What changed on the Hub since each baseline: commit, licence, rows, gates, files, or gone.

    Keeps nothing: the next call compares with the same baselines.

    Raises:
        NetworkError: offline, or the Hub cannot be reached at all.
    """
    asked = list(since)
    found = []
    for done, baseline in enumerate(asked):
        if progress is not None:
            progress(done, len(asked), baseline.dataset)
        try:
            found.append(_drift(registry, baseline))
        except NetworkError as error:
            if error.reason in FATAL:
                raise
            found.append(Drift(baseline, error.reason, None, (), str(error)))
    return found


def _drift(registry: Registry, baseline: Baseline) -> Drift:
    offline = registry.settings.offline
    present = read_state(baseline.repository, offline=offline)
    kept = registry.hub.at_commit(baseline.repository, baseline.commit)
    if present.commit == baseline.commit and (kept is None or dict(kept.facts) == dict(present.facts)):
        return Drift(baseline, "same", present.commit, ())
    message = None
    if kept is None:
        try:
            kept = read_state(baseline.repository, revision=baseline.commit, offline=offline)
        except NetworkError as error:
            if error.reason != "revision":
                raise
            message = f"commit {baseline.commit[:12]} is no longer there: its history was rewritten"
    changes = tuple(_changes(baseline, kept, present))
    return Drift(baseline, "changed" if changes else "same", present.commit, changes, message)


def _changes(baseline: Baseline, before: HubState | None, present: HubState) -> Iterator[Change]:
    if present.commit != baseline.commit:
        yield Change("commit", baseline.commit, present.commit)
    for field in COMPARED:
        old = before.facts.get(field) if before else None
        new = present.facts.get(field)
        if old != new and (before is not None or field in ("license", "size_rows", "rows_sha256")):
            yield Change(field, old, new)


def _repository_of(registry: Registry, ref: str) -> str:
    entry = registry.declared(ref)
    if not entry.hf_id:
        raise refusal(ref, ProblemCode.NO_ACCESS, f"{ref!r} has no repository on the Hub")
    return entry.hf_id


def _looked_at(registry: Registry) -> list[str]:
    """Every dataset with rows from the Hub or a look at its repository, rows first."""
    fetched = [snapshot.dataset for snapshot in registry.snapshots() if snapshot.source.repository]
    known = registry.hub.repositories()
    declared = [*registry.find(), *registry.benchmarks.values()] if known else []
    looked_at = [entry.id for entry in declared if entry.hf_id and entry.hf_id.lower() in known]
    return list(dict.fromkeys([*fetched, *looked_at]))


def _baseline(registry: Registry, ref: str) -> Baseline | None:
    snapshot = registry.latest_snapshot(ref)
    if snapshot is not None and snapshot.source.repository and snapshot.source.revision:
        return Baseline(ref, snapshot.source.repository, snapshot.source.revision, "snapshot")
    repository = registry.declared(ref).hf_id
    state = registry.hub.latest(repository) if repository else None
    return Baseline(ref, state.repository, state.commit, "sync") if state else None
