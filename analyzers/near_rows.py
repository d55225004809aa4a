"""The few rows of a batch that share five words with a field of a benchmark: only they need a closer look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzers.distinct import distinct_values
from analyzers.gram_filter import GramFilter
from analyzers.row_pool import ranges
from analyzers.text import Grams, Ints, Words

OPENING_WORDS = 5


@dataclass(frozen=True, slots=True)
class NearRows:
    """Some rows of a batch: their numbers, rising, and their words."""

    rows: Ints
    tokens: Words | Grams

    @classmethod
    def of(cls, rows: Ints, tokens: Words | Grams) -> NearRows:
        """The given rows of those whose words are at hand."""
        counts = tokens.counts[rows]
        hashes = tokens.hashes[ranges(tokens.offsets[rows], counts)]
        return cls(rows, Grams(np.concatenate(([0], np.cumsum(counts))), hashes))

    @classmethod
    def all(cls, tokens: Words | Grams) -> NearRows:
        """Every row."""
        return cls(np.arange(len(tokens.offsets) - 1), tokens)


class Doorway:
    """The 5-grams of a field, and the rows that hold some of them.

    A row that holds a run of n words of the field holds n - 4 of its 5-grams. So one look at a batch spares
    most rows all further looks, under whatever rule.
    """

    def __init__(self, grams: Grams) -> None:
        self._filter = GramFilter.of(distinct_values(grams.hashes))
        self._met: tuple[Words | Grams, Ints, Ints] | None = None
        self._near: dict[int, NearRows] = {}

    def near(self, tokens: Words | Grams, n: int) -> NearRows:
        """The rows that can hold a run of `n` words, 5 at least; kept for the next rule at these words."""
        if self._met is None or self._met[0] is not tokens:
            met, _ = self._filter.met(tokens, OPENING_WORDS)
            begins = np.flatnonzero(np.append(True, met[1:] != met[:-1])[: len(met)])
            self._met = tokens, met[begins], np.diff(np.append(begins, len(met)))
            self._near = {}
        if n not in self._near:
            _, rows, times = self._met
            self._near[n] = NearRows.of(rows[times > n - OPENING_WORDS], tokens)
        return self._near[n]
