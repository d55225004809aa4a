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
    for command in (sync, drift, discover, add):
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


def discover(
    search: Annotated[
        list[str] | None, typer.Option(help="Words in the name; repeatable. Several if left out.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Propose at most so many.")] = 10,
    per_search: Annotated[int, typer.Option(min=1, help="List so many for each search.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """Hub datasets that look like instruction data and are not in the catalogue, as blocks to review."""
    from registry.discovery import SEARCHES
    from registry.discovery import discover as discover_on_hub
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry, shown_progress("discover") as progress:
        found = discover_on_hub(
            registry, searches=search or SEARCHES, limit=limit, per_search=per_search, progress=progress
        ).to_json()
    if as_json:
        print_json(found)
    else:
        _print_discovery(found)
    if found["failed"]:
        raise typer.Exit(ExitCode.WITH_FAULTS)


def add(
    source: Annotated[str, typer.Argument(metavar="HUB_ID-OR-FILE", help="owner/name or a file of rows.")],
    to: Annotated[Path, typer.Option(help="Your catalogue; made where it does not exist.")],
    dataset_id: Annotated[str | None, typer.Option("--id", help="Its id: a-z, 0-9 and -.")] = None,
    name: Annotated[str | None, typer.Option(help="Its name.")] = None,
    category: Annotated[str | None, typer.Option(help="Construction category.")] = None,
    method: Annotated[str | None, typer.Option(help="Construction method.")] = None,
    focus: Annotated[str | None, typer.Option(help="What the rows teach.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Language code; repeatable.")] = None,
    license: Annotated[str | None, typer.Option(help="SPDX id or expression.")] = None,  # noqa: A002
    commercial: Annotated[str | None, typer.Option(help="yes, no or unclear.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write an entry into a catalogue of your own, prefilled from the Hub or from rows; comments are kept."""
    from registry.adding import add_entry
    from registry.registry import Registry

    chosen = {
        "id": dataset_id,
        "name": name,
        "category": category,
        "method": method,
        "focus": focus,
        "languages": language or None,
        "license": license,
        "commercial_use": commercial,
    }
    with reported_errors(as_json), Registry.open() as registry:
        added = add_entry(registry, source, to=to, chosen=chosen)
        in_force = to.resolve() in {file.resolve() for file in registry.settings.overlay}
    if as_json:
        print_json(added.to_json())
    else:
        typer.echo(added.block, nl=False)
    if not in_force:
        say(f"{to}: put it into force with INSTRUCTORY_OVERLAY={to}")


def _print_discovery(found: dict[str, Any]) -> None:
    for one in found["candidates"]:
        typer.echo(f"# {one['hf_id']}: {'; '.join(one['signs'])}")
        if one["same_name_as"]:
            typer.echo(f"# same name as {', '.join(one['same_name_as'])}: a copy?")
        typer.echo(one["yaml"])
    for one in found["failed"]:
        say(one["message"])
    say(
        f"{found['listed']} listed: {found['known']} in the catalogue, {found['unlike']} do not look alike, "
        f"{len(found['candidates'])} proposed, {found['further']} more over the limit"
    )
    for figures in found["classifier"]:
        say(
            f"{figures['target']}: macro-F1 {figures['macro_f1']:.2f}, accuracy {figures['accuracy']:.2f} "
            f"(always the commonest: {figures['majority']:.2f}), 5-fold over {figures['entries']} entries"
        )
        worst = sorted(figures["terms"], key=lambda term: term["f1"])
        say("  " + ", ".join(f"{term['term']} {term['f1']:.2f} ({term['entries']})" for term in worst))


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
