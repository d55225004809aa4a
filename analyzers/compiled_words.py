"""The compiled side of `analyzers.text` and `analyzers.minhash`: buffers made, kernels called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers import gram_kernels
from analyzers import word_kernels as kernels
from analyzers.characters import BREAK, CHAR_BASE, HARD, NORMALISED, TABLE, UNKNOWN, Codes, normalise

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Starts = npt.NDArray[np.int32]

_ROWS_A_BLOCK = 4_096
_WORDS_A_BLOCK = 1 << 15
# For each ASCII byte 1 + its lowered code where it is a letter or digit, else 0.
ASCII_LETTERS = np.array(
    [1 + ord(chr(code).lower()) if chr(code).isalnum() else 0 for code in range(128)], np.uint64
)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as they lie in Arrow's buffers, ready to be cut into words.

    Only a text with a character that normalises together with its neighbours has gone through Python's NFKC;
    `worst` says which (see `word_kernels.worst_characters`).
    """

    data: Bytes
    begins: Ints
    ends: Ints
    worst: Codes

    @classmethod
    def of(cls, strings: pa.LargeStringArray) -> Texts:
        """The texts of an array without nulls; their characters are looked up in `TABLE`."""
        data, begins, ends = _bytes(strings)
        worst = _worst(strings, data, begins, ends)
        hard = worst == HARD
        if hard.any():
            data, begins[hard], ends[hard] = _with_normalised(data, _chosen(strings, hard))
            worst[hard] = NORMALISED
        return cls(data, begins, ends, worst)

    def hashed(self, base: int) -> tuple[Ints, Hashes]:
        """Offsets and hashes of the words of every text, as in `text.Words`."""
        hashes = np.empty(int((self.ends - self.begins).sum() + len(self.begins)) // 2 + 2, np.uint64)
        offsets = np.zeros(len(self.begins) + 1, np.int64)
        texts = self.data, self.begins, self.ends, self.worst
        found = kernels.hash_words(
            *texts, TABLE.lowered, TABLE.classes, ASCII_LETTERS, _powers(base), hashes, offsets
        )
        return offsets, hashes[:found]

    def spelt(self) -> tuple[Codes, Ints, Ints]:
        """Code points, starts and ends of the words of every text, as in `text.Spelling`."""
        size = int((self.ends - self.begins).sum()) + len(self.begins)
        codes = np.empty(size, np.uint32)
        borders = np.zeros(len(self.begins) + 1, np.int64)
        texts = self.data, self.begins, self.ends, self.worst
        written = kernels.write_codes(*texts, TABLE.lowered, codes, borders)
        starts, stops = np.empty(size // 2 + 1, np.int64), np.empty(size // 2 + 1, np.int64)
        found = kernels.cut_words(codes, borders, TABLE.classes, starts, stops)
        return codes[:written], starts[:found], stops[:found]


def ngrams(hashes: Hashes, offsets: Ints, n: int, base: int) -> tuple[Ints, Hashes]:
    """Offsets and hashes of the `n`-grams of each text."""
    grams = np.empty(max(len(hashes), 1), np.uint64)
    gram_offsets = np.zeros(len(offsets), np.int64)
    found = gram_kernels.roll_grams(hashes, offsets, n, *_bases(base, n), grams, gram_offsets)
    return gram_offsets, grams[:found]


def char_counts(strings: pa.LargeStringArray) -> Ints:
    """Code points of each text of an array without nulls."""
    data, begins, ends = _bytes(strings)
    counts = np.empty(len(begins), np.int64)
    kernels.count_characters(data, begins, ends, counts)
    return counts


def gram_blocks(hashes: Hashes, offsets: Ints, n: int, base: int) -> Iterator[Hashes]:
    """The hashes of all `n`-grams, some rows at a time; each block is overwritten by the next."""
    edges = np.arange(offsets[0], offsets[-1], _WORDS_A_BLOCK)
    cuts = np.unique(np.append(np.searchsorted(offsets, edges, side="right") - 1, len(offsets) - 1))
    grams = np.empty(int(np.diff(offsets[cuts]).max(initial=0)), np.uint64)
    ends = np.zeros(int(np.diff(cuts).max(initial=0)) + 1, np.int64)
    for low, high in pairwise(cuts):
        rows = offsets[low : high + 1]
        yield grams[: gram_kernels.roll_grams(hashes, rows, n, *_bases(base, n), grams, ends)]


def fill_filter(grams: Hashes, shift: np.uint64, words: Hashes, starts: Starts) -> None:
    """Fill the words and starts of a filter, zeros so far; see `gram_filter`."""
    gram_kernels.fill_filter(grams, shift, words, starts)


def met(
    hashes: Hashes, offsets: Ints, n: int, base: int, *,
    grams: Hashes, words: Hashes, starts: Starts, shift: np.uint64,
) -> tuple[Ints, Ints]:  # fmt: skip
    """(text, place among `grams`) of each `n`-gram of the texts that is among them; see `gram_filter`."""
    rows, places = np.empty(len(hashes), np.int64), np.empty(len(hashes), np.int64)
    found = gram_kernels.probe_grams(
        hashes, offsets, n, *_bases(base, n), grams, words, starts, shift, rows, places
    )
    return rows[:found], places[:found]


def shingles(hashes: Hashes, offsets: Ints, k: int, base: int, bits: int) -> tuple[Ints, Hashes]:
    """Offsets and sorted distinct shingles of each text: the upper `bits` bits of hashes, more than 32."""
    found = np.empty(max(len(hashes), 1), np.uint64)
    ends = np.zeros(len(offsets), np.int64)
    size = gram_kernels.sorted_shingles(hashes, offsets, k, *_bases(base, k - 1), bits, found, ends)
    return ends, found[:size]


def cells(
    hashes: Hashes,
    offsets: Ints,
    codes: Codes | None,
    *,
    word_orders: Sequence[int],
    char_orders: Sequence[int],
    base: int,
    bits: int,
) -> tuple[Ints, Ints, Ints]:
    """Offsets, columns and numbers of times of the hashed n-grams of every text; see `embedding.cells`.

    `codes` None: no n-grams of characters.
    """
    if codes is None:
        codes, char_orders = np.zeros(len(offsets) - 1, np.uint32), ()
    borders = np.concatenate(([0], np.flatnonzero(codes == BREAK) + 1))
    counters = np.zeros(1 << bits, np.int32)
    ends = np.zeros(len(offsets), np.int64)
    parts = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for low in range(0, len(offsets) - 1, _ROWS_A_BLOCK):
        rows = slice(low, low + _ROWS_A_BLOCK + 1)
        words, chars = offsets[rows], borders[rows]
        most = len(word_orders) * (words[-1] - words[0]) + len(char_orders) * (chars[-1] - chars[0])
        columns, times = np.empty(most, np.int64), np.empty(most, np.int64)
        grams = gram_kernels.count_grams(
            hashes, words, codes, chars, np.array(word_orders), np.array(char_orders),
            np.uint64(base), np.uint64(CHAR_BASE), bits, counters, columns, times, ends[rows],
        )  # fmt: skip
        parts.append((columns[:grams].copy(), times[:grams].copy()))
    columns, times = (np.concatenate(side) for side in zip(*parts, strict=True))
    return np.concatenate(([0], np.cumsum(ends[1:]))), columns, times


def row_keys(hashes: Hashes, offsets: Ints, step: np.uint64) -> Hashes:
    """One number for the words of each text in their order; see `signature_store.row_keys`."""
    keys = np.empty(len(offsets) - 1, np.uint64)
    gram_kernels.key_rows(hashes, offsets, step, keys)
    return keys


def signatures(
    shingles: Hashes, offsets: Ints, factors: Codes, addends: Codes, *, empty: np.uint32
) -> npt.NDArray[np.uint32]:
    """Smallest permuted shingle of each text, shape (texts, permutations); `empty` for texts without any."""
    values = np.full((len(offsets) - 1, len(factors)), empty, np.uint32)
    gram_kernels.fill_signatures(shingles, offsets, factors, addends, values)
    return values


@cache
def _powers(base: int) -> Hashes:
    """base^0, base^1, ... modulo 2^64: for words of usual length a table, which lies in the first cache."""
    factors = np.full(1 << 10, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


def _bases(base: int, n: int) -> tuple[np.uint64, np.uint64]:
    return np.uint64(base), np.uint64(pow(base, n, 1 << 64))


def _bytes(strings: pa.LargeStringArray) -> tuple[Bytes, Ints, Ints]:
    """The bytes of all texts, and where each begins and ends in them."""
    _, offset_buffer, data_buffer = cast("list[Any]", strings.buffers())
    if offset_buffer is None or not len(strings):
        return np.zeros(1, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.int64)
    offsets = np.frombuffer(offset_buffer, np.int64)[strings.offset : strings.offset + len(strings) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    data = np.frombuffer(data_buffer, np.uint8)[first:last] if last > first else np.zeros(1, np.uint8)
    return data, offsets[:-1] - first, offsets[1:] - first


def _worst(strings: pa.LargeStringArray, data: Bytes, begins: Ints, ends: Ints) -> Codes:
    """What `worst_characters` says of each text, once all their characters are known."""
    worst = np.zeros(len(begins), np.uint32)
    kernels.worst_characters(data, begins, ends, TABLE.lowered, worst)
    unknown = worst == UNKNOWN
    if unknown.any():
        TABLE.learn(_codes("".join(_chosen(strings, unknown))))
        kernels.worst_characters(data, begins, ends, TABLE.lowered, worst)
    return worst


def _with_normalised(data: Bytes, texts: list[str]) -> tuple[Bytes, Ints, Ints]:
    """The bytes with those of the normalised texts behind them, and where each of these begins and ends."""
    normal = [normalise(text) for text in texts]
    TABLE.learn(_codes("".join(normal)))
    added = [text.encode() for text in normal]
    ends = len(data) + np.cumsum([len(text) for text in added])
    return np.frombuffer(b"".join([data.data, *added]), np.uint8), np.append(len(data), ends[:-1]), ends


def _chosen(strings: pa.LargeStringArray, chosen: npt.NDArray[np.bool_]) -> list[str]:
    return cast("list[str]", strings.filter(pa.array(chosen)).to_pylist())


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le"), "<u4")
