"""Flag `reasoning_tag`: reasoning blocks that are unbalanced, empty, or have no answer after them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzers.flags.prose import blanked
from analyzers.flags.rule import Flag, Severity, Span, TextRule, matching
from analyzers.views import View

CODES = ("unbalanced", "empty_block", "no_answer")
_TEXT = "a reasoning block is unbalanced, empty, or has no answer after it"

_NAMES = "think|thinking|thought|reasoning|scratchpad"
_TAG = re.compile(rf"<(/?)({_NAMES})>|<\|(begin|end)_of_(thought)\|>", re.IGNORECASE)
_SPOKEN_OF = re.compile(rf"`</?(?:{_NAMES})>`", re.IGNORECASE)
CANDIDATES = matching(rf"(?i)</?(?:{_NAMES})>|<\|(?:begin|end)_of_thought\|>")


def find(text: str) -> Iterator[Span]:
    """Faults of the reasoning blocks of one answer.

    `unbalanced`: an opening tag without its closing one, or the other way round. `empty_block`: nothing but
    white space inside. `no_answer`: nothing but white space after the last block. A tag that is spoken of
    in a code span is none.
    """
    opened: tuple[str, re.Match[str]] | None = None
    last: re.Match[str] | None = None
    for tag in _TAG.finditer(_SPOKEN_OF.sub(blanked, text)):
        name, opens = (tag[2] or tag[4]).lower(), not tag[1] and tag[3] != "end"
        if opens and opened is None:
            opened = name, tag
        elif not opens and opened is not None and opened[0] == name:
            if not text[opened[1].end() : tag.start()].strip():
                yield Span("empty_block", opened[1].start(), tag.end())
            opened, last = None, tag
        else:
            yield Span("unbalanced", *tag.span(), f"{tag[0]} without its other half")
            last = None if opens else tag
    if opened is not None:
        yield Span("unbalanced", *opened[1].span(), f"{opened[1][0]} is never closed")
    elif last is not None and not text[last.end() :].strip():
        yield Span("no_answer", *last.span(), "nothing follows the reasoning")


def unclosed_block(text: str) -> re.Match[str] | None:
    """The opening tag of a reasoning block that is still open where the text ends; None where none is."""
    opened: dict[str, re.Match[str]] = {}
    for tag in _TAG.finditer(text):
        name = (tag[2] or tag[4]).lower()
        if not tag[1] and tag[3] != "end":
            opened.setdefault(name, tag)
        else:
            opened.pop(name, None)
    return min(opened.values(), key=lambda tag: tag.start(), default=None)


REASONING_TAG = TextRule(
    Flag("reasoning_tag", 2, Severity.ERROR, View.RESPONSE, CODES, _TEXT),
    lambda turns: turns.by_assistant,
    CANDIDATES,
    find,
)
