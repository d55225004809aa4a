"""Rows seen more than once: how copies are counted, and what repeated tokens are worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

R_STAR = 15.387756
"""Decay of the worth of repeated tokens; fitted for pretraining, so for tuning a rule of thumb."""


def effective_tokens(unique: float, times: int) -> float:
    """What `unique` tokens seen `times` times are worth: U + U R* (1 - exp(-R / R*)), R = times - 1.

    Source: Muennighoff et al. 2023 (arXiv 2305.16264), appendix A. Fitted for pretraining of models of
    7 M to 9 B parameters: a rule of thumb for instruction tuning.

    >>> round(effective_tokens(1_000_000, 4), 1)
    3725673.1
    """
    if times <= 0:
        return 0.0
    return unique + unique * R_STAR * (1 - math.exp(-(times - 1) / R_STAR))


@dataclass(frozen=True, slots=True)
class Copies:
    """`rows` draws from `available` ranked rows: every row `whole` times, the first `extra` once more."""

    available: int
    whole: int
    extra: int

    @classmethod
    def of(cls, rows: int, available: int) -> Copies:
        """The copies that make `rows` draws; none where nothing is available."""
        whole, extra = divmod(rows, available) if available else (0, 0)
        return cls(available, whole, extra)

    @property
    def rows(self) -> int:
        """Number of draws."""
        return self.available * self.whole + self.extra

    @property
    def distinct(self) -> int:
        """Number of different rows drawn."""
        return self.available if self.whole else self.extra

    def sum(self, cumulative: NDArray[np.int64]) -> int:
        """Sum over all draws of a quantity whose running sum along the ranks is `cumulative`.

        `cumulative` has length available + 1 and starts with zero.
        """
        return int(cumulative[-1]) * self.whole + int(cumulative[self.extra])

    def distinct_sum(self, cumulative: NDArray[np.int64]) -> int:
        """The same sum with every different row counted once."""
        return int(cumulative[self.distinct])

    def effective(self, cumulative: NDArray[np.int64]) -> float:
        """`effective_tokens` over the draws: the first `extra` rows were seen once more than the rest."""
        more = int(cumulative[self.extra])
        rest = int(cumulative[-1]) - more
        return effective_tokens(more, self.whole + 1) + effective_tokens(rest, self.whole)


def draws_for(amount: int, cumulative: NDArray[np.int64]) -> int:
    """The fewest draws, whole rows in rank order and round again, whose running sum reaches `amount`.

    `cumulative` is the running sum along the ranks with a leading zero. Zero where the rows sum to nothing.
    """
    once = int(cumulative[-1])
    if amount <= 0 or once <= 0:
        return 0
    # The last round is never empty, so that rows of no amount at its end are not drawn.
    whole, before = divmod(amount - 1, once)
    return whole * (len(cumulative) - 1) + int(np.searchsorted(cumulative, before + 1, side="left"))
