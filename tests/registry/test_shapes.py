from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ProblemCode
from registry.limits import Limits
from registry.readers import RawRow, open_rows
from registry.readers.byte_source import ByteSource
from registry.readers.strict_json import RowFaultError
from registry.shapes import SHAPES, Shaped, choose_shape
from registry.shapes.choice import shape_name
from registry.shapes.packed import MARKS, split_dialogue

DOCS = Path(__file__).parents[2] / "docs" / "shapes.md"
DATA = Path(__file__).parents[1] / "data" / "shapes"
EXAMPLE = re.compile(
    r"### (?P<name>[a-z-]+)\n\n[^\n]+\n\n```json\n(?P<row>.+?)\n```\n\n```json\n(?P<out>.+?)\n```", re.S
)

EXAMPLES = list(EXAMPLE.finditer(DOCS.read_text("utf-8")))


def shown(shaped: Shaped) -> dict[str, Any]:
    """A shaped row as docs/shapes.md shows it."""
    turns = []
    for turn in shaped.turns:
        plain: dict[str, Any] = {"role": turn.role, "content": turn.content}
        plain.update(
            {
                k: json.loads(v)
                for k, v in zip(("tool_calls", "label"), turn[2:], strict=True)
                if v is not None
            }
        )
        turns.append(plain)
    return {"system": shaped.system, "turns": turns, "extra": dict(shaped.extra)}


def read(row: dict[str, Any]) -> dict[str, Any]:
    shape = choose_shape([row])
    assert shape is not None, row
    return shown(shape.read(row))


def contents(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in read(row)["turns"]]


def fault(row: dict[str, Any], name: str) -> RowFaultError:
    shape = next(shape for shape in SHAPES if shape.name == name)
    with pytest.raises(RowFaultError) as caught:
        shape.read(row)
    return caught.value


@pytest.mark.parametrize("example", EXAMPLES, ids=[found["name"] for found in EXAMPLES])
def test_the_examples_of_the_documentation_come_out_as_it_says(example: re.Match[str]) -> None:
    row = json.loads(example["row"])
    shape = choose_shape([row])

    assert shape is not None
    assert shape.name == example["name"]
    assert shown(shape.read(row)) == json.loads(example["out"])


def test_every_shape_is_documented_once() -> None:
    assert sorted(found["name"] for found in EXAMPLES) == sorted(s.name for s in SHAPES)


FILES = {
    "alpaca.jsonl": ("alpaca", 4),
    "alpaca_history.jsonl": ("alpaca", 1),
    "benchmark.json": ("input-target", 2),
    "dialogue_preference.jsonl": ("dialogue-preference", 1),
    "dolly.jsonl": ("alpaca", 2),
    "guanaco.jsonl": ("packed-dialogue", 1),
    "kto.jsonl": ("kto", 2),
    "packed.jsonl": ("packed-dialogue", 2),
    "preference.jsonl": ("preference", 2),
    "preference_messages.jsonl": ("preference", 1),
    "preference_system.jsonl": ("preference", 1),
    "prompt_completion.jsonl": ("prompt-completion", 2),
    "question_answer.jsonl": ("question-answer", 2),
    "questions.csv": ("question-answer", 2),
    "reasoning.tsv": ("unnamed-columns", 2),
    "sharegpt.json": ("sharegpt", 2),
    "steps.jsonl": ("steps", 2),
    "task.json": ("natural-instructions", 2),
    "tools.jsonl": ("tools", 2),
    "typed_parts.jsonl": ("messages", 1),
}


def test_no_awkward_file_is_forgotten() -> None:
    assert sorted(path.name for path in DATA.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_awkward_rows_of_ours_are_read_in_full(name: str) -> None:
    items = list(open_rows(ByteSource(DATA / name, name, Limits())).rows())
    sample = [item.fields for item in items if isinstance(item, RawRow)]
    shape = choose_shape(sample)

    assert shape is not None
    assert (shape.name, len(sample)) == FILES[name]
    for fields in sample:
        assert all(isinstance(turn.content, str) for turn in shape.read(fields).turns)


def test_texts_stay_as_they_stand() -> None:
    row = {"instruction": "  keep  ", "input": "\n", "output": "007\u0000"}

    assert contents(row) == [("user", "  keep  \n\n"), ("assistant", "007\u0000")]


def test_of_two_answers_the_response_counts_and_the_other_is_kept() -> None:
    assert read({"instruction": "Q", "response": "A", "output": "B"})["extra"] == {"output": "B"}


def test_history_and_system_come_first() -> None:
    row = {"instruction": "c", "output": "d", "system": "S", "history": [["a", "b"]]}

    assert read(row)["system"] == "S"
    assert contents(row) == [("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")]


def test_a_later_system_turn_stays_a_turn() -> None:
    talk = [{"from": "human", "value": "a"}, {"from": "system", "value": "S"}, {"from": "gpt", "value": "b"}]

    assert contents({"conversations": talk}) == [("user", "a"), ("system", "S"), ("assistant", "b")]


def test_what_is_said_of_a_leading_system_turn_is_kept() -> None:
    row = {"messages": [{"role": "system", "content": "S", "weight": 0}, {"role": "user", "content": "Q"}]}

    assert read(row)["extra"] == {"messages[0]": {"weight": 0}}


def test_parts_that_are_no_text_are_kept_in_the_label() -> None:
    parts = [
        {"type": "text", "text": "one"},
        {"type": "image", "url": "a.png"},
        {"type": "text", "text": "two"},
    ]

    turn = read({"messages": [{"role": "user", "content": parts}]})["turns"][0]

    assert turn["content"] == "one\ntwo"
    assert turn["label"] == {"parts": [{"type": "text"}, {"type": "image", "url": "a.png"}, {"type": "text"}]}


def test_a_null_content_is_taken_beside_tool_calls_only() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"name": "time"}]}

    assert read({"messages": [call]})["turns"] == [
        {"role": "assistant", "content": "", "tool_calls": [{"name": "time"}]}
    ]
    assert (
        fault({"messages": [{"role": "assistant", "content": None}]}, "messages").code
        is ProblemCode.NULL_FIELD
    )


