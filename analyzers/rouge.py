"""The nearest other row of each row by ROUGE-L: how new every row is, given the others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analyzers.compiled import is_compiled
from analyzers.text import Grams, Ints, Words

MAX_WORDS = 128
NOVELTY_CUT = 0.7
_BLOCK_ROWS = 256

Floats = npt.NDArray[np.float64]


def rouge_l_nearest(tokens: Words | Grams) -> Floats:
    """The largest ROUGE-L F1 of each row with any other row, in [0, 1]; empty for fewer than two rows.

    F1 = 2 LCS / (a + b) over the first 128 words of two rows, no stemming; every row must have a word. Exact:
    only pairs are left out whose common words alone cannot beat what is found already.

    Source: Lin 2004 for ROUGE-L; Self-Instruct (arXiv 2212.10560) refuses a new instruction above 0.7.
    """
    cut, ids = _numbered(tokens)
    if len(cut) < 3:
        return np.empty(0)
    best = np.zeros(len(cut) - 1)
    for first, bounds in _bounds(cut, ids):
        if is_compiled():
            _compiled_nearest(cut, ids, bounds, first, best)
        else:
            plain_nearest(cut, ids, bounds, first, best)
    return best


def plain_nearest(offsets: Ints, ids: Ints, bounds: Floats, first: int, best: Floats) -> None:
    """`lcs_kernels.nearest` with Python's long integers as bit vectors."""
    rows = [ids[begin:end].tolist() for begin, end in pairwise(offsets)]
    for line, limits in enumerate(bounds):
        row = rows[first + line]
        masks: dict[int, int] = {}
        for place, word in enumerate(row):
            masks[word] = masks.get(word, 0) | 1 << place
        nearest = 0.0
        for other in np.argsort(-limits, kind="stable"):
            if limits[other] <= nearest:
                break
            common = _lcs(masks, len(row), rows[other])
            nearest = max(nearest, 2 * common / (len(row) + len(rows[other])))
        best[first + line] = max(best[first + line], nearest)


def _lcs(masks: dict[int, int], size: int, words: list[int]) -> int:
    """Longest common subsequence of a row of `size` words, given as bit masks, and `words`."""
    full = (1 << size) - 1
    state = full
    for word in words:
        mask = masks.get(word)
        if mask is not None:
            state = ((state + (state & mask)) | (state & ~mask)) & full
    return size - state.bit_count()


def _compiled_nearest(offsets: Ints, ids: Ints, bounds: Floats, first: int, best: Floats) -> None:
    from analyzers import lcs_kernels

    limbs = -(-int(np.diff(offsets).max()) // 64)
    masks = np.zeros((int(ids.max()) + 1, limbs), np.uint64)
    lcs_kernels.nearest(ids, offsets, bounds, first, masks, np.empty(limbs, np.uint64), best)


def _numbered(tokens: Words | Grams) -> tuple[Ints, Ints]:
    """Offsets of the first words of each row, and the words as small numbers."""
    counts = np.minimum(tokens.counts, MAX_WORDS)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    places = np.arange(int(offsets[-1])) + np.repeat(tokens.offsets[:-1] - offsets[:-1], counts)
    _, ids = np.unique(tokens.hashes[places], return_inverse=True)
    return offsets, ids


def _bounds(offsets: Ints, ids: Ints) -> Iterator[tuple[int, Floats]]:
    """First row and upper bounds of the F1 with every row (its own: -1), some rows at a time.

    No subsequence is longer than the words two rows share, counted as often as both have them.
    """
    from scipy.sparse import csr_array

    lengths = np.diff(offsets)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    _, columns = np.unique(ids * (MAX_WORDS + 1) + _occurrence(rows, ids), return_inverse=True)
    shape = (len(lengths), int(columns.max()) + 1)
    held = csr_array((np.ones(len(columns), np.int32), columns, offsets), shape=shape)
    turned = held.T.tocsr()
    for first in range(0, len(lengths), _BLOCK_ROWS):
        some = lengths[first : first + _BLOCK_ROWS, None]
        bounds = 2 * (held[first : first + _BLOCK_ROWS] @ turned).toarray() / (some + lengths)
        bounds[np.arange(len(some)), np.arange(first, first + len(some))] = -1
        yield first, bounds


def _occurrence(rows: Ints, ids: Ints) -> Ints:
    """How often each word stood in its row before."""
    order = np.lexsort((ids, rows))
    places = np.arange(len(order))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (rows[order][1:] != rows[order][:-1]) | (ids[order][1:] != ids[order][:-1])
    before = np.empty(len(order), np.int64)
    before[order] = places - np.maximum.accumulate(np.where(fresh, places, 0))
    return before
