"""Self-BLEU: how much of each row could be put together from n-grams of the other rows."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from analyzers.text import Grams, Ints, Words, ngrams

ORDERS = (1, 2, 3, 4)
SMOOTHING = 0.1

Floats = npt.NDArray[np.float64]


def self_bleu(tokens: Words | Grams) -> Floats:
    """BLEU-4 of each row with all other rows as its references, in [0, 1]; empty for fewer than two rows.

    Uniform weights; a precision without any match becomes 0.1 / n-grams (NLTK's smoothing "method1"), a row
    without a single shared word scores 0; the brevity penalty looks at the nearest length of another row.
    Every row must have a word. Linear in the n-grams, as only the two largest counts of each one matter.

    Source: Zhu et al., "Texygen" (arXiv 1802.01886); Papineni et al. 2002 for BLEU.
    """
    lengths = tokens.counts
    if len(lengths) < 2:
        return np.empty(0)
    logs = np.zeros(len(lengths))
    for n in ORDERS:
        matched, total = _matches(ngrams(tokens, n))
        logs += np.log(np.where(matched > 0, matched, SMOOTHING) / np.maximum(total, 1)) / len(ORDERS)
        if n == 1:
            shares_a_word = matched > 0
    scores: Floats = np.where(shares_a_word, np.exp(logs) * _brevity(lengths), 0.0)
    return scores


def _matches(grams: Grams) -> tuple[Ints, Ints]:
    """For each row, its n-grams clipped to their largest count in another row, and all its n-grams."""
    rows = np.repeat(np.arange(len(grams.counts)), grams.counts)
    _, ids = np.unique(grams.hashes, return_inverse=True)
    cells, counts = np.unique(ids * len(grams.counts) + rows, return_counts=True)
    gram, row = np.divmod(cells, len(grams.counts))
    order = np.lexsort((-counts, gram))
    gram, row, counts = gram[order], row[order], counts[order]
    first = np.flatnonzero(np.concatenate(([True], gram[1:] != gram[:-1]))) if len(gram) else gram
    following = np.append(first[1:], len(gram))
    second = np.where(following - first > 1, np.append(counts, 0)[first + 1], 0)
    elsewhere = np.repeat(counts[first], following - first)
    elsewhere[first] = second
    matched = np.bincount(row, np.minimum(counts, elsewhere), minlength=len(grams.counts))
    return matched.astype(np.int64), grams.counts


def _brevity(lengths: Ints) -> Floats:
    """min(1, exp(1 - r/c)) for each length c, r the nearest length of another row, the shorter of two."""
    present, places, rows = np.unique(lengths, return_inverse=True, return_counts=True)
    shorter = np.concatenate(([0], present[:-1]))
    longer = np.append(present[1:], np.iinfo(np.int64).max)
    nearest = np.where(present - shorter <= longer - present, shorter, longer)
    nearest[0] = longer[0]
    nearest = np.where(rows > 1, present, nearest)
    penalties: Floats = np.array(
        [
            1.0 if length > other else math.exp(1 - other / length)
            for length, other in zip(present.tolist(), nearest.tolist(), strict=True)
        ]
    )
    return penalties[places]
