"""The few rows of a batch that share five words with a field of a benchmark: only they need a closer look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.distinct import distinct_values, without_repeats
from analyzers.gram_filter import GramFilter
from analyzers.row_pool import ranges
from analyzers.text import Grams, Hashes, Ints, Words

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
        self._last: tuple[Words | Grams, Ints, Ints] | None = None
        self._near: dict[int, NearRows] = {}

    def near(self, tokens: Words | Grams, n: int) -> NearRows:
        """The rows that can hold a run of `n` words, 5 at least; kept for the next rule at these words."""
        met, _ = self._met(tokens)
        if n not in self._near:
            begins = np.flatnonzero(np.append(True, met[1:] != met[:-1])[: len(met)])
            times = np.diff(np.append(begins, len(met)))
            self._near[n] = NearRows.of(met[begins[times > n - OPENING_WORDS]], tokens)
        return self._near[n]

    def marked(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """A mark for each 5-gram of the field: whether it is one of the given ones."""
        marks = np.zeros(len(self._filter.grams), bool)
        marks[self._filter.places(hashes)[1]] = True
        return marks

    def opened(self, tokens: Words | Grams, marks: npt.NDArray[np.bool_]) -> NearRows:
        """The rows that hold a marked 5-gram."""
        met, grams = self._met(tokens)
        return NearRows.of(without_repeats(met[marks[grams]]), tokens)

    def _met(self, tokens: Words | Grams) -> tuple[Ints, Ints]:
        """(row, 5-gram of the field) of each that is met; kept until other words come."""
        if self._last is None or self._last[0] is not tokens:
            self._last = tokens, *self._filter.met(tokens, OPENING_WORDS)
            self._near = {}
        return self._last[1:]
