"""Benchmarks of which only hashes are at hand, read as the index reads texts, and how they are made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from analyzers.benchmark_items import Field, Items
from analyzers.signature_store import row_keys
from analyzers.text import GRAM_BASE, Grams, Hashes, Ints, mix64, ngrams, words
from registry.hashed_benchmarks import SHORT_WORDS, STORED_GRAMS, HashedBenchmark, HashedTexts

HASHED_RULES = ("exact", "ngram8_any", "ngram_cover", "ngram13", "containment")
"""The rules that need no more than the hashes."""

_INVERSES = tuple(pow(factor, -1, 1 << 64) for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53))
_SHIFT = np.uint64(33)


class HashedField(Field):
    """A field of which word counts and hashes are at hand; 13-grams follow from 8- and 5-grams."""

    def __init__(self, texts: HashedTexts) -> None:
        self._texts = texts
        self.counts: Ints = texts.counts
        self.keys: Hashes = texts.keys

    def grams(self, n: int) -> Grams:
        """See `Field.grams`; of 5, 8 and 13 words.

        Raises:
            ValueError: n-grams of other lengths were not kept.
        """
        if n in self._texts.grams:
            return Grams(*self._texts.grams[n])
        if n != sum(STORED_GRAMS):
            raise ValueError(f"{n}-grams are not at hand")
        return self._joined(*STORED_GRAMS[::-1])

    def wholes(self, items: Ints) -> Hashes:
        """See `Field.wholes`."""
        return self._texts.wholes[items]

    def word_hashes(self, item: int) -> Hashes:
        """Never known: only n-grams were kept."""
        raise ValueError(f"the words of item {item} are not at hand")

    def spelt(self, n: int, place: int) -> str:
        """The hash of the n-gram in hexadecimal digits, as its words are not at hand."""
        return f"#{int(self.grams(n).hashes[place]):016x}"

    def spelt_whole(self, item: int) -> str:
        """The hash of all words of the item."""
        return f"#{int(self._texts.wholes[item]):016x}"

    def _joined(self, first: int, second: int) -> Grams:
        """n-grams of first + second words: hashes are mixed polynomials, so parts can be put together."""
        offsets, left = self._texts.grams[first]
        right_offsets, right = self._texts.grams[second]
        counts = np.maximum(self.counts - (first + second - 1), 0)
        of_item = np.repeat(np.arange(len(counts)), counts)
        ends = np.concatenate(([0], np.cumsum(counts)))
        step = np.arange(len(of_item)) - ends[of_item]
        power = np.uint64(pow(GRAM_BASE, second, 1 << 64))
        joined = unmix64(left[offsets[of_item] + step]) * power
        joined += unmix64(right[right_offsets[of_item] + step + first])
        return Grams(ends, mix64(joined))


def hashed_items(benchmark: HashedBenchmark) -> Items:
    """The items of a benchmark whose texts are not at hand."""
    return Items(HashedField(benchmark.questions), HashedField(benchmark.answers))


def hashed_texts(texts: Sequence[str]) -> HashedTexts:
    """What is kept of the texts of one field."""
    column = pa.array(texts, pa.large_string())
    tokens = words(column)
    counts = tokens.counts
    wholes = np.zeros(len(texts), np.uint64)
    for length in range(1, SHORT_WORDS):
        grams = ngrams(tokens, length)
        short = np.flatnonzero(counts == length)
        wholes[short] = grams.hashes[grams.offsets[short]]
    kept = {n: ngrams(tokens, n) for n in STORED_GRAMS}
    return HashedTexts(
        counts,
        row_keys(tokens, column),
        wholes,
        {n: (grams.offsets, grams.hashes) for n, grams in kept.items()},
    )


def unmix64(values: Hashes) -> Hashes:
    """What `mix64` made `values` of.

    >>> int(unmix64(mix64(np.array([7], np.uint64)))[0])
    7
    """
    back = values ^ (values >> _SHIFT)
    back *= np.uint64(_INVERSES[1])
    back ^= back >> _SHIFT
    back *= np.uint64(_INVERSES[0])
    back ^= back >> _SHIFT
    return back
