"""Flag `date_stale`: answers that call something current and name a year, which ages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzers.flags.rule import Flag, Severity, Span, TextRule, matching, spans
from analyzers.views import View

_TEXT = "the answer calls something current or latest and names a year"
_NOW = (
    r"(?:as of|currently|at present|at the moment|nowadays|to date|today|so far|this year|"
    r"(?:the )?(?:latest|newest|current|most recent))"
)
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_GAP = r"[^.!?\n]{0,48}?"
_STALE = re.compile(rf"\b{_NOW}\b{_GAP}\b{_YEAR}\b(?!s)|\b{_YEAR}\b(?!s){_GAP}\b{_NOW}\b", re.IGNORECASE)
_HAS_YEAR = matching(r"\b(?:19[5-9]\d|20[0-4]\d)\b")


def find(text: str) -> Iterator[Span]:
    """A word for now and a year from 1950 to 2049 within 48 characters of the same sentence."""
    return spans("", (match.span() for match in _STALE.finditer(text)))


DATE_STALE = TextRule(
    Flag("date_stale", 1, Severity.INFO, View.RESPONSE, (), _TEXT),
    lambda turns: turns.by_assistant,
    _HAS_YEAR,
    find,
)
