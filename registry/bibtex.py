"""A dataset as a BibTeX entry."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from registry.addresses import page_of, publisher_of
from registry.entry import Benchmark, Entry

_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}


def bibtex(entry: Entry | Benchmark, *, revision: str | None = None) -> str:
    """A BibTeX entry for the dataset; what is not known is left out, authors among it.

    The account that publishes the data stands as its organisation; `key` sorts entries without authors.
    With `revision` the note says which commit is meant.
    """
    publisher = publisher_of(entry)
    page = page_of(entry)
    year = entry.year if isinstance(entry, Entry) else None
    arxiv = entry.paper if entry.paper and not entry.paper.startswith("https://") else None
    note = [f"licence {entry.license}"] if entry.license else []
    note += [f"commit {revision}"] if revision else []
    fields = {
        "title": f"{{{latex(entry.name)}}}",
        "key": latex(entry.name),
        "organization": latex(publisher[0]) if publisher else None,
        "year": str(year) if year else None,
        "howpublished": rf"\url{{{_address(page)}}}" if page else None,
        "eprint": arxiv,
        "archiveprefix": "arXiv" if arxiv else None,
        "note": latex("; ".join(note)) if note else None,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{entry.id},", *lines, "}"]) + "\n"


def latex(text: str) -> str:
    r"""`text` on one line with every sign escaped that LaTeX would read as a command.

    >>> latex("50% of {A_B}\n")
    '50\\% of \\{A\\_B\\}'
    """
    plain = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text)
    return "".join(_SPECIAL.get(sign, sign) for sign in " ".join(plain.split()))


def _address(url: str) -> str:
    encoded = re.sub(r"[{}\\^]", lambda match: f"%{ord(match[0]):02X}", url)
    return encoded.replace("%", r"\%").replace("#", r"\#")
