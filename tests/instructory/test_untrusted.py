"""Other people's texts: nothing unseen stays in them, and they cannot close the marks around them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructory.untrusted import MAX_TEXT_CHARS, all_shown, marked, shown, visible

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("\U000e0041", "\\U000e0041"),
        ("\x00\x07", "\\x00\\x07"),
        ("\ud800", "\\ud800"),
        ("one\n\ttwo é 漢 🙂", "one\n\ttwo é 漢 🙂"),
    ],
)
def test_signs_nobody_sees_are_spelt_out(hidden: str, seen: str) -> None:
    assert visible(hidden) == seen


def test_long_texts_are_cut_and_say_so() -> None:
    cut = shown("x" * (MAX_TEXT_CHARS + 1_234))

    assert cut.endswith(" […1,234 more characters]")
    assert len(cut) < MAX_TEXT_CHARS + 40


@given(plain)
def test_whatever_is_marked_stays_between_its_marks(value: Any) -> None:
    answer = marked(value)
    mark = answer["begin"].removeprefix("<untrusted-data ").removesuffix(">")

    assert answer["end"] == f"</untrusted-data {mark}>"
    assert mark not in json.dumps(answer["data"], ensure_ascii=False)
    assert answer == marked(value)
    texts = json.dumps(all_shown(value), ensure_ascii=False)
    assert all(sign.isprintable() for sign in texts)


def test_rows_that_differ_have_marks_that_differ() -> None:
    assert marked(["a"])["begin"] != marked(["b"])["begin"]


def test_a_row_that_guesses_a_mark_gets_another() -> None:
    guessed = marked(["text"])["end"]

    again = marked(["text", guessed])

    assert again["end"] != guessed
