"""The one definition of words, word n-grams and shingles (tokeniser `w1`), compiled over whole batches.

`words`, `ngrams` and `shingles` work on all rows of a batch at once; `word_list`, `word_hash` and
`gram_hash` say the same in plain Python, word by word, and the tests hold the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import filled, pc
from analyzers.characters import BREAK, LETTER, NO_SPACE_RANGES, SINGLE, TABLE, normalise
from analyzers.compiled import is_compiled
from analyzers.tokens import WORDS

TOKENIZER = WORDS
SHINGLE_BITS = 48

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]

_WORD_BASE = 0x9E3779B97F4A7C15
GRAM_BASE = 0xD6E8FEB86659FD93
_MASK = 0xFFFFFFFFFFFFFFFF
_BLOCK_CHARS = 1 << 16

_NO_SPACE = "".join(f"{chr(low)}-{chr(high)}" for low, high in NO_SPACE_RANGES)
_WORD = re.compile(rf"(?=[^\W_])[{_NO_SPACE}]|[^\W_{_NO_SPACE}]+(?:['’][^\W_{_NO_SPACE}]+)?")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How words are spelt: word i by the code points `codes[starts[i]:ends[i]]` of the normalised texts.

    The texts are parted by zeros.
    """

    codes: Codes
    starts: Ints
    ends: Ints


@dataclass(frozen=True)
class Words:
    """The words of many texts, text after text.

    `offsets` (texts + 1) cut the other arrays into texts; `hashes[i]` is `word_hash` of word i. Most
    statistics need no more: `spell` finds the code points when they are first asked for.
    """

    offsets: Ints
    hashes: Hashes
    spell: Callable[[], Spelling]

    @property
    def counts(self) -> Ints:
        """Words of each text."""
        return np.diff(self.offsets)

    @cached_property
    def spelling(self) -> Spelling:
        """How the words are spelt."""
        return self.spell()

    @property
    def codes(self) -> Codes:
        """Code points of the normalised texts, parted by zeros."""
        return self.spelling.codes

    @property
    def starts(self) -> Ints:
        """Where each word starts in `codes`."""
        return self.spelling.starts

    @property
    def ends(self) -> Ints:
        """Where each word ends in `codes`."""
        return self.spelling.ends

    def text(self, index: int) -> str:
        """Word `index` as a string."""
        return _decode(self.codes[self.starts[index] : self.ends[index]])


@dataclass(frozen=True, slots=True)
class Grams:
    """Hashes of word n-grams or shingles of many texts; `offsets` (texts + 1) cut them into texts."""

    offsets: Ints
    hashes: Hashes

    @property
    def counts(self) -> Ints:
        """Grams of each text."""
        return np.diff(self.offsets)


def word_list(text: str) -> list[str]:
    """The `w1` words of one text, in order.

    NFKC, lower case, then `[^\\W_]+(?:['’][^\\W_]+)?`; in scripts without spaces each character is a word.

    >>> word_list("Don't panic_now: 4 冊の本")
    ["don't", 'panic', 'now', '4', '冊', 'の', '本']
    """
    return _WORD.findall(normalise(text))


def word_hash(word: str) -> int:
    """64-bit hash of one normalised word: a polynomial of its code points, finished by `mix64`."""
    total = sum((ord(char) + 1) * pow(_WORD_BASE, place, 1 << 64) for place, char in enumerate(word))
    return _mix_int(total & _MASK)


def gram_hash(hashes: Sequence[int]) -> int:
    """64-bit hash of an n-gram from the hashes of its words, in order; depends on the order."""
    total = 0
    for value in hashes:
        total = (total * GRAM_BASE + value) & _MASK
    return _mix_int(total)


def words(texts: pa.Array[Any]) -> Words:
    """The `w1` words of every text of a string array; a null has no words. Text i is `offsets[i:i+2]`."""
    if is_compiled():
        from analyzers.compiled_words import Texts

        read = Texts.of(filled(texts))
        return Words(*read.hashed(_WORD_BASE), lambda: Spelling(*read.spelt()))
    return plain_words(texts)


def plain_words(texts: pa.Array[Any]) -> Words:
    """`words` in numpy."""
    codes, borders = _normalised_codes(texts)
    classes = TABLE.classes_of(codes)
    starts, ends = _runs(classes)
    starts, ends = _join_apostrophes(codes, classes, starts, ends)
    offsets = np.searchsorted(starts, borders).astype(np.int64)
    spelling = Spelling(codes, starts, ends)
    return Words(offsets, _run_hashes(codes, starts, ends), lambda: spelling)


