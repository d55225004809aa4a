"""Which rows of a dataset are looked at: drawn by content, before the pass, the same in any engine.

Exact up to 50,000 rows, above that a seeded sample of 10,000 (METRICS rule 0.5); a ceiling on words keeps
the sample of very long rows in memory. Everything goes block by block over scratch arrays, so that what is
held in memory does not grow with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from analyzers.distinct import without_repeats
from analyzers.scratch import scratch_array
from analyzers.text import Hashes, Ints, mix64

EXACT_ROWS = 50_000
SAMPLE_ROWS = 10_000
MAX_WORDS = 8_000_000

_BLOCK_ROWS = 1 << 18


def row_keys(row_hashes: npt.NDArray[np.uint8], seed: int) -> Hashes:
    """A 64-bit key for each row from its hash (uint8, rows x 32) and the seed; small keys are drawn first.

    The second, third ... of equal rows get keys of their own, so that copies are not drawn together.
    """
    return keys_of_heads(hash_heads(row_hashes), seed)


def hash_heads(row_hashes: npt.NDArray[np.uint8]) -> Hashes:
    """The first eight bytes of each row hash as one number."""
    return np.ascontiguousarray(row_hashes[:, :8]).view("<u8").reshape(-1).astype(np.uint64)


def keys_of_heads(heads: Hashes, seed: int) -> Hashes:
    """`row_keys` from the first eight bytes of the hashes."""
    keys = scratch_array(len(heads), np.uint64)
    ordered = scratch_array(len(heads), np.uint64)
    for block in _blocks(len(heads)):
        keys[block] = draw_keys(np.asarray(heads[block]), seed)
    ordered[:] = keys
    ordered.sort()
    repeated = _repeated(ordered)
    met = scratch_array(len(repeated), np.int64)
    for block in _blocks(len(keys) if len(repeated) else 0):
        _set_copies_apart(keys[block], repeated, met)
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
    ranked = _smallest(keys, SAMPLE_ROWS if many else len(keys))
    fitting = int(np.searchsorted(np.cumsum(words[ranked]), MAX_WORDS, side="right"))
    mask: npt.NDArray[np.bool_] = scratch_array(len(keys), bool)
    mask[ranked[: max(fitting, 1)]] = True
    return mask


def _blocks(rows: int) -> Iterator[slice]:
    for low in range(0, rows, _BLOCK_ROWS):
        yield slice(low, min(low + _BLOCK_ROWS, rows))


def _repeated(ordered: Hashes) -> Hashes:
    """The values that occur more than once in a sorted array, each once; overwrites the array."""
    found = 0
    for block in _blocks(len(ordered) - 1):
        here = ordered[block.start : block.stop + 1].copy()
        same = here[1:] == here[:-1]
        values = without_repeats(here[1:][same])
        if found and len(values) and ordered[found - 1] == values[0]:
            values = values[1:]  # a run that began in the block before
        ordered[found : found + len(values)] = values
        found += len(values)
    return ordered[:found]


def _set_copies_apart(keys: Hashes, repeated: Hashes, met: Ints) -> None:
    """Give the second, third ... of equal `keys` others; `met` counts each of `repeated` so far."""
    places = np.minimum(np.searchsorted(repeated, keys), len(repeated) - 1)
    rows = np.flatnonzero(repeated[places] == keys)
    groups = places[rows]
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    at = np.arange(len(ordered))
    starts = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    nth = np.empty(len(rows), np.int64)
    nth[order] = at - np.maximum.accumulate(np.where(starts, at, 0)) + met[ordered]
    np.add.at(met, groups, 1)
    copies = rows[nth > 0]
    keys[copies] = mix64(keys[copies] + nth[nth > 0].astype(np.uint64))


def _smallest(keys: Hashes, count: int) -> Ints:
    """Places of the `count` smallest keys, by key, then by place."""
    best = np.empty(0, np.int64)
    for block in _blocks(len(keys)):
        places = np.concatenate((best, np.arange(block.start, block.stop)))
        best = places[np.argsort(keys[places], kind="stable")[:count]]
    return best
