"""Bounds on repetition from the word hashes of a batch: which rows could repeat themselves at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.flags.rule import Mask
from analyzers.text import Grams, Spelling, Words

Ints = npt.NDArray[np.int64]

_ROW_BITS = 16
_HASH_BITS = 48


def long_rows(words: Words, least: int) -> Words:
    """The words of the rows with at least `least` words; all other rows are left without any."""
    keep = np.repeat(words.counts >= least, words.counts)
    counts = np.where(words.counts >= least, words.counts, 0)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    return Words(
        offsets, words.hashes[keep], lambda: Spelling(words.codes, words.starts[keep], words.ends[keep])
    )


def repeats(grams: Grams) -> tuple[Ints, Ints]:
    """For each row how often its most frequent gram occurs, and how many grams were there before.

    Hashes are cut to 48 bits to sort with the row number as one integer: a wrong answer for one row has
    p < 1e-9, and is only ever too high.
    """
    most = np.zeros(len(grams.counts), np.int64)
    repeated = np.zeros(len(grams.counts), np.int64)
    span = 1 << _ROW_BITS
    for base in range(0, len(grams.counts), span):
        block = slice(int(grams.offsets[base]), int(grams.offsets[min(base + span, len(grams.counts))]))
        counts = grams.counts[base : base + span]
        rows = np.repeat(np.arange(len(counts), dtype=np.uint64), counts)
        keys = rows << np.uint64(_HASH_BITS) | grams.hashes[block] >> np.uint64(64 - _HASH_BITS)
        keys.sort()
        begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
        lengths = np.diff(np.append(begins, len(keys)))
        owners = (keys[begins] >> np.uint64(_HASH_BITS)).astype(np.int64) + base
        np.maximum.at(most, owners, lengths)
        repeated[base : base + span] = counts
        np.subtract.at(repeated, owners, 1)
    return most, repeated


def longest_window(words: Words, n: int) -> Ints:
    """For each row the most characters that `n` words in a row have, without what stands between them."""
    totals = np.concatenate(([0], np.cumsum(words.ends - words.starts)))
    widest = np.zeros(len(words.counts), np.int64)
    rows = np.repeat(np.arange(len(words.counts)), words.counts)
    if len(rows) < n:
        return widest
    windows = totals[n:] - totals[:-n]
    inside = rows[n - 1 :] == rows[: len(windows)]
    np.maximum.at(widest, rows[: len(windows)][inside], windows[inside])
    return widest


def rows_with_equal_lines(texts: pa.LargeStringArray) -> Mask:
    """Rows that have two equal lines, white space around them aside, which are not blank."""
    several = pc.match_substring(texts, "\n").to_numpy(zero_copy_only=False)
    found = np.zeros(len(several), bool)
    if not several.any():
        return found
    lines = pc.split_pattern(pc.filter(texts, pa.array(several)), "\n")
    encoded = pc.dictionary_encode(pc.utf8_trim_whitespace(pc.list_flatten(lines)))
    rows = pc.list_parent_indices(lines).to_numpy().astype(np.int64)
    distinct = len(encoded.dictionary)
    codes = encoded.indices.to_numpy().astype(np.int64)
    keys = np.sort((rows * distinct + codes)[codes != pc.index(encoded.dictionary, "").as_py()])
    again = keys[1:][keys[1:] == keys[:-1]]
    found[np.flatnonzero(several)[again // distinct]] = True
    return found
