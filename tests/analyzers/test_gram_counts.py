from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzers.compiled import is_compiled
from analyzers.gram_counts import all_grams, distinct_grams, gram_counts, plain_gram_counts
from analyzers.text import Grams, word_list, words

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("aB'’_ \x00.1éÉßİΣσς́ﬁ㍿日本かなภာ한𝔸😀\u200d\u2028"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=30,
)
ROWS = st.lists(st.one_of(st.none(), HOSTILE, st.just("a b a b a b a")), max_size=8)
TOP = 0xFFFFFFFFFFFFFFFF
HASHES = st.lists(st.one_of(st.integers(0, 3), st.integers(TOP - 3, TOP), st.integers(0, TOP)), max_size=60)
BUDGET = settings(max_examples=50, deadline=None)
needs_numba = pytest.mark.skipif(not is_compiled(), reason="numba is not installed or is switched off")


def one_text(hashes: np.ndarray) -> Grams:
    return Grams(np.array([0, len(hashes)]), hashes)


def assert_counted(tokens: Grams, n: int, expected: list[int]) -> None:
    assert sorted(gram_counts(tokens, n).tolist()) == expected
    assert sorted(plain_gram_counts(tokens, n).tolist()) == expected
    assert distinct_grams(tokens, n) == len(expected)
    assert all_grams(tokens, n) == sum(expected)


@BUDGET
@given(ROWS, st.integers(1, 4))
def test_counts_are_those_of_a_counter_over_the_words(rows: list[str | None], n: int) -> None:
    tokens = words(pa.array(rows, pa.large_string()))
    split = [word_list(row or "") for row in rows]
    counter = Counter(tuple(row[i : i + n]) for row in split for i in range(len(row) - n + 1))

    assert_counted(Grams(tokens.offsets, tokens.hashes), n, sorted(counter.values()))


@BUDGET
@given(HASHES)
@example([0, 0, TOP, TOP, 1])
def test_every_number_may_be_a_hash(hashes: list[int]) -> None:
    assert_counted(one_text(np.array(hashes, np.uint64)), 1, sorted(Counter(hashes).values()))


@needs_numba
@BUDGET
@given(HASHES, st.integers(1, 3), st.integers(1, 9))
def test_hashes_spread_by_their_upper_bits_are_counted_alike(
    hashes: list[int], times: int, bits: int
) -> None:
    from analyzers import compiled_counts

    values = np.array(hashes * times, np.uint64)
    lengths = np.empty(len(values), np.int64)
    spread = compiled_counts._Spread(len(values), bits)
    for low in range(0, len(values), 7):
        spread.add(values[low : low + 7])

    assert spread.found(None) == spread.found(lengths) == len(set(hashes))
    assert sorted(lengths[: len(set(hashes))].tolist()) == sorted(Counter(hashes * times).values())


@needs_numba
def test_many_hashes_fill_many_chunks_and_their_tables_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    from analyzers import compiled_counts

    rng = np.random.default_rng(3)
    # Half of them in one part of 64, each twice.
    hashes = np.concatenate(
        (rng.integers(0, TOP, 20_000, np.uint64), rng.integers(0, TOP >> 6, 20_000, np.uint64))
    )
    tokens = Grams(np.array([0, 30_000, 80_000]), np.repeat(hashes, 2))
    monkeypatch.setattr(compiled_counts, "_FEW_SLOTS", 1 << 10)
    monkeypatch.setattr(compiled_counts, "_FEW_GRAMS", 1 << 9)
    monkeypatch.setattr(compiled_counts, "_PART_HASHES", 1 << 10)

    assert_counted(tokens, 1, [2] * 40_000)
    for n in (2, 3):
        expected = sorted(plain_gram_counts(tokens, n).tolist())
        assert_counted(tokens, n, expected)


@needs_numba
def test_hashes_made_to_meet_in_one_slot_are_sorted_instead() -> None:
    from analyzers import compiled_counts

    hashes = np.arange(1, 30_001, dtype=np.uint64) << np.uint64(40)
    spread = compiled_counts._Spread(len(hashes), 1)
    spread.add(hashes)

    assert spread.found(None) is None
    assert_counted(one_text(hashes), 1, [1] * len(hashes))


@needs_numba
@BUDGET
@given(ROWS, st.integers(1, 4), st.integers(1, 5))
def test_grams_in_blocks_are_the_grams_of_all_rows(rows: list[str | None], n: int, block: int) -> None:
    from analyzers import compiled_words
    from analyzers.text import GRAM_BASE, plain_ngrams

    tokens = words(pa.array(rows, pa.large_string()))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compiled_words, "_WORDS_A_BLOCK", block)
        found = [
            grams.copy() for grams in compiled_words.gram_blocks(tokens.hashes, tokens.offsets, n, GRAM_BASE)
        ]

    np.testing.assert_array_equal(
        np.concatenate([np.empty(0, np.uint64), *found]), plain_ngrams(tokens, n).hashes
    )
