from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.compiled import is_compiled
from analyzers.distinct import distinct_values
from analyzers.gram_filter import GramFilter
from analyzers.gram_index import RepeatedGrams, stable_order
from analyzers.near_rows import OPENING_WORDS, Doorway, NearRows
from analyzers.text import Words, ngrams, plain_ngrams, words

HOSTILE = st.text(
    st.one_of(st.sampled_from("aB'’_ \x00.1éßİΣ́ﬁ日本かภ😀\u2028"), st.characters(exclude_categories=["Cs"])),
    max_size=30,
)
SAID = st.lists(st.sampled_from(["sea", "sky", "日", "it's"]), max_size=16).map(" ".join)
ROWS = st.lists(st.one_of(st.none(), HOSTILE, SAID), max_size=8)
TOP = 0xFFFFFFFFFFFFFFFF
BUDGET = settings(max_examples=50, deadline=None)
needs_numba = pytest.mark.skipif(not is_compiled(), reason="numba is not installed or is switched off")


def cut(rows: list[str | None]) -> Words:
    return words(pa.array(rows, pa.large_string()))


def sets_of(tokens: Words, n: int) -> list[set[int]]:
    grams = plain_ngrams(tokens, n)
    return [set(grams.hashes[a:b].tolist()) for a, b in pairwise(grams.offsets)]


@BUDGET
@given(ROWS, ROWS, st.integers(1, 6))
def test_the_grams_that_are_met_are_those_of_both_sides(
    known: list[str | None], rows: list[str | None], n: int
) -> None:
    tokens, grams = cut(rows), distinct_values(plain_ngrams(cut(known), n).hashes)
    expected = [
        (row, value)
        for row, (a, b) in enumerate(pairwise(plain_ngrams(tokens, n).offsets))
        for value in plain_ngrams(tokens, n).hashes[a:b].tolist()
        if value in set(grams.tolist())
    ]

    met = GramFilter.of(grams)
    found, places = met.met(tokens, n)
    at, plain_places = met.places(plain_ngrams(tokens, n).hashes)

    assert list(zip(found.tolist(), grams[places].tolist(), strict=True)) == expected
    assert plain_places.tolist() == places.tolist()
    assert plain_ngrams(tokens, n).hashes[at].tolist() == [value for _, value in expected]


@needs_numba
@BUDGET
@given(
    st.lists(st.one_of(st.integers(0, 200), st.integers(TOP - 200, TOP), st.integers(0, TOP)), max_size=2000)
)
def test_the_compiled_filter_has_the_bits_of_the_one_in_numpy(hashes: list[int]) -> None:
    grams = distinct_values(np.array(hashes, np.uint64))

    compiled = GramFilter.of(grams)
    plain = GramFilter.plain(grams, (len(compiled.words) - 1).bit_length())

    np.testing.assert_array_equal(compiled.words, plain.words)
    np.testing.assert_array_equal(compiled.starts, plain.starts)
    assert compiled.places(grams)[1].tolist() == list(range(len(grams)))


@BUDGET
@given(ROWS, ROWS, st.integers(OPENING_WORDS, 9))
def test_every_row_that_holds_a_run_of_words_is_near(
    known: list[str | None], rows: list[str | None], n: int
) -> None:
    field, tokens = cut(known), cut(rows)
    doorway = Doorway(ngrams(field, OPENING_WORDS))
    held = set().union(*sets_of(field, n))
    opened = set().union(*sets_of(field, OPENING_WORDS))

    doorway.near(cut(["the words of another batch"]), n)
    near = doorway.near(tokens, n)

    holds = {row for row, grams in enumerate(sets_of(tokens, n)) if grams & held}
    shares = {row for row, grams in enumerate(sets_of(tokens, OPENING_WORDS)) if grams & opened}
    assert holds <= set(near.rows.tolist()) <= shares
    assert set(doorway.near(tokens, OPENING_WORDS).rows.tolist()) == shares
    assert doorway.near(tokens, n) is near
    assert [near.tokens.hashes[a:b].tolist() for a, b in pairwise(near.tokens.offsets)] == [
        tokens.hashes[tokens.offsets[row] : tokens.offsets[row + 1]].tolist() for row in near.rows
    ]
    assert NearRows.all(tokens).rows.tolist() == list(range(len(rows)))


@BUDGET
@given(ROWS, ROWS)
def test_rows_that_hold_a_marked_opening_are_found(known: list[str | None], rows: list[str | None]) -> None:
    field, tokens = ngrams(cut(known), OPENING_WORDS), cut(rows)
    marked = field.hashes[::2]

    doorway = Doorway(field)
    found = doorway.opened(tokens, doorway.marked(marked))

    expected = [
        row for row, grams in enumerate(sets_of(tokens, OPENING_WORDS)) if grams & set(marked.tolist())
    ]
    assert found.rows.tolist() == expected


@BUDGET
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=40))
def test_repeated_grams_are_counted_as_by_hand(pairs: list[tuple[int, int]]) -> None:
    pairs.sort()
    hashes, items = np.array([h for h, _ in pairs], np.uint64), np.array([i for _, i in pairs], np.int64)

    many = RepeatedGrams.of(hashes, items)

    held = {h: [i for other, i in pairs if other == h] for h, _ in pairs}
    first = {h: [other for other, _ in pairs].index(h) for h in held}
    several = [h for h in held if len(held[h]) > 1]
    assert many.begins.tolist() == [first[h] for h in several]
    assert many.same_item.tolist() == [at for at in range(1, len(pairs)) if pairs[at] == pairs[at - 1]]
    places, counts = many.places_and_items(np.array([first[h] for h in held], np.int64))
    assert places.tolist() == [len(held[h]) for h in held]
    assert counts.tolist() == [len(set(held[h])) for h in held]


@BUDGET
@given(st.lists(st.one_of(st.integers(0, 5), st.integers(0, TOP)), max_size=200), st.integers(1, 3))
def test_equal_hashes_keep_their_order_and_all_others_rise(hashes: list[int], times: int) -> None:
    values = np.array(hashes * times, np.uint64)

    order, ordered = stable_order(values)

    assert order.tolist() == np.argsort(values, kind="stable").tolist()
    assert ordered.tolist() == sorted(values.tolist())
    assert distinct_values(values).tolist() == sorted(set(hashes))
