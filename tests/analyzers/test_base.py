from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch
from analyzers.views import View, without_reasoning

TURN = pa.struct({"role": pa.string(), "content": pa.large_string()})


def rows_of(*conversations: list[tuple[str, str | None]] | None, system: str | None = None) -> pa.RecordBatch:
    def joined(turns: list[tuple[str, str | None]] | None, role: str) -> str:
        return "\n".join(text or "" for who, text in turns or [] if who == role)

    turns = [None if c is None else [{"role": r, "content": t} for r, t in c] for c in conversations]
    return pa.RecordBatch.from_pydict(
        {
            "row": pa.array(range(len(turns)), pa.int64()),
            "system": pa.array([system] * len(turns), pa.large_string()),
            "turns": pa.array(turns, pa.list_(TURN)),
            "prompt": pa.array([joined(c, "user") for c in conversations], pa.large_string()),
            "response": pa.array([joined(c, "assistant") for c in conversations], pa.large_string()),
        }
    )


CHAT: list[tuple[str, str | None]] = [
    ("user", "Two plus two?"),
    ("assistant", "<think>2+2\nis 4</think>\nFour."),
    ("user", "Sure?"),
    ("assistant", "Yes."),
]


def test_views_of_a_conversation() -> None:
    batch = Batch(rows_of(CHAT, [("assistant", "Hello.")], [("user", None)], None, system="Be brief."))

    assert batch.view("prompt").to_pylist() == ["Two plus two?\nSure?", "", "", ""]
    assert batch.view("first_prompt").to_pylist() == ["Two plus two?", "", "", ""]
    assert batch.view("final_answer").to_pylist() == ["Four.\nYes.", "Hello.", "", ""]
    assert batch.view("first_prompt+final_answer").to_pylist()[:2] == [
        "Two plus two?\nFour.\nYes.",
        "\nHello.",
    ]
    assert batch.view("all").to_pylist()[1:] == ["Be brief.\nHello.", "Be brief.\n", "Be brief."]


def test_views_of_a_slice_are_those_of_its_rows() -> None:
    rows = rows_of([("user", "one")], CHAT, [("assistant", "x"), ("user", "late")])
    whole, part = Batch(rows), Batch(rows.slice(1))

    for view in View:
        assert part.view(view).to_pylist() == whole.view(view).to_pylist()[1:], view


def test_the_whole_text_without_a_system_text_has_no_empty_line() -> None:
    assert Batch(rows_of([("user", "a"), ("assistant", "b")])).view("all").to_pylist() == ["a\nb"]


SAID = st.tuples(
    st.sampled_from(["user", "assistant", "tool"]), st.sampled_from(["", "a", "b c", "é\nd", None])
)
TALKS = st.lists(st.one_of(st.none(), st.lists(SAID, max_size=4)), max_size=6)


@settings(max_examples=50, deadline=None)
@given(TALKS, st.lists(st.booleans(), min_size=6, max_size=6), st.integers(0, 2))
def test_views_without_their_columns_are_made_of_the_turns(
    talks: list[list[tuple[str, str | None]] | None], with_system: list[bool], cut: int
) -> None:
    system = pa.array(["Be kind." if said else None for said in with_system[: len(talks)]], pa.large_string())
    rows = rows_of(*talks)
    rows = rows.set_column(1, "system", system).slice(cut)
    bare, asked = Batch(rows.drop_columns(["prompt"])), [talk or [] for talk in talks[cut:]]

    lines = [
        ([] if text is None else [text]) + [said or "" for _, said in talk]
        for text, talk in zip(system.to_pylist()[cut:], asked, strict=True)
    ]
    users = [[role for role, _ in talk].count("user") for talk in asked]
    assert bare.view("prompt").to_pylist() == rows.column("prompt").to_pylist()
    assert bare.view("all").to_pylist() == ["\n".join(row) for row in lines]
    assert bare.questions.goes_on.tolist() == [count > 1 for count in users]
    assert bare.questions.opens.tolist() == [
        count == 1 and talk[0][0] == "user" and text is None
        for count, talk, text in zip(users, asked, system.to_pylist()[cut:], strict=True)
    ]
    some = np.arange(0, len(asked), 2)
    assert bare.take(some, "prompt").to_pylist() == rows.column("prompt").to_pylist()[::2]


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("<think>a</think>b<THINKING>c</thinking>d", "bd"),
        ("opened in the prompt</think>\n\nanswer", "answer"),
        ("<think>never closed", ""),
        ("lead <reasoning>never closed", "lead "),
        ("<|begin_of_thought|>x<|end_of_thought|> y", "y"),
        ("if a < think > b", "if a < think > b"),
    ],
)
def test_reasoning_is_no_part_of_the_final_answer(response: str, answer: str) -> None:
    assert without_reasoning(pa.array(["plain", response], pa.large_string())).to_pylist() == [
        "plain",
        answer,
    ]


def test_a_batch_lends_the_same_arrays_to_all() -> None:
    batch = Batch(rows_of(CHAT))

    assert batch.words("prompt") is batch.words(View.PROMPT)
    assert batch.ngrams("prompt", 2) is batch.ngrams("prompt", 2)
    assert batch.shingles("prompt", 2) is batch.shingles("prompt", 2)


def test_the_sample_holds_the_marked_rows() -> None:
    rows = rows_of([("user", "one")], [("user", "two")], [("user", "three")])

    batch = Batch(rows, sampled=np.array([True, False, True]))

    assert batch.sample().view("prompt").to_pylist() == ["one", "three"]
    assert batch.sample() is batch.sample()
    assert batch.sample().sample() is batch.sample()
    assert Batch(rows).sample().num_rows == 3


def test_an_empty_batch_has_empty_views() -> None:
    batch = Batch(rows_of(CHAT).slice(0, 0))

    for view in View:
        assert len(batch.view(view)) == 0
        assert len(batch.words(view).hashes) == 0


def test_features_of_other_rows_are_refused() -> None:
    rows = rows_of(CHAT)

    with pytest.raises(ValueError, match="0 rows of features for 1 rows"):
        Batch(rows, features=rows.slice(0, 0))
