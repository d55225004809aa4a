"""Answers that disagree are found as an obvious double loop finds them, and answers are read as people do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from flag_rows import conversations
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch
from analyzers.conflicts import AnswerConflicts, conflicts
from analyzers.final_answers import final_answer, maybe_answered
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

READ = [
    ("He pays 3 times 7.\n#### 21", ("number", "21")),
    ("#### $1,234.50", ("number", "1234.5")),
    ("So we get \\boxed{\\frac{1}{2}}", None),
    ("Hence $x = \\boxed{-12}$.", ("number", "-12")),
    ("Adding up, the answer is 7.", ("number", "7")),
    ("First I thought the answer is 4. But the answer is: 5", ("number", "5")),
    ("**Final answer:** 1/4", ("number", "0.25")),
    ("The final answer is 15 gallons * 8 pints = 120 pints", ("number", "120")),
    ("The correct answer is (C) the old mill.", ("option", "C")),
    ("Answer: B", ("option", "B")),
    ("The answer is B.", ("option", "B")),
    ("(D)", ("option", "D")),
    ("Yes.", ("yes_no", "yes")),
    ("The answer is no, because bees are not birds.", ("yes_no", "no")),
    ("False", ("yes_no", "false")),
    ("42", ("number", "42")),
    ("$3.50", ("number", "3.5")),
    ("0.0", ("number", "0")),
    ("He has nineteen sheep and sells seven of them.\n12", ("number", "12")),
    ("1\n2\n3", None),
    ("The answer is a long story about bees.", None),
    ("The answer is 3rd place.", None),
    ("The answer is 10:30.", None),
    ("Yes, you can do that in many ways, for example by boat.", None),
    ("No one knows the answer.", None),
    ("The answer is no one.", None),
    ("I like A. B is fine too.", None),
    ("", None),
    ("12 apples and 3 pears", None),
]


@pytest.mark.parametrize(("text", "answer"), READ)
def test_final_answers_are_read_as_people_read_them(text: str, answer: tuple[str, str] | None) -> None:
    assert final_answer(text) == answer


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([text for text, _ in READ] + ["\n", " ", "x" * 30]), max_size=4).map("\n".join)
)
def test_the_compiled_test_never_hides_an_answer(text: str) -> None:
    (maybe,) = maybe_answered(pa.array([text], pa.large_string())).to_pylist()

    assert maybe or final_answer(text) is None


QUESTIONS = ["What is two and three?", "what IS two and three", "Is ice cold?", "Pick one."]
ANSWERS = ["5", "#### 5.0", "6", "Yes.", "no", "true", "(A)", "B", "It depends on the day, as ever."]
rows_of = st.lists(st.tuples(st.sampled_from(QUESTIONS), st.sampled_from(ANSWERS)), max_size=12)


@settings(max_examples=80, deadline=None)
@given(rows_of, st.integers(0, 12))
def test_rates_are_those_of_a_double_loop_wherever_rows_are_cut(
    rows: list[tuple[str, str]], cut: int
) -> None:
    analyzer = AnswerConflicts()
    batch = conversations(*([("user", q), ("assistant", a)] for q, a in rows))
    parts = [analyzer.measure(Batch(part)) for part in (batch.slice(0, cut), batch.slice(cut))]

    found = {f.metric: f for f in analyzer.finish(analyzer.merge(*parts))}

    if rows:
        assert found["answer_known"].value == sum(final_answer(a) is not None for _, a in rows) / len(rows)
        assert found["answer_conflict"].value == sum(slow(rows)) / len(rows)
    else:
        assert {f.reason for f in found.values()} == {"no rows"}


def slow(rows: list[tuple[str, str]]) -> list[bool]:
    def differs(i: int, j: int) -> bool:
        same = QUESTIONS.index(rows[i][0]) // 2 == 0 == QUESTIONS.index(rows[j][0]) // 2
        one, other = final_answer(rows[i][1]), final_answer(rows[j][1])
        if not (same or rows[i][0] == rows[j][0]) or one is None or other is None:
            return False
        return one.kind == other.kind and one.text != other.text

    return [any(differs(i, j) for j in range(len(rows))) for i in range(len(rows))]


def test_datasets_that_disagree_are_shown_with_their_answers(snapshot_of: SnapshotOf) -> None:
    a = snapshot_of([("How many legs has an ant?", "Six legs.\n#### 6"), ("Is ice cold?", "Yes.")], "a")
    b = snapshot_of([("How many legs has an ant?", "#### 8"), ("Is ice cold?", "yes"), ("Why?", "8")], "b")

    found = conflicts([a, b])

    assert (found.rows, found.known, found.conflicts, found.rows_in_conflict) == (5, 5, 1, 2)
    (pair,) = found.pairs
    assert (pair.a, pair.b, pair.questions, pair.conflicts) == ("a", "b", 2, 1)
    (example,) = found.examples
    assert example.question == "How many legs has an ant?"
    assert [(g.dataset, g.row, g.answer) for g in example.answers] == [("a", 0, "6"), ("b", 0, "8")]


def test_one_dataset_can_disagree_with_itself(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([("Pick a letter.", "A"), ("Other?", "x"), ("pick a letter", "(B)")], "rows")

    found = conflicts([rows])

    assert (found.conflicts, found.rows_in_conflict, found.pairs) == (1, 2, ())


def test_rows_of_several_questions_are_left_out() -> None:
    twice = [("user", "Is it?"), ("assistant", "Yes."), ("user", "Is it?"), ("assistant", "No.")]

    (known, _) = AnswerConflicts().finish(AnswerConflicts().measure(Batch(conversations(twice))))

    assert known.value == 0


def test_reasoning_is_not_read(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([("Q?", "<think>the answer is 4</think>5"), ("Q?", "5")], "rows")

    assert conflicts([rows]).conflicts == 0


def test_no_rows_at_all(snapshot_of: SnapshotOf) -> None:
    found = conflicts([snapshot_of([], "none")])

    assert (found.rows, found.conflicts, found.examples) == (0, 0, ())
    assert np.isfinite(found.known)
