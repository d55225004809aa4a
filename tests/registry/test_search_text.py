"""Search words: one normal form, no sign with a meaning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import InputRefusedError
from registry.search_text import MAX_QUERY, search_phrases, search_words


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_words_hold_letters_and_digits_only(text: str) -> None:
    words = search_words([text])

    assert all(c.isalnum() or c == " " for c in words)
    assert words.startswith(" ")
    assert words.endswith(" ")
    assert "  " not in words


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    words = search_words([text])

    assert search_words([words]) == words


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_a_text_is_found_by_each_part_of_it(before: str, text: str) -> None:
    stored = search_words([before, text])

    for phrase in search_phrases(text) or []:
        assert f" {phrase}" in stored


def test_accents_case_and_width_do_not_count() -> None:
    assert search_words(["Ｃａｆé STRASSE straße"]) == " cafe strasse strasse "


def test_a_query_of_signs_can_never_be_found() -> None:
    assert search_phrases('% _ " * ( OR') == ["or"]
    assert search_phrases("%_") is None


def test_a_query_that_is_too_long_is_refused() -> None:
    assert search_phrases("a" * MAX_QUERY)
    with pytest.raises(InputRefusedError, match="1,001 characters"):
        search_phrases("a" * (MAX_QUERY + 1))
