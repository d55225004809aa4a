"""What trainers do with rows: judged as their exporters judge them, one by one."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flag_rows import Said, conversations
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch, Finding
from analyzers.flag_rates import Hygiene
from analyzers.flags.turns import Turns
from analyzers.hygiene import explain
from analyzers.intervals import wilson_interval
from analyzers.run import analyze
from analyzers.tool_arguments import ArgumentTypes, argument_types
from analyzers.trainers import CONDITIONS, LENGTH_LIMITS, VARYING_ARGUMENTS, refusals, row_verdicts
from mixtures.exporters import EXPORTERS, llama_factory
from mixtures.exporters.conversations import Conversation, Message
from mixtures.exporters.fidelity import NO_ASSISTANT, Dropped
from registry.limits import Limits
from registry.reading import read_source
from registry.sources import path_source

# Bits are stored: what is listed here may be added to at the end and never change.
STORED_CONDITIONS = [
    "system_not_first",
    "two_users",
    "assistant_first",
    "tool_without_call",
    "last_not_assistant",
    "unknown_role",
    "not_alternating",
    "too_few_messages",
    "tool_call_keys",
]
HYGIENE_PAGE = Path(__file__).parents[2] / "docs" / "hygiene.md"

ASK, TELL, USE = ("user", "Ask."), ("assistant", "Tell."), ("tool", "1")
CALL = {"role": "assistant", "content": "", "tool_calls": '[{"name": "add", "arguments": {"a": 1}}]'}

turns = st.lists(st.sampled_from([ASK, TELL, USE, CALL, ("system", "Be kind.")]), max_size=5)


def conditions_of(*rows: list[Said], system: str | None = None) -> list[set[str]]:
    batch = conversations(*rows, system=system)
    found = [{each.condition.id for each in row} for row in row_verdicts(batch)]
    bits = refusals(batch).tolist()
    assert [{c.id for place, c in enumerate(CONDITIONS) if row >> place & 1} for row in bits] == found
    return found


def test_conditions_keep_their_bits() -> None:
    assert [condition.id for condition in CONDITIONS] == STORED_CONDITIONS


@pytest.mark.parametrize(
    ("row", "conditions"),
    [
        ([ASK, TELL], set()),
        ([("system", "Be kind."), ASK, TELL], set()),
        ([ASK, CALL, USE, TELL], {"tool_call_keys"}),
        ([ASK, CALL, USE, USE, TELL], {"tool_call_keys", "not_alternating"}),
        ([ASK, TELL, TELL], {"not_alternating"}),
        ([ASK, ASK, TELL], {"two_users", "not_alternating"}),
        ([TELL], {"assistant_first", "not_alternating", "too_few_messages"}),
        ([TELL, ASK, TELL], {"assistant_first", "not_alternating"}),
        ([ASK, USE, TELL], {"tool_without_call", "not_alternating"}),
        ([ASK, TELL, USE, TELL], {"tool_without_call"}),
        ([ASK], {"last_not_assistant", "not_alternating", "too_few_messages"}),
        ([], {"last_not_assistant", "not_alternating", "too_few_messages"}),
        ([ASK, ("system", "Be kind."), TELL], {"system_not_first", "assistant_first", "not_alternating"}),
        ([("critic", "Hm."), TELL], {"unknown_role", "not_alternating"}),
    ],
)
def test_conditions_of_a_row(row: list[Said], conditions: set[str]) -> None:
    assert conditions_of(row) == [conditions]


def test_the_first_turn_that_shows_a_condition_is_named() -> None:
    (verdicts, alone) = row_verdicts(conversations([ASK, TELL, TELL, ASK], [ASK]))

    assert {each.condition.id: each.turn for each in verdicts} == {
        "last_not_assistant": 3,
        "not_alternating": 2,
    }
    assert [each.turn for each in alone] == [0, None, None]


def test_a_system_text_counts_as_the_first_message() -> None:
    asked, told, late, empty = conditions_of(
        [ASK, TELL], [TELL], [("system", "Be kind."), ASK, TELL], [], system="Be brief."
    )

    assert asked == set()
    assert told == {"assistant_first", "not_alternating"}
    assert late == {"system_not_first", "not_alternating"}
    assert empty == {"last_not_assistant", "not_alternating", "too_few_messages"}


@settings(max_examples=150, deadline=None)
@given(st.lists(turns, min_size=1, max_size=5), st.none() | st.just("Be brief."))
def test_exporters_leave_out_the_rows_that_trainers_refuse(rows: list[list[Any]], system: str | None) -> None:
    reasons = {NO_ASSISTANT, llama_factory.ROLE_ORDER, llama_factory.UNEVEN, llama_factory.LATE_SYSTEM}
    batch = conversations(*rows, system=system)

    for row, verdicts in zip(rows, row_verdicts(batch), strict=True):
        refusing = {each.trainer for met in verdicts for each in met.condition.verdicts}
        messages = [*([Message("system", system)] if system else []), *map(message, row)]
        taken = {
            name: EXPORTERS[name].row(Conversation(tuple(messages)))
            for name in ("llama-factory", "torchtune")
        }
        dropped = {name: answer.reason for name, answer in taken.items() if isinstance(answer, Dropped)}
        assert ("llama-factory" in refusing) == (dropped.get("llama-factory") in reasons)
        assert ("torchtune" in refusing) == (dropped.get("torchtune", NO_ASSISTANT) != NO_ASSISTANT)
        is_answered = bool(row) and message(row[-1]).role == "assistant"
        assert ("nemo-rl" in refusing) == (not is_answered)
        is_plain = len(messages) >= 2 and not any(said.calls for said in messages)
        assert ("llm-foundry" in refusing) == (not (is_answered and is_plain))


def message(said: Any) -> Message:
    if isinstance(said, tuple):
        return Message(*said)
    return Message(said["role"], said["content"], tuple(json.loads(said["tool_calls"])))


def figures(rows: Any) -> dict[tuple[object, object], Finding]:
    analyzer = Hygiene()
    found = analyzer.finish(analyzer.measure(Batch(rows)))
    return {(f.params["trainer"], f.params.get("code")): f for f in found if f.metric == "trainer_refuses"}


def test_rows_are_counted_once_a_trainer_and_once_a_condition() -> None:
    rows = conversations([ASK, TELL], [ASK, ASK], [TELL, ASK, TELL], [ASK, USE, TELL])

    found = figures(rows)

    rates = {key: (f.value, f.params["verdict"]) for key, f in found.items()}
    assert {trainer: rate for (trainer, code), rate in rates.items() if code is None} == {
        "axolotl": (0, "fails or fills nulls"),
        "llama-factory": (0.75, "skips"),
        "llm-foundry": (0.25, "rejects"),
        "nemo-rl": (0.25, "rejects"),
        "torchtune": (0.75, "rejects"),
    }
    assert {
        code: rate for (trainer, code), (rate, _) in rates.items() if trainer == "torchtune" and code
    } == {
        "system_not_first": 0,
        "two_users": 0.25,
        "assistant_first": 0.25,
        "tool_without_call": 0.25,
        "too_few_messages": 0,
    }
    whole = found["llama-factory", None]
    assert (whole.ci_low, whole.ci_high) == wilson_interval(3, 4)


def test_the_flag_of_roles_names_trainers_too() -> None:
    rows = conversations([ASK, TELL, USE, TELL], [("critic", "Hm."), TELL])

    shown = [[each.trainers for each in row if each.flag == "role_order"] for row in explain(rows)]

    assert shown == [[("torchtune",)], [("llama-factory", "llm-foundry")]]


def calling(arguments: str) -> list[Any]:
    return [ASK, {**CALL, "tool_calls": f'[{{"name": "add", "arguments": {arguments}}}]'}, USE, TELL]


@pytest.mark.parametrize(
    ("arguments", "varying"),
    [
        (['{"a": 1}', '{"a": 2.5}', '{"a": null}', '{"b": "x"}'], []),
        (['{"a": 1}', '{"a": "1"}'], ["a"]),
        (['{"a": 1}', '"{\\"a\\": true}"'], []),
        (['{"a": {"b": [1]}}', '{"a": {"b": [[1]]}}'], ["a.b[]"]),
        (['{"a": true, "c": []}', '{"a": 1, "c": {}}'], ["a", "c"]),
        (["[1]", '"x"'], []),
    ],
)
def test_arguments_vary_where_one_name_has_values_of_several_types(
    arguments: list[str], varying: list[str]
) -> None:
    rows = conversations([ASK, TELL], *map(calling, arguments))
    objects = sum(text.startswith("{") for text in arguments)

    found = argument_types(Turns(rows))

    assert (found.rows, found.varying()) == (objects, varying)
    parts = [argument_types(Turns(rows.slice(at, 1))) for at in range(rows.num_rows)]
    assert sum(parts, ArgumentTypes()) == found
    rate = figures(rows)["axolotl", "varying_arguments"].value
    assert rate == (objects / rows.num_rows if varying else 0)


def test_calls_that_are_no_json_have_no_types() -> None:
    rows = conversations([ASK, {**CALL, "tool_calls": "add(1)"}], [ASK, {**CALL, "tool_calls": '["x", 1]'}])

    assert argument_types(Turns(rows)) == ArgumentTypes()


def test_calls_that_were_texts_of_their_source_are_no_objects() -> None:
    said = {**CALL, "label": '{"from": "function_call"}'}

    assert argument_types(Turns(conversations([ASK, said], [ASK, CALL]))) == ArgumentTypes(1, {"a": 2})


@pytest.mark.real
def test_real_conversations_with_two_answers_in_a_row_are_skipped(real_data: Path, tmp_path: Path) -> None:
    file = real_data / "hh-rlhf" / "test.jsonl.gz"
    snapshot = read_source(path_source("hh", [file]), home=tmp_path, limits=Limits(), keep_good=True)
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        chosen = [json.loads(line)["chosen"] for line in lines]
    speakers = [re.findall(r"\n\n(Human|Assistant):", text) for text in chosen]
    in_pairs = [said == ["Human", "Assistant"] * (len(said) // 2) for said in speakers]

    (whole,) = (
        m
        for m in analyze(snapshot, only=["trainer_refuses"]).measurements
        if m.params == {"trainer": "llama-factory", "verdict": "skips"}
    )

    assert whole.value == in_pairs.count(False) / len(in_pairs) == 8 / 2312


def test_every_condition_and_limit_stands_in_the_docs() -> None:
    text = HYGIENE_PAGE.read_text(encoding="utf-8")

    lines = [line for line in text.splitlines() if line.startswith("|")]
    text = " ".join(text.split())
    for condition in (*CONDITIONS, VARYING_ARGUMENTS):
        (line,) = [line for line in lines if line.startswith(f"| `{condition.id}`")]
        told = re.findall(r"`([a-z-]+)` ([a-z ]+?)(?:,| \|)", line)
        assert told == [(each.trainer, each.verdict) for each in condition.verdicts], condition.id
    for limit in LENGTH_LIMITS:
        assert f"`{limit.trainer}` {limit.verdict} at `{limit.setting}`" in text
