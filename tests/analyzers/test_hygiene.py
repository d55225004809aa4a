from __future__ import annotations

import gzip
import json
import time
from functools import reduce
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from flag_rows import answers, conversations
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import hygiene
from analyzers.base import Batch
from analyzers.flag_rates import Hygiene
from analyzers.flags.rule import RowTexts, Rule, TextRule
from analyzers.hygiene import CODES, FLAG_FIELDS, FLAGS, Severity, explain, flag_bits, flag_codes
from analyzers.row_features import feature_batch

# Bits are stored: what is listed here may be added to at the end and never change.
STORED_FLAGS = [
    "empty_output",
    "empty_prompt",
    "role_order",
    "tool_args_json",
    "refusal",
    "ai_boilerplate",
    "truncated",
    "reasoning_tag",
    "repetition",
    "gopher_quality",
    "copy_prompt",
    "encoding",
    "hidden_text",
    "template_leak",
    "pii",
    "secrets",
    "url_only",
    "media_ref",
    "date_stale",
    "rejected_answer",
    "lang_mismatch",
    "toxicity",
    "preference_pair",
    "process_labels",
]

FRAGMENTS = [
    "", " ", "\u00a0", "N/A", "...", "I'm sorry, but I cannot help with that. ", "```\n",
    "As an AI, I do not know. ", "<think>", "</think>", "Human: hi\n", "<|im_end|>", "caf\ufffd ",
    "\u202e", "\u200b", "&amp; ", "one.\\nTwo ", "anna.kowalska@kowalska-gardens.pl ",
    "ghp_q9Zt3LwX7vKc2RmB8yHs5PnD4jFgA6uE1oTi ", "https://a.example/b", "the image below ",
    "As of 2021, ", "the same line again\n", "a river runs through the valley and ", "the ",
    "抱歉，我无法回答。", "Â£5 ", "\ue000", "12 34 ",
]  # fmt: skip

texts = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)
roles = st.sampled_from(["user", "assistant", "tool", "system"])
rows = st.lists(st.lists(st.tuples(roles, texts), max_size=4), min_size=1, max_size=8)


def text_rules(rule: Rule) -> list[TextRule]:
    if isinstance(rule, TextRule):
        return [rule]
    return [*getattr(rule, "_rules", ()), *([rule._rule] if hasattr(rule, "_rule") else [])]


TEXT_RULES = [part for rule in hygiene._RULES for part in text_rules(rule)]


def test_flags_and_codes_keep_their_bits() -> None:
    assert [flag.id for flag in FLAGS][: len(STORED_FLAGS)] == STORED_FLAGS
    assert CODES[0] == ("empty_output", "empty")
    assert CODES[62] == ("secrets", "signed_token")
    assert CODES[-1] == ("pii", "street")
    assert len(FLAGS) <= 64


def test_every_code_of_every_flag_has_one_bit() -> None:
    assert sorted(CODES) == sorted((flag.id, code) for flag in FLAGS for code in flag.codes)


def test_columns_are_those_declared() -> None:
    columns = hygiene.flag_columns(Batch(answers("", "Fine.")))

    assert list(columns) == [field.name for field in FLAG_FIELDS]
    assert all(column.dtype == np.uint64 for column in columns.values())


@settings(max_examples=40, deadline=None)
@given(rows)
def test_a_row_is_flagged_exactly_when_evidence_is_shown(sample: list[list[tuple[str, str]]]) -> None:
    batch = conversations(*sample)

    evidence = explain(batch)

    shown = [{(each.flag, each.code) for each in row} for row in evidence]
    coded = {(flag.id, code) for flag in FLAGS for code in flag.codes}
    for key, mask in flag_codes(Batch(batch)).items():
        assert mask.tolist() == [key in row for row in shown], key
    bits = flag_bits(Batch(batch)).tolist()
    for row, flags in enumerate(bits):
        ids = {flag.id for place, flag in enumerate(FLAGS) if flags >> place & 1}
        assert ids == {flag for flag, _ in shown[row]}
    assert all(key in coded or key[1] == "" for row in shown for key in row)


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=1, max_size=8))
def test_compiled_tests_never_hide_what_the_rule_would_find(sample: list[str]) -> None:
    column = pa.array(sample, pa.large_string())

    for rule in TEXT_RULES:
        let_through = rule.candidates(column).tolist()
        assert all(
            through or not list(rule.find(text)) for through, text in zip(let_through, sample, strict=True)
        )


@settings(max_examples=25, deadline=None)
@given(rows, st.integers(0, 8))
def test_rows_are_flagged_alone_as_in_any_batch(sample: list[list[tuple[str, str]]], cut: int) -> None:
    batch = conversations(*sample)
    parts = [batch.slice(0, cut), batch.slice(cut)]

    whole = flag_bits(Batch(batch))

    assert np.concatenate([flag_bits(Batch(part)) for part in parts]).tolist() == whole.tolist()


