"""What stands in a report, before it is HTML or Markdown; every text in it is plain and untrusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Tone = Literal["plain", "quiet", "good", "warn", "error"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; `tone` says how it is meant."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of text; `numbers` are the columns set to the right, `caption` says what it holds.

    A folded table is an appendix: HTML opens it on demand, Markdown and paper leave it out.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numbers: frozenset[str] = field(default_factory=frozenset)
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Pieces of rows, each with where it stands; never read as markup."""

    items: tuple[tuple[str, str], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing as an SVG element of our own making, and the same as a table for those who cannot see it."""

    svg: str
    table: Table


Block: TypeAlias = Paragraph | Table | Excerpts | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of depth 2 or 3 and what stands under it."""

    title: str
    blocks: tuple[Block, ...]
    depth: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str = "", numbers: Sequence[str] = ()
) -> Table:
    """A table of lists."""
    return Table(tuple(columns), tuple(tuple(row) for row in rows), caption, frozenset(numbers))