def test_a_call_that_is_no_json_is_kept_as_text() -> None:
    talk = [{"from": "human", "value": "Q"}, {"from": "function_call", "value": "time(Lima)"}]

    assert read({"conversations": talk})["turns"][1]["tool_calls"] == ["time(Lima)"]


def test_rejected_turns_count_from_the_turns_without_the_system_text() -> None:
    system = {"role": "system", "content": "S"}
    row = {
        "chosen_messages": [
            system,
            {"role": "user", "content": "Q"},
            {"role": "assistant", "content": "good"},
        ],
        "rejected_messages": [
            system,
            {"role": "user", "content": "Q"},
            {"role": "assistant", "content": "bad"},
        ],
    }

    found = read(row)

    assert found["system"] == "S"
    assert found["turns"][-1]["label"] == {
        "rejected_from": 1,
        "rejected": [{"role": "assistant", "content": "bad"}],
    }


def test_equal_sides_leave_nothing_rejected() -> None:
    label = read({"prompt": "Q", "chosen": "A", "rejected": "A"})["turns"][-1]["label"]

    assert label == {"rejected_from": 2, "rejected": []}


def test_marks_inside_a_line_are_text() -> None:
    chosen = "\n\nHuman: Say Human: twice\n\nAssistant: ok\n\nHuman: \n\nAssistant: "

    turns = contents({"chosen": chosen, "rejected": chosen})

    assert turns == [("user", "Say Human: twice"), ("assistant", "ok"), ("user", ""), ("assistant", "")]


@given(st.lists(st.text(st.sampled_from("ab \n:<>#"), max_size=6), min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_splitting_a_dialogue_undoes_packing_it(texts: list[str]) -> None:
    marks = MARKS[0]
    packed = "".join(f"{(marks.user, marks.assistant)[at % 2]} {text}" for at, text in enumerate(texts))

    assert [turn.content for turn in split_dialogue(packed, marks, "text")] == texts


@pytest.mark.parametrize(
    ("row", "name", "code", "field"),
    [
        ({"instruction": "Q"}, "alpaca", ProblemCode.MISSING_FIELD, "response"),
        ({"instruction": "Q", "output": None}, "alpaca", ProblemCode.NULL_FIELD, "output"),
        ({"instruction": "Q", "output": 7}, "alpaca", ProblemCode.WRONG_TYPE, "output"),
        ({"instruction": 1, "output": "A"}, "alpaca", ProblemCode.WRONG_TYPE, "instruction"),
        (
            {"instruction": "Q", "input": [], "output": "A", "history": 3},
            "alpaca",
            ProblemCode.WRONG_TYPE,
            "history",
        ),
        ({"messages": []}, "messages", ProblemCode.BAD_VALUE, "messages"),
        ({"messages": "Hi"}, "messages", ProblemCode.WRONG_TYPE, "messages"),
        ({"messages": [{"role": "user"}]}, "messages", ProblemCode.MISSING_FIELD, "messages[0].content"),
        ({"messages": [{"role": "wizard", "content": ""}]}, "messages", ProblemCode.BAD_VALUE, "messages[0]"),
        (
            {"conversations": [{"from": 3, "value": ""}]},
            "sharegpt",
            ProblemCode.WRONG_TYPE,
            "conversations[0].from",
        ),
        ({"conversations": ["Hi"]}, "sharegpt", ProblemCode.WRONG_TYPE, "conversations[0]"),
        ({"input": "Q", "steps": ["a", 1], "mistake_index": 0}, "steps", ProblemCode.WRONG_TYPE, "steps"),
        ({"prompt": "Q", "completion": "A", "label": "yes"}, "kto", ProblemCode.WRONG_TYPE, "label"),
        ({"turns": ["a", 2]}, "question-turns", ProblemCode.WRONG_TYPE, "turns"),
    ],
)
def test_a_fault_names_the_field(row: dict[str, Any], name: str, code: ProblemCode, field: str) -> None:
    found = fault(row, name)

    assert (found.code, found.field) == (code, field)


def test_one_odd_row_does_not_change_how_the_others_are_read() -> None:
    pairs = [{"prompt": "Q", "chosen": "A", "rejected": "B"}] * 5
    shape = choose_shape([{"prompt": "Q", "chosen": "A"}, *pairs])

    assert shape is not None
    assert shape.name == "preference"


def test_fields_nobody_knows_have_no_shape() -> None:
    assert choose_shape([{"a": 1}, {"text": "just text"}]) is None
    assert choose_shape([]) is None


def test_a_snapshot_of_several_shapes_names_them_in_order() -> None:
    assert shape_name(["messages", "alpaca", "messages"]) == "mixed:alpaca+messages"
    assert shape_name(["kto"]) == "kto"
