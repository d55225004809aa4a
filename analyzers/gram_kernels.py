"""Compiled loops from word hashes to n-grams, shingles and signatures; plain twins: `text` and `minhash`.

Import this module only where `compiled.is_compiled()` says so. Every number is unsigned and wraps at 2^64 or
2^32, so that the loops give the bits of the numpy code. Callers allocate; the loops fill and say how far.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analyzers.compiled import kernel
from analyzers.word_kernels import mixed

Array = npt.NDArray[Any]

_ONE, _ZERO = np.uint64(1), np.uint64(0)
_SIX, _TWELVE, _SIX_BITS = np.uint64(6), np.uint64(12), np.uint64(63)
_LARGE_BUCKET = 32


@kernel
def roll_grams(
    hashes: Array, offsets: Array, n: int, base: Any, base_n: Any, grams: Array, gram_offsets: Array
) -> int:
    """Hashes of the `n`-grams of each row, each from the one before it; returns how many."""
    found = 0
    for row in range(len(offsets) - 1):
        found += _roll(hashes, offsets[row], offsets[row + 1], n, base, base_n, grams, found)
        gram_offsets[row + 1] = found
    for place in range(found):
        grams[place] = mixed(grams[place])
    return found


@kernel
def fill_filter(grams: Array, shift: Any, known: Array, starts: Array) -> None:
    """Set the bits of each of the sorted hashes in its word of a filter; see `gram_index.filter_bits`.

    `starts`, zeros, gets for each word, and for the end, how many hashes belong to words before it.
    """
    for gram in grams:
        known[gram >> shift] |= _filter_bits(gram)
        starts[(gram >> shift) + _ONE] += 1
    for word in range(1, len(starts)):
        starts[word] += starts[word - 1]


@kernel
def probe_grams(
    hashes: Array, offsets: Array, n: int, base: Any, base_n: Any, grams: Array, known: Array, starts: Array,
    shift: Any, rows: Array, places: Array,
) -> int:  # fmt: skip
    """(row, place in `grams`) of the `n`-grams that are among `grams`; returns how many.

    The filter `known` spares most of them the look into `grams`, of which `starts` names a few.
    """
    longest: Any = 1
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    rolled = np.empty(longest, np.uint64)
    found = 0
    for row in range(len(offsets) - 1):
        size = _roll(hashes, offsets[row], offsets[row + 1], n, base, base_n, rolled, 0)
        for place in range(size):
            rolled[place] = mixed(rolled[place])
        for place in range(np.uint64(size)):
            gram = rolled[place]
            if ~known[gram >> shift] & _filter_bits(gram) == _ZERO:
                at, end = starts[gram >> shift], starts[(gram >> shift) + _ONE]
                while at < end and grams[at] < gram:
                    at += 1
                if at < end and grams[at] == gram:
                    rows[found], places[found] = row, at
                    found += 1
    return found


@kernel
def _filter_bits(gram: Any) -> Any:
    """`gram_index.filter_bits` of one hash."""
    first, second = gram & _SIX_BITS, (gram >> _SIX) & _SIX_BITS
    return (_ONE << first) | (_ONE << second) | (_ONE << ((gram >> _TWELVE) & _SIX_BITS))


@kernel
def _roll(hashes: Array, begin: int, end: int, n: int, base: Any, base_n: Any, grams: Array, at: int) -> int:
    """The `n`-grams of `hashes[begin:end]`, not mixed yet, from `grams[at]` on; returns how many.

    Places are unsigned: they spare each look into an array the question whether it counts from the end.
    """
    size = end - begin - n + 1
    if size <= 0:
        return 0
    total, first, width, target = _ZERO, np.uint64(begin), np.uint64(n), np.uint64(at)
    for place in range(first, first + width):
        total = total * base + hashes[place]
    grams[target] = total
    for place in range(first + width, np.uint64(end)):
        total = total * base + (hashes[place] - base_n * hashes[place - width])
        target += _ONE
        grams[target] = total
    return size


@kernel
def sorted_shingles(
    hashes: Array, offsets: Array, n: int, base: Any, last: Any, bits: int, shingles: Array, ends: Array
) -> int:
    """The distinct `n`-grams of each row, `bits` bits of their hashes, sorted; returns how many in all.

    A row of fewer than `n` words is one gram. `last` is base^(n - 1). Hashes are spread evenly, so each falls
    into a bucket of about one by its upper bits, and sorting costs a few steps an element whatever the
    length of the row.
    """
    longest: Any = 1
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    grams, spread = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    buckets = np.empty(longest, np.uint32)
    shift, half = np.uint64(64 - bits), np.uint64(bits - 32)
    found, before = _ZERO, np.uint64(n) - _ONE
    for row in range(len(offsets) - 1):
        # Unsigned places, as a negative one would be looked for at every access.
        begin, end = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        full = min(begin + before, end)
        size, total = _ZERO, _ZERO
        for place in range(begin, full):
            total = total * base + hashes[place]
        if begin < end <= begin + before:
            grams[size] = mixed(total) >> shift
            size += _ONE
        for place in range(full, end):
            total = total * base + hashes[place]
            grams[size] = mixed(total) >> shift
            size += _ONE
            total -= last * hashes[place - before]
        _bucket_sort(grams, size, half, buckets, spread)
        for place in range(_ONE, size):
            shingles[found] = spread[place - _ONE]
            found += np.uint64(spread[place - _ONE] != spread[place])
        if size:
            shingles[found] = spread[size - _ONE]
            found += _ONE
        ends[row + 1] = found
    return int(found)


@kernel
def _bucket_sort(values: Array, size: Any, half: Any, buckets: Array, spread: Array) -> None:
    """`values[:size]`, evenly spread numbers below 2^(half + 32), sorted into `spread[:size]`.

    `size` and `half` are unsigned; `buckets` has room for `size`.
    """
    low, one = np.uint64(32), np.uint32(1)
    for bucket in range(size):
        buckets[bucket] = 0
    for place in range(size):
        buckets[((values[place] >> half) * size) >> low] += one
    before, largest = np.uint32(0), np.uint32(0)
    for bucket in range(size):
        count = buckets[bucket]
        buckets[bucket] = before
        before += count
        largest = max(largest, count)
    for place in range(size):
        home = ((values[place] >> half) * size) >> low
        spread[buckets[home]] = values[place]
        buckets[home] += one
    if largest > _LARGE_BUCKET:
        spread[:size] = np.sort(spread[:size])
        return
    # What is out of place is so inside its bucket: a step or two.
    for place in range(_ONE, size):
        value = spread[place]
        at: Any = place
        while at > _ZERO and spread[at - _ONE] > value:
            spread[at] = spread[at - _ONE]
            at -= _ONE
        spread[at] = value


@kernel
def count_grams(
    hashes: Array,
    offsets: Array,
    codes: Array,
    borders: Array,
    word_orders: Array,
    char_orders: Array,
    base: Any,
    char_base: Any,
    bits: int,
    counters: Array,
    columns: Array,
    times: Array,
    sizes: Array,
) -> int:
    """How often each row has an n-gram of each column (the upper `bits` bits of its hash); returns all cells.

    `counters`, zeros of one a column, are zeros again afterwards; `sizes[row + 1]` gets the cells of a row.
    """
    most: Any = 1
    for row in range(len(offsets) - 1):
        words, chars = offsets[row + 1] - offsets[row], borders[row + 1] - borders[row]
        most = max(most, len(word_orders) * words + len(char_orders) * chars)
    met, spread = np.empty(most, np.uint64), np.empty(most, np.uint64)
    buckets = np.empty(most, np.uint32)
    found = 0
    for row in range(len(offsets) - 1):
        size = 0
        for n in word_orders:
            for first in range(offsets[row], offsets[row + 1] - n + 1):
                total = _ZERO
                for place in range(first, first + n):
                    total = total * base + hashes[place]
                size = _count(mixed(total), bits, counters, met, size)
        for n in char_orders:
            for first in range(borders[row], borders[row + 1] - n):
                total = _ZERO
                for place in range(first, first + n):
                    total = total * char_base + np.uint64(codes[place]) + np.uint64(n)
                size = _count(mixed(total), bits, counters, met, size)
        _bucket_sort(met, np.uint64(size), _ZERO, buckets, spread)
        for place in range(size):
            column = np.int64(spread[place] >> np.uint64(32 - bits))
            columns[found] = column
            times[found] = counters[column]
            counters[column] = 0
            found += 1
        sizes[row + 1] = size
    return found


@kernel
def _count(value: Any, bits: int, counters: Array, met: Array, size: int) -> int:
    """Count one gram; a column met for the first time is noted as a number of 32 bits."""
    column = value >> np.uint64(64 - bits)
    counters[np.int64(column)] += 1
    if counters[np.int64(column)] == 1:
        met[size] = column << np.uint64(32 - bits)
        return size + 1
    return size


@kernel
def key_rows(hashes: Array, offsets: Array, step: Any, keys: Array) -> None:
    """For each row the sum over its words of mixed (hash + (place + 1) * `step`), mixed."""
    for row in range(len(offsets) - 1):
        total, shift = _ZERO, step
        for place in range(offsets[row], offsets[row + 1]):
            total += mixed(hashes[place] + shift)
            shift += step
        keys[row] = mixed(total)


@kernel
def fill_signatures(
    shingles: Array, offsets: Array, factors: Array, addends: Array, signatures: Array
) -> None:
    """Smallest value of every permutation over the shingles of each row; rows without any are left alone.

    Four shingles a round, so that a permutation's numbers are read from memory once for all four.
    """
    size = len(factors)
    minima = np.empty(size, np.uint32)
    four = np.empty(4, np.uint32)
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        if begin == end:
            continue
        for p in range(size):
            minima[p] = np.uint32(0xFFFFFFFF)
        for at in range(begin, end, 4):
            for step in range(4):
                mixed = np.uint32(shingles[min(at + step, end - 1)])
                mixed ^= mixed >> np.uint32(16)
                mixed = np.uint32(mixed * np.uint32(0x85EBCA6B))
                mixed ^= mixed >> np.uint32(13)
                mixed = np.uint32(mixed * np.uint32(0xC2B2AE35))
                four[step] = mixed ^ (mixed >> np.uint32(16))
            a, b, c, d = four[0], four[1], four[2], four[3]
            for p in range(size):
                factor, addend = factors[p], addends[p]
                one = min(np.uint32(a * factor + addend), np.uint32(b * factor + addend))
                two = min(np.uint32(c * factor + addend), np.uint32(d * factor + addend))
                minima[p] = min(minima[p], min(one, two))
        for p in range(size):
            signatures[row, p] = minima[p]
