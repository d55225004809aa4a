"""Flag `gopher_quality`: what the quality rules of Gopher would keep out of a crawl of web pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span
from analyzers.text import Words, char_counts, word_hash
from analyzers.views import View

CODES = ("word_count", "word_length", "symbols", "bullets", "ellipses", "letters", "stop_words")
_TEXT = "the answer would not pass Gopher's rules for web pages; says nothing of short answers, code or maths"

# Rae et al., "Scaling language models: methods, analysis & insights from training Gopher", section A1.1.
MIN_WORDS, MAX_WORDS = 50, 100_000
MIN_LENGTH, MAX_LENGTH = 3, 10
MAX_SYMBOLS, MAX_BULLETS, MAX_ELLIPSES, MIN_LETTERS = 0.1, 0.9, 0.3, 0.8
MIN_STOP_WORDS = 2
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")

_BULLET = r"(?m)^[ \t]*[-*•●▪‣]"
_ELLIPSIS = r"(?m)(?:\.\.\.|…)[ \t]*$"

Floats = npt.NDArray[np.float64]


class PageQuality:
    """All rules are counts over columns and word hashes; the span is the whole answer."""

    flag = Flag("gopher_quality", 1, Severity.INFO, View.RESPONSE, CODES, _TEXT)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return {code: outside for code, (outside, _) in _judged(rows).items()}

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        lengths = char_counts(rows.batch.view(View.RESPONSE))
        for code, (outside, values) in _judged(rows).items():
            for row in np.flatnonzero(outside).tolist():
                yield Hit(row, None, Span(code, 0, int(lengths[row]), f"{values[row]:.4g}"))


def _judged(rows: RowTexts) -> dict[str, tuple[Mask, Floats]]:
    """For each code which rows lie outside its bounds, and the measured values. Blank answers lie in none."""
    texts, words = rows.batch.view(View.RESPONSE), rows.batch.words(View.RESPONSE)
    counts = words.counts
    symbols = _matches(texts, r"#|\.\.\.|…") / np.maximum(counts, 1)
    bullets = _share_of_lines(texts, _BULLET)
    ellipses = _share_of_lines(texts, _ELLIPSIS)
    lengths = _sums(words, words.ends - words.starts) / np.maximum(counts, 1)
    letters = _sums(words, _with_letter(words)) / np.maximum(counts, 1)
    stop_words = _distinct_stop_words(words)
    some = counts > 0
    return {
        "word_count": (some & ((counts < MIN_WORDS) | (counts > MAX_WORDS)), counts.astype(np.float64)),
        "word_length": (some & ((lengths < MIN_LENGTH) | (lengths > MAX_LENGTH)), lengths),
        "symbols": (some & (symbols > MAX_SYMBOLS), symbols),
        "bullets": (some & (bullets > MAX_BULLETS), bullets),
        "ellipses": (some & (ellipses > MAX_ELLIPSES), ellipses),
        "letters": (some & (letters < MIN_LETTERS), letters),
        "stop_words": (some & (stop_words < MIN_STOP_WORDS), stop_words),
    }


def _matches(texts: pa.LargeStringArray, pattern: str) -> npt.NDArray[np.int64]:
    """Matches in each text; those without any are told apart first, which is cheaper than counting."""
    counts = np.zeros(len(texts), np.int64)
    places = np.flatnonzero(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False))
    counts[places] = pc.count_substring_regex(pc.take(texts, places), pattern).to_numpy()
    return counts


def _share_of_lines(texts: pa.LargeStringArray, pattern: str) -> Floats:
    shares = np.zeros(len(texts))
    places = np.flatnonzero(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False))
    chosen = pc.take(texts, places)
    lines = pc.count_substring_regex(chosen, r"[^\n]+").to_numpy()
    shares[places] = pc.count_substring_regex(chosen, pattern).to_numpy() / np.maximum(lines, 1)
    return shares


def _sums(words: Words, values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    totals = np.concatenate(([0], np.cumsum(values)))
    return totals[words.offsets[1:]] - totals[words.offsets[:-1]]


def _with_letter(words: Words) -> npt.NDArray[np.int64]:
    """1 for each word that has a character besides 0-9 and apostrophes."""
    codes = words.codes
    others = ~(((codes >= 48) & (codes <= 57)) | (codes == 39) | (codes == 0x2019))
    totals = np.concatenate(([0], np.cumsum(others)))
    return (totals[words.ends] > totals[words.starts]).astype(np.int64)


def _distinct_stop_words(words: Words) -> Floats:
    found = np.zeros(len(words.counts))
    for word in STOP_WORDS:
        found += _sums(words, (words.hashes == np.uint64(word_hash(word))).astype(np.int64)) > 0
    return found
