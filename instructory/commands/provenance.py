"""Commands that ask where facts and rows come from: evidence, lineage, license."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from instructory.output import JsonFlag, cell, print_json, print_table, reported_errors


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    for command in (evidence, lineage, license):
        app.command()(command)


def evidence(dataset_id: Annotated[str, typer.Argument(metavar="ID")], as_json: JsonFlag = False) -> None:
    """Who says so and how sure it is, fact by fact, with every reading where sources differ."""
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        answer = registry.evidence(dataset_id)
    if as_json:
        print_json(answer)
        return
    # A year is no amount: it takes no thousands separator.
    facts = [{**f, "value": str(f["value"]) if f["fact"] == "year" else f["value"]} for f in answer["facts"]]
    columns = {"fact": "fact", "value": "value", "status": "status", "source": "best source"}
    print_table(answer["id"], columns, facts)
    for fact in answer["facts"]:
        if fact["disputed"]:
            print_table(
                f"{fact['fact']}: sources differ{'; ' + fact['why'] if fact['why'] else ''}",
                {"value": "reading", "source": "who says so", "status": "status"},
                fact["readings"],
            )


def lineage(
    refs: Annotated[
        list[str], typer.Argument(metavar="ID", help="With --measure: ids or paths, two or more.")
    ],
    measure: Annotated[
        bool, typer.Option("--measure", help="Compare the rows of all that are named, every two of them.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """What a dataset was made from, and what was made from it: as declared and as measured on rows."""
    from instructory import verbs
    from registry.registry import Registry

    if measure == (len(refs) < 2):
        raise typer.BadParameter("name one dataset, or two or more with --measure")
    with reported_errors(as_json), Registry.open() as registry:
        found = verbs.measure_lineage(registry, refs) if measure else registry.lineage(refs[0])
    answer = found.to_json()
    if as_json:
        print_json(answer)
        return
    if not measure:
        typer.echo(f"made from: {cell(answer['ancestors']) or '–'}")
        typer.echo(f"went into: {cell(answer['descendants']) or '–'}")
        typer.echo(f"teachers: {cell(sorted({t['teacher'] for t in answer['teachers']})) or '–'}")
        typer.echo(f"models trained on it: {cell(sorted({m['model'] for m in answer['models']})) or '–'}")
    edges = [edge for edge in answer["edges"] if edge["measured"] is not None]
    for edge in edges:
        typer.echo(_edge_line(edge))
    if measure and not edges:
        typer.echo("no parent, no copy: they share no more than chance")


def _edge_line(edge: Mapping[str, Any]) -> str:
    """One measured step in a sentence."""
    mark = "=" if edge["direction"] == "none" else "<-"
    known = "declared" if edge["declared"] else "not declared"
    if edge["explained_by"]:
        known += f", already told by {cell(edge['explained_by'])}"
    child, parent = cell(edge["child"]), cell(edge["parent"])
    return (
        f"{child} {mark} {parent}: {edge['shares']}, {edge['measured']:.1%} of {child} in {parent} "
        f"({edge['exact']:.1%} word for word), {edge['back']:.1%} the other way; {known}"
    )


def license(  # noqa: A001 - the command is called so
    refs: Annotated[
        list[str], typer.Argument(metavar="ID-OR-RECIPE...", help="Datasets, recipes or built mixtures.")
    ],
    use: Annotated[
        str | None, typer.Option(help="commercial, redistribution, competing-model or research.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Whether datasets or a mixture may be used for something, with the proof. No legal advice."""
    from mixtures.terms import terms_of
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        found = terms_of(registry, refs, use=use)
    if as_json:
        print_json(found.to_json())
        return
    typer.echo(f"{found.verdict} for {found.use} use (a reading of published terms, no legal advice)")
    for line in found.proof.lines() if found.proof else ():
        typer.echo(cell(line))
