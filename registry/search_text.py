"""Words for finding entries: one normal form for what is stored and what is asked, on every database.

Letters and digits count, everything else separates: no sign of a query can act as an operator or wildcard.
Accents and case are dropped; each Han or Kana character is a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from registry.errors import InputRefusedError, Problem, ProblemCode

MAX_QUERY = 1_000
MAX_WORD = 255
"""A longer run of letters is cut: indexes of databases refuse words of some thousand bytes."""

_EACH_ALONE = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")


def search_words(texts: Iterable[str | None]) -> str:
    """The words of `texts` in order, with blanks before, between and after; a lone blank where there is none.

    >>> search_words(["GPT-4 (judge)", None, "Café 中文"])
    ' gpt 4 judge cafe 中 文 '
    """
    found = [word for text in texts if text for word in _words(text)]
    return " " + "".join(word + " " for word in found)


def search_phrases(query: str) -> list[str] | None:
    """What an entry must hold to answer `query`: phrases, the last word of each being a beginning.

    Every part between blanks is one phrase, so `gpt-4` finds "GPT-4o" and not "4 sets of GPT". [] asks for
    nothing (a blank query); None can never be found (a query of signs only).

    >>> search_phrases("GPT-4 maths"), search_phrases(" "), search_phrases("%")
    (['gpt 4', 'maths'], [], None)

    Raises:
        InputRefusedError: `query` has over 1,000 characters.
    """
    if len(query) > MAX_QUERY:
        message = f"search text has {len(query):,} characters, the limit is {MAX_QUERY:,}"
        raise InputRefusedError([Problem(code=ProblemCode.TOO_BIG, message=message, file="search")])
    parts = query.split()
    phrases = [phrase for part in parts if (phrase := " ".join(_words(part)))]
    return phrases if phrases or not parts else None


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    folded = unicodedata.normalize("NFKC", kept.casefold())
    spaced = "".join(c if c.isalnum() else " " for c in _EACH_ALONE.sub(r" \1 ", folded))
    return [word[:MAX_WORD] for word in spaced.split()]
