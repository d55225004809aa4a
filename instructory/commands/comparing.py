"""The command that lays datasets side by side: as measured, or on draws of equal size."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from instructory.commands.measuring import Refs, parameters, print_comparison
from instructory.output import (
    CsvFlag,
    JsonFlag,
    cell,
    print_csv,
    print_json,
    print_table,
    reported_errors,
    shown_progress,
)

if TYPE_CHECKING:
    from registry.comparisons import Drawn, FairComparison, FairFigure

_BESIDE_RANDOM = {"above": " ▲", "below": " ▼", "within": "", None: ""}


class Fair(StrEnum):
    """What equal draws hold equally many of."""

    ROWS = "rows"
    TOKENS = "tokens"


def register(app: typer.Typer) -> None:
    """Add this module's command to the command line."""
    app.command()(compare)


def compare(
    refs: Refs,
    fair: Annotated[
        Fair | None, typer.Option(help="On draws of equally many rows, or of tokens of the view.")
    ] = None,
    draws: Annotated[int, typer.Option(min=20, help="With --fair: draws of each dataset.")] = 20,
    size: Annotated[
        int | None,
        typer.Option(min=1, help="With --fair: rows or tokens of a draw.", show_default="smallest"),
    ] = None,
    only: Annotated[str | None, typer.Option(help="With --fair: analyzers or metrics, by comma.")] = None,
    seed: Annotated[int, typer.Option(help="With --fair: seed of the draws.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="With --fair: processes.")] = 1,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Figures of several datasets side by side; with --fair on equal draws, with random ones beside them."""
    from instructory import verbs, verdicts
    from registry.registry import Registry

    if fair is not None and len(set(refs)) < 2:
        raise typer.BadParameter("--fair compares two datasets or more")
    with reported_errors(as_json), Registry.open() as registry, shown_progress("compare") as progress:
        if fair is None:
            answer = verbs.compare(registry, refs, progress=progress).to_json()
        else:
            found = verdicts.compare_fair(
                registry,
                refs,
                unit=fair.value,
                draws=draws,
                size=size,
                only=[name.strip() for name in only.split(",")] if only else None,
                seed=seed,
                workers=workers,
                progress=progress,
            )
            answer = fair_json(found)
    if fair is None:
        print_comparison(answer, as_json=as_json, as_csv=as_csv)
    elif as_json:
        print_json(answer)
    elif as_csv:
        print_csv(_fair_rows(found, for_people=False))
    else:
        _print_fair(found)


def fair_json(found: FairComparison) -> dict[str, Any]:
    """The keys of a plain comparison, with ranges, sizes and the random draws beside them."""
    return {
        "datasets": list(found.datasets),
        "fair": {
            "unit": found.unit,
            "draws": found.draws,
            "seed": found.seed,
            "rows_total": list(found.rows),
        },
        "rows": [_fair_row(found, figure) for figure in found.figures],
    }


def _fair_row(found: FairComparison, figure: FairFigure) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "metric": figure.metric,
        "version": figure.version,
        "view": figure.view,
        "tokenizer": figure.tokenizer,
        "backend": figure.backend,
        "params": dict(figure.params),
        "direction": figure.direction,
        "evidence": figure.evidence,
        "size": figure.size,
        "values": [drawn.value for drawn in figure.drawn],
        "ci_low": [drawn.ci_low for drawn in figure.drawn],
        "ci_high": [drawn.ci_high for drawn in figure.drawn],
        "n_used": [drawn.rows for drawn in figure.drawn],
        "words": [drawn.words for drawn in figure.drawn],
        "reasons": [drawn.reason for drawn in figure.drawn],
        "beside_random": [figure.place(n) for n in range(len(found.datasets))],
        "random": asdict(figure.random),
    }


def _fair_rows(found: FairComparison, *, for_people: bool) -> list[dict[str, Any]]:
    rows = []
    for figure in found.figures:
        row: dict[str, Any] = {
            "metric": figure.metric,
            "params": parameters({"params": figure.params}),
            "view": figure.view,
            "size": figure.size,
        }
        held = [*zip(found.datasets, figure.drawn, strict=True), ("random", figure.random)]
        for n, (name, drawn) in enumerate(held):
            if for_people:
                place = figure.place(n) if n < len(found.datasets) else None
                row[name] = _written(drawn) + _BESIDE_RANDOM[place]
            else:
                row |= {name: drawn.value, f"{name} low": drawn.ci_low, f"{name} high": drawn.ci_high}
        rows.append(row)
    return rows


def _print_fair(found: FairComparison) -> None:
    columns = {
        "metric": "metric",
        "params": "",
        "view": "view",
        "size": found.unit,
        **{name: name for name in found.datasets},
        "random": "random",
    }
    title = f"{found.draws} draws of equal {found.unit}; ▲ ▼ wholly above or below the random draws"
    print_table(title, columns, _fair_rows(found, for_people=True))


def _written(drawn: Drawn) -> str:
    if drawn.value is None:
        return f"– ({drawn.reason})"
    return f"{cell(drawn.value)} ({cell(drawn.ci_low)} to {cell(drawn.ci_high)})"
