"""The length at which the answers of a dataset were cut, told from all its rows; and which rows lie there."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc

WINDOW = 0.02
LONGER_ROWS = 0.01
LEAST_ROWS = 10
EXCESS = 3
CONTRAST = 2
LEAST_TOKENS = 32

# What an answer ends with that is whole: a mark that closes a sentence, a bracket, a quotation or a fence.
_CLOSED = r"(?:[.!?…。！？।؟:;)\]}>\"'”’»」』*|`~]|\p{So})\s*\z"

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cut:
    """A length in tokens at which answers were cut, and how many rows end open within 2 % of it."""

    length: int
    rows: int

    @property
    def least(self) -> int:
        """The fewest tokens within 2 % of the length."""
        return math.ceil(self.length * (1 - WINDOW) - 1e-9)

    @property
    def most(self) -> int:
        """The most tokens within 2 % of the length."""
        return math.floor(self.length * (1 + WINDOW) + 1e-9)

    def holds(self, tokens: npt.NDArray[np.integer], is_open: Mask) -> Mask:
        """Which answers of so many tokens were cut here: those that end open within 2 % of the length."""
        held: Mask = is_open & (tokens >= self.least) & (tokens <= self.most)
        return held


@dataclass(frozen=True, slots=True)
class LengthCounts:
    """Rows by the tokens of their last answer, and those of them that end open; empty by default."""

    rows: Mapping[int, int] = field(default_factory=dict)
    open: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, tokens: npt.NDArray[np.integer], is_open: Mask) -> LengthCounts:
        """The counts of some rows."""
        return cls(Counter(tokens.tolist()), Counter(tokens[is_open].tolist()))

    def __add__(self, other: LengthCounts) -> LengthCounts:
        return LengthCounts(
            Counter(self.rows) + Counter(other.rows), Counter(self.open) + Counter(other.open)
        )


def ends_open(texts: pa.LargeStringArray) -> Mask:
    """Which texts have something to say and stop without a mark that could end it."""
    closed = pc.match_substring_regex(texts, _CLOSED)
    said = pc.match_substring_regex(texts, r"\S")
    is_open: Mask = pc.and_(said, pc.invert(closed)).to_numpy(zero_copy_only=False)
    return is_open


def find_cut(total: LengthCounts) -> Cut | None:
    """The length at which the answers of a dataset were cut; None where they were not, or it cannot be told.

    It is the length from 32 tokens with most open ends in the 2 % up to it, of those where

    - nothing much follows: at most 1 % of the rows are longer, and no more than end open there;
    - they pile up: ten or more, and three times as many as in the 2 % before;
    - their ends are unusual: a share of open ends at least twice that of all other rows from 32 tokens.

    Source: METRICS 6, `truncated`: "a mode at the top of the length histogram".
    """
    lengths = np.array(sorted(total.rows), np.int64)
    every = np.array([total.rows[int(length)] for length in lengths], np.int64)
    is_open = np.array([total.open.get(int(length), 0) for length in lengths], np.int64)
    long = lengths >= LEAST_TOKENS
    if not long.any():
        return None
    longer = every.sum() - np.cumsum(every)
    here, rows_here = _in_window(lengths, is_open, 1.0), _in_window(lengths, every, 1.0)
    before = _in_window(lengths, is_open, 1.0 - WINDOW)
    elsewhere, rows_elsewhere = is_open[long].sum() - here, every[long].sum() - rows_here
    good = long & (longer <= LONGER_ROWS * every.sum()) & (longer <= here)
    good &= (here >= LEAST_ROWS) & (here >= EXCESS * before)
    good &= here * rows_elsewhere >= CONTRAST * elsewhere * rows_here
    if not good.any():
        return None
    found = Cut(int(lengths[np.flatnonzero(good)[np.argmax(here[good])]]), 0)
    within = (lengths >= found.least) & (lengths <= found.most)
    return Cut(found.length, int(is_open[within].sum()))


def _in_window(lengths: Ints, counts: Ints, upto: float) -> Ints:
    """For each length the counts at lengths above (upto - 2 %) and up to `upto` of it."""
    sums = np.concatenate(([0], np.cumsum(counts)))
    ends = np.searchsorted(lengths, np.floor(lengths * upto + 1e-9), side="right")
    begins = np.searchsorted(lengths, np.floor(lengths * (upto - WINDOW) + 1e-9), side="right")
    found: Ints = sums[ends] - sums[begins]
    return found
