"""Which items hold which n-gram, and where the rows of a batch hold one of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analyzers.distinct import distinct_values
from analyzers.gram_filter import GramFilter
from analyzers.row_pool import ranges
from analyzers.text import Grams, Hashes, Ints, Words

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
    _filter: GramFilter = field(repr=False)

    @classmethod
    def of(cls, n: int, hashes: Hashes, items: Ints, positions: Ints | None = None) -> GramIndex:
        """The index of (hash, item, position) triples, each once, sorted by hash."""
        opens = np.ones(len(hashes), bool)
        opens[1:] = hashes[1:] != hashes[:-1]
        begins = np.flatnonzero(opens)
        grams = hashes[begins]
        places = np.zeros(len(items), np.int64) if positions is None else positions
        return cls(n, grams, np.append(begins, len(hashes)), items, places, GramFilter.of(grams))

    @property
    def gram_of(self) -> Ints:
        """For each of `items` the gram it stands under."""
        return np.repeat(np.arange(len(self.grams)), np.diff(self.offsets))

    def places(self, grams: Grams) -> tuple[Ints, Ints]:
        """(place among all grams of the rows, gram of this index) of each known gram, in their order."""
        return self._filter.places(grams.hashes)

    def find(self, grams: Grams) -> tuple[Ints, Ints]:
        """(row, gram of this index) of each known gram of the rows, each pair once."""
        places, known = self.places(grams)
        rows = np.searchsorted(grams.offsets, places, side="right") - 1
        return distinct_pairs(rows, known, len(self.grams))

    def find_in(self, tokens: Words | Grams) -> tuple[Ints, Ints]:
        """`find` for the `n`-grams of the words of each row."""
        rows, known = self._filter.met(tokens, self.n)
        return distinct_pairs(rows, known, len(self.grams)) if len(rows) else (rows, known)

    def items_of(self, rows: Ints, grams: Ints) -> tuple[Ints, Ints, Ints]:
        """(row, item, position) of each place of an item that holds one of the grams, with multiplicity."""
        begins = self.offsets[grams]
        counts = self.offsets[grams + 1] - begins
        chosen = ranges(begins, counts)
        return np.repeat(rows, counts), self.items[chosen], self.positions[chosen]


@dataclass(frozen=True, slots=True)
class RepeatedGrams:
    """The n-grams that stand at several of the places in the order of their hashes, which are few.

    Gram i stands at `places[i]` places from `begins[i]` on, in `items[i]` different items. `same_item` are
    the places whose gram the place before holds too, in the same item.
    """

    begins: Ints
    places: Ints
    items: Ints
    same_item: Ints

    @classmethod
    def of(cls, hashes: Hashes, items: Ints) -> RepeatedGrams:
        """Those of (hash, item) pairs sorted by both."""
        again = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
        opens = np.append(True, again[1:] != again[:-1] + 1)[: len(again)]
        gram, other = np.cumsum(opens) - 1, items[again] != items[again - 1]
        size = int(opens.sum())
        places, others = (1 + np.bincount(which, minlength=size) for which in (gram, gram[other]))
        return cls(again[opens] - 1, places, others, again[~other])

    def places_and_items(self, begins: Ints) -> tuple[Ints, Ints]:
        """How many places and items each gram has, by its first place; one of each where it is not here."""
        if not len(self.begins):
            return np.ones_like(begins), np.ones_like(begins)
        at = np.minimum(np.searchsorted(self.begins, begins), len(self.begins) - 1)
        known = self.begins[at] == begins
        return np.where(known, self.places[at], 1), np.where(known, self.items[at], 1)


def stable_order(hashes: Hashes) -> tuple[Ints, Hashes]:
    """The order of the hashes, equal ones as they stand, and the hashes in it.

    Their lower bits make room for their places, so that numbers are sorted, three times as fast as places by
    numbers; where only upper bits are equal, which is rare, the order is set right afterwards.
    """
    bits = np.uint64(len(hashes).bit_length())
    keys = hashes >> bits << bits
    keys |= np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    order: Ints = (keys & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64)
    ordered = hashes[order]
    if (ordered[1:] < ordered[:-1]).any():
        upper = keys >> bits
        equal = upper[1:] == upper[:-1]
        tied = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
        order[tied] = order[tied][np.lexsort((order[tied], ordered[tied]))]
        ordered = hashes[order]
    return order, ordered


def distinct_pairs(rows: Ints, others: Ints, size: int) -> tuple[Ints, Ints]:
    """The pairs (row, other), each once, in order; `size` is above every `other`."""
    pairs = distinct_values(rows * size + others)
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
