"""Mean Jaccard similarity of all pairs of some rows over their word shingles."""

from __future__ import annotations

import math

import numpy as np

from analyzers.text import Grams

SHINGLE = 3
_BLOCK_ROWS = 512


def mean_jaccard(shingles: Grams) -> float | None:
    """Mean of |A n B| / |A u B| over all pairs of rows, in [0, 1]; None for fewer than two rows.

    `shingles` are distinct inside each row, and every row has one.
    """
    from scipy.sparse import csr_array

    count = len(shingles.counts)
    if count < 2:
        return None
    _, columns = np.unique(shingles.hashes, return_inverse=True)
    held = csr_array(
        (np.ones(len(columns), np.int32), columns, shingles.offsets), shape=(count, len(columns))
    )
    turned = held.T.tocsr()
    sums = []
    for first in range(0, count, _BLOCK_ROWS):
        pairs = (held[first : first + _BLOCK_ROWS] @ turned).tocoo()
        left, right = pairs.coords[0] + first, pairs.coords[1]
        later = right > left
        shared = pairs.data[later]
        both = shingles.counts[left[later]] + shingles.counts[right[later]]
        sums.append(float((shared / (both - shared)).sum()))
    return math.fsum(sums) / (count * (count - 1) / 2)
