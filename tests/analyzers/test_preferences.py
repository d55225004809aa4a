"""Judged rows: pairs whose sides are alike, the pull of length, and steps whose labels do not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flag_rows import codes_of, conversations

from analyzers.base import Batch
from analyzers.flags.process_labels import find
from analyzers.preferences import Preferences
from registry.registry import Registry
from registry.settings import Settings
from registry.snapshot import open_snapshot


def pair(chosen: str, rejected: str | None, role: str = "assistant") -> list[Any]:
    turns = [] if rejected is None else [{"role": role, "content": rejected}]
    label = {"rejected_from": 2 if rejected is None else 1, "rejected": turns}
    return [("user", "Ask."), {"role": "assistant", "content": chosen, "label": compact(label)}]


def compact(label: dict[str, Any]) -> str:
    return json.dumps(label, separators=(",", ":"))


@pytest.mark.parametrize(
    ("chosen", "rejected", "codes"),
    [
        ("A good answer.", "A bad answer.", set()),
        ("The same.", "The same.", {"equal_sides"}),
        ("The same.", None, {"equal_sides"}),
        ("The same!", "the SAME", {"same_words"}),
        ("", "Something.", {"empty_side"}),
        ("Something.", " \n", {"empty_side"}),
        ("?!", "...", set()),
        ("It is ten.", "It is ten o'clock.", set()),
    ],
)
def test_pairs_that_teach_nothing_are_flagged(chosen: str, rejected: str | None, codes: set[str]) -> None:
    assert codes_of(conversations(pair(chosen, rejected)), "preference_pair") == [codes]


def test_a_side_that_ends_with_another_role_is_flagged() -> None:
    assert codes_of(conversations(pair("Yes.", "No.", "user")), "preference_pair") == [{"other_role"}]


def test_only_turns_after_the_parting_are_compared() -> None:
    label = {"rejected_from": 3, "rejected": [{"role": "assistant", "content": "No."}]}
    row = [("user", "a"), ("assistant", "No."), ("user", "b"), {"role": "assistant", "content": "Yes.",
           "label": compact(label)}]  # fmt: skip

    assert codes_of(conversations(row), "preference_pair") == [set()]


def test_length_of_the_sides_is_counted() -> None:
    analyzer = Preferences()
    rows = conversations(
        pair("one two three", "one"), pair("one two", "one"), pair("one", "one two"), pair("one", "two"),
        [("user", "Ask."), ("assistant", "No pair.")],
    )  # fmt: skip

    parts = [analyzer.measure(Batch(rows.slice(at, 2))) for at in (0, 2, 4)]
    total = analyzer.merge(analyzer.merge(parts[0], parts[1]), parts[2])
    longer, ratio = analyzer.finish(total)

    assert total == analyzer.measure(Batch(rows))
    assert (longer.n_used, longer.value) == (3, 2 / 3)
    assert (longer.ci_low, longer.ci_high) == pytest.approx((0.2077, 0.9385), abs=5e-5)
    assert (ratio.n_used, ratio.value) == (4, 7 / 5)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [([], "no preference pairs"), ([pair("one", "two")], "no pair with sides of different length")],
)
def test_without_pairs_there_is_no_length_bias(rows: list[Any], reason: str) -> None:
    analyzer = Preferences()
    total = analyzer.measure(Batch(conversations(*rows))) if rows else analyzer.start()

    longer, _ = analyzer.finish(total)

    assert (longer.value, longer.reason) == (None, reason)


STEPS = "First.\nSecond.\nThird."
ENDS = [6, 14, 21]


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ({"labels": [True, True, False]}, []),
        ({"labels": [1, 0, -1]}, []),
        ({"labels": [0.9, 0.5, 0.1]}, []),
        ({"labels": ["+", "+", "-"]}, []),
        ({"mistake_index": None}, []),
        ({"mistake_index": 2}, []),
        ({"labels": [True, False]}, ["count"]),
        ({"labels": [True, False, False, False]}, ["count"]),
        ({"mistake_index": 3}, ["index"]),
        ({"mistake_index": -1}, ["index"]),
        ({"mistake_index": "2"}, ["index"]),
        ({"mistake_index": True}, ["index"]),
        ({"labels": [True, "maybe", False]}, ["value"]),
        ({"ratings": [1, 5, 1]}, ["value"]),
        ({"labels": [True, False, True]}, ["right_after_wrong"]),
        ({"labels": ["-", "neutral", "+"]}, ["right_after_wrong"]),
        ({"labels": [-1, 0, 0]}, []),
    ],
)
def test_labels_must_fit_their_steps(label: dict[str, Any], codes: list[str]) -> None:
    assert [span.code for span in find(STEPS, {"step_ends": ENDS, **label})] == codes


def test_an_empty_step_is_shown_where_it_stands() -> None:
    (span,) = find("One.\n \nTwo.", {"step_ends": [4, 6, 11], "labels": [True, True, True]})

    assert (span.code, span.start, span.end) == ("empty_step", 5, 6)


def test_rows_as_the_shape_reads_them_are_judged(settings: Settings, tmp_path: Any) -> None:
    file = tmp_path / "steps.jsonl"
    rows = [
        {"prompt": "Q", "completions": ["a", "b"], "labels": [True, False]},
        {"prompt": "Q", "completions": ["a", "b", "c"], "labels": [True, False]},
        {"input": "Q", "steps": ["a", ""], "target": "x", "answer": "x", "mistake_index": 7},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    with Registry.open(settings) as registry:
        (batch,) = open_snapshot(registry, str(file)).batches()

    assert codes_of(batch, "process_labels") == [set(), {"count"}, {"index", "empty_step"}]
