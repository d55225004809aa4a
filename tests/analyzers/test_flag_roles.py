from __future__ import annotations

import json

import pytest
from flag_rows import Said, codes_of, conversations
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.flags.roles import KNOWN_ROLES, trainer_verdicts

CALL = {"role": "assistant", "content": "", "tool_calls": '[{"name": "add", "arguments": {"a": 1}}]'}


@pytest.mark.parametrize(
    ("roles", "codes"),
    [
        ("user assistant", set()),
        ("system user assistant", set()),
        ("user assistant user assistant", set()),
        ("user system assistant", {"system_not_first"}),
        ("user user assistant", {"two_users"}),
        ("assistant user assistant", {"assistant_first"}),
        ("system assistant", {"assistant_first"}),
        ("user tool assistant", {"tool_without_call"}),
        ("user assistant tool assistant", {"tool_without_call"}),
        ("user", {"last_not_assistant"}),
        ("", {"last_not_assistant"}),
        ("user critic assistant", {"unknown_role"}),
    ],
)
def test_orders_of_turns(roles: str, codes: set[str]) -> None:
    assert codes_of(conversations([(role, "x") for role in roles.split()]), "role_order") == [codes]


def test_results_may_follow_a_call_and_each_other() -> None:
    row: list[Said] = [("user", "x"), CALL, ("tool", "1"), ("tool", "2"), ("assistant", "done")]

    assert codes_of(conversations(row), "role_order") == [set()]


def slow_codes(roles: list[str]) -> set[str]:
    spoken = roles[1:] if roles[:1] in (["system"], ["developer"]) else roles
    pairs = list(zip(["", *roles], roles, strict=False))
    facts = {
        "system_not_first": (
            any(role in ("system", "developer") for role in spoken)
            and spoken[0:1] not in (["system"], ["developer"])
        )
        or any(role in ("system", "developer") for role in roles[2:]),
        "two_users": ("user", "user") in pairs,
        "assistant_first": spoken[:1] == ["assistant"],
        "tool_without_call": any(role == "tool" and before != "tool" for before, role in pairs),
        "last_not_assistant": roles[-1:] != ["assistant"],
        "unknown_role": not set(roles) <= set(KNOWN_ROLES),
    }
    return {code for code, holds in facts.items() if holds}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from([*KNOWN_ROLES, "critic"]), max_size=5), min_size=1, max_size=6))
def test_any_orders_are_judged_as_one_by_one(rows: list[list[str]]) -> None:
    batch = conversations(*([(role, "x") for role in row] for row in rows))

    assert codes_of(batch, "role_order") == [slow_codes(row) for row in rows]


def test_trainers_that_drop_or_reject_a_row_are_named() -> None:
    verdicts = {each.trainer: each.verdict for each in trainer_verdicts(["two_users", "last_not_assistant"])}

    assert verdicts == {
        "llama-factory": "skips",
        "llm-foundry": "rejects",
        "nemo-rl": "rejects",
        "torchtune": "rejects",
    }
    assert trainer_verdicts([]) == ()


TOOLS = json.dumps({"tools": json.dumps([{"type": "function", "function": {"name": "add"}}])})


def calling(calls: str, result_label: str | None = None) -> list[Said]:
    return [
        ("user", "1 + 1?"),
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "content": "2", "label": result_label},
        ("assistant", "2"),
    ]


@pytest.mark.parametrize(
    ("calls", "codes"),
    [
        ('[{"name": "add", "arguments": {"a": 1}}]', set()),
        (
            '[{"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\\"a\\": 1}"}}]',
            set(),
        ),
        ('[{"name": "add"}]', set()),
        ('[{"name": "add", "arguments": "{a: 1}"}]', {"not_json"}),
        ('[{"name": "add", "arguments": "[1, 2]"}]', {"not_json"}),
        ('["add(1, 1)"]', {"not_json"}),
        ("add(1, 1)", {"not_json"}),
        ('[{"name": "subtract", "arguments": {}}]', {"unknown_tool"}),
    ],
)
def test_tool_calls(calls: str, codes: set[str]) -> None:
    assert codes_of(conversations(calling(calls), extra=TOOLS), "tool_args_json") == [codes]


def test_a_result_names_a_call_made_before() -> None:
    call = '[{"id": "c1", "name": "add", "arguments": {}}]'
    rows = conversations(calling(call, '{"tool_call_id": "c1"}'), calling(call, '{"tool_call_id": "c2"}'))

    assert codes_of(rows, "tool_args_json") == [set(), {"unmatched_id"}]


def test_tools_that_nobody_declared_are_not_judged() -> None:
    row = calling('[{"name": "subtract", "arguments": {}}]')

    assert codes_of(conversations(row), "tool_args_json") == [set()]
    assert codes_of(conversations(row, extra='{"tools": "not json"}'), "tool_args_json") == [set()]
