"""Pools of small texts, and what is to be found in them by the plain definitions."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import strategies as st

from analyzers.minhash import signatures
from analyzers.row_pool import RowPool
from analyzers.signature_store import Scheme, Signatures, row_keys
from analyzers.text import shingles, word_list, words

# Short texts over few words, so that equal and similar ones are frequent.
small_texts = st.lists(st.lists(st.sampled_from("abcd"), max_size=6).map(" ".join), max_size=25)


def pool_of(texts: list[str], k: int = 1) -> RowPool:
    array = pa.array(texts, pa.large_string())
    tokens = words(array)
    grams = shingles(tokens, k)
    scheme = Scheme(view="prompt", shingle=k)
    store = Signatures(scheme, signatures(grams), grams.offsets, grams.hashes, row_keys(tokens, array))
    return RowPool.of([(store, None)])


def shingle_set(text: str, k: int) -> frozenset[tuple[str, ...]]:
    found = word_list(text)
    if 0 < len(found) < k:
        return frozenset({tuple(found)})
    return frozenset(tuple(found[i : i + k]) for i in range(len(found) - k + 1))


def slow_jaccard(a: str, b: str, k: int) -> float:
    left, right = shingle_set(a, k), shingle_set(b, k)
    return len(left & right) / len(left | right) if left | right else 0.0


def slow_stars(texts: list[str], k: int, threshold: float) -> list[int]:
    """For each row the first kept row before it that is similar to it, -1 where there is none."""
    owner: list[int] = []
    for row, text in enumerate(texts):
        kept = (
            other
            for other in range(row)
            if owner[other] < 0
            and word_list(text)
            and (
                word_list(texts[other]) == word_list(text) or slow_jaccard(texts[other], text, k) >= threshold
            )
        )
        owner.append(next(kept, -1))
    return owner
