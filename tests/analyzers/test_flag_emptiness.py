from __future__ import annotations

import pytest
from flag_rows import answers, codes_of, conversations


@pytest.mark.parametrize("text", ["", " ", "\n\t\n", "\u00a0\u3000"])
def test_a_blank_answer_is_empty(text: str) -> None:
    assert codes_of(answers(text), "empty_output") == [{"empty"}]


@pytest.mark.parametrize(
    "text", ["N/A", "n/a.", "None", "null", "TODO", "<noinput>", "<No Output>", "...", " … ", "**none**"]
)
def test_words_that_stand_for_nothing_are_placeholders(text: str) -> None:
    assert codes_of(answers(text), "empty_output") == [{"placeholder"}]


@pytest.mark.parametrize("text", ["?", "!!!!!!!!!!", "- -", "。"])
def test_marks_alone_are_punctuation(text: str) -> None:
    assert codes_of(answers(text), "empty_output") == [{"punctuation"}]


@pytest.mark.parametrize(
    "text", ["7", "+", "<", "$", "😀", ":-)", ".. / .- --", "None of them.", "Nan is a name", "ŋ"]
)
def test_short_answers_are_answers(text: str) -> None:
    assert codes_of(answers(text), "empty_output") == [set()]


def test_only_the_last_answer_counts() -> None:
    first_blank = [("user", "a?"), ("assistant", ""), ("user", "b?"), ("assistant", "b")]
    last_blank = [("user", "a?"), ("assistant", "a"), ("user", "b?"), ("assistant", " ")]

    assert codes_of(conversations(first_blank, last_blank), "empty_output") == [set(), {"empty"}]


def test_a_row_without_an_answer_is_no_empty_answer() -> None:
    assert codes_of(conversations([("user", "a?")], []), "empty_output") == [set(), set()]


def test_prompts_are_judged_by_the_first_and_by_blank_later_ones() -> None:
    chats = [
        [("user", "..."), ("assistant", "yes")],
        [("user", "Do you want one?"), ("assistant", "How many?"), ("user", "None"), ("assistant", "Fine.")],
        [("user", "Do you want one?"), ("assistant", "How many?"), ("user", " "), ("assistant", "Fine.")],
    ]

    assert codes_of(conversations(*chats), "empty_prompt") == [{"placeholder"}, set(), {"empty"}]
