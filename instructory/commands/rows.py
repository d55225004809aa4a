"""Commands that bring and search rows: fetch, rows."""

from __future__ import annotations

from typing import Annotated

import typer

from instructory.many_values import ManyValuesCommand
from instructory.output import JsonFlag, print_json, print_table, reported_errors, say, shown_progress
from registry.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    app.command(cls=ManyValuesCommand)(fetch)
    app.command("rows")(search)


def fetch(
    ref: Annotated[str, typer.Argument(metavar="ID-OR-PATH", help="Catalogue id, owner/name or path.")],
    source: Annotated[
        list[str] | None, typer.Option("--from", help="Files or folders that hold the rows.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first rows.")] = None,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Keep the good rows and report the bad ones.")
    ] = False,
    revision: Annotated[str | None, typer.Option(help="Commit, tag or branch on the Hub.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read a dataset's rows, account for every line, keep them as a snapshot."""
    from instructory import verbs
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry, shown_progress("fetch") as progress:
        snapshot = verbs.fetch(
            registry,
            ref,
            source=source,
            limit=limit,
            keep_good=keep_good,
            revision=revision,
            progress=progress,
        )
    answer = snapshot.to_json()
    if as_json:
        print_json(answer)
    else:
        typer.echo(
            f"{snapshot.dataset}: {snapshot.rows_kept:,} rows kept of {snapshot.rows_read:,} read, "
            f"{snapshot.rows_bad:,} bad, {snapshot.blank_lines:,} blank lines; shape {snapshot.shape}; "
            f"snapshot {snapshot.id[:12]}"
        )
        for problem in snapshot.problems[:10]:
            say(str(problem))
    if snapshot.rows_bad:
        raise typer.Exit(ExitCode.WITH_FAULTS)


def search(
    text: Annotated[str, typer.Argument(help="Text to look for, taken literally.")],
    limit: Annotated[int, typer.Option(min=1)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """Rows of any snapshot that hold a text."""
    from instructory import verbs
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        found = [row.to_json() for row in verbs.search_rows(registry, text, limit=limit)]
    if as_json:
        print_json(found)
    else:
        columns = {"dataset": "dataset", "row": "row", "field": "in", "excerpt": "text"}
        print_table(f"{len(found)} rows", columns, found)
