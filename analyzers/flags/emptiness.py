"""Flags `empty_output` and `empty_prompt`: nothing is said where something must be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pyarrow as pa

from analyzers.arrow import pc
from analyzers.flags.rule import Flag, Mask, Severity, Span, TextRule, matching
from analyzers.views import View

CODES = ("empty", "placeholder", "punctuation")

_NAMES = r"n/?a|n\.a\.|none|null|nil|nan|todo|tbd|no ?input|no ?output|empty|undefined|not applicable"
_PLACEHOLDER = re.compile(rf"""[<\[("'*_`]*(?:{_NAMES}|\.{{3,}}|…)[>\])"'*_`.!]*""", re.IGNORECASE)
_EMOTICON = re.compile(r"[:;=]['-]?[()\[\]/|*]")
_MAX_MARKS = 5
_IS_NOTHING = matching(rf"""(?i)\A[\s<\[("'*_`]*(?:{_NAMES})[\s>\])"'*_`.!]*\z|\A[^\pL\pN]*\z""")


def candidates(texts: pa.LargeStringArray) -> Mask:
    """Texts without a letter or digit, and those that may be a placeholder."""
    return _IS_NOTHING(pc.utf8_trim_whitespace(texts))


def find(text: str) -> Iterator[Span]:
    """The whole text, if it is blank, a placeholder (n/a, none, null, todo, <noinput>, ...) or punctuation.

    Punctuation is Unicode's category P: emoji, `+`, `<` and `$` are symbols and count as answers. Only up to
    five marks or one mark repeated, so that Morse code stays an answer.
    """
    bare = text.strip()
    if not bare:
        yield Span("empty", 0, len(text))
    elif _PLACEHOLDER.fullmatch(bare):
        yield Span("placeholder", 0, len(text))
    elif _is_punctuation(bare):
        yield Span("punctuation", 0, len(text))


def _is_punctuation(bare: str) -> bool:
    marks = "".join(bare.split())
    if len(marks) > _MAX_MARKS and len(set(marks)) > 1:
        return False
    return all(unicodedata.category(mark)[0] == "P" for mark in marks) and not _EMOTICON.fullmatch(marks)


_OUTPUT = "the last answer is blank, a placeholder or only punctuation"
_PROMPT = "the first question is blank, a placeholder or only punctuation, or a later one is blank"

EMPTY_OUTPUT = TextRule(
    Flag("empty_output", 1, Severity.ERROR, View.RESPONSE, CODES, _OUTPUT),
    lambda turns: turns.last_by_assistant,
    candidates,
    find,
)
EMPTY_PROMPT = TextRule(
    Flag("empty_prompt", 1, Severity.ERROR, View.PROMPT, CODES, _PROMPT),
    lambda turns: turns.openings_by_user,
    candidates,
    find,
)
