"""Known n-grams as sorted hashes, with a filter that tells most others apart in one look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.compiled import is_compiled
from analyzers.text import GRAM_BASE, Grams, Hashes, Ints, Words, ngrams

# A word of the filter stands for so many hashes, or half as many.
_HASHES_A_WORD = 4
_WORD_BITS = (8, 20)


@dataclass(frozen=True, slots=True)
class GramFilter:
    """Hashes of known n-grams, sorted and distinct, and a Bloom filter of them.

    Each hash keeps to one word of `words`, named by its upper bits: the look into memory that fetches it
    says of all but one in 150 unknown hashes that they are not known. The hashes of word i are
    `grams[starts[i]:starts[i + 1]]`.
    """

    grams: Hashes
    words: Hashes
    starts: npt.NDArray[np.int32]

    @classmethod
    def of(cls, grams: Hashes) -> GramFilter:
        """The filter of sorted distinct hashes."""
        bits = int(np.clip(np.ceil(np.log2(max(len(grams), 1) / _HASHES_A_WORD)), *_WORD_BITS))
        if not is_compiled():
            return cls.plain(grams, bits)
        from analyzers.compiled_words import fill_filter

        made = cls(grams, np.zeros(1 << bits, np.uint64), np.zeros((1 << bits) + 1, np.int32))
        fill_filter(grams, made._shift, made.words, made.starts)
        return made

    @classmethod
    def plain(cls, grams: Hashes, bits: int) -> GramFilter:
        """The filter of 2^`bits` words in numpy."""
        sizes = np.bincount((grams >> np.uint64(64 - bits)).astype(np.int64), minlength=1 << bits)
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
        words, filled = np.zeros(1 << bits, np.uint64), np.flatnonzero(sizes)
        if len(filled):
            words[filled] = np.bitwise_or.reduceat(filter_bits(grams), starts[filled])
        return cls(grams, words, starts)

    def met(self, tokens: Words | Grams, n: int) -> tuple[Ints, Ints]:
        """(row, place among the known) of each known `n`-gram of the words of rows, in their order.

        The n-grams of the rows are never held all at once.
        """
        if not len(self.grams):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        if not is_compiled():
            grams = ngrams(tokens, n)
            at, places = self.places(grams.hashes)
            return np.searchsorted(grams.offsets, at, side="right") - 1, places
        from analyzers.compiled_words import met

        return met(
            tokens.hashes, tokens.offsets, n, GRAM_BASE,
            grams=self.grams, words=self.words, starts=self.starts, shift=self._shift,
        )  # fmt: skip

    def places(self, hashes: Hashes) -> tuple[Ints, Ints]:
        """(place among `hashes`, place among the known) of each hash that is known, in their order."""
        if not len(self.grams):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        at = np.flatnonzero(~self.words[hashes >> self._shift] & filter_bits(hashes) == 0)
        likely = hashes[at]
        places = np.minimum(np.searchsorted(self.grams, likely), len(self.grams) - 1)
        equal = self.grams[places] == likely
        return at[equal], places[equal]

    @property
    def _shift(self) -> np.uint64:
        """By how much a hash is shifted to give the number of its word."""
        return np.uint64(64 - (len(self.words) - 1).bit_length())


def filter_bits(hashes: Hashes) -> Hashes:
    """The three bits, fewer where they meet, that each hash sets in its word of a filter."""
    one, last = np.uint64(1), np.uint64(63)
    places = [hashes >> np.uint64(6 * turn) & last for turn in range(3)]
    bits: Hashes = (one << places[0]) | (one << places[1]) | (one << places[2])
    return bits
