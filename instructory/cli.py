"""The command line: each command parses, calls one public function, prints."""

from __future__ import annotations

import typer

from instructory.commands import (
    catalogue,
    checking,
    comparing,
    contaminating,
    measuring,
    mixing,
    provenance,
    rows,
    serving,
    standards,
    upstream,
)

app = typer.Typer(
    name="instructory",
    help="Find, measure and mix public instruction-tuning datasets.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for room in (
    catalogue,
    provenance,
    rows,
    measuring,
    comparing,
    contaminating,
    checking,
    mixing,
    standards,
    upstream,
    serving,
):
    room.register(app)


def main() -> None:
    """Run the command line; exit codes are those of `registry.errors.ExitCode`."""
    app()
