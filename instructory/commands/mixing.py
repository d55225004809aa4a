"""Commands that make mixtures: mix, verify, diff, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from instructory.output import (
    JsonFlag,
    print_json,
    print_table,
    reported_errors,
    say,
    shown_progress,
)
from registry.errors import ExitCode

LockFile = Annotated[Path, typer.Argument(metavar="LOCK", help="mixture.lock or its folder.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    for command in (mix, verify, diff, export):
        app.command()(command)


def mix(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe in YAML.")],
    plan_only: Annotated[bool, typer.Option("--plan", help="Only the arithmetic; write nothing.")] = False,
    to: Annotated[Path | None, typer.Option(help="Folder to write the mixture to.")] = None,
    formats: Annotated[str | None, typer.Option("--format", help="jsonl, parquet or both by comma.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a mixture that is there.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Plan a mixture, or build it into files with a lock."""
    from instructory import verbs
    from mixtures.recipe import MixtureRecipe
    from registry.registry import Registry

    if plan_only == (to is not None):
        raise typer.BadParameter("give either --plan or --to FOLDER")
    with reported_errors(as_json), Registry.open() as registry:
        planned = verbs.plan(registry, MixtureRecipe.load(recipe))
        if to is None:
            answer = planned.to_json()
        else:
            with shown_progress("mix") as progress:
                built = verbs.build(
                    registry,
                    planned,
                    to=to,
                    format=formats.split(",") if formats else None,  # type: ignore[arg-type] # build checks the words
                    force=force,
                    progress=progress,
                )
            answer = built.to_json()
    if as_json:
        print_json(answer)
    elif plan_only:
        columns = {"dataset": "dataset", "rows": "rows", "tokens": "tokens", "share": "share"}
        print_table(f"plan of {recipe.name}", columns, answer["parts"])
        _say_warnings(answer["warnings"])
        typer.echo(f"licence: {answer['license']['verdict']}")
        for problem in planned.refusals:
            say(f"a build will be refused: {problem}")
    else:
        print_table(
            f"{answer['rows']:,} rows", {"path": "file", "rows": "rows", "sha256": "SHA-256"}, answer["files"]
        )
        typer.echo("removed: " + (", ".join(f"{k} {v:,}" for k, v in answer["removed"].items()) or "nothing"))
        typer.echo(f"lock: {answer['lock']}")


def _say_warnings(warnings: list[object]) -> None:
    for warning in warnings:
        say(f"warning: {warning['message'] if isinstance(warning, dict) else warning}")


def verify(lock: LockFile, as_json: JsonFlag = False) -> None:
    """Check that a mixture's files are what its lock says."""
    from instructory import verbs

    with reported_errors(as_json):
        answer = verbs.verify(lock).to_json()
    if as_json:
        print_json(answer)
    else:
        typer.echo("ok" if answer["ok"] else "\n".join(map(str, answer["problems"])))
    if not answer["ok"]:
        raise typer.Exit(ExitCode.INTEGRITY)


def diff(a: LockFile, b: LockFile, as_json: JsonFlag = False) -> None:
    """What changed between two locks."""
    from instructory import verbs

    with reported_errors(as_json):
        answer = verbs.diff(a, b).to_json()
    if as_json:
        print_json(answer)
        return
    for kind in ("added", "removed", "changed"):
        for item in answer[kind]:
            typer.echo(f"{kind}: {item}")
    if not any(answer[kind] for kind in ("added", "removed", "changed")):
        typer.echo("no difference")


def export(
    lock: LockFile,
    to: Annotated[str, typer.Option(help="Trainer: trl, axolotl, llama-factory.")],
    folder: Annotated[Path | None, typer.Option(help="Where to write; beside the lock if left out.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a trainer's configuration and tell which rows it will really train on."""
    from instructory import verbs

    with reported_errors(as_json):
        answer = verbs.export(lock, to=to, folder=folder, force=force).to_json()
    if as_json:
        print_json(answer)
        return
    fidelity = answer["fidelity"]
    for file in answer["files"]:
        typer.echo(str(file["path"] if isinstance(file, dict) else file))
    typer.echo(f"{fidelity['rows_trained']:,} of {fidelity['rows_planned']:,} rows will be trained on")
