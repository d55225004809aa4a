"""Rows without an author: seeded words under Zipf's law, with known shares of exact and near duplicates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analyzers.text import mix64

VOCABULARY = 50_000
EXACT_SHARE = 0.10
NEAR_SHARE = 0.10
MEAN_WORDS = (12, 45)
BLOCK_ROWS = 10_000
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"

Numbers = npt.NDArray[np.uint64]


def write_rows(path: Path, rows: int, *, seed: int = 0, mean_words: tuple[int, int] = MEAN_WORDS) -> None:
    """Write `rows` rows of fields `instruction` and `output` as JSON Lines, about 290 bytes each.

    The fields have `mean_words` words in the mean. A tenth repeats a row written before word for word,
    another tenth one of them with one word changed.
    """
    words = np.array([_word(rank) for rank in range(1, VOCABULARY + 1)], object)
    with path.open("w", encoding="utf-8") as file:
        for first in range(0, rows, BLOCK_ROWS):
            file.writelines(_block(first, min(BLOCK_ROWS, rows - first), words, seed, mean_words))


def _block(
    first: int, count: int, words: npt.NDArray[np.object_], seed: int, mean_words: tuple[int, int]
) -> Iterator[str]:
    rows = np.arange(first, first + count, dtype=np.uint64)
    kinds = _uniform(rows, seed, 1)
    is_copy = (kinds < EXACT_SHARE + NEAR_SHARE) & (first > 0)
    # A copy is of any row of an earlier block, which is made anew from its number: nothing is remembered.
    origins = np.where(is_copy, (_uniform(rows, seed, 2) * first).astype(np.uint64), rows)
    lengths = [
        np.maximum(3, -mean * np.log1p(-_uniform(origins, seed, 3 + side))).astype(np.int64)
        for side, mean in enumerate(mean_words)
    ]
    counts = lengths[0] + lengths[1]
    ends = np.cumsum(counts)
    places = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
    draws = _uniform(np.repeat(origins, counts) << np.uint64(20) | places.astype(np.uint64), seed, 5)
    text = words[(np.exp(draws * np.log(VOCABULARY)) - 1).astype(np.int64)].tolist()
    for place, end in enumerate(ends.tolist()):
        begin = end - int(counts[place])
        middle = begin + int(lengths[0][place])
        if is_copy[place] and kinds[place] >= EXACT_SHARE:
            text[(middle + end) // 2] = "changed"
        fields = {
            "instruction": " ".join(text[begin:middle]).capitalize() + "?",
            "output": " ".join(text[middle:end]).capitalize() + ".",
        }
        yield json.dumps(fields) + "\n"


def _uniform(numbers: Numbers, seed: int, purpose: int) -> npt.NDArray[np.float64]:
    """A number in [0, 1) for each of `numbers`, other ones for each purpose."""
    salt = mix64(np.array([seed * 16 + purpose], np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    return (mix64(mix64(numbers + salt) ^ salt) >> np.uint64(11)).astype(np.float64) / 2**53


def _word(rank: int) -> str:
    """A word that can be spoken, shorter for small ranks."""
    letters = []
    while rank:
        rank, syllable = divmod(rank, len(_CONSONANTS) * len(_VOWELS))
        letters.append(_CONSONANTS[syllable // len(_VOWELS)] + _VOWELS[syllable % len(_VOWELS)])
    return "".join(letters)
