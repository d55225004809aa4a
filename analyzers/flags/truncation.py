"""Flag `truncated`: answers that stop before they end."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.cut_answers import Cut, ends_open
from analyzers.flags.reasoning import CANDIDATES as HAS_REASONING_TAG
from analyzers.flags.reasoning import unclosed_block
from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span, TextRule, matching
from analyzers.tokens import count_tokens
from analyzers.views import View

CUT_AT_LENGTH = "cut_at_length"
CODES = ("odd_fences", "unclosed_think", "cut_off", CUT_AT_LENGTH)
_TEXT = "the answer stops in a code fence, in its reasoning, in mid-sentence, or open where many are cut"

FENCE = "```"
MIN_WORDS = 30
MIN_LINE_WORDS = 6
TAIL_CHARS = 32

# After these no English sentence ends, so a text that stops there was cut. Words that do end questions,
# headings or relative clauses ("to", "with", "for", "that", "is") are left out on purpose.
_DANGLING = (
    "a an the and or nor but because although whereas unless of from into than via per its their your my our "
    "such as between among during without including very every"
)
_STOPS_IN = rf"\b(?:{_DANGLING.replace(' ', '|')})|,|，|、|\("
_CUT = re.compile(rf"(?:{_STOPS_IN})[ \t\r\n]*\Z", re.IGNORECASE)
_MAYBE_CUT = matching(rf"(?i)(?:{_STOPS_IN})\s*\z")
_SIGN_OFF = re.compile(r"[-*•>#|\d]")


def candidates(texts: pa.LargeStringArray) -> Mask:
    """Texts with a code fence or reasoning tag, or whose last characters stop in mid-sentence."""
    fenced: Mask = pc.match_substring(texts, FENCE).to_numpy(zero_copy_only=False)
    return fenced | HAS_REASONING_TAG(texts) | _MAYBE_CUT(pc.utf8_slice_codeunits(texts, -TAIL_CHARS, None))


def find(text: str) -> Iterator[Span]:
    """Where one answer was cut, as far as it shows by itself; `hits_at` tells what its dataset shows.

    `odd_fences`: an odd number of ``` (the span is the last). `unclosed_think`: a reasoning block is open at
    the end. `cut_off`: 30 words or more, and the last line, no list item, stops in a comma, an opening
    bracket or a word that ends no sentence.
    """
    if text.count(FENCE) % 2:
        start = text.rindex(FENCE)
        yield Span("odd_fences", start, start + len(FENCE), f"{text.count(FENCE)} fences")
    block = unclosed_block(text)
    if block is not None:
        yield Span("unclosed_think", *block.span())
    cut = _CUT.search(text, max(len(text) - TAIL_CHARS, 0))
    if cut and _is_running_text(text):
        yield Span("cut_off", *cut.span())


def hits_at(cut: Cut, rows: RowTexts) -> Iterator[Hit]:
    """The rows whose last answer was cut at the length of their dataset; the span is its last words."""
    spoken = rows.turns.last_by_assistant
    is_open = ends_open(spoken.texts)
    places = np.flatnonzero(is_open)
    tokens = count_tokens(pc.take(spoken.texts, places))
    held = cut.holds(tokens, np.ones(len(tokens), bool))
    told = f"{cut.rows} answers of {cut.least} to {cut.most} tokens end open, which is where they were cut"
    for place, length in zip(places[held].tolist(), tokens[held].tolist(), strict=True):
        end = len(spoken.texts[place].as_py().rstrip())
        span = Span(CUT_AT_LENGTH, max(end - TAIL_CHARS, 0), end, f"{length} tokens; {told}")
        yield Hit(int(spoken.rows[place]), int(spoken.turns[place]), span)


def _is_running_text(text: str) -> bool:
    last_line = text.rstrip().rpartition("\n")[2].strip()
    if _SIGN_OFF.match(last_line) or len(last_line.split()) < MIN_LINE_WORDS:
        return False
    return len(text.split(None, MIN_WORDS)) >= MIN_WORDS


TRUNCATED = TextRule(
    Flag("truncated", 2, Severity.WARN, View.RESPONSE, CODES, _TEXT),
    lambda turns: turns.last_by_assistant,
    candidates,
    find,
)
