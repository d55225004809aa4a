"""Commands whose answer goes to others: test, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from instructory.commands.measuring import Refs
from instructory.many_values import ManyValuesCommand
from instructory.output import (
    JsonFlag,
    cell,
    print_json,
    print_table,
    reported_errors,
    say,
    shown_progress,
)
from registry.errors import ExitCode

_OUTCOME_COLUMNS = {
    "status": "",
    "dataset": "dataset",
    "figure": "figure",
    "expected": "expected",
    "value": "value",
    "rows": "rows",
}


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    app.command("test")(check_data)
    app.command(cls=ManyValuesCommand)(report)


def check_data(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Data tests in YAML.")],
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit file for a build server.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    as_json: JsonFlag = False,
) -> None:
    """Check that datasets are as a file expects them; exit code 9 where one is not."""
    from analyzers.data_tests.junit import to_junit
    from instructory import verdicts
    from registry.files import atomic_write
    from registry.registry import Registry

    with reported_errors(as_json):
        with Registry.open() as registry, shown_progress("test") as progress:
            found = verdicts.test_data(registry, file, workers=workers, progress=progress)
        if junit is not None:
            with atomic_write(junit) as out:
                out.write(to_junit(found))
    answer = found.to_json()
    if as_json:
        print_json(answer)
    else:
        title = f"{answer['tests']} expectations, {answer['failures']} fail, {answer['undecided']} undecided"
        print_table(title, _OUTCOME_COLUMNS, [_outcome_row(o) for o in answer["outcomes"]])
        for outcome in answer["outcomes"]:
            if outcome["reason"]:
                say(f"{outcome['dataset']}: {outcome['metric']} {outcome['status']}: {outcome['reason']}")
    if answer["failures"]:
        raise typer.Exit(ExitCode.TEST_FAILED)
    if answer["undecided"]:
        raise typer.Exit(ExitCode.WITH_FAULTS)


def report(
    refs: Refs,
    to: Annotated[Path, typer.Option(help="File to write, ending in .html or .md.")],
    title: Annotated[str | None, typer.Option(help="Heading of the report.")] = None,
    against: Annotated[list[str] | None, typer.Option(help="Benchmarks to look for in the rows.")] = None,
    made_on: Annotated[str | None, typer.Option("--date", help="A date to print; none if left out.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    as_json: JsonFlag = False,
) -> None:
    """Write a report of datasets for a data card: one file, with plots, that needs nothing else."""
    from instructory import verdicts
    from registry.files import sha256_file
    from registry.registry import Registry

    with reported_errors(as_json), Registry.open() as registry, shown_progress("report") as progress:
        path = verdicts.report(
            registry,
            refs,
            to=to,
            title=title,
            against=against or (),
            made_on=made_on,
            force=force,
            workers=workers,
            progress=progress,
        )
        answer = {
            "datasets": refs,
            "file": str(path),
            "bytes": path.stat().st_size,
            "sha256": sha256_file(path),
        }
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{path}: {answer['bytes']:,} bytes")


def _outcome_row(outcome: dict[str, Any]) -> dict[str, Any]:
    settings = [outcome["view"], *(f"{k}={v}" for k, v in outcome["params"].items())]
    used, total = outcome["n_used"], outcome["n_total"]
    low, high = outcome["ci_low"], outcome["ci_high"]
    interval = "" if low is None or high is None else f" ({cell(low)} to {cell(high)})"
    return {
        "status": outcome["status"],
        "dataset": outcome["dataset"],
        "figure": " ".join([outcome["metric"], *filter(None, settings)]),
        "expected": outcome["expected"],
        "value": f"{cell(outcome['value'])}{interval}",
        "rows": cell(used) if used == total else f"{used:,} of {total:,}",
    }