def char_counts(texts: pa.Array[Any]) -> Ints:
    """Code points of each text of a string array; a null has none."""
    strings = filled(texts)
    if is_compiled():
        from analyzers import compiled_words

        return compiled_words.char_counts(strings)
    return plain_char_counts(strings)


def plain_char_counts(strings: pa.LargeStringArray) -> Ints:
    """`char_counts` by Arrow."""
    counts: Ints = pc.utf8_length(strings).to_numpy().astype(np.int64)
    return counts


def ngrams(tokens: Words | Grams, n: int) -> Grams:
    """Hashes of the word `n`-grams of each text, with multiplicity, in order; none crosses a text border."""
    if n < 1:
        raise ValueError(f"an n-gram has at least one word, got n={n}")
    if is_compiled():
        from analyzers import compiled_words

        return Grams(*compiled_words.ngrams(tokens.hashes, tokens.offsets, n, GRAM_BASE))
    return plain_ngrams(tokens, n)


def plain_ngrams(tokens: Words | Grams, n: int) -> Grams:
    """`ngrams` in numpy."""
    counts = np.maximum(tokens.counts - (n - 1), 0)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    total = len(tokens.hashes) - (n - 1)
    if total <= 0:
        return Grams(np.zeros(len(tokens.offsets), np.int64), np.empty(0, np.uint64))
    hashes = tokens.hashes[:total].copy()
    for place in range(1, n):
        hashes *= np.uint64(GRAM_BASE)
        hashes += tokens.hashes[place : place + total]
    inside = np.ones(total, bool)
    for place in range(1, n):
        last = tokens.offsets[1:] - place
        inside[last[(last >= 0) & (last < total)]] = False
    return Grams(offsets, mix64(hashes[inside]))


def shingles(tokens: Words, k: int) -> Grams:
    """The distinct word `k`-grams of each text as 48-bit hashes (top of `gram_hash`), sorted in each text.

    A text of 1 to k-1 words is one shingle as a whole; a text without words has none. 48 bits let text
    number and hash sort as one integer; two different shingles of a pair of rows meet with p < 1e-8.
    """
    if k < 1:
        raise ValueError(f"a shingle has at least one word, got {k}")
    if is_compiled():
        from analyzers import compiled_words

        return Grams(*compiled_words.shingles(tokens.hashes, tokens.offsets, k, GRAM_BASE, SHINGLE_BITS))
    return plain_shingles(tokens, k)


def plain_shingles(tokens: Words, k: int) -> Grams:
    """`shingles` in numpy, for any number of texts."""
    grams = plain_ngrams(tokens, k)
    short = np.flatnonzero((tokens.counts > 0) & (tokens.counts < k))
    rows = np.concatenate((np.repeat(np.arange(len(grams.counts)), grams.counts), short))
    hashes = np.concatenate((grams.hashes, _whole_hashes(tokens, short)))
    hashes >>= np.uint64(64 - SHINGLE_BITS)
    return _distinct(rows, hashes, len(grams.counts))


def mix64(values: Hashes) -> Hashes:
    """MurmurHash3's 64-bit finaliser of each value: a bijection whose every output bit looks random."""
    mixed = values ^ (values >> np.uint64(33))
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xC4CEB9FE1A85EC53)
    mixed ^= mixed >> np.uint64(33)
    return mixed


def _mix_int(value: int) -> int:
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & _MASK
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ value >> 33


def _decode(codes: Codes) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _normalised_codes(texts: pa.Array[Any]) -> tuple[Codes, Ints]:
    """Code points of the normalised texts, a zero after each, and where each text begins (texts + 1)."""
    strings = filled(texts)
    rows: list[Any] = strings.to_pylist()
    ascii_only = pc.string_is_ascii(strings).to_numpy(zero_copy_only=False)
    for index in np.flatnonzero(~ascii_only):
        rows[index] = normalise(rows[index])
    joined = "\x00".join([*rows, ""])
    if joined.count("\x00") > len(rows):
        joined = "\x00".join([*(row.replace("\x00", " ") for row in rows), ""])
    if joined.isascii():
        codes = np.frombuffer(joined.lower().encode(), np.uint8).astype(np.uint32)
    else:
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32)
        np.add(codes, 32, out=codes, where=codes - 65 < 26)  # the rows of ASCII alone, lowered at last
    borders = np.concatenate(([0], np.flatnonzero(codes == 0) + 1))
    return codes, borders.astype(np.int64)


