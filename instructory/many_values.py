"""Options that take several values after one name, as in `--from a.jsonl b.jsonl`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

MANY_VALUED = ("--against", "--certificate", "--from")


class ManyValuesCommand(TyperCommand):
    """A command whose `MANY_VALUED` options take every word up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click's `Command.parse_args`."""
        return super().parse_args(ctx, repeated(args))


def repeated(words: Sequence[str]) -> list[str]:
    """The command line with the option's name before each of its values.

    >>> repeated(["rows.jsonl", "--against", "a", "b", "--rule", "exact"])
    ['rows.jsonl', '--against', 'a', '--against', 'b', '--rule', 'exact']
    """
    spread: list[str] = []
    option: str | None = None
    for word in words:
        if word.startswith("-") and word != "-":
            option = word if word in MANY_VALUED else None
            spread.append(word)
        elif option is not None and spread[-1] != option:
            spread += [option, word]
        else:
            spread.append(word)
    return spread
