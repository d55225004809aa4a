from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import traces
from analyzers.base import Batch
from analyzers.reasoning import Reasoning
from analyzers.tokens import count_tokens

CLOSED = (
    "<think>\nStep 1: read the task.\n\nStep 2: add 2 and 2.\n1. four\n2. or five?\n\n"
    "Wait, let me check: 4.\n</think>\nThe answer is 4."
)
OPENED_IN_PROMPT = "First I add. Hmm, no.\n</think>\n\nIt is 5."
NEVER_CLOSED = "<think>I am thinking about it"
WITHOUT = "1. Take the pan.\n2. Because it is hot, use a cloth.\nStep 3 is to wait."


def array(texts: list[str]) -> pa.LargeStringArray:
    return pa.array(texts, pa.large_string())


def batch_of(responses: list[str], language: str = "en") -> Batch:
    rows = len(responses)
    counted = {
        "response_tokens": count_tokens(array(responses)),
        "response_words": [len(re.findall(r"\w+(?:'\w+)?", text)) for text in responses],
        "prompt_words": [4] * rows,
        "language": [language] * rows,
    }
    texts = {"prompt": array(["If so, then why?"] * rows), "response": array(responses)}
    return Batch(pa.RecordBatch.from_pydict(texts), features=pa.RecordBatch.from_pydict(counted))


def figures(responses: list[str], language: str = "en") -> dict[tuple[object, ...], float | None]:
    analyzer = Reasoning()
    found = analyzer.finish(analyzer.measure(batch_of(responses, language)))
    return {(f.metric, f.view, *(v for k, v in f.params.items() if k != "per_words")): f.value for f in found}


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("<think>a</think>b", "a"),
        ("<think>a</think>b<think>c</think>d", "a\n\nc"),
        ("a</think>b", "a"),
        ("a</think>b<reasoning>c</reasoning>d", "a\n\nc"),
        ("x <THINK> a ", "a"),
        ("<|begin_of_thought|>\na\n<|end_of_thought|> b", "a"),
        ("<think></think>b", ""),
        ("no block", ""),
        ("", ""),
    ],
)
def test_the_text_of_blocks_is_what_stands_between_their_tags(text: str, inside: str) -> None:
    assert traces.block_text(text) == inside


def test_steps_are_counted_three_ways_in_blocks_and_two_ways_in_responses() -> None:
    found = figures([CLOSED, OPENED_IN_PROMPT, NEVER_CLOSED, WITHOUT])

    assert found["steps", "response", "block", "step_k", "mean"] == 2 / 3
    assert found["steps", "response", "block", "numbered", "mean"] == 2 / 3
    assert found["steps", "response", "block", "paragraphs", "mean"] == (3 + 1 + 1) / 3
    assert found["steps", "response", "block", "paragraphs", "median"] == 1
    assert found["steps", "response", "response", "numbered", "mean"] == (2 + 0 + 0 + 2) / 4
    assert found["steps", "response", "response", "step_k", "mean"] == (2 + 0 + 0 + 1) / 4


def test_blocks_answers_and_shares_of_tokens_are_counted() -> None:
    rows = [CLOSED, OPENED_IN_PROMPT, NEVER_CLOSED, WITHOUT]
    blocks = [traces.block_text(row) for row in rows]

    found = figures(rows)

    assert found["reasoning_rows", "response"] == 3 / 4
    assert found["tags_balanced", "response"] == 1 / 3
    assert found["answer_after_block", "response"] == 2 / 3
    assert found["reason_share", "response"] == pytest.approx(
        count_tokens(array(blocks)).sum() / count_tokens(array(rows)).sum()
    )


def test_second_thoughts_and_connectives_are_rates_of_words() -> None:
    response = "Wait, that is wrong. It is hot because of the sun, therefore drink."

    found = figures([response])

    assert found["reflect_rate", "response", "response"] == 1000 * 2 / 13
    assert found["logic_words", "response"] == 100 * 2 / 13
    assert found["logic_words", "prompt"] == 100 * 2 / 4


def test_without_blocks_or_english_there_is_no_figure_and_no_zero() -> None:
    found = figures(["Der Hund schläft."], "de")

    assert found["reasoning_rows", "response"] == 0
    for key in (
        ("tags_balanced", "response"),
        ("reason_share", "response"),
        ("reflect_rate", "response", "block"),
        ("reflect_rate", "response", "response"),
        ("logic_words", "response"),
        ("steps", "response", "block", "paragraphs", "mean"),
    ):
        assert found[key] is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a b", "1. x", "  2) y", "Step 3: z", "**Step 4** q", "", " "]), max_size=9))
def test_steps_and_paragraphs_equal_counting_line_by_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    groups, inside = 0, False
    for line in lines:
        groups += bool(line.strip()) and not inside
        inside = bool(line.strip())

    counts = traces.step_counts(array([text]))

    assert traces.paragraphs(array([text])).tolist() == [groups]
    assert counts["numbered"].tolist() == [sum(line.strip()[:2] in ("1.", "2)") for line in lines)]
    assert counts["step_k"].tolist() == [sum("Step" in line for line in lines)]
