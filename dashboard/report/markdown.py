"""A report as Markdown: tables instead of charts; nothing in a text can act as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashboard.report.document import Block, Chart, Document, Excerpts, Paragraph, Table
from dashboard.views.plain import one_line, visible

_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#!|~&$])")
_SCHEME = re.compile(r"(?i)(https?|ftp|www|mailto|xmpp)(?=[:.])|@")
_START = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+=]))")
_MARKS = {"plain": "", "quiet": "", "good": "**OK.** ", "warn": "**Note.** ", "error": "**Careful.** "}


def to_markdown(document: Document) -> str:
    """The whole file; equal documents give equal bytes."""
    parts = [f"# {inert(document.title)}", inert(document.subtitle)]
    for section in document.sections:
        parts.append(f"{'#' * section.depth} {inert(section.title)}")
        for block in section.blocks:
            parts += _block(block)
    return "\n\n".join(parts) + "\n"


def inert(text: str) -> str:
    """`text` on one line, in which nothing is markup, a link or a table border.

    >>> inert("<b>[a](https://x.y)")
    '\\\\<b\\\\>\\\\[a\\\\]\\\\(https&#8203;://x.y\\\\)'
    """
    flat = " ".join(visible(text).split())
    marked = _START.sub(r"\1\\", _SIGNS.sub(r"\\\1", flat))
    return _SCHEME.sub(r"\g<0>&#8203;", marked)


def code(text: str) -> str:
    """`text` as a code span on one line that nothing inside can end.

    >>> code("a`b|c")
    '`` a`b\\\\|c ``'
    """
    flat = one_line(text, 400)
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {flat} {fence}".replace("|", "\\|") if flat else ""


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield _MARKS[block.tone] + inert(block.text)
    elif isinstance(block, Table):
        yield from () if block.is_folded else _table(block)
    elif isinstance(block, Chart):
        yield from _table(block.table) if block.table.rows else ()
    else:
        yield from _excerpts(block)


def _table(held: Table) -> Iterator[str]:
    if held.caption:
        yield f"*{inert(held.caption)}*"
    lines = [
        _line([inert(name) for name in held.columns]),
        _line(["---:" if name in held.numbers else "---" for name in held.columns]),
        *(_line([inert(cell) for cell in row]) for row in held.rows),
    ]
    yield "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _excerpts(held: Excerpts) -> Iterator[str]:
    if held.caption:
        yield f"*{inert(held.caption)}*"
    yield "\n".join(f"- {inert(where)}: {code(text)}" for where, text in held.items)
