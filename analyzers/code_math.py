"""How much of a text is code or mathematics, in characters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.text import char_counts

# A cheap expression that picks the texts worth the second one, and what is put back for a match of it.
Rules = tuple[tuple[str, str, str], ...]

# Fences first (an unclosed one runs to the end), then indented lines that carry a code symbol.
_CODE: Rules = (
    (r"```", r"(?s)```.*?(?:```|\z)", ""),
    (r"(?m)^(?: {4}|\t)", r"(?m)^(?: {4}|\t)[^\n]*[;{}()=<>\[\]][^\n]*$", ""),
)
# A closing $ before a digit is money, not mathematics; the character after it is put back.
_MATH: Rules = (
    (r"\$", r"(?s)\$\$.+?\$\$", ""),
    (r"\$", r"\$[^\s$](?:[^$\n]*[^\s$])?\$([^\d]|\z)", r"\1"),
    (r"\\[\[(b]", r"(?s)\\\[.+?\\\]|\\\(.+?\\\)|\\begin\{[a-z]+\*?\}.+?\\end\{[a-z]+\*?\}", ""),
    (
        r"\d\s*[+*×÷=^<>]|\d\s[-−–/]\s*\d",
        r"\d[\d.,]*(?:(?:\s*[+*×÷=^<>]+\s*|\s[-−–/]\s)[-−(]?\d[\d.,]*\)?)+",
        "",
    ),
)


def without_code(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Each text without fenced blocks and indented code lines."""
    return _stripped(texts, _CODE)


def without_math(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Each text without LaTeX and runs of digits joined by operators."""
    return _stripped(texts, _MATH)


def code_and_math_chars(texts: pa.LargeStringArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Characters of each text that are code, and characters of the rest that are mathematics."""
    prose = without_code(texts)
    left = char_counts(prose)
    return char_counts(texts) - left, left - char_counts(without_math(prose))


def _stripped(texts: pa.LargeStringArray, rules: Rules) -> pa.LargeStringArray:
    for hint, pattern, kept in rules:
        marked = pc.match_substring_regex(texts, hint)
        if pc.any(marked).as_py():
            cut = pc.replace_substring_regex(texts.filter(marked), pattern, kept)
            texts = pc.replace_with_mask(texts, marked, cut)
    return texts
