"""How deep a prompt nests, told from its linking words and lengths alone: a stand-in for a parse."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc

BACKEND = "linking-words-1"
WORDS_A_LEVEL = 4

Ints = npt.NDArray[np.int64]

_SENTENCE_END = r"[.!?]+(?:\s+|\z)|\n+"
_WORD = r"[\p{L}\p{N}_]+"
_LINKING = (
    r"(?i)\b(?:of|in|on|at|to|for|from|by|with|about|into|between|against|through|during|over|under|that|which"
    r"|who|where|when|while|because|although|if|unless|until|whether|than|how|why|what|using)\b"
)


def nesting_depths(texts: pa.LargeStringArray) -> Ints:
    """For each text the greatest depth of a sentence; 0 without any word.

    1 + prepositions and subordinating words + every fourth word. Marks and subordinating words alone hardly
    follow the depth of a parse (rank correlation 0.1); prepositions and length do (0.6).
    """
    found = np.zeros(len(texts), np.int64)
    if not len(texts):
        return found
    pieces = pc.split_pattern_regex(texts, _SENTENCE_END)
    sentences, parents = pc.list_flatten(pieces), pc.list_parent_indices(pieces).to_numpy()
    words = _counts(sentences, _WORD)
    depths = np.where(words > 0, 1 + _counts(sentences, _LINKING) + words // WORDS_A_LEVEL, 0)
    np.maximum.at(found, parents, depths)
    return found


def _counts(texts: pa.LargeStringArray, pattern: str) -> Ints:
    counts: Ints = pc.count_substring_regex(texts, pattern).to_numpy().astype(np.int64)
    return counts