@settings(max_examples=25, deadline=None)
@given(rows, st.integers(0, 8))
def test_cutting_the_rows_anywhere_changes_no_rate(sample: list[list[tuple[str, str]]], cut: int) -> None:
    analyzer, batch = Hygiene(), conversations(*sample)
    whole = analyzer.measure(counted(batch))
    parts = [analyzer.measure(counted(part)) for part in (batch.slice(0, cut), batch.slice(cut))]

    assert analyzer.finish(reduce(analyzer.merge, parts, analyzer.start())) == analyzer.finish(whole)


def counted(batch: pa.RecordBatch) -> Batch:
    """A batch with its features."""
    return Batch(batch, features=feature_batch(Batch(batch)))


def test_rates_have_wilson_intervals() -> None:
    analyzer = Hygiene()

    found = analyzer.finish(analyzer.measure(counted(answers(*["Fine, thank you."] * 99, ""))))

    rates = {(each.metric, each.params.get("code")): each for each in found}
    empty = rates["empty_output", None]
    assert (empty.value, empty.n_used) == (0.01, 100)
    # by hand from Wilson 1927 with z = 1.95996
    assert (round(empty.ci_low or 0, 5), round(empty.ci_high or 0, 5)) == (0.00177, 0.05449)
    assert rates["empty_output", "empty"].value == 0.01
    assert rates["empty_output", "placeholder"].value == 0
    assert rates["usable_rate", None].value == 0.99
    assert rates["pii", None].ci_low == 0


def test_no_rows_have_no_rate() -> None:
    analyzer = Hygiene()

    assert {each.value for each in analyzer.finish(analyzer.start())} == {None}
    assert {each.reason for each in analyzer.finish(analyzer.start())} == {"no rows"}


def test_metrics_are_those_announced() -> None:
    analyzer = Hygiene()

    assert {each.metric for each in analyzer.finish(analyzer.start())} == set(analyzer.metrics)


def test_only_errors_make_a_row_unusable() -> None:
    analyzer = Hygiene()
    warned, broken = answers("I cannot help with that."), answers("Fine.<|im_end|>")

    assert [flag.severity for flag in FLAGS if flag.id in ("refusal", "template_leak")] == [
        Severity.WARN,
        Severity.ERROR,
    ]
    assert analyzer.measure(counted(warned)).usable == 1
    assert analyzer.measure(counted(broken)).usable == 0


def test_evidence_points_into_its_turn() -> None:
    row = [
        ("user", "a?"),
        ("assistant", "b"),
        ("user", "c?"),
        ("assistant", "Well, I cannot help with that."),
    ]

    (evidence,) = [each for each in explain(conversations(row))[0] if each.flag == "refusal"]

    assert (evidence.turn, evidence.excerpt) == (3, "I cannot help ")
    assert (evidence.severity, evidence.version) == (Severity.WARN, 1)
    assert row[3][1][evidence.start : evidence.end] == evidence.excerpt


def test_rows_without_optional_columns_are_read() -> None:
    turn = pa.struct({"role": pa.string(), "content": pa.large_string()})
    batch = pa.RecordBatch.from_pydict(
        {
            "turns": pa.array(
                [[{"role": "user", "content": "a?"}, {"role": "assistant", "content": None}]], pa.list_(turn)
            ),
            "prompt": pa.array(["a?"], pa.large_string()),
            "response": pa.array([""], pa.large_string()),
        }
    )

    assert [(each.flag, each.code) for each in explain(batch)[0]] == [("empty_output", "empty")]
    assert explain(pa.Table.from_batches([batch]).slice(0, 0)) == []


def test_hostile_texts_cost_no_more_than_long_ones() -> None:
    hostile = [
        "a@" + "a" * 50_000,
        "'" * 50_000,
        "<a " * 20_000,
        "```" * 20_000,
        "1-" * 40_000,
        "I am " * 20_000,
    ]
    started = time.process_time()

    flag_bits(Batch(answers(*hostile)))

    assert time.process_time() - started < 10


@pytest.mark.real
def test_stanford_alpaca_has_28_empty_answers(real_data: Path) -> None:
    with gzip.open(real_data / "stanford-alpaca" / "alpaca_data.json.gz", "rt", encoding="utf-8") as file:
        source = json.load(file)
    pairs = [(f"{row['instruction']}\n{row['input']}".strip(), row["output"]) for row in source]
    batch = conversations(*([("user", prompt), ("assistant", answer)] for prompt, answer in pairs))

    rows = RowTexts(Batch(batch))
    found = {rule.flag.id: rule.masks(rows) for rule in hygiene._RULES}

    assert (
        np.count_nonzero(found["empty_output"]["empty"])
        == sum(not row["output"].strip() for row in source)
        == 28
    )
    assert not found["role_order"]["last_not_assistant"].any()
    assert np.count_nonzero(np.logical_or.reduce(list(found["refusal"].values()))) < 60
