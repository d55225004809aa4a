"""Readability of English responses: five formulas over words, sentences, syllables and letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.base import Batch, Finding
from analyzers.code_math import without_code, without_math
from analyzers.text import TOKENIZER, Codes, Words, words

BACKEND = "vowel-groups"
MIN_WORDS = 100
LONG_WORD_SYLLABLES = 3

# An end mark before a space or the end of the text; a line break; an end of the text without a mark.
_SENTENCE_END = r"[.!?…]+[\"'”’)\]]*(?:\s+|\z)|\n\s*|\S\z"


@dataclass(frozen=True, slots=True)
class TextCounts:
    """What the formulas need of a text; `TextCounts()` is the neutral element of `+`."""

    rows: int = 0
    words: int = 0
    sentences: int = 0
    syllables: int = 0
    letters: int = 0
    long_words: int = 0

    def __add__(self, other: TextCounts) -> TextCounts:
        return TextCounts(
            self.rows + other.rows,
            self.words + other.words,
            self.sentences + other.sentences,
            self.syllables + other.syllables,
            self.letters + other.letters,
            self.long_words + other.long_words,
        )


def flesch_kincaid_grade(c: TextCounts) -> float:
    """School grade: 0.39 w/s + 11.8 y/w - 15.59."""
    return 0.39 * c.words / c.sentences + 11.8 * c.syllables / c.words - 15.59


def flesch_reading_ease(c: TextCounts) -> float:
    """Ease, 100 is easy: 206.835 - 1.015 w/s - 84.6 y/w."""
    return 206.835 - 1.015 * c.words / c.sentences - 84.6 * c.syllables / c.words


def automated_readability_index(c: TextCounts) -> float:
    """School grade: 4.71 c/w + 0.5 w/s - 21.43."""
    return 4.71 * c.letters / c.words + 0.5 * c.words / c.sentences - 21.43


def coleman_liau_index(c: TextCounts) -> float:
    """School grade: 0.0588 (100 c/w) - 0.296 (100 s/w) - 15.8."""
    return 5.88 * c.letters / c.words - 29.6 * c.sentences / c.words - 15.8


def gunning_fog(c: TextCounts) -> float:
    """School grade: 0.4 (w/s + 100 x/w), x words of three syllables or more."""
    return 0.4 * (c.words / c.sentences + 100 * c.long_words / c.words)


FORMULAS: Mapping[str, Callable[[TextCounts], float]] = {
    formula.__name__: formula
    for formula in (
        flesch_kincaid_grade,
        flesch_reading_ease,
        automated_readability_index,
        coleman_liau_index,
        gunning_fog,
    )
}


class Readability:
    """The five formulas over all English responses of the sample as one text, code and mathematics left out.

    Syllables are counted by groups of vowels, so grades differ by some tenths from a pronouncing dictionary.
    """

    name = "readability"
    version = 1
    metrics = ("readability",)
    columns = ("response",)

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def start(self) -> TextCounts:
        """No text."""
        return TextCounts()

    def measure(self, batch: Batch) -> TextCounts:
        """Counts over the English responses of the sampled rows."""
        sample = batch.sample()
        english = pc.equal(sample.features.column("language"), "en")
        return count_text(sample.view("response").filter(english))

    def merge(self, a: TextCounts, b: TextCounts) -> TextCounts:
        """The counts of both."""
        return a + b

    def finish(self, total: TextCounts) -> list[Finding]:
        """One figure a formula; null for fewer than 100 English words."""
        enough = total.words >= MIN_WORDS
        return [
            Finding(
                metric="readability",
                view="response",
                n_used=total.rows,
                value=formula(total) if enough else None,
                params={"formula": name},
                tokenizer=TOKENIZER,
                backend=BACKEND,
                reason=None if enough else f"{total.words} English words, fewer than {MIN_WORDS}",
                seed=self.seed,
            )
            for name, formula in FORMULAS.items()
        ]


def count_text(texts: pa.LargeStringArray) -> TextCounts:
    """Counts over English texts, code and mathematics stripped; a text with words has a sentence at least."""
    prose = without_math(without_code(texts))
    tokens = words(prose)
    ends = pc.count_substring_regex(pc.utf8_trim_whitespace(prose), _SENTENCE_END).to_numpy()
    syllables = count_syllables(tokens)
    return TextCounts(
        rows=len(texts),
        words=len(tokens.starts),
        sentences=int(np.maximum(ends, 1)[tokens.counts > 0].sum()),
        syllables=int(syllables.sum()),
        letters=_count_letters(tokens),
        long_words=int(np.count_nonzero(syllables >= LONG_WORD_SYLLABLES)),
    )


def count_syllables(tokens: Words) -> npt.NDArray[np.int64]:
    """Syllables of each word: groups of a e i o u y, without a silent final e, ed or es; at least one.

    >>> count_syllables(words(pa.array(["little purred houses bee makes"], pa.large_string()))).tolist()
    [2, 1, 2, 1, 1]
    """
    vowels = _among(tokens.codes, "aeiouy")
    begins = vowels.copy()
    begins[1:] &= ~vowels[:-1]
    groups = np.concatenate(([0], np.cumsum(begins)))
    counts = groups[tokens.ends] - groups[tokens.starts]
    syllables: npt.NDArray[np.int64] = np.maximum(counts - _silent_endings(tokens, vowels), 1)
    return syllables


def _silent_endings(tokens: Words, vowels: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """1 for each word that ends in an e, ed or es that makes no syllable."""
    last = tokens.codes[tokens.ends - 1]
    has_suffix = _among(last, "ds")
    at = tokens.ends - 1 - has_suffix  # where the e would stand
    before, second = np.maximum(at - 1, 0), np.maximum(at - 2, 0)
    spoken_ed = (last == ord("d")) & _among(tokens.codes[before], "td")
    spoken_es = (last == ord("s")) & _among(tokens.codes[before], "sxzcgh")
    spoken_le = (tokens.codes[before] == ord("l")) & ~vowels[second] & (last != ord("d"))
    silent = (tokens.codes[at] == ord("e")) & ~vowels[before] & (at - tokens.starts >= 2)
    unheard: npt.NDArray[np.bool_] = silent & ~spoken_ed & ~spoken_es & ~spoken_le
    return unheard.astype(np.int64)


def _count_letters(tokens: Words) -> int:
    """Characters of all words that are neither digits nor apostrophes."""
    others = np.concatenate(([0], np.cumsum(_among(tokens.codes, "0123456789'’"))))
    inside = others[tokens.ends] - others[tokens.starts]
    return int((tokens.ends - tokens.starts - inside).sum())


def _among(codes: Codes, chars: str) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(codes), bool)
    for char in chars:
        found |= codes == ord(char)
    return found
