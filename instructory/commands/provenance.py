"""Commands that ask where facts and rows come from: evidence, audit, lineage, teachers, license,
notices."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from instructory.output import JsonFlag, cell, print_json, print_table, reported_errors, say

_NOBODY = {"people": "people, as declared", "unknown": "not known"}


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    for command in (evidence, audit, lineage, teachers, license, notices):
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


def audit(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="All of which rows were measured if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Declared beside measured: rows, languages, form, parents, teachers, and where they differ."""
    from instructory import tracing
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        answer = [found.to_json() for found in tracing.audit(registry, ids or None)]
    if as_json:
        print_json(answer)
        return
    columns = {name: name for name in ("dataset", "fact", "declared", "measured", "note")}
    differs = [
        {**check, "dataset": found["id"], "measured": _plain(check["measured"])}
        for found in answer
        for check in found["checks"]
        if check["agrees"] is False or (ids and check["agrees"] is None)
    ]
    compared = sum(len(found["checks"]) for found in answer)
    print_table(f"{compared} facts of {len(answer)} datasets compared", columns, differs)


def _plain(measured: object) -> object:
    """A measured value on one line: shares by name as `name 12.0%`."""
    if not isinstance(measured, Mapping):
        return measured
    return ", ".join(
        f"{name} {value:.1%}" if isinstance(value, float) else f"{name}: {cell(value)}"
        for name, value in measured.items()
    )


def teachers(
    refs: Annotated[list[str], typer.Argument(metavar="ID-OR-PATH...")], as_json: JsonFlag = False
) -> None:
    """Share of rows by the model that wrote them, and how models name themselves in answers."""
    from instructory import tracing
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        answer = [found.to_json() for found in tracing.teachers(registry, refs)]
    if as_json:
        print_json(answer)
        return
    columns = {
        "model": "model",
        "rows": "rows",
        "share": "share",
        "basis": "known by",
        "provider": "terms of",
    }
    for found in answer:
        shares = [{**share, "model": share["model"] or _NOBODY[share["basis"]]} for share in found["models"]]
        print_table(f"{found['dataset']}: {found['rows']:,} rows", columns, shares)
        for hint in found["hints"]:
            typer.echo(f"{hint['rows']:,} answers speak as {hint['provider']} ({hint['share']:.2%}): a hint")


def lineage(
    refs: Annotated[
        list[str], typer.Argument(metavar="ID", help="With --measure: ids or paths, two or more.")
    ],
    measure: Annotated[
        bool, typer.Option("--measure", help="Compare the rows of all that are named, every two of them.")
    ] = False,
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Read files with bad rows without these.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """What a dataset was made from, and what was made from it: as declared and as measured on rows."""
    from instructory import tracing
    from registry.registry import Registry

    if measure == (len(refs) < 2):
        raise typer.BadParameter("name one dataset, or two or more with --measure")
    with reported_errors(as_json), Registry.open() as registry:
        found = (
            tracing.measure_lineage(registry, refs, keep_good=keep_good)
            if measure
            else registry.lineage(refs[0])
        )
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
    mark = "<-" if edge["direction"] != "none" else "=" if edge["shares"].startswith("same ") else "~"
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


def notices(
    refs: Annotated[
        list[str], typer.Argument(metavar="ID-OR-LOCK...", help="Datasets, or locks of built mixtures.")
    ],
    to: Annotated[Path | None, typer.Option(help="File to write; standard output if left out.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Every licence, attribution, link and change note of datasets or a mixture, as one Markdown file."""
    from mixtures.notices import notices_of, write_notices
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        text = notices_of(registry, refs)
        if to is not None:
            write_notices(to, text, force=force)
    if as_json:
        print_json({"file": None if to is None else str(to), "text": text})
    elif to is None:
        typer.echo(text)
    else:
        say(f"written: {to}")
