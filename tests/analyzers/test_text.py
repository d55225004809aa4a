from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import text
from analyzers.characters import SINGLE, class_of
from analyzers.compiled import is_compiled

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("aB'’_ \x00.1éÉßİΣσς़́ﬁ①㍿日本かなカタｶﾀภาလောខ្ញุ한국𝔸😀\u200d\ufb01\u2028"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
ROWS = st.lists(st.one_of(st.none(), HOSTILE), max_size=8)
needs_numba = pytest.mark.skipif(not is_compiled(), reason="numba is not installed or is switched off")
BUDGET = settings(max_examples=50, deadline=None)


def tokenise(rows: list[str | None]) -> text.Words:
    return text.words(pa.array(rows, pa.large_string()))


def per_row(offsets: np.ndarray, values: np.ndarray) -> list[list[int]]:
    return [values[a:b].tolist() for a, b in pairwise(offsets)]


def plain_hashes(row: str | None) -> list[int]:
    return [text.word_hash(word) for word in text.word_list(row or "")]


@BUDGET
@given(ROWS)
def test_compiled_words_equal_the_plain_twin(rows: list[str | None]) -> None:
    tokens = tokenise(rows)

    assert per_row(tokens.offsets, tokens.hashes) == [plain_hashes(row) for row in rows]
    spelt = [tokens.text(i) for i in range(len(tokens.hashes))]
    assert spelt == [word for row in rows for word in text.word_list(row or "")]


def assert_same_words(rows: list[str | None]) -> None:
    column = pa.array(rows, pa.large_string())
    compiled, plain = text.words(column), text.plain_words(column)

    for part in ("offsets", "hashes", "codes", "starts", "ends"):
        np.testing.assert_array_equal(getattr(compiled, part), getattr(plain, part), part)


@needs_numba
@BUDGET
@given(ROWS)
def test_compiled_words_are_the_words_in_numpy_bit_for_bit(rows: list[str | None]) -> None:
    assert_same_words(rows)


@BUDGET
@given(ROWS, st.integers(0, 3))
def test_characters_are_counted_as_python_does(rows: list[str | None], cut: int) -> None:
    column = pa.array(rows, pa.large_string()).slice(cut)

    assert text.char_counts(column).tolist() == [len(row or "") for row in rows[cut:]]
    assert text.plain_char_counts(column.fill_null("")).tolist() == text.char_counts(column).tolist()


@needs_numba
def test_every_character_between_letters_is_cut_alike() -> None:
    characters = [chr(code) for code in (*range(0xD800), *range(0xE000, 0x110000, 7))]

    assert_same_words([f"a{char}B" for char in characters])
    assert_same_words([f"{char}\u0301'{char}x" for char in characters[::11]])


@needs_numba
def test_a_slice_of_a_column_is_read_from_its_own_place() -> None:
    column = pa.array(["first", "the Ångström", None, "ﬁn é", "last"], pa.large_string()).slice(1, 3)

    compiled, plain = text.words(column), text.plain_words(column)

    np.testing.assert_array_equal(compiled.hashes, plain.hashes)
    np.testing.assert_array_equal(compiled.offsets, plain.offsets)


@needs_numba
@BUDGET
@given(ROWS, st.integers(1, 6))
def test_compiled_grams_and_shingles_are_those_in_numpy(rows: list[str | None], n: int) -> None:
    tokens = tokenise(rows)

    for compiled, plain in (
        (text.ngrams(tokens, n), text.plain_ngrams(tokens, n)),
        (text.shingles(tokens, n), text.plain_shingles(tokens, n)),
    ):
        np.testing.assert_array_equal(compiled.offsets, plain.offsets)
        np.testing.assert_array_equal(compiled.hashes, plain.hashes)


@needs_numba
def test_a_long_row_of_few_different_grams_is_sorted_as_any_other() -> None:
    tokens = tokenise(["a b " * 5_000, "c", "d e f g h i j " * 400])

    compiled, plain = text.shingles(tokens, 3), text.plain_shingles(tokens, 3)

    np.testing.assert_array_equal(compiled.offsets, plain.offsets)
    np.testing.assert_array_equal(compiled.hashes, plain.hashes)


@BUDGET
@given(HOSTILE)
def test_outside_scripts_without_spaces_words_are_what_the_rule_finds(row: str) -> None:
    spaced = "".join(c for c in unicodedata.normalize("NFKC", row) if class_of(ord(c)) != SINGLE)

    rule = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", unicodedata.normalize("NFKC", spaced).lower())

    assert text.word_list(spaced) == rule


@BUDGET
@given(ROWS, st.integers(1, 5))
def test_ngrams_equal_the_plain_twin_and_cross_no_border(rows: list[str | None], n: int) -> None:
    grams = text.ngrams(tokenise(rows), n)

    expected = []
    for row in rows:
        hashes = plain_hashes(row)
        expected.append([text.gram_hash(hashes[i : i + n]) for i in range(len(hashes) - n + 1)])
    assert per_row(grams.offsets, grams.hashes) == expected


@BUDGET
@given(ROWS, st.integers(1, 5))
def test_shingles_are_the_sorted_distinct_grams_or_the_whole_short_text(
    rows: list[str | None], k: int
) -> None:
    found = text.shingles(tokenise(rows), k)

    expected = []
    for row in rows:
        hashes = plain_hashes(row)
        grams = {text.gram_hash(hashes[i : i + k]) for i in range(len(hashes) - k + 1)}
        whole = {text.gram_hash(hashes)} if hashes else set()
        expected.append(sorted(value >> 16 for value in grams or whole))
    assert per_row(found.offsets, found.hashes) == expected


@BUDGET
@given(ROWS, st.integers(0, 8))
def test_a_row_gives_the_same_words_in_any_batch(rows: list[str | None], cut: int) -> None:
    whole = tokenise(rows)
    parts = [tokenise(rows[:cut]), tokenise(rows[cut:])]

    assert np.concatenate([part.hashes for part in parts]).tolist() == whole.hashes.tolist()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Don't STOP", ["don't", "stop"]),
        ("a'b'c’d", ["a'b", "c’d"]),
        ("rock ''n'' roll", ["rock", "n", "roll"]),
        ("snake_case x2", ["snake", "case", "x2"]),
        ("Ａｐｐｌｅ ﬁn", ["apple", "fin"]),
        ("日本語 text です", ["日", "本", "語", "text", "で", "す"]),
        ("한국어 말", ["한국어", "말"]),
        ("l'日本", ["l", "日", "本"]),
        ("ΟΔΟΣ\x00Σ", ["οδος", "σ"]),
        ("", []),
        ("\x00 …!?", []),
    ],
)
def test_words_by_hand(row: str, expected: list[str]) -> None:
    tokens = tokenise([row])

    assert text.word_list(row) == expected
    assert [tokens.text(i) for i in range(len(tokens.hashes))] == expected


