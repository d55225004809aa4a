"""Which rows of a dataset are looked at: drawn by content, before the pass, the same in any engine.

Exact up to 50,000 rows, above that a seeded sample of 10,000 (METRICS rule 0.5); a ceiling on words keeps
the sample of very long rows in memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analyzers.text import Hashes, mix64

EXACT_ROWS = 50_000
SAMPLE_ROWS = 10_000
MAX_WORDS = 8_000_000


def row_keys(row_hashes: npt.NDArray[np.uint8], seed: int) -> Hashes:
    """A 64-bit key for each row from its hash (uint8, rows x 32) and the seed; small keys are drawn first.

    The second, third ... of equal rows get keys of their own, so that copies are not drawn together.
    """
    heads = np.ascontiguousarray(row_hashes[:, :8]).view("<u8").reshape(-1).astype(np.uint64)
    keys = draw_keys(heads, seed)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    places = np.arange(len(keys))
    starts = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(keys)]
    copy = places - np.maximum.accumulate(np.where(starts, places, 0))
    keys[order] = np.where(copy > 0, mix64(ordered + copy.astype(np.uint64)), ordered)
    return keys


def draw_keys(values: Hashes, seed: int) -> Hashes:
    """64-bit keys that order `values` anew for each seed."""
    salt = mix64(np.array([seed & 0xFFFFFFFFFFFFFFFF], np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    return mix64(values ^ salt)


def sample_mask(keys: Hashes, words: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_] | None:
    """True for each row of the sample, None where all rows are used.

    Rows rank by key, ties by position. Beyond 50,000 rows the first 10,000 are taken; where the rows taken
    hold more than 8 million words (`words` of each), only as many as stay below, and at least one.
    """
    many = len(keys) > EXACT_ROWS
    if not many and int(words.sum()) <= MAX_WORDS:
        return None
    ranked = np.argsort(keys, kind="stable")[: SAMPLE_ROWS if many else None]
    fitting = int(np.searchsorted(np.cumsum(words[ranked]), MAX_WORDS, side="right"))
    mask = np.zeros(len(keys), bool)
    mask[ranked[: max(fitting, 1)]] = True
    return mask
