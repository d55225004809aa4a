"""Flag `repetition`: answers that go round in circles, by the rules of Gopher."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from analyzers.arrow import pc
from analyzers.flags.grams import long_rows, longest_window, repeats, rows_with_equal_lines
from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span, masks_of_hits
from analyzers.text import char_counts, ngrams, word_list
from analyzers.views import View

CODES = ("lines", "line_chars", "paragraphs", "paragraph_chars", "top_ngram", "duplicate_ngrams")
_TEXT = "lines, paragraphs or word sequences of the answer repeat themselves"

# Rae et al., "Scaling language models: methods, analysis & insights from training Gopher", table A1; counted
# as datatrove does, with our words and without the blanks between them.
MIN_WORDS = 50
MAX_DUPLICATE_SHARE = 0.30
MAX_DUPLICATE_CHARS = 0.20
MIN_TOP_COUNT = 3
MIN_WORD_CHARS = 2
MAX_TOP = {2: 0.20, 3: 0.18, 4: 0.16}
MAX_DUPLICATE = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}

_LINES = re.compile(r"[^\n]+")
_PARAGRAPHS = re.compile(r"[^\n]+(?:\n[^\n]+)*")


class Repetition:
    """Counts exactly, in Python, but only in rows whose sorted word hashes leave a doubt."""

    flag = Flag("repetition", 1, Severity.WARN, View.RESPONSE, CODES, _TEXT)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        texts = rows.batch.view(View.RESPONSE)
        for row in np.flatnonzero(_doubtful(rows)).tolist():
            for span in find(texts[row].as_py()):
                yield Hit(row, None, span)


def find(text: str) -> Iterator[Span]:
    """Repetition in one text of at least 50 `w1` words; the span is a repeated part, the note says how much.

    `lines`, `paragraphs`: more than 30 % of them are there already. `line_chars`, `paragraph_chars`: such
    lines or paragraphs hold more than 20 % of the characters; those without a letter or digit never count.
    `top_ngram`: the most frequent 2-, 3- or 4-gram, seen three times or more, holds more than 20, 18 or 16 %.
    `duplicate_ngrams`: repeated 5- to 10-grams hold more than 15, 14, ... 10 %. N-grams are not judged where
    most words are single characters: five of those are hardly two Chinese words.
    """
    words = word_list(text)
    if len(words) < MIN_WORDS:
        return
    yield from _equal_parts(text, _LINES, "lines", "line_chars")
    yield from _equal_parts(text, _PARAGRAPHS, "paragraphs", "paragraph_chars")
    if sum(map(len, words)) >= MIN_WORD_CHARS * len(words):
        yield from _top_gram(text, words)
        yield from _repeated_grams(text, words)


def _equal_parts(text: str, parts: re.Pattern[str], code: str, chars_code: str) -> Iterator[Span]:
    seen: set[str] = set()
    total, again = 0, []
    for part in parts.finditer(text):
        bare = part[0].strip()
        total += bool(bare)
        if bare in seen and any(char.isalnum() for char in bare):
            again.append(part)
        seen.add(bare)
    if not again:
        return
    share, chars = len(again) / total, sum(len(part[0].strip()) for part in again) / len(text)
    if share > MAX_DUPLICATE_SHARE:
        yield Span(code, *again[0].span(), f"{share:.0%} are repeated")
    if chars > MAX_DUPLICATE_CHARS:
        yield Span(chars_code, *again[0].span(), f"{chars:.0%} of the characters are repeated")


def _top_gram(text: str, words: Sequence[str]) -> Iterator[Span]:
    for n, most in MAX_TOP.items():
        counts = Counter(zip(*(words[place:] for place in range(n)), strict=False))
        count = max(counts.values())
        if count < MIN_TOP_COUNT:
            return  # longer grams are no more frequent
        gram = max((gram for gram in counts if counts[gram] == count), key=lambda gram: len("".join(gram)))
        share = count * len("".join(gram)) / len(text)
        if share > most:
            note = f"{n} words, {count} times, hold {share:.0%} of the characters"
            yield Span("top_ngram", *_place(text, gram), note)


def _repeated_grams(text: str, words: Sequence[str]) -> Iterator[Span]:
    for n, most in MAX_DUPLICATE.items():
        seen: set[tuple[str, ...]] = set()
        chars, place = 0, 0
        first: tuple[str, ...] = ()
        while place <= len(words) - n:
            gram = tuple(words[place : place + n])
            if gram in seen:
                first = first or gram
                chars += len("".join(gram))
                place += n
            else:
                seen.add(gram)
                place += 1
        if not chars:
            return  # longer grams are not repeated either
        if chars > most * len(text):
            note = f"repeated {n}-grams hold {chars / len(text):.0%} of the characters"
            yield Span("duplicate_ngrams", *_place(text, first), note)


def _place(text: str, gram: Sequence[str]) -> tuple[int, int]:
    """Where the words of a gram stand second in the text; the whole text where normalisation hides them."""
    wanted = re.compile(r"[\W_]*".join(map(re.escape, gram)), re.IGNORECASE)
    found = [match.span() for match, _ in zip(wanted.finditer(text), range(2), strict=False)]
    return found[-1] if found else (0, len(text))


def _doubtful(rows: RowTexts) -> Mask:
    """Rows of 50 words or more that may break a rule, by what the grams of a row can hold at most."""
    counts = rows.batch.words(View.RESPONSE).counts
    words = long_rows(rows.batch.words(View.RESPONSE), MIN_WORDS)
    texts = rows.batch.view(View.RESPONSE)
    chars = char_counts(texts)
    doubtful = np.zeros(rows.num_rows, bool)
    for n, share in MAX_TOP.items():
        most, _ = repeats(ngrams(words, n))
        doubtful |= (most >= MIN_TOP_COUNT) & (most * longest_window(words, n) > share * chars)
    # Each repeated n-gram (n >= 5) begins with a repeated 5-gram and is at most two windows of 5 words.
    _, again = repeats(ngrams(words, 5))
    doubtful |= 2 * again * longest_window(words, 5) > min(MAX_DUPLICATE.values()) * chars
    others = np.flatnonzero(~doubtful & (counts >= MIN_WORDS))
    doubtful[others[rows_with_equal_lines(pc.take(texts, others))]] = True
    return doubtful
