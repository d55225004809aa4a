"""How answers leave the command line: JSON, CSV or a table on stdout; talk on stderr."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from registry.errors import ExitCode, InputRefusedError, InstructoryError, escaped

if TYPE_CHECKING:
    from collections.abc import Callable

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
CsvFlag = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]

GAP = 3
"""Columns of a terminal between two columns of a table."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def print_json(answer: object) -> None:
    """One strict JSON document: NaN and infinities are refused rather than written."""
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def print_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as CSV; lists are joined by "; " and cells a spreadsheet would run start with an apostrophe."""
    if not rows:
        return
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _csv_cell(value) for name, value in row.items()} for row in rows)


def _csv_cell(value: object) -> object:
    if isinstance(value, list | tuple):
        value = "; ".join(map(str, value))
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def print_table(
    title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], *, whole: str | None = None
) -> None:
    """Rows as a table for people; `columns` maps a key of the rows to its heading.

    Cells fold over lines; with `whole` each row is one line, and texts but that column's are cut to fit a
    terminal. Into a pipe or a file lines go as long as they are, so that nothing is lost to `grep`.
    """
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[cell(row.get(key)) for key in columns] for row in rows]
    longest = [max(map(cell_len, column), default=0) for column in zip(*cells, strict=True)]
    longest = longest or [0] * len(columns)
    widths = [max(size, cell_len(name)) for size, name in zip(longest, columns.values(), strict=True)]
    console, needed = Console(), sum(widths) + GAP * len(widths) - 1
    if whole is not None and not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        console.width = max(console.width, needed)
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for place, (key, heading) in enumerate(columns.items()):
        numbers = bool(rows) and all(_is_number(row.get(key)) for row in rows)
        table.add_column(
            heading,
            overflow="fold" if whole is None else "ellipsis",
            no_wrap=numbers or key == whole,
            # Where all fits, rich need not look at every cell again to say how wide a column must be.
            width=widths[place] if needed <= console.width else None,
            min_width=longest[place] if numbers or key == whole else None,
            justify="right" if numbers else "left",
        )
    if whole is not None and cells:
        # Lines of one cell: rich lays out hundreds of them faster than as many rows.
        cells = [["\n".join(column) for column in zip(*cells, strict=True)]]
    for texts in cells:
        table.add_row(*(Text(text, no_wrap=whole is not None) for text in texts))
    console.print(table)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def cell(value: object) -> str:
    """One value as a person reads it; unknown is a dash, text has its control characters escaped."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value))
    return escaped(str(value))


def say(text: str) -> None:
    """One line to the person, on stderr, so that stdout holds the answer only."""
    sys.stderr.write(text + "\n")


@contextmanager
def reported_errors(as_json: bool = False) -> Iterator[None]:
    """Turn our errors into one message on stderr and the exit code of its kind; no traceback.

    With `as_json` stdout still gets exactly one document: `{error, exit_code, errors}`.
    INSTRUCTORY_TRACEBACK=1 lets the traceback through.
    """
    try:
        yield
    except InstructoryError as error:
        if os.environ.get("INSTRUCTORY_TRACEBACK"):
            raise
        _leave(str(error), error.exit_code, error, as_json=as_json)
    except KeyboardInterrupt:
        say("instructory: interrupted; what was finished is kept, run the same command to go on")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        # The reader (head, less) has gone; a second write while closing would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(ExitCode.DONE) from None


def _leave(message: str, code: ExitCode, error: InstructoryError, *, as_json: bool) -> NoReturn:
    say(f"instructory: {message}")
    if as_json:
        print_json({"error": message, "exit_code": int(code), "errors": problems_json(error)})
    raise typer.Exit(code)


def problems_json(error: InstructoryError) -> list[dict[str, Any]]:
    """The located faults inside an error, as plain JSON types."""
    from dataclasses import asdict

    return [asdict(problem) for problem in error.problems] if isinstance(error, InputRefusedError) else []


@contextmanager
def shown_progress(what: str) -> Iterator[Callable[[int, int | None, str], None]]:
    """A progress bar on stderr, silent where stderr is no terminal; yields `report(done, total, stage)`."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def report(done: int, total: int | None, stage: str = "reading") -> None:
            bar.update(task, completed=done, total=total, description=f"{what}: {stage}")

        yield report
