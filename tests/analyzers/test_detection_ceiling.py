"""Planted forms are what they are called, and their recall is that of the rule's plain definition."""

from __future__ import annotations

import pytest
from test_leak_rules import SLOW, Pairs

from analyzers.benchmark_items import Items
from analyzers.benchmark_search import BenchmarkIndex
from analyzers.detection_ceiling import detection_ceiling, drawn_items
from analyzers.leak_rules import RULES
from analyzers.planted_forms import FORMS, NOT_PLANTED

STAVES = (
    "A cooper bends 14 staves an hour and needs 21 for a small barrel. How many hours does he bend for"
    " the staves of 6 small barrels if he rests for 2 hours in between and wastes none of them?"
)
TREES = (
    "Which tree keeps its leaves in winter when it grows in a garden of the north?\n"
    "(A) the larch with its soft needles\n(B) the holly by the gate\n(C) the old walnut\nChoose a letter."
)
ITEMS = [
    (STAVES, "He needs 6 times 21, which is 126 staves. At 14 an hour this takes 9 hours, with the rest 11."),
    (TREES, "The holly by the gate is the only evergreen among the three, so the answer is B and no other."),
    ("Name the third note of the scale.", "mi"),
    ("Name a salt lake.", ""),
    ("   ", "An answer to nothing at all is never planted here, as it has no question."),
]
QUESTIONS, ANSWERS = [q for q, _ in ITEMS], [a for _, a in ITEMS]


@pytest.mark.parametrize("rule", RULES)
def test_recall_is_what_the_plain_definition_gives(rule: str) -> None:
    index = BenchmarkIndex(Items.of_texts(QUESTIONS, ANSWERS), RULES[rule])

    measured = {form.form: form for form in detection_ceiling(index, QUESTIONS, ANSWERS)}

    assert list(measured) == [*FORMS, *NOT_PLANTED]
    for name, make in FORMS.items():
        made = [(item, make(*ITEMS[item])) for item in drawn_items(QUESTIONS, 10)]
        rows = [(item, (row.prompt, row.response)) for item, row in made if row]
        slow: Pairs = SLOW[rule](ITEMS, [row for _, row in rows])
        found = sum((place, item) in slow for place, (item, _) in enumerate(rows))
        assert (measured[name].planted, measured[name].found) == (len(rows), found), name
        assert measured[name].recall == pytest.approx(found / len(rows))
        assert measured[name].ci_low <= measured[name].recall <= measured[name].ci_high
    assert measured["nothing"].found == 0
    assert all(measured[name].recall is None and measured[name].reason for name in NOT_PLANTED)


def test_answers_are_found_under_other_questions() -> None:
    index = BenchmarkIndex(Items.of_texts(QUESTIONS, ANSWERS), RULES["ngram8_any"])

    forms = {form.form: form for form in detection_ceiling(index, QUESTIONS, ANSWERS)}

    assert (forms["new_question"].found, forms["new_question"].answer_found) == (0, 2)
    assert (forms["new_answer"].found, forms["new_answer"].answer_found) == (4, 0)


def test_forms_change_what_they_say_and_nothing_else() -> None:
    question, answer = ITEMS[1]
    numbers = FORMS["numbers_changed"]("In 1999 and 7 of 100", "999")

    shuffled = FORMS["options_shuffled"](question, answer)
    wrapped = FORMS["hard_wrapped"](question, answer)

    assert shuffled is not None
    assert wrapped is not None
    assert numbers is not None
    assert (
        "(A) the holly by the gate\n(B) the old walnut\n(C) the larch with its soft needles"
        in shuffled.prompt
    )
    assert FORMS["options_shuffled"](*ITEMS[0]) is None
    assert max(len(line.split()) for line in wrapped.prompt.split("\n")) == 8
    assert wrapped.prompt.split() == question.split()
    assert (numbers.prompt, numbers.response) == ("In 4222 and 0 of 433", "222")
    assert FORMS["numbers_changed"](*ITEMS[2]) is None
    assert FORMS["new_question"](*ITEMS[3]) is None


def test_no_item_has_the_form_is_said() -> None:
    index = BenchmarkIndex(Items.of_texts(["Name the third note."], [""]), RULES["exact"])

    forms = {form.form: form for form in detection_ceiling(index, ["Name the third note."], [""])}

    assert (forms["options_shuffled"].planted, forms["options_shuffled"].recall) == (0, None)
    assert forms["options_shuffled"].reason


def test_which_items_are_planted_follows_from_their_text_alone() -> None:
    names = [QUESTIONS[item] for item in drawn_items(QUESTIONS, 3)]

    assert names == [QUESTIONS[::-1][item] for item in drawn_items(QUESTIONS[::-1], 3)]
    assert len(drawn_items(QUESTIONS, 99)) == 4
