"""Which items hold which n-gram, and where the rows of a batch hold one of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analyzers.compiled import is_compiled
from analyzers.row_pool import ranges
from analyzers.text import GRAM_BASE, Grams, Hashes, Ints, Words, ngrams

_FILTER_PER_GRAM = 16
_FILTER_BITS = (16, 24)

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class GramIndex:
    """`grams` sorted; gram i stands in `items[offsets[i]:offsets[i + 1]]`, at those `positions` of them."""

    n: int
    grams: Hashes
    offsets: Ints
    items: Ints
    positions: Ints
    _maybe: npt.NDArray[np.uint8] = field(repr=False)

    @classmethod
    def of(cls, n: int, hashes: Hashes, items: Ints, positions: Ints | None = None) -> GramIndex:
        """The index of (hash, item, position) triples, each once, sorted by hash."""
        opens = np.ones(len(hashes), bool)
        opens[1:] = hashes[1:] != hashes[:-1]
        begins = np.flatnonzero(opens)
        grams = hashes[begins]
        bits = int(np.clip(np.ceil(np.log2(max(len(grams), 1) * _FILTER_PER_GRAM)), *_FILTER_BITS))
        maybe = np.zeros(1 << bits, bool)
        maybe[grams & np.uint64(len(maybe) - 1)] = True
        places = np.zeros(len(items), np.int64) if positions is None else positions
        packed = np.packbits(maybe, bitorder="little")
        return cls(n, grams, np.append(begins, len(hashes)), items, places, packed)

    @property
    def gram_of(self) -> Ints:
        """For each of `items` the gram it stands under."""
        return np.repeat(np.arange(len(self.grams)), np.diff(self.offsets))

    def places(self, grams: Grams) -> tuple[Ints, Ints]:
        """(place among all grams of the rows, gram of this index) of each known gram, in their order."""
        if not len(self.grams):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        # One look into a small table of bits spares most grams the binary search.
        slots = grams.hashes & np.uint64(8 * len(self._maybe) - 1)
        bits = self._maybe[slots >> np.uint64(3)] >> (slots & np.uint64(7)).astype(np.uint8)
        places = np.flatnonzero(bits & 1)
        known, equal = self._known(grams.hashes[places])
        return places[equal], known

    def find(self, grams: Grams) -> tuple[Ints, Ints]:
        """(row, gram of this index) of each known gram of the rows, each pair once."""
        places, known = self.places(grams)
        rows = np.searchsorted(grams.offsets, places, side="right") - 1
        return distinct_pairs(rows, known, len(self.grams))

    def find_in(self, tokens: Words) -> tuple[Ints, Ints]:
        """`find` for the `n`-grams of the words of each row, which are never held all at once."""
        if not len(self.grams) or not is_compiled():
            return self.find(ngrams(tokens, self.n))
        from analyzers.compiled_words import probe

        rows, hashes = probe(tokens.hashes, tokens.offsets, self.n, GRAM_BASE, self._maybe)
        known, equal = self._known(hashes)
        return distinct_pairs(rows[equal], known, len(self.grams))

    def _known(self, hashes: Hashes) -> tuple[Ints, Mask]:
        """The gram of each hash that is one of this index, and which they are."""
        places = np.minimum(np.searchsorted(self.grams, hashes), len(self.grams) - 1)
        equal = self.grams[places] == hashes
        return places[equal], equal

    def items_of(self, rows: Ints, grams: Ints) -> tuple[Ints, Ints, Ints]:
        """(row, item, position) of each place of an item that holds one of the grams, with multiplicity."""
        counts = np.diff(self.offsets)[grams]
        chosen = ranges(self.offsets[grams], counts)
        return np.repeat(rows, counts), self.items[chosen], self.positions[chosen]


def distinct_pairs(rows: Ints, others: Ints, size: int) -> tuple[Ints, Ints]:
    """The pairs (row, other), each once, in order; `size` is above every `other`."""
    pairs = np.unique(rows * size + others)
    return pairs // max(size, 1), pairs % max(size, 1)


def counted_pairs(rows: Ints, others: Ints, size: int) -> tuple[Ints, Ints, Floats]:
    """The pairs (row, other), each once, in order, and how many times each is given."""
    pairs, counts = np.unique(rows * size + others, return_counts=True)
    return pairs // max(size, 1), pairs % max(size, 1), counts.astype(np.float64)


def covered_words(groups: Ints, positions: Ints, n: int) -> tuple[Ints, Floats]:
    """Each group once, rising, and how many words its n-grams at these positions cover together.

    >>> covered_words(np.array([7, 7, 7]), np.array([0, 2, 20]), 8)[1].tolist()
    [18.0]
    """
    order = np.lexsort((positions, groups))
    groups, positions = groups[order], positions[order]
    if not len(groups):
        return groups, np.empty(0)
    is_last = np.append(groups[1:] != groups[:-1], True)
    steps = np.append(np.diff(positions), n)
    words = np.where(is_last, n, np.clip(steps, 0, n))
    begins = np.flatnonzero(np.append(True, is_last[:-1]))
    return groups[begins], np.add.reduceat(words, begins).astype(np.float64)
