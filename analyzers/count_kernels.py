"""Compiled loops that count equal hashes; plain twin: `gram_counts`.

Import this module only where `compiled.is_compiled()` says so. Callers allocate; the loops fill and say how
far. Hashes are looked up in tables with open addressing, small enough for the second cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analyzers.compiled import kernel
from analyzers.prefetch import prefetch

Array = npt.NDArray[Any]

CHUNK = 512
_ONE, _ZERO, _ALL = np.uint64(1), np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)
_PLACES = np.uint64(CHUNK - 1)
_AHEAD = np.uint64(16)
# Steps past the first slot, for each hash: more than chance has in a table three quarters full.
_STEPS = 16


@kernel
def spread_hashes(hashes: Array, shift: Any, values: Array, ends: Array, owners: Array, taken: int) -> int:
    """Write each hash into the open chunk of its part, the bits above `shift`; returns how many are taken.

    `ends[part]` is the place in `values` for the next hash of a part; a full chunk is followed at once by a
    fresh one, whose part stands in `owners`.
    """
    for value in hashes:
        part = value >> shift
        place = ends[part]
        values[place] = value
        prefetch(values, place + _AHEAD)
        place += _ONE
        if place & _PLACES == _ZERO:
            place = np.uint64(taken * CHUNK)
            owners[taken] = np.int64(part)
            taken += 1
        ends[part] = place
    return taken


@kernel
def count_spread(
    values: Array,
    chunks: Array,
    owners: Array,
    sizes: Array,
    shift: Any,
    table: Array,
    slots: Any,
    lengths: Any,
) -> int:
    """How many distinct hashes the chunks hold, those of one part together; -1: the table is too small.

    `lengths` gets how often each occurs, in the order in which they are met; None: they are not counted.
    `slots`, as long as `table`, is for that. Between parts the table is not cleared: what stands in it of
    another part counts as empty.
    """
    last, others = np.uint64(len(table) - 1), (_ONE << shift) - _ONE
    most, steps, allowed = len(table) // 4 * 3, 0, 0
    found, first, owner = 0, 0, -1
    table[:] = _ALL
    for chunk in chunks:
        if owners[chunk] != owner:
            owner, first = owners[chunk], found
            if (_ALL >> shift) == np.uint64(owner):
                table[:] = _ZERO
        allowed += CHUNK * _STEPS
        if found - first + sizes[chunk] > most or steps > allowed:
            return -1
        begin = np.uint64(chunk * CHUNK)
        for place in range(begin, begin + np.uint64(sizes[chunk])):
            prefetch(table, values[place + _AHEAD] & last)
            value = values[place]
            slot = value & last
            held = table[slot]
            # One comparison, since nothing foretells which hashes are new: another hash of the same part.
            while (held ^ value) - _ONE < others:
                slot = (slot + _ONE) & last
                held = table[slot]
                steps += 1
            if lengths is None:
                table[slot] = value
                found += held != value
            elif held != value:
                table[slot] = value
                slots[slot] = found
                lengths[found] = 1
                found += 1
            else:
                lengths[slots[slot]] += 1
    return found


@kernel
def count_few(hashes: Array, table: Array, slots: Any, lengths: Any) -> int:
    """How many distinct hashes there are; -1: too many for `table`, which is zeros. Else as `count_spread`.

    For hashes most of which have been met before, as words have.
    """
    last = np.uint64(len(table) - 1)
    most, steps = len(table) // 4 * 3, _STEPS * (len(hashes) + CHUNK)
    found, zeros = 0, 0
    for value in hashes:
        slot = value & last
        held = table[slot]
        while held != value and held != _ZERO:
            slot = (slot + _ONE) & last
            held = table[slot]
            steps -= 1
        if held != value:
            if found == most or steps < 0:
                return -1
            table[slot] = value
            if lengths is not None:
                slots[slot] = found
                lengths[found] = 1
            found += 1
        elif value == _ZERO:
            zeros += 1
        elif lengths is not None:
            lengths[slots[slot]] += 1
    if zeros and lengths is not None:
        lengths[found] = zeros
    return found + (zeros > 0)
