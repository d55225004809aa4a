"""Commands that speak other people's formats: describe, import-card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from instructory.output import JsonFlag, print_json, reported_errors, say


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    app.command()(describe)
    app.command("import-card")(import_card)


def describe(
    ref: Annotated[str, typer.Argument(metavar="ID-OR-LOCK", help="An entry, a sample, or a mixture.")],
    form: Annotated[str, typer.Option("--as", help="croissant, card, bibtex or spdx.")] = "croissant",
    as_json: JsonFlag = False,
) -> None:
    """An entry or a mixture in a format that others read; stderr says what is not known of it."""
    from instructory.describe import describe as describe_ref
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        found = describe_ref(registry, ref, form=form)
    if as_json:
        print_json(found.to_json())
        return
    typer.echo(found.text, nl=False)
    if found.gaps:
        say(f"not known: {', '.join(found.gaps)}")


def import_card(
    file: Annotated[Path, typer.Argument(metavar="README.md", help="A dataset card of the Hub.")],
    hf_id: Annotated[str | None, typer.Option("--hf-id", help="The repository it comes from.")] = None,
    revision: Annotated[str | None, typer.Option(help="The commit it was read at.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """A dataset card as a proposed block for the catalogue; what it does not state is left to you."""
    from registry.card import card_facts, read_card
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        known = {entry.hf_id.lower(): entry.id for entry in registry.values() if entry.hf_id}
        found = card_facts(read_card(file), file=str(file), hf_id=hf_id, revision=revision, known=known)
    if as_json:
        print_json(found.to_json())
    else:
        typer.echo(found.to_yaml(), nl=False)
