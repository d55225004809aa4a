"""Items shorter than a rule's n-gram: found inside rows as the one n-gram each is, or as whole prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analyzers.base import Batch, View
from analyzers.distinct import distinct_values
from analyzers.gram_filter import GramFilter
from analyzers.gram_index import GramIndex, Mask, distinct_pairs
from analyzers.near_rows import NearRows
from analyzers.text import GRAM_BASE, Hashes, Ints, Words, mix64


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


class ShortTexts:
    """Texts of fewer than five words, which are only looked for as a whole, and the rows that could be one.

    `wholes` are their words as one n-gram, by how many there are; texts without words stand under 0.
    """

    def __init__(self, wholes: Mapping[int, Hashes]) -> None:
        self._by_length = {
            length: GramFilter.of(distinct_values(hashes)) for length, hashes in wholes.items() if length
        }
        self._has_wordless = 0 in wholes
        self._last: tuple[Batch | None, Ints] = None, np.empty(0, np.int64)

    def rows(self, batch: Batch, inside: View) -> Ints:
        """Rows that could equal a text: those that begin like one, and those of other forms.

        A row without system text whose only user turn comes first begins with that turn, so its first words,
        which are cut already, tell most rows apart without cutting the prompt again. Kept until another
        batch comes; `inside` is always the same view.
        """
        if self._last[0] is not batch:
            self._last = batch, self._rows(batch, batch.words(inside))
        return self._last[1]

    def _rows(self, batch: Batch, tokens: Words) -> Ints:
        if self._has_wordless:
            return np.arange(batch.num_rows)
        alike = ~batch.questions.opens
        counts, total = tokens.counts, np.zeros(batch.num_rows, np.uint64)
        for length in range(1, max(self._by_length, default=0) + 1 if len(tokens.hashes) else 1):
            # Of rows that end before, another row's word, which goes no further.
            at = np.minimum(tokens.offsets[:-1] + (length - 1), len(tokens.hashes) - 1)
            total = total * np.uint64(GRAM_BASE) + tokens.hashes[at]
            if length in self._by_length:
                places, _ = self._by_length[length].places(mix64(total))
                alike[places[counts[places] >= length]] = True
        return np.flatnonzero(alike)
