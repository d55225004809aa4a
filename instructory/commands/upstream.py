"""Commands that ask the Hub about datasets: sync, drift, discover."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from instructory.output import JsonFlag, print_json, print_table, reported_errors, say, shown_progress
from registry.errors import ExitCode

if TYPE_CHECKING:
    from registry.hub_sync import Baseline


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    for command in (sync, drift):
        app.command()(command)


def sync(
    dataset_ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    as_json: JsonFlag = False,
) -> None:
    """Facts of datasets as the Hub has them now, kept as evidence of their own beside the declared ones."""
    from registry.hub_sync import sync_facts
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry, shown_progress("sync") as progress:
        found = sync_facts(registry, dataset_ids, progress=progress)
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        for one in found:
            _print_synced(one.to_json())
    if any(one.state is None for one in found):
        raise typer.Exit(ExitCode.WITH_FAULTS)


def drift(
    dataset_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    lock: Annotated[Path | None, typer.Option(help="Compare the sources of this mixture.lock.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """What changed on the Hub since rows were fetched, mixed or looked at; without ID everything known."""
    from registry.hub_sync import baselines
    from registry.hub_sync import drift as drift_since
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry, shown_progress("drift") as progress:
        since = _locked(lock) if lock is not None else []
        if dataset_ids or lock is None:
            since += baselines(registry, dataset_ids or None)
        found = [one.to_json() for one in drift_since(registry, since, progress=progress)]
    if as_json:
        print_json(found)
    else:
        columns = {"id": "dataset", "since": "since", "status": "state", "changed": "changed", "message": ""}
        print_table(f"{len(found)} datasets", columns, [_shown_drift(one) for one in found], whole="id")
    if any(one["status"] not in {"same", "changed"} for one in found):
        raise typer.Exit(ExitCode.WITH_FAULTS)


def _print_synced(one: dict[str, Any]) -> None:
    if one["commit"] is None:
        say(str(one["message"]))
        return
    news = "new" if one["new"] else "as before"
    title = f"{one['id']}: {one['hf_id']} at {one['commit'][:12]} ({news})"
    facts = [fact for fact in one["facts"] if fact["field"] not in {"rows_sha256", "commit"}]
    columns = {"field": "fact", "value": "on the Hub", "declared": "declared", "agrees": "agree"}
    print_table(title, columns, facts)
    for note in one["notes"]:
        say(note)


def _shown_drift(one: dict[str, Any]) -> dict[str, Any]:
    shown = [
        change["field"]
        if change["field"] == "rows_sha256"
        else f"{change['field']}: {_short(change['before'])} -> {_short(change['after'])}"
        for change in one["changes"]
    ]
    since = f"{one['since']['kind']} {one['since']['commit'][:7]}"
    return {**one, "since": since, "changed": "; ".join(shown)}


def _short(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return "?" if value is None else str(value)[:12] if len(str(value)) == 40 else str(value)


def _locked(lock: Path) -> list[Baseline]:
    """The sources of a mixture that came from the Hub."""
    from mixtures.lock import read_lock
    from registry.hub_sync import Baseline

    sources = read_lock(lock)[0]["sources"]
    return [
        Baseline(source["dataset"], source["repository"], source["revision"], "lock")
        for source in sources
        if source.get("repository") and source.get("revision")
    ]
