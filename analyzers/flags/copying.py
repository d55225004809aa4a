"""Flag `copy_prompt`: answers that begin by saying the question again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile

import numpy as np

from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span, masks_of_hits
from analyzers.text import word_list
from analyzers.views import View

_TEXT = "the answer begins with a copy of most of the question"
MIN_SHARE = 0.8
MIN_PROMPT_WORDS = 5


class CopyPrompt:
    """Compares words one by one where two of them agree already."""

    flag = Flag("copy_prompt", 1, Severity.WARN, View.RESPONSE, (), _TEXT)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        prompts, responses = rows.batch.view(View.FIRST_PROMPT), rows.batch.view(View.RESPONSE)
        for row in np.flatnonzero(_doubtful(rows)).tolist():
            for span in find(prompts[row].as_py(), responses[row].as_py()):
                yield Hit(row, None, span)


def find(prompt: str, response: str) -> Iterator[Span]:
    """The beginning of `response` that repeats at least 80 % of the words of `prompt`, from the first on.

    Words are those of `w1`; questions of fewer than five are not judged. Answers that restate the question
    ("The capital of France is") leave out its first word, so they are not copies.
    """
    asked, said = word_list(prompt), word_list(response)
    copied = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(asked, said, strict=False)))
    if len(asked) >= MIN_PROMPT_WORDS and copied >= MIN_SHARE * len(asked):
        yield Span("", 0, _end_of_words(response, copied), f"{copied} of {len(asked)} words of the question")


def _end_of_words(text: str, count: int) -> int:
    """Where the first `count` words of `w1` end, up to the next white space; at most the whole text."""
    end = 0
    for word in re.finditer(r"\S+", text):
        count -= len(word_list(word[0]))
        end = word.end()
        if count <= 0:
            break
    return end


def _doubtful(rows: RowTexts) -> Mask:
    """Rows with long enough texts whose first words are the same and that end the 80 % with the same word."""
    asked, said = rows.batch.words(View.FIRST_PROMPT), rows.batch.words(View.RESPONSE)
    needed = np.ceil(MIN_SHARE * asked.counts).astype(np.int64)
    doubtful: Mask = (asked.counts >= MIN_PROMPT_WORDS) & (said.counts >= needed)
    places = np.flatnonzero(doubtful)
    for ahead in (np.zeros(len(places), np.int64), needed[places] - 1):
        equal = asked.hashes[asked.offsets[places] + ahead] == said.hashes[said.offsets[places] + ahead]
        doubtful[places[~equal]] = False
    return doubtful
