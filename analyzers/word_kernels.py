"""Compiled loops from UTF-8 bytes to words; plain twin: `text`.

Import this module only where `compiled.is_compiled()` says so. Every number is unsigned and wraps at 2^64 or
2^32, so that the loops give the bits of the numpy code. Callers allocate; the loops fill and say how far.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analyzers.characters import BREAK, HARD, LETTER, NORMALISED, SINGLE
from analyzers.compiled import kernel

Array = npt.NDArray[Any]

_ZERO, _ONE, _TWO, _THREE, _FOUR = (np.uint64(number) for number in range(5))
_MIX_A, _MIX_B = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_S33 = np.uint64(33)
_NOWHERE = np.uint64(0xFFFFFFFFFFFFFFFF)
_APOSTROPHE, _CURLY, _SPACE = np.uint32(0x27), np.uint32(0x2019), np.uint32(0x20)
_REPLACEMENT, _LAST = np.uint32(0xFFFD), np.uint32(0x10FFFF)
_HARD = np.uint32(HARD)
_CAPITAL_A, _CAPITALS = np.uint32(65), np.uint32(26)


@kernel
def mixed(value: Any) -> Any:
    """`text.mix64` of one value."""
    value ^= value >> _S33
    value *= _MIX_A
    value ^= value >> _S33
    value *= _MIX_B
    return value ^ (value >> _S33)


@kernel
def _decoded(data: Array, at: Any, end: Any) -> Any:
    """Code point of the two, three or four bytes at `at`, and where the next one begins; unsigned places."""
    lead = np.uint32(data[at])
    if lead < 0xE0 and at + _ONE < end:
        return (lead & np.uint32(0x1F)) << np.uint32(6) | np.uint32(data[at + _ONE]) & np.uint32(
            0x3F
        ), at + _TWO
    if lead < 0xF0 and at + _TWO < end:
        high = (lead & np.uint32(0x0F)) << np.uint32(12)
        middle = (np.uint32(data[at + _ONE]) & np.uint32(0x3F)) << np.uint32(6)
        return high | middle | np.uint32(data[at + _TWO]) & np.uint32(0x3F), at + _THREE
    if at + _THREE < end:
        high = (lead & np.uint32(0x07)) << np.uint32(18)
        middle = (np.uint32(data[at + _ONE]) & np.uint32(0x3F)) << np.uint32(12)
        low = (np.uint32(data[at + _TWO]) & np.uint32(0x3F)) << np.uint32(6)
        code = high | middle | low | np.uint32(data[at + _THREE]) & np.uint32(0x3F)
        return min(code, _LAST), at + _FOUR
    return _REPLACEMENT, end


@kernel
def worst_characters(data: Array, begins: Array, ends: Array, lowered: Array, worst: Array) -> None:
    """For each row 0 where it is ASCII, else the largest of its characters and their entries in `lowered`."""
    for row in range(len(begins)):
        marks = np.uint8(0)
        for byte in data[begins[row] : ends[row]]:
            marks |= byte
        highest = np.uint32(marks >> 7)
        # Unsigned places, as a negative one would be looked for at every access.
        at, end = np.uint64(begins[row] if highest else ends[row]), np.uint64(ends[row])
        while at < end:
            if data[at] < 128:
                at += _ONE
            else:
                code, at = _decoded(data, at, end)
                highest = max(highest, max(code, lowered[code]))
        worst[row] = highest


@kernel
def count_characters(data: Array, begins: Array, ends: Array, counts: Array) -> None:
    """Code points of each row: its bytes, without those that go on with a character."""
    for row in range(len(begins)):
        marks, size = np.uint8(0), ends[row] - begins[row]
        for byte in data[begins[row] : ends[row]]:
            marks |= byte
        if marks >= 128:
            for byte in data[begins[row] : ends[row]]:
                size -= (byte & 0xC0) == 0x80
        counts[row] = size


@kernel
def write_codes(
    data: Array, begins: Array, ends: Array, worst: Array, lowered: Array, codes: Array, borders: Array
) -> int:
    """Lowered code points of every row, a BREAK after each; row i starts at `borders[i]`. Returns how many.

    `worst` is 0 for a row of ASCII, NORMALISED for one whose characters are taken as they are.
    """
    written = 0
    for row in range(len(begins)):
        begin, end = begins[row], ends[row]
        if worst[row] == 0:
            for step in range(end - begin):
                code = np.uint32(data[begin + step])
                code += np.uint32(32) * np.uint32(code - _CAPITAL_A < _CAPITALS)
                codes[written + step] = code if code else _SPACE
            written += end - begin
        else:
            at, last, is_ready = np.uint64(begin), np.uint64(end), worst[row] == NORMALISED
            while at < last:
                code = np.uint32(data[at])
                if code < 128:
                    at += _ONE
                else:
                    code, at = _decoded(data, at, last)
                if not is_ready:
                    code = lowered[code]
                if code >= _HARD:  # bytes that are no UTF-8: never an index
                    code = _REPLACEMENT
                codes[written] = code if code else _SPACE
                written += 1
        codes[written] = BREAK
        written += 1
        borders[row + 1] = written
    return written


@kernel
def cut_words(codes: Array, borders: Array, classes: Array, starts: Array, ends: Array) -> int:
    """Where the words of every row start and end in `codes`; returns how many there are.

    The BREAK behind each row ends its last word, so the loops need no look at the border.
    """
    found = 0
    for row in range(len(borders) - 1):
        at = borders[row]
        while at < borders[row + 1]:
            kind = classes[codes[at]]
            if kind == BREAK:
                at += 1
                continue
            starts[found] = at
            if kind == SINGLE:
                at += 1
            is_joined = False
            while kind == LETTER:
                at += 1
                code = codes[at]
                kind = classes[code]
                if (code == _APOSTROPHE or code == _CURLY) and not is_joined:
                    kind = classes[codes[at + 1]]
                    is_joined = True
            ends[found] = at
            found += 1
    return found


@kernel
def hash_words(
    data: Array, begins: Array, ends: Array, worst: Array, lowered: Array, classes: Array,
    letters: Array, powers: Array, hashes: Array, offsets: Array,
) -> int:  # fmt: skip
    """Hashes of the words of every row, straight from its bytes; returns how many.

    A word is hashed as the sum of (code + 1) * base^place over its characters, mixed. `worst` as in
    `write_codes`; `letters` holds code + 1 of the lowered ASCII letters and digits, and 0; `powers` those of
    the base, a power of two of them. `hashes` has room for one more than there can be words.
    """
    found = _ZERO
    for row in range(len(begins)):
        # Unsigned places, as a negative one would be looked for at every access.
        begin, end, is_ready = np.uint64(begins[row]), np.uint64(ends[row]), worst[row] == NORMALISED
        if worst[row] == 0:
            found = _hash_ascii(data, begin, end, letters, powers, hashes, found)
        else:
            found = _hash_row(data, begin, end, is_ready, lowered, classes, letters, powers, hashes, found)
        offsets[row + 1] = found
    for word in range(found):
        hashes[word] = mixed(hashes[word])
    return int(found)


@kernel
def _hash_ascii(
    data: Array, begin: Any, end: Any, letters: Array, powers: Array, hashes: Array, found: Any
) -> Any:
    """Words of one row of ASCII bytes, not mixed yet, from `hashes[found]` on; returns where they end.

    Without branches at each letter: where words end cannot be foretold. So the sum is stored at every one.
    """
    table = np.uint64(len(powers)) - _ONE
    total, place, joined = _ZERO, _ZERO, _NOWHERE
    last = end - _ONE
    for at in range(begin, end):
        byte = data[at]
        value = letters[byte]
        # An apostrophe joins two runs of letters, and once in a word.
        if byte == _APOSTROPHE and place > _ZERO and joined != found and at < last:
            following = letters[data[at + _ONE]]
            value = (np.uint64(_APOSTROPHE) + _ONE) * np.uint64(following != _ZERO)
            joined = found if following != _ZERO else joined
        power = powers[place & table]
        if place > table:
            power *= _power(powers[table] * powers[1], place // (table + _ONE))
        mask = _ZERO - np.uint64(value != _ZERO)
        total += value * power
        hashes[found] = total
        found += np.uint64(place > _ZERO) & ~mask
        total &= mask
        place = (place + _ONE) & mask
    return found + np.uint64(place > _ZERO)


@kernel
def _hash_row(
    data: Array, begin: Any, end: Any, is_ready: bool, lowered: Array, classes: Array, letters: Array,
    powers: Array, hashes: Array, found: Any,
) -> Any:  # fmt: skip
    """`_hash_ascii` of a row with any characters; `is_ready` says that they are taken as they are."""
    table = np.uint64(len(powers)) - _ONE
    total, place, joined, at = _ZERO, _ZERO, _NOWHERE, begin
    while at < end:
        code, after = np.uint32(data[at]), at + _ONE
        if code < 128:
            value = letters[code]
        else:
            code, after = _lowered(data, at, end, is_ready, lowered)
            value = np.uint64(code) + _ONE
            kind = classes[code]
            if kind == SINGLE:
                found += np.uint64(place > _ZERO)
                hashes[found] = value
                found, total, place, at = found + _ONE, _ZERO, _ZERO, after
                continue
            value *= np.uint64(kind == LETTER)
        if (code == _APOSTROPHE or code == _CURLY) and place > _ZERO and joined != found and after < end:
            following, _ = _lowered(data, after, end, is_ready, lowered)
            if classes[following] == LETTER:
                value, joined = np.uint64(code) + _ONE, found
        power = powers[place & table]
        if place > table:
            power *= _power(powers[table] * powers[1], place // (table + _ONE))
        mask = _ZERO - np.uint64(value != _ZERO)
        total += value * power
        hashes[found] = total
        found += np.uint64(place > _ZERO) & ~mask
        total &= mask
        place = (place + _ONE) & mask
        at = after
    return found + np.uint64(place > _ZERO)


@kernel
def _power(base: Any, times: Any) -> Any:
    total = _ONE
    for _ in range(times):
        total *= base
    return total


@kernel
def _lowered(data: Array, at: Any, end: Any, is_ready: bool, lowered: Array) -> Any:
    """The lowered code point at `at`, and where the next one begins."""
    code = np.uint32(data[at])
    if code < 128:
        at += _ONE
    else:
        code, at = _decoded(data, at, end)
    if not is_ready:
        code = lowered[code]
    # Bytes that are no UTF-8 are never an index.
    return (_REPLACEMENT if code >= _HARD else code), at
