"""Commands that ask the catalogue: list, show, check, similar."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from instructory.entry_filters import EntryFilter, Kind, spread
from instructory.output import (
    CsvFlag,
    JsonFlag,
    print_csv,
    print_json,
    print_table,
    reported_errors,
    say,
)
from registry.errors import ExitCode

LIST_COLUMNS = {
    "id": "id",
    "method": "method",
    "focus": "focus",
    "size_rows": "rows",
    "license": "licence",
    "commercial_use": "commercial",
}


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    app.command("list")(spread(list_datasets, _option))
    for command in (show, check, similar):
        app.command()(command)


def list_datasets(
    *,
    filters: dict[str, Any],
    sort: Annotated[str, typer.Option(help="id, name, year or size_rows; -NAME turns it round.")] = "id",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    after: Annotated[str | None, typer.Option(help="Go on after this id, the last of a page.")] = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Datasets of the catalogue, filtered."""
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        entries = registry.find(**filters, sort=sort, limit=limit, after=after)
        rows = [entry.summary() for entry in entries]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_csv(rows)
    else:
        print_table(f"{len(rows)} datasets", LIST_COLUMNS, rows, whole="id")


def _option(wanted: EntryFilter) -> Any:
    """The option of a filter; words of a closed vocabulary are checked where entries are found."""
    match wanted.kind:
        case Kind.MANY:
            return Annotated[list[str] | None, typer.Option(help=f"{wanted.says}; repeatable.")]
        case Kind.YES_NO:
            names = f"--{wanted.word.replace('_', '-')}/--{wanted.no}"
            return Annotated[bool | None, typer.Option(names, help=f"{wanted.says}.", show_default=False)]
        case Kind.ROWS:
            return Annotated[int | None, typer.Option(min=0, help=f"{wanted.says}.")]
    return Annotated[str | None, typer.Option(help=f"{wanted.says}.")]


def show(dataset_id: Annotated[str, typer.Argument(metavar="ID")], as_json: JsonFlag = False) -> None:
    """What is known of one dataset: facts with evidence, snapshots, measurements."""
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        known = registry.describe(dataset_id)
    if as_json:
        print_json(known)
        return
    facts = [
        # A year is no amount: it takes no thousands separator.
        {"fact": name, "value": str(value) if name == "year" else value}
        for name, value in known.items()
        if name not in {"evidence", "snapshots", "measurements", "lineage", "conflicts"} and value is not None
    ]
    print_table(str(known.get("name", dataset_id)), {"fact": "fact", "value": "value"}, facts)
    print_table(
        "evidence", {"source": "source", "status": "status", "fields": "fields"}, list(known["evidence"])
    )
    say(f"{len(known['snapshots'])} snapshots, {len(known['measurements'])} measurements (--json shows them)")


def check(
    file: Annotated[Path | None, typer.Argument(help="A catalogue; those in force if left out.")] = None,
    overlay: Annotated[bool, typer.Option("--overlay", help="FILE lies over the one in force.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Every fault of a catalogue at once, with file, line, entry and field."""
    from registry.catalogs import check_layers, files_in_force
    from registry.settings import Settings

    with reported_errors(as_json):
        files = files_in_force(Settings()) if file is None or overlay else ()
        asked = [*files, *([file] if file is not None and file not in files else [])]
        reports = check_layers(asked)
        told = reports if file is None else reports[asked.index(file) :][:1]
    entries, errors = sum(report.entries for report in told), [e for r in told for e in r.to_json()["errors"]]
    if as_json:
        print_json({**told[0].to_json(), "entries": entries, "errors": errors})
    else:
        for problem in (problem for report in told for problem in report.errors):
            typer.echo(str(problem))
        typer.echo(f"{entries} entries, {len(errors)} errors")
    if errors:
        raise typer.Exit(ExitCode.REFUSED)


def similar(
    text: Annotated[str, typer.Argument(metavar="TEXT-OR-ID", help="What the dataset should be like.")],
    limit: Annotated[int, typer.Option(min=1)] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Entries whose description is nearest to a text; for an id, those like it, measured figures included."""
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        by_id = text in registry or text in registry.samples
        if by_id:
            nearest = [like.to_json() for like in registry.like(text, limit=limit)]
        else:
            found = registry.similar(text, limit=limit)
            nearest = [{**entry.summary(), "similarity": score} for entry, score in found]
    if as_json:
        print_json(nearest)
    else:
        scores = (
            {"similarity": "alike", "text": "text", "profile": "figures"}
            if by_id
            else {"similarity": "cosine"}
        )
        print_table("nearest entries", {**scores, **LIST_COLUMNS}, nearest, whole="id")
