"""The command that looks for benchmarks: contamination."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from instructory.many_values import ManyValuesCommand
from instructory.output import JsonFlag, cell, print_json, print_table, reported_errors, say
from registry.errors import ExitCode, InputRefusedError, Problem, ProblemCode

if TYPE_CHECKING:
    from analyzers.contamination_certificate import Certificate

_WRITERS = {".json": "to_text", ".md": "to_markdown"}


def register(app: typer.Typer) -> None:
    """Add this module's command to the command line."""
    app.command(cls=ManyValuesCommand)(contamination)


def contamination(
    refs: Annotated[list[str], typer.Argument(metavar="ID-OR-PATH...")],
    against: Annotated[list[str], typer.Option(help="Benchmarks: ids, samples or paths.")],
    rule: Annotated[
        str | None, typer.Option(help="One rule, several with commas, or all.", show_default="ngram13")
    ] = None,
    explain: Annotated[int, typer.Option(min=0, help="Hits to show.")] = 5,
    ceiling: Annotated[bool, typer.Option("--ceiling", help="Plant known forms: which are found?")] = False,
    certificate: Annotated[
        list[Path] | None,
        typer.Option(help="Write a certificate: .json, .md or both; all rules unless told."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace certificates that are there.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Which benchmark items stand in the rows, and how sure a zero is."""
    from instructory import benchmark_checks
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry:
        if certificate:
            _refuse_targets(certificate, force=force)
            paper = benchmark_checks.certificate(registry, refs, against=against, rule=rule or "all")
            _write(paper, certificate)
            found = [replace(result, examples=result.examples[:explain]) for result in paper.results]
        else:
            how: dict[str, Any] = {"rule": rule or "ngram13", "explain": explain, "ceiling": ceiling}
            found = [
                result
                for ref in refs
                for result in benchmark_checks.contamination(registry, ref, against=against, **how)
            ]
    answer = [result.to_json() for result in found]
    if as_json:
        print_json(answer)
    else:
        _print_contamination(answer)
    if not any(result["is_checked"] for result in answer):
        say("instructory: nothing could be checked: no rows, or no item that a rule could find")
        raise typer.Exit(ExitCode.WITH_FAULTS)


def _print_contamination(answer: list[dict[str, Any]]) -> None:
    for dataset, benchmark in dict.fromkeys((result["dataset"], result["benchmark"]) for result in answer):
        results = [r for r in answer if (r["dataset"], r["benchmark"]) == (dataset, benchmark)]
        first = results[0]
        title = f"{benchmark} ({first['benchmark_rows']:,} items, {first['benchmark_form']}) in {dataset}"
        columns = {
            "rule": "rule",
            "coverable_items": "sought",
            "benchmark_hits": "found",
            "upper_bound": "up to",
            "question_answer_hits": "+ answer",
            "answer_only_hits": "answer",
            "dataset_hits": "rows",
        }
        print_table(title, columns, results, whole="rule")
        if any(result["ceiling"] for result in results):
            _print_ceiling(benchmark, results)
        for result in results:
            for example in result["examples"]:
                typer.echo(f"{result['rule']}: " + ", ".join(f"{k}: {cell(v)}" for k, v in example.items()))


def _print_ceiling(benchmark: str, results: list[dict[str, Any]]) -> None:
    """One row a form, one column a rule: the share of planted items that was found."""
    rows: dict[str, dict[str, Any]] = {}
    for result in results:
        for form in result["ceiling"]:
            row = rows.setdefault(form["form"], {"form": form["form"], "planted": form["planted"]})
            row[result["rule"]] = "–" if form["recall"] is None else f"{form['recall']:.2f}"
    columns = {name: name for name in ("form", "planted", *(result["rule"] for result in results))}
    print_table(f"planted forms of {benchmark} that are found", columns, list(rows.values()), whole="form")


def _refuse_targets(paths: list[Path], *, force: bool) -> None:
    """Say what is wrong with the names before anything is computed."""
    problems = []
    for path in paths:
        if path.suffix not in _WRITERS:
            message = "a certificate is written as .json or .md"
            problems.append(Problem(code=ProblemCode.BAD_VALUE, message=message, file=str(path)))
        elif path.exists() and not force:
            message = "is there already; choose another name, or replace it with --force"
            problems.append(Problem(code=ProblemCode.BAD_VALUE, message=message, file=str(path)))
    if problems:
        raise InputRefusedError(problems)


def _write(paper: Certificate, paths: list[Path]) -> None:
    from registry.files import atomic_write_text

    for path in paths:
        atomic_write_text(path, getattr(paper, _WRITERS[path.suffix])())
        say(f"instructory: wrote {path}")
