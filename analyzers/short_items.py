"""Items shorter than a rule's n-gram, looked for inside rows as the one n-gram each of them is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzers.distinct import without_repeats
from analyzers.gram_index import GramIndex, distinct_pairs
from analyzers.near_rows import OPENING_WORDS, NearRows
from analyzers.text import Grams, Hashes, Ints, Words


@dataclass(frozen=True)
class ShortIndex:
    """Whole items by their number of words, and how they begin.

    One look for the beginnings (their first words, as many in all of them) names the few rows where any
    length needs looking for at all.
    """

    openings: GramIndex
    by_length: tuple[GramIndex, ...]
    size: int

    @classmethod
    def of(cls, lengths: Ints, hashes: Hashes, items: Ints, openings: Hashes) -> ShortIndex:
        """The index of items (their lengths, hashes of all their words, sorted by these) and openings."""
        beginnings = GramIndex.of(OPENING_WORDS, openings, np.zeros(len(openings), np.int64))
        wholes = [
            GramIndex.of(length, hashes[lengths == length], items[lengths == length])
            for length in np.unique(lengths).tolist()
        ]
        return cls(beginnings, tuple(wholes), int(items.max()) + 1)

    def find_in(self, tokens: Words | Grams) -> tuple[Ints, Ints]:
        """(row, item) of each item whose words stand in the row, each pair once, in order."""
        rows, _ = self.openings.find_in(tokens)
        near = NearRows.of(without_repeats(rows), tokens)
        found = [index.items_of(*index.find_in(near.tokens))[:2] for index in self.by_length]
        rows = np.concatenate([np.empty(0, np.int64), *(rows for rows, _ in found)])
        items = np.concatenate([np.empty(0, np.int64), *(items for _, items in found)])
        return distinct_pairs(near.rows[rows], items, self.size)
