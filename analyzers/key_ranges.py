"""Arrays of any length a piece at a time: in blocks, and all that have keys in one range together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from analyzers.scratch import scratch_array

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

NO_TEXT = np.uint64(0)
"""The key of a row without any text, which equals nothing."""

BLOCK_PLACES = 1 << 16
# Places whose keys are sorted at a time: about 60 MB.
RANGE_PLACES = 1 << 20


def blocks(size: int) -> Iterator[slice]:
    """0 .. `size` in slices of 65,536, so that what is made of one stays small."""
    for low in range(0, size, BLOCK_PLACES):
        yield slice(low, min(low + BLOCK_PLACES, size))


def runs_by_range(keys: Keys) -> Iterator[tuple[Ints, Ints]]:
    """The places of all keys, sorted by key, then by place, about a million at a time; equal keys together.

    With them the place in the answer where the run of equal keys begins. Keys are 64-bit hashes, so that
    equal ranges of them hold about equally many.
    """
    for places in _by_range(keys, -(-len(keys) // RANGE_PLACES)):
        found = keys[places]
        order = np.argsort(found, kind="stable")
        ordered = found[order]
        begins = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
        at = np.arange(len(ordered))
        yield places[order], np.maximum.accumulate(np.where(begins, at, 0))


def first_equals(keys: Keys) -> Ints:
    """For each row the first row of the same key."""
    leads = scratch_array(len(keys), np.int64)
    for places in _by_range(keys, -(-len(keys) // RANGE_PLACES)):
        found = keys[places]
        order = np.argsort(found)  # of a run only the smallest place counts: no need of a stable order
        ordered, rows = found[order], places[order]
        begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
        lengths = np.diff(begins, append=len(rows))
        leads[rows] = np.repeat(np.minimum.reduceat(rows, begins) if len(rows) else rows, lengths)
    return leads


def _by_range(keys: Keys, count: int) -> Iterator[Ints]:
    """The places whose keys lie in each of so many equal ranges of all possible keys, in order."""
    if count == 1:
        yield np.arange(len(keys))
        return
    sizes = np.zeros(count, np.int64)
    for block in blocks(len(keys)):
        sizes += np.bincount(_ranges(keys[block], count), minlength=count)
    ends = np.cumsum(sizes)
    at = ends - sizes
    places = scratch_array(len(keys), np.int64)
    for block in blocks(len(keys)):
        numbers = _ranges(keys[block], count)
        order = np.argsort(numbers, kind="stable")
        here = np.bincount(numbers, minlength=count)
        # Of each range the next free places, one after the other.
        targets = np.repeat(at - (np.cumsum(here) - here), here) + np.arange(len(order))
        places[targets] = block.start + order
        at += here
    for end, size in zip(ends, sizes, strict=True):
        yield places[end - size : end]


def _ranges(keys: Keys, count: int) -> Ints:
    """In which range each key lies."""
    half = np.uint64(32)
    return (((keys >> half) * np.uint64(count)) >> half).astype(np.int64)
