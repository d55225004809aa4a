"""How often each whole number occurred: the mergeable form of a column of counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from analyzers.key_ranges import blocks

Ints = npt.NDArray[np.int64]


def _none() -> Ints:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Tally:
    """Distinct `values` in rising order and how often each occurred; `Tally()` is the neutral element.

    Its size is the number of distinct values. Everything it answers is exact, so that cutting the rows
    anywhere changes nothing.
    """

    values: Ints = field(default_factory=_none)
    counts: Ints = field(default_factory=_none)

    @classmethod
    def of(cls, numbers: npt.NDArray[Any]) -> Tally:
        """The tally of an array of whole numbers, which may be larger than memory."""
        tally = cls()
        for block in blocks(len(numbers)):
            values, counts = np.unique(numbers[block].astype(np.int64), return_counts=True)
            tally += cls(values, counts.astype(np.int64))
        return tally

    def __add__(self, other: Tally) -> Tally:
        values, places = np.unique(np.concatenate((self.values, other.values)), return_inverse=True)
        counts = np.zeros(len(values), np.int64)
        np.add.at(counts, places, np.concatenate((self.counts, other.counts)))
        return Tally(values, counts)

    @property
    def total(self) -> int:
        """How many numbers were counted."""
        return int(self.counts.sum())

    @property
    def sum(self) -> int:
        """Their sum."""
        return int(self.values @ self.counts)

    @property
    def mean(self) -> float | None:
        """Their mean; None for none."""
        return self.sum / self.total if self.total else None

    def quantile(self, share: float) -> float | None:
        """The smallest value that a `share` of the numbers do not exceed (nearest rank); None for none."""
        if not self.total:
            return None
        rank = max(math.ceil(share * self.total), 1)
        return float(self.values[np.searchsorted(np.cumsum(self.counts), rank)])

    def above(self, bound: int) -> int:
        """How many numbers are greater than `bound`."""
        return int(self.counts[self.values > bound].sum())

    def histogram(self, edges: Sequence[float]) -> tuple[int, ...]:
        """How many numbers lie in each bin [edge, next edge); the last bin takes all beyond it too."""
        bins = np.searchsorted(np.asarray(edges), self.values, side="right") - 1
        counts = np.zeros(len(edges) - 1, np.int64)
        np.add.at(counts, np.clip(bins, 0, len(counts) - 1), self.counts)
        return tuple(counts.tolist())


def entropy_bits(counts: Ints) -> float:
    """Shannon entropy in bits, -sum p log2 p, of the shares that positive `counts` make.

    Summed over counts of equal size, exactly rounded, so that the order of `counts` does not matter.
    """
    total = int(counts.sum())
    tally = Tally.of(counts)
    pairs = zip(tally.values.tolist(), tally.counts.tolist(), strict=True)
    return math.fsum(m * (c / total) * math.log2(total / c) for c, m in pairs)
