"""Items shorter than a rule's n-gram, looked for inside rows as the one n-gram each of them is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzers.gram_index import GramIndex, Mask, distinct_pairs
from analyzers.near_rows import NearRows
from analyzers.text import Hashes, Ints


@dataclass(frozen=True)
class ShortIndex:
    """Whole items by their number of words, and how they begin.

    `openings` marks the 5-grams of the field's doorway that begin an item: they name the few rows where any
    length needs looking for at all.
    """

    openings: Mask
    by_length: tuple[GramIndex, ...]
    size: int

    @classmethod
    def of(cls, lengths: Ints, hashes: Hashes, items: Ints, openings: Mask) -> ShortIndex:
        """The index of items: their lengths, and hashes of all their words, sorted by these."""
        wholes = [
            GramIndex.of(length, hashes[lengths == length], items[lengths == length])
            for length in np.unique(lengths).tolist()
        ]
        return cls(openings, tuple(wholes), int(items.max()) + 1)

    def find_in(self, near: NearRows) -> tuple[Ints, Ints]:
        """(row, item) of each item whose words stand in one of the rows, each pair once, in order."""
        found = [index.items_of(*index.find_in(near.tokens))[:2] for index in self.by_length]
        rows = np.concatenate([np.empty(0, np.int64), *(rows for rows, _ in found)])
        items = np.concatenate([np.empty(0, np.int64), *(items for _, items in found)])
        return distinct_pairs(near.rows[rows], items, self.size)
