"""Repetition of sentence patterns, seen in part-of-speech tags: bare formulas over one letter a word."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence

ORDERS = (4, 5, 6, 7, 8)
TOP = 100
LEVEL = 9
# The universal tags as letters; a row is then a text of tags.
LETTERS = {
    tag: chr(ord("A") + place)
    for place, tag in enumerate(
        (
            *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN"),
            *("PUNCT", "SCONJ", "SYM", "VERB", "X", "SPACE"),
        )
    )
}


def template_rate(rows: Sequence[str], n: int) -> float | None:
    """Share of rows that hold one of the 100 commonest `n`-grams of tags; None for no rows.

    Ties for the last places go to the n-gram first in the alphabet. Source: Shaib et al., "Detection and
    Measurement of Syntactic Templates" (arXiv 2407.00211); the orders and the 100 are ours.
    """
    if not rows:
        return None
    grams = [{row[at : at + n] for at in range(len(row) - n + 1)} for row in rows]
    counts = Counter(row[at : at + n] for row in rows for at in range(len(row) - n + 1))
    commonest = {gram for gram, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]}
    return sum(not commonest.isdisjoint(held) for held in grams) / len(rows)


def tag_compression(rows: Sequence[str]) -> float | None:
    """Tags / zlib-9 bytes of the rows joined by line feeds; None without a tag."""
    joined = "\n".join(rows).encode()
    return len(joined) / len(zlib.compress(joined, LEVEL)) if any(rows) else None
