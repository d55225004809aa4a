"""Flags `encoding` and `hidden_text`: characters that got lost on the way, and characters nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzers.flags.prose import blanked, without_code
from analyzers.flags.rule import Flag, Severity, Span, TextRule, matching, spans
from analyzers.views import View

ENCODING_CODES = (
    "replacement_char",
    "mojibake",
    "control",
    "literal_newline",
    "html_entity",
    "zero_width",
    "private_use",
)
HIDDEN_CODES = ("bidi", "tag")
_ENCODING_TEXT = "characters were lost, decoded wrongly or left escaped"
_HIDDEN_TEXT = "characters that readers do not see reorder or hide text: a way to smuggle instructions"

# What the bytes 80-BF become when UTF-8 is read as Windows-1252 (27 of them) or as Latin-1 (C1 and the rest).
_CONTINUED = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
# One pair after Â or Ã, or one triple after â, is proof enough; other leading letters end words of living
# languages ("CAFÉ»", "café”—"), so it takes two in a row.
_MOJIBAKE = re.compile(
    rf"[ÂÃ][{_CONTINUED}]|â[{_CONTINUED}]{{2}}|ï[»¿][{_CONTINUED}]|ð[{_CONTINUED}]{{3}}|"
    rf"(?:[Ä-ß][{_CONTINUED}]|[à-ï][{_CONTINUED}]{{2}}){{2,}}"
)
_REPLACED = re.compile("\ufffd+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]+")
# Joiners shape Arabic, Indic and emoji; they have no work to do between Latin letters.
_ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff]+|(?<=[A-Za-z])[\u200c\u200d]+(?=[A-Za-z])")
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_ENTITY = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|[lr][ds]quo|[mn]dash|hellip|bull|copy|reg|trade|euro|pound|deg|times|[aeiou]acute|"
    r"[aeiou]grave|[aeiou]uml|ntilde|ccedil|szlig|#\d{2,6}|#x[0-9a-f]{2,5});",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*(?: [^<>\n]*)?/?>", re.IGNORECASE)
_LITERAL_NEWLINE = re.compile(
    r"(?<![\\\w])(?:\\r)?\\n(?![a-z])|(?<=[\w.,!?:;)])(?:\\r)?\\n(?=\\n|[A-Z0-9*•\s-]|$)"
)
_CODE_LINE = re.compile(r"[;{}]\s*$", re.MULTILINE)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]+")
_OVERRIDE = re.compile("[\u202d\u202e]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_TAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f|([\U000e0000-\U000e007f]+)")

_ENCODING_CANDIDATES = matching(
    rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{{9f}}\x{{fffd}}\x{{200b}}-\x{{200d}}\x{{2060}}\x{{feff}}"
    rf"\x{{e000}}-\x{{f8ff}}\x{{f0000}}-\x{{10ffff}}]|&(?:#|[a-zA-Z])|\\n|[Â-ô][{_CONTINUED}]"
)
_HIDDEN_CANDIDATES = matching(r"[\x{202a}-\x{202e}\x{2066}-\x{2069}\x{e0000}-\x{e007f}]")


def find_fault(text: str) -> Iterator[Span]:
    """Encoding faults of one text.

    `replacement_char`: U+FFFD. `mojibake`: UTF-8 read as Latin-1 or Windows-1252, proved by reading it back.
    `control`: C0 or C1 other than tab, line feed and carriage return. `literal_newline`: a backslash and an n
    where a line ends, outside code and quotes. `html_entity`: outside code and texts with HTML tags.
    `zero_width`: spaces of no width, joiners between Latin letters. `private_use`: has no meaning of its own.
    """
    for code, pattern in (
        ("replacement_char", _REPLACED),
        ("control", _CONTROL),
        ("zero_width", _ZERO_WIDTH),
        ("private_use", _PRIVATE_USE),
    ):
        yield from spans(code, (match.span() for match in pattern.finditer(text)))
    wrong = (match for match in _MOJIBAKE.finditer(text) if _reads_back(match[0]))
    yield from spans("mojibake", (match.span() for match in wrong))
    prose = without_code(text)
    if not _MARKUP.search(prose):
        yield from spans("html_entity", (match.span() for match in _ENTITY.finditer(prose)))
    if "\\n" in prose and not _CODE_LINE.search(prose):
        unquoted = _QUOTED.sub(blanked, prose)
        yield from spans("literal_newline", (match.span() for match in _LITERAL_NEWLINE.finditer(unquoted)))


def find_hidden(text: str) -> Iterator[Span]:
    """Characters of one text that act unseen.

    `bidi`: overrides of the writing direction anywhere, embeddings and isolates where nothing is written from
    right to left. `tag`: invisible tag characters, but not in the flags of England, Scotland and Wales.
    """
    mixed = _RIGHT_TO_LEFT.search(text) is not None
    turned = (match for match in _BIDI.finditer(text) if not mixed or _OVERRIDE.search(match[0]))
    yield from spans("bidi", (match.span() for match in turned))
    yield from spans("tag", (match.span() for match in _TAGS.finditer(text) if match[1]))


def _reads_back(wrong: str) -> bool:
    """Whether the characters are bytes of UTF-8, each read as Windows-1252 or Latin-1."""
    try:
        b"".join(_byte(char) for char in wrong).decode("utf-8")
    except UnicodeError:
        return False
    return True


def _byte(char: str) -> bytes:
    return char.encode("latin-1") if char < "\u0100" else char.encode("cp1252")


ENCODING = TextRule(
    Flag("encoding", 1, Severity.WARN, View.ALL, ENCODING_CODES, _ENCODING_TEXT),
    lambda turns: turns.everything,
    _ENCODING_CANDIDATES,
    find_fault,
)
HIDDEN_TEXT = TextRule(
    Flag("hidden_text", 1, Severity.ERROR, View.ALL, HIDDEN_CODES, _HIDDEN_TEXT),
    lambda turns: turns.everything,
    _HIDDEN_CANDIDATES,
    find_hidden,
)
