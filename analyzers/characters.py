"""What tokeniser `w1` knows of characters: in a word, a word alone, or neither; and how they normalise."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]

BREAK, LETTER, SINGLE, _UNCLASSED = 0, 1, 2, 255
# In a table of lowered code points: the character normalises together with others, or is not known yet.
HARD, UNKNOWN = 0xFFFFFFFE, 0xFFFFFFFF
# Character n-grams are hashed as polynomials of this base.
CHAR_BASE = 0x100000001B3
# Marks a text whose characters are taken as they are.
NORMALISED = 1
_CODE_POINTS = 0x110000

# Han, Hiragana, Katakana, Thai, Lao, Burmese, Khmer: written without spaces, so each character is a word.
NO_SPACE_RANGES: tuple[tuple[int, int], ...] = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x19E0, 0x19FF),
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3038, 0x303B),
    (0x3041, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x116D0, 0x116FF),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x3FFFF),
)
# Vowels and finals of Hangul syllables compose with what stands before them by rule, not by table.
_JAMO = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))
_FINAL_SIGMA = 0x03A3


def normalise(text: str) -> str:
    """`text` in NFKC and lower case, as the tokeniser sees it."""
    return unicodedata.normalize("NFKC", text).lower()


def class_of(code: int) -> int:
    """BREAK, LETTER or SINGLE for one code point."""
    if not chr(code).isalnum():
        return BREAK
    return SINGLE if any(low <= code <= high for low, high in NO_SPACE_RANGES) else LETTER


def lowered(code: int) -> int:
    """The one code point that `code` becomes under `normalise` whatever stands beside it, else HARD.

    Hard are characters that NFKC turns into several, moves or joins to others, and those whose lower case is
    longer or depends on the neighbours (the Greek sigma).
    """
    char = unicodedata.normalize("NFKC", chr(code))
    lower = char.lower()
    alone = len(char) == len(lower) == 1 and all(map(_stands_alone, {chr(code), char}))
    return ord(lower) if alone else HARD


def _stands_alone(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.combining(char) == 0
        and code not in _second_halves()
        and not any(code in jamo for jamo in _JAMO)
        and code != _FINAL_SIGMA
    )


@cache
def _second_halves() -> frozenset[int]:
    """Characters that may join the one before them into a single character."""
    pairs = (unicodedata.decomposition(chr(code)).split() for code in range(0x20000))
    return frozenset(int(pair[1], 16) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<"))


class CharacterTable:
    """Class and lower case of every code point met so far; it learns the others as they come.

    `classes` uint8 and `lowered` uint32 are indexed by code point. Learning what is known already changes
    nothing, so threads may share a table.
    """

    def __init__(self) -> None:
        self.classes = np.full(_CODE_POINTS, _UNCLASSED, np.uint8)
        self.lowered = np.full(_CODE_POINTS, UNKNOWN, np.uint32)
        for code in range(128):
            self._learn(code)

    def classes_of(self, codes: Codes) -> npt.NDArray[np.uint8]:
        """Class of each code point."""
        found = self.classes[codes]
        if (found == _UNCLASSED).any():
            self.learn(codes)
            found = self.classes[codes]
        return found

    def learn(self, codes: npt.NDArray[Any]) -> None:
        """Look up what is not known yet of `codes`."""
        for code in np.unique(codes[self.classes[codes] == _UNCLASSED]).tolist():
            self._learn(code)

    def _learn(self, code: int) -> None:
        lower = lowered(code)
        self.lowered[code] = lower
        self.classes[code] = class_of(code)
        if lower != HARD:
            self.classes[lower] = class_of(lower)
            self.lowered[lower] = lowered(lower)


TABLE = CharacterTable()
