"""Untrusted text made fit to look at: what cannot be seen is shown, what a spreadsheet would run is not."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_KEPT = frozenset("\n\t")
# Emoji sequences need them; alone they are as invisible as the rest.
_JOINERS = frozenset("\u200d\ufe0f")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def visible(text: str) -> str:
    """`text` with every invisible, direction-changing, control or private character as a visible mark.

    Line breaks and tabs stay. The mark is the code point in brackets, so nothing is lost.

    >>> visible("a\\u202eb\\x00")
    'a⟨U+202E⟩b⟨U+0000⟩'
    """
    if text.isprintable():
        return text
    return "".join(
        c if _is_shown(c, text[place - 1 : place], text[place + 1 : place + 2]) else f"⟨U+{ord(c):04X}⟩"
        for place, c in enumerate(text)
    )


def has_hidden(text: str) -> bool:
    """Whether `visible` would mark anything in `text`."""
    return visible(text) != text


def one_line(text: str, limit: int = 90) -> str:
    """`text` on one line, at most `limit` characters, hidden characters marked."""
    flat = " ".join(visible(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """A CSV table in which no cell starts a formula: such cells get a leading apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_inert(name) for name in columns])
    writer.writerows([_inert(row.get(name)) for name in columns] for row in rows)
    return out.getvalue()


def _inert(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell


def _is_shown(char: str, before: str, after: str) -> bool:
    if char in _KEPT or char.isprintable():
        return True
    if char in _JOINERS:
        return (
            bool(before)
            and unicodedata.category(before) in {"So", "Sk"}
            and (char == "\ufe0f" or bool(after))
        )
    return char in {"\u00a0", "\u3000"}


def distinct(labels: Sequence[str]) -> list[str]:
    """Labels that differ; an axis would lay equal ones over each other.

    >>> distinct(["a", "b", "a"])
    ['a', 'b', 'a (2)']
    """
    seen: dict[str, int] = {}
    told = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        told.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return told
