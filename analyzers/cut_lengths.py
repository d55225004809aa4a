"""Answers cut at a common length: many that stop in mid-sentence where the longest answers end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.base import Batch, Finding, View
from analyzers.intervals import wilson_interval
from analyzers.tokens import TOKENS

WINDOW = 0.02
LONGER_ROWS = 0.01
LEAST_ROWS = 10
EXCESS = 3
LEAST_TOKENS = 32

# What an answer ends with that is whole: a mark that closes a sentence, a bracket, a quotation or a fence.
_CLOSED = r"(?:[.!?…。！？।؟:;)\]}>\"'”’»」』*|`~]|\p{So})\s*\z"

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LengthCounts:
    """Rows of each length in tokens, and those whose answer ends open; `LengthCounts()` is neutral."""

    rows: Mapping[int, int] = field(default_factory=dict)
    open: Mapping[int, int] = field(default_factory=dict)


class CutLengths:
    """`cut_at_length`: the share of rows whose answer ends open within 2 % of a length where many do.

    That length, `cut_length` in tokens, is the one with most open answers in the 2 % up to it, where at most
    1 % of the rows are longer and these open answers are at least ten and three times those in the 2 %
    before. Null where there is no such length, which is what one hopes for. Open: the last character is no
    mark that ends a sentence, no closing bracket, quotation mark or fence. Source: METRICS 6, `truncated`.
    """

    name = "cut_lengths"
    version = 1
    metrics = ("cut_at_length", "cut_length")
    columns = ("response",)

    def start(self) -> LengthCounts:
        """No rows."""
        return LengthCounts()

    def measure(self, batch: Batch) -> LengthCounts:
        """Lengths of one batch, read from its row features."""
        lengths = batch.features.column("response_tokens").to_numpy()
        is_open = ends_open(batch.view(View.RESPONSE))
        return LengthCounts(Counter(lengths.tolist()), Counter(lengths[is_open].tolist()))

    def merge(self, a: LengthCounts, b: LengthCounts) -> LengthCounts:
        """Counts over both."""
        return LengthCounts(Counter(a.rows) + Counter(b.rows), Counter(a.open) + Counter(b.open))

    def finish(self, total: LengthCounts) -> list[Finding]:
        """The share with its Wilson 95 % interval, and the length."""
        rows = sum(total.rows.values())
        length, count = cut_length(total)
        low, high = wilson_interval(count, rows) if rows else (None, None)
        return [
            Finding(
                metric="cut_at_length",
                view=str(View.RESPONSE),
                n_used=rows,
                value=count / rows if rows else None,
                tokenizer=TOKENS,
                ci_low=low,
                ci_high=high,
                reason=None if rows else "no rows",
                direction="-",
            ),
            Finding(
                metric="cut_length",
                view=str(View.RESPONSE),
                n_used=rows,
                value=None if length is None else float(length),
                tokenizer=TOKENS,
                reason=None if length is not None else "no length at which answers are cut",
            ),
        ]


def ends_open(texts: pa.LargeStringArray) -> npt.NDArray[np.bool_]:
    """Which texts have something to say and stop without a mark that could end it."""
    closed = pc.match_substring_regex(texts, _CLOSED)
    said = pc.match_substring_regex(texts, r"\S")
    is_open: npt.NDArray[np.bool_] = pc.and_(said, pc.invert(closed)).to_numpy(zero_copy_only=False)
    return is_open


def cut_length(total: LengthCounts) -> tuple[int | None, int]:
    """The length at which answers are cut and how many are; (None, 0) where there is none."""
    rows = sum(total.rows.values())
    lengths = np.array(sorted(total.rows), np.int64)
    if not len(lengths):
        return None, 0
    every = np.array([total.rows[int(length)] for length in lengths], np.int64)
    is_open = np.array([total.open.get(int(length), 0) for length in lengths], np.int64)
    longer = rows - np.cumsum(every)
    here = _in_window(lengths, is_open, 1.0)
    before = _in_window(lengths, is_open, 1.0 - WINDOW)
    good = (longer <= LONGER_ROWS * rows) & (here >= LEAST_ROWS) & (here >= EXCESS * before)
    good &= lengths >= LEAST_TOKENS
    if not good.any():
        return None, 0
    best = int(np.flatnonzero(good)[np.argmax(here[good])])
    return int(lengths[best]), int(here[best])


def _in_window(lengths: Ints, counts: Ints, upto: float) -> Ints:
    """For each length the counts at lengths above (upto - 2 %) and up to `upto` of it."""
    sums = np.concatenate(([0], np.cumsum(counts)))
    ends = np.searchsorted(lengths, np.floor(lengths * upto + 1e-9), side="right")
    begins = np.searchsorted(lengths, np.floor(lengths * (upto - WINDOW) + 1e-9), side="right")
    found: Ints = sums[ends] - sums[begins]
    return found
