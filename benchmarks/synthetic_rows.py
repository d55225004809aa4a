"""Rows without an author: seeded words under Zipf's law, with known shares of exact and near duplicates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

VOCABULARY = 50_000
EXACT_SHARE = 0.10
NEAR_SHARE = 0.10
MEAN_WORDS = (12, 45)
BLOCK_ROWS = 10_000
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"


def write_rows(path: Path, rows: int, *, seed: int = 0) -> None:
    """Write `rows` rows of fields `instruction` and `output` as JSON Lines, about 400 bytes each.

    A tenth repeats a row written before word for word, another tenth one of them with one word changed.
    """
    with path.open("w", encoding="utf-8") as file:
        for first in range(0, rows, BLOCK_ROWS):
            file.writelines(_block(first, min(BLOCK_ROWS, rows - first), seed))


def _block(first: int, count: int, seed: int) -> Iterator[str]:
    rng = np.random.default_rng((seed, first))
    kinds = rng.random(count)
    origins = rng.integers(0, max(first, 1), count)
    for place in range(count):
        row = first + place
        # Copies are of rows of the first block on, each made anew from its number: nothing is remembered.
        copied = bool(first) and kinds[place] < EXACT_SHARE + NEAR_SHARE
        texts = _texts(int(origins[place]) if copied else row, seed)
        if copied and kinds[place] >= EXACT_SHARE:
            texts[1][len(texts[1]) // 2] = "changed"
        prompt, answer = (" ".join(words) for words in texts)
        yield (
            json.dumps({"instruction": f"{prompt.capitalize()}?", "output": f"{answer.capitalize()}."}) + "\n"
        )


def _texts(row: int, seed: int) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng((seed, row, 1))
    lengths = [max(3, int(length)) for length in rng.exponential(MEAN_WORDS)]
    ranks = np.exp(rng.random(sum(lengths)) * np.log(VOCABULARY)).astype(np.int64)
    words = [_word(rank) for rank in ranks.tolist()]
    return words[: lengths[0]], words[lengths[0] :]


def _word(rank: int) -> str:
    """A word that can be spoken, shorter for small ranks."""
    letters = []
    while rank:
        rank, syllable = divmod(rank, len(_CONSONANTS) * len(_VOWELS))
        letters.append(_CONSONANTS[syllable // len(_VOWELS)] + _VOWELS[syllable % len(_VOWELS)])
    return "".join(letters)
