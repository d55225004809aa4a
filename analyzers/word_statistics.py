"""Bare formulas of lexical diversity over arrays of word and n-gram hashes; the order of summing is fixed."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from analyzers.key_ranges import blocks, runs_by_range
from analyzers.scratch import scratch_array
from analyzers.tally import Tally
from analyzers.text import Grams, Hashes, Ints

MTLD_THRESHOLD = 0.72
HDD_DRAW = 42
_FIRST_WINDOW = 128


def expectation_adjusted_distinct(distinct: int, total: int, vocabulary: int) -> float:
    """EAD = distinct / (V (1 - ((V-1)/V)^total)): distinct n-grams over those of `total` random draws.

    Source: Liu et al., "Rethinking and Refining the Distinct Metric" (arXiv 2202.13587), equation 3.
    """
    return distinct / (vocabulary * -math.expm1(total * math.log1p(-1 / vocabulary)))


def hdd(counts: Ints, draw: int = HDD_DRAW) -> float | None:
    """HD-D: the expected type-token ratio of `draw` words drawn without replacement; None for fewer words.

    Sum over types of (1 - hypergeom(0; N, count, draw)) / draw, after McCarthy & Jarvis 2007 and 2010.
    """
    total = int(counts.sum())
    if total < draw:
        return None
    tally = Tally.of(counts)
    sizes, how_many = tally.values, tally.counts
    places = np.arange(draw)
    missing = np.maximum(total - sizes[:, None] - places, 0) / (total - places)
    seen = 1 - np.prod(missing, axis=1)
    return math.fsum((how_many * seen).tolist()) / draw


def mattr(hashes: Hashes, window: int) -> float | None:
    """Mean type-token ratio of all windows of `window` words; None for fewer words.

    Each word is new in those windows that hold it but not its last occurrence before; counting windows word
    by word needs one pass. Source: Covington & McFall 2010.
    """
    total = len(hashes)
    if total < window:
        return None
    previous, types = _previous(hashes), 0
    for block in blocks(total):
        places = np.arange(block.start, block.stop)
        first = np.maximum(previous[block] + 1, places - (window - 1))
        last = np.minimum(places, total - window)
        types += int(np.maximum(last - first + 1, 0).sum())
    return types / (window * (total - window + 1))


def mtld(hashes: Hashes, threshold: float = MTLD_THRESHOLD) -> float | None:
    """Measure of textual lexical diversity: words per factor, mean of the forward and the backward pass.

    A factor closes when its running type-token ratio falls to `threshold`; the rest counts for
    (1 - TTR) / (1 - threshold). None where no word occurs twice, since there is no factor then.
    Source: McCarthy & Jarvis 2010.
    """
    forward, backward = (_factors(_previous(one_way), threshold) for one_way in (hashes, hashes[::-1]))
    if not forward or not backward:
        return None
    return (len(hashes) / forward + len(hashes) / backward) / 2


def self_repetition(grams: Grams) -> float | None:
    """Mean over rows of ln(1 + how many of the row's n-grams, with multiplicity, occur in some other row).

    Rows too short for an n-gram count as 0; None without rows. Source: Shaib et al. (arXiv 2403.00553).
    """
    n_rows = len(grams.offsets) - 1
    if not n_rows:
        return None
    repeated = np.zeros(n_rows, np.int64)
    for places, begins in runs_by_range(grams.hashes):
        rows = np.searchsorted(grams.offsets, places, side="right") - 1
        first = np.flatnonzero(begins == np.arange(len(begins)))
        sizes = np.diff(np.append(first, len(begins)))
        # The rows of one n-gram stand in rising order: first and last tell whether they differ.
        shared = rows[first] != rows[first + sizes - 1]
        repeated += np.bincount(rows[np.repeat(shared, sizes)], minlength=n_rows)
    values, how_many = np.unique(repeated, return_counts=True)
    pairs = zip(values.tolist(), how_many.tolist(), strict=True)
    return math.fsum(m * math.log1p(v) for v, m in pairs) / n_rows


def _previous(hashes: Hashes) -> Ints:
    """Where each word occurred last before, -1 where it is new."""
    previous = scratch_array(len(hashes), np.int64)
    for places, begins in runs_by_range(hashes):
        is_new = begins == np.arange(len(begins))
        previous[places] = np.where(is_new, -1, np.roll(places, 1))
    return previous


def _factors(previous: Ints, threshold: float) -> float:
    """How many factors the words make, the last one in part; works through windows of words at a time."""
    factors, begin, window = 0, 0, _FIRST_WINDOW
    places = np.arange(1, window + 1)
    while begin < len(previous):
        if window > len(places):
            places = np.arange(1, 2 * window + 1)
        ratios = _running_ratios(previous, begin, window, places)
        closed = int(np.argmax(ratios <= threshold))
        if ratios[closed] <= threshold:
            factors += 1
            begin += closed + 1
            window = max(2 * closed, _FIRST_WINDOW // 2)
        elif len(ratios) < window:
            return factors + (1 - float(ratios[-1])) / (1 - threshold)
        else:
            window *= 2
    return float(factors)


def _running_ratios(previous: Ints, begin: int, window: int, places: Ints) -> npt.NDArray[np.float64]:
    """Type-token ratios of the 1, 2, ... first words from `begin` on."""
    new = previous[begin : begin + window] < begin
    return np.cumsum(new) / places[: len(new)]