def test_words_longer_than_a_block_hash_like_the_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_BLOCK_CHARS", 16)
    monkeypatch.setattr(text, "_POWERS", {})
    rows = ["x" * 50 + " y", "ab " * 40, "z" * 15 + " " + "q" * 17, "é" * 1_023 + "'é w", "a'b" * 2_500]

    tokens = tokenise(list(rows))

    assert per_row(tokens.offsets, tokens.hashes) == [plain_hashes(row) for row in rows]


def test_shingles_of_more_rows_than_fit_one_sort_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "SHINGLE_BITS", 63)
    rows = ["one two", "two three two three", "", "one two", "four"]

    found = text.shingles(tokenise(list(rows)), 1)

    expected = [sorted({text.gram_hash([value]) >> 1 for value in plain_hashes(row)}) for row in rows]
    assert per_row(found.offsets, found.hashes) == expected


def test_no_rows_give_no_words() -> None:
    tokens = tokenise([])

    assert tokens.offsets.tolist() == [0]
    assert text.ngrams(tokens, 3).offsets.tolist() == [0]
    assert text.shingles(tokens, 3).offsets.tolist() == [0]


def test_the_metrics_corpus_has_39_words() -> None:
    rows = [
        "Write a short poem about the sea.",
        "Write a short poem about the forest.",
        "Explain why the sky is blue.",
        "Sort the list of numbers in Python.",
        "Explain why the sky is blue.",
        "List three uses of baking soda.",
    ]

    tokens = tokenise(list(rows))

    assert (len(tokens.hashes), len(np.unique(tokens.hashes))) == (39, 23)


def test_an_ngram_of_no_words_is_refused() -> None:
    with pytest.raises(ValueError, match="n=0"):
        text.ngrams(tokenise(["a"]), 0)