def _runs(classes: npt.NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """Start and end of each run of letters and of each single, in order."""
    changes = np.ones(len(classes) + 1, bool)
    if len(classes):
        changes[1:-1] = (classes[1:] != classes[:-1]) | (classes[1:] == SINGLE)
    inside = classes != BREAK
    return np.flatnonzero(changes[:-1] & inside), np.flatnonzero(changes[1:] & inside) + 1


def _join_apostrophes(
    codes: Codes, classes: npt.NDArray[np.uint8], starts: Ints, ends: Ints
) -> tuple[Ints, Ints]:
    """Join runs across one apostrophe, two by two from the left as the rule does: a'b'c is a'b, c."""
    if len(starts) < 2:
        return starts, ends
    gap = ends[:-1]
    between = codes[gap]
    links = (starts[1:] - gap == 1) & ((between == ord("'")) | (between == ord("’")))
    if not links.any():
        return starts, ends
    links &= (classes[starts[:-1]] == LETTER) & (classes[starts[1:]] == LETTER)
    places = np.arange(len(links))
    chain_start = np.maximum.accumulate(np.where(links, -1, places))
    links &= (places - chain_start) % 2 == 1
    absorbed = np.concatenate(([False], links))
    absorbing = np.concatenate((links, [False]))
    return starts[~absorbed], ends[~absorbing]


def _run_hashes(codes: Codes, starts: Ints, ends: Ints) -> Hashes:
    """`word_hash` of each run: differences of prefix sums of (code + 1) * B^i, shifted back by B^-start."""
    hashes = np.empty(len(starts), np.uint64)
    cuts = np.searchsorted(starts, np.arange(0, len(codes) + _BLOCK_CHARS, _BLOCK_CHARS))
    for low, high in pairwise(cuts):
        if low == high:
            continue
        base, stop = starts[low], ends[high - 1]
        powers, inverses = _powers(int(stop - base))
        prefix = np.zeros(stop - base + 1, np.uint64)
        np.add(codes[base:stop], 1, out=prefix[1:])
        prefix[1:] *= powers[: stop - base]
        np.cumsum(prefix[1:], out=prefix[1:])
        first, after = starts[low:high] - base, ends[low:high] - base
        hashes[low:high] = mix64((prefix[after] - prefix[first]) * inverses[first])
    return hashes


_POWERS: dict[int, tuple[Hashes, Hashes]] = {}


def _powers(size: int) -> tuple[Hashes, Hashes]:
    """B^0.. and B^-0.. modulo 2^64, at least `size` of each; the usual block size is kept."""
    wanted = max(size, _BLOCK_CHARS)
    if wanted in _POWERS:
        return _POWERS[wanted]
    tables = _power_table(_WORD_BASE, wanted), _power_table(pow(_WORD_BASE, -1, 1 << 64), wanted)
    if wanted == _BLOCK_CHARS:
        _POWERS[wanted] = tables
    return tables


def _power_table(base: int, size: int) -> Hashes:
    factors = np.full(size, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


def _whole_hashes(tokens: Words, rows: Ints) -> Hashes:
    """`gram_hash` of all words of each of `rows`, which hold few words."""
    if not len(rows):
        return np.empty(0, np.uint64)
    begins, counts = tokens.offsets[rows], tokens.counts[rows]
    hashes = np.zeros(len(rows), np.uint64)
    for place in range(int(counts.max())):
        more = counts > place
        hashes[more] = hashes[more] * np.uint64(GRAM_BASE) + tokens.hashes[begins[more] + place]
    return mix64(hashes)


def _distinct(rows: Ints, hashes: Hashes, n_rows: int) -> Grams:
    """Sort and deduplicate 48-bit `hashes` inside each row, 65,536 rows at a time."""
    span = 1 << (64 - SHINGLE_BITS)
    parts: list[Hashes] = []
    counts = np.zeros(n_rows, np.int64)
    for base in range(0, n_rows, span):
        chosen = (rows >= base) & (rows < base + span) if n_rows > span else slice(None)
        keys = (rows[chosen] - base).astype(np.uint64) << np.uint64(SHINGLE_BITS) | hashes[chosen]
        keys.sort()
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
        found = np.bincount((keys >> np.uint64(SHINGLE_BITS)).astype(np.int64), minlength=1)
        counts[base : base + len(found)] = found[: n_rows - base]
        parts.append(keys & np.uint64((1 << SHINGLE_BITS) - 1))
    merged = np.concatenate(parts) if parts else np.empty(0, np.uint64)
    return Grams(np.concatenate(([0], np.cumsum(counts))), merged)
