from __future__ import annotations

import numpy as np
from flag_rows import answers, codes_of, conversations
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch
from analyzers.flags.copying import find as find_copy
from analyzers.flags.grams import repeats
from analyzers.flags.repetition import find as find_repetition
from analyzers.hygiene import flag_codes
from analyzers.text import ngrams, words

PROSE = (
    "Rivers begin as springs high in the mountains, where snow melts slowly under the summer sun. They run "
    "down through narrow valleys, meet other streams, and grow wide and calm before they reach the plains. "
    "Farmers lead water to their fields, towns draw what they drink, and ships carry grain, timber and iron "
    "to distant harbours."
)


def numbered(line: str, times: int) -> str:
    return "\n".join(line for _ in range(times))


def test_prose_does_not_repeat_itself() -> None:
    assert codes_of(answers(PROSE), "repetition") == [set()]


def test_equal_lines_and_paragraphs_are_counted() -> None:
    paragraph = "The same again and again, as if nobody had read it."
    lines = PROSE + "\n" + numbered(paragraph, 8)
    paragraphs = PROSE + "\n\n" + numbered(paragraph + "\n", 8)

    assert {"lines", "line_chars"} <= codes_of(answers(lines), "repetition")[0]
    assert {"paragraphs", "paragraph_chars"} <= codes_of(answers(paragraphs), "repetition")[0]


def test_loops_of_words_are_counted() -> None:
    loop = "and then we went on " * 20

    assert {"top_ngram", "duplicate_ngrams"} <= codes_of(answers(loop), "repetition")[0]


def test_short_answers_and_rulers_are_left_alone() -> None:
    table = (
        PROSE + "\n" + "\n".join(f"----\n{word}" for word in ["one", "two", "three", "four", "five", "six"])
    )

    assert codes_of(answers("ha " * 49, table), "repetition") == [set(), set()]
    assert codes_of(answers("ha " * 60), "repetition")[0] >= {"top_ngram"}


def test_single_characters_are_not_judged_as_words() -> None:
    assert codes_of(answers("治疗方案主要包括药物治疗。" * 3 + "患者需要休息。" * 3), "repetition") == [set()]


PIECES = st.lists(
    st.sampled_from(["we went on", "home", "\n", "\n\n", "the river is wide", "a", ". "]), max_size=60
)


@settings(max_examples=50, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=4))
def test_the_bounds_never_hide_a_repetition(rows: list[list[str]]) -> None:
    texts = [" ".join(row) for row in rows]

    found = flag_codes(Batch(answers(*texts)))

    for (flag, code), mask in found.items():
        if flag == "repetition":
            assert mask.tolist() == [code in {span.code for span in find_repetition(text)} for text in texts]


def test_frequent_and_repeated_grams_are_counted_in_each_row() -> None:
    most, again = repeats(ngrams(words(answers("a b a b a b", "", "a b c").column("response")), 2))

    np.testing.assert_array_equal(most, [3, 0, 1])
    np.testing.assert_array_equal(again, [3, 0, 0])


def test_a_copied_question_is_found() -> None:
    question = "Name three rivers that flow through Germany."
    rows = conversations(
        [("user", question), ("assistant", question + " The Rhine, the Elbe and the Danube.")],
        [("user", question), ("assistant", "name three rivers that flow through the land")],
        [
            ("user", question),
            ("assistant", "Three rivers that flow through Germany are the Rhine, Elbe and Spree."),
        ],
        [("user", "Hello!"), ("assistant", "Hello!")],
    )

    assert codes_of(rows, "copy_prompt") == [{""}, {""}, set(), set()]


def test_the_copy_is_shown_up_to_its_last_word() -> None:
    (span,) = find_copy("one two three four five", "One, two. Three four five! Six")

    assert "One, two. Three four five! Six"[span.start : span.end] == "One, two. Three four five!"


def test_page_rules_are_those_of_gopher() -> None:
    rows = answers(PROSE, "Short.", "# " * 30 + PROSE, "\n".join(f"- {word}" for word in PROSE.split()), "")

    assert codes_of(rows, "gopher_quality") == [
        set(),
        {"word_count", "stop_words"},
        {"symbols"},
        {"bullets"},
        set(),
    ]
    assert "letters" in codes_of(answers("12 of 15 is 80 %, the rest is 20 %"), "gopher_quality")[0]
    assert "ellipses" in codes_of(answers("Well...\nThen..."), "gopher_quality")[0]
    assert "word_length" in codes_of(answers("a b c d"), "gopher_quality")[0]
