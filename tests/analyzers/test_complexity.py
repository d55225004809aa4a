from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch
from analyzers.code_math import code_and_math_chars
from analyzers.complexity import Complexity
from analyzers.constraints import FAMILIES, count_constraints, family_counts


def texts(*rows: str) -> pa.LargeStringArray:
    return pa.array(rows, pa.large_string())


def families(prompt: str) -> set[str]:
    return {family for family, counts in family_counts(texts(prompt)).items() if counts[0]}


@pytest.mark.parametrize(
    ("prompt", "family"),
    [
        ("Include the keywords moon and tide.", "keywords_include"),
        ("Do not mention the war.", "keywords_exclude"),
        ("Use the word correlated 3 times.", "keyword_frequency"),
        ("The letter q should appear often.", "letter_frequency"),
        ("Your ENTIRE response should be in Swahili.", "language"),
        ("Answer in 300 or more words.", "length_words"),
        ("Write a 50-word bio.", "length_words"),
        ("Explain in two sentences.", "length_sentences"),
        ("Write three short paragraphs.", "length_paragraphs"),
        ("A poem of 4 lines.", "length_other"),
        ("Give exactly four bullet points.", "bullets"),
        ("Split it into 3 sections.", "sections"),
        ("Use placeholders like [name].", "placeholders"),
        ("Wrap the output in JSON format.", "format"),
        ("Give it a title, such as <<joy>>.", "title"),
        ("Highlight one part in *markdown*.", "highlight"),
        ("Write in all caps.", "case"),
        ("Finish your answer with 'any questions?'", "start_end"),
        ("Put it in double quotation marks.", "quotes"),
        ("Refrain from any commas.", "commas"),
        ("Give two different responses.", "two_answers"),
        ("Add a postscript.", "postscript"),
        ("Rules:\n1. Be brief.\n2) Be kind.", "numbered"),
        ("You must answer.", "modal"),
    ],
)
def test_each_family_knows_its_sentence(prompt: str, family: str) -> None:
    assert family in families(prompt)


def test_every_family_has_its_example_above() -> None:
    marks = [mark for mark in test_each_family_knows_its_sentence.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]

    assert {family for _, family in marks[0].args[1]} == set(FAMILIES)


@pytest.mark.parametrize(
    "prompt",
    [
        "Explain why the sky is blue.",
        "Once upon a time there was a king.",
        "Wer hat den Buchdruck erfunden?",
        "",
    ],
)
def test_plain_prompts_state_no_constraint(prompt: str) -> None:
    assert families(prompt) == set()


def test_constraints_add_up_over_families_and_matches() -> None:
    prompt = "You must write at most 100 words.\n1. No commas.\n2. Only nouns."

    assert count_constraints(texts(prompt, "Hello")).tolist() == [7, 0]
    assert families(prompt) == {"modal", "length_words", "numbered", "commas"}


@pytest.mark.parametrize(
    ("response", "code", "math"),
    [
        ("plain prose, 7 of 9, 2020-01-02", 0, 0),
        ("It costs $5 and $6.", 0, 0),
        ("a ```py\nx = 1``` b", 14, 0),
        ("```never closed", 15, 0),
        ("def f():\n    return (x)\nend", 14, 0),
        ("    an indented paragraph", 0, 0),
        ("so $x^2$ holds", 0, 5),
        ("$$a$$ and \\(b\\) and \\[c\\]", 0, 15),
        ("\\begin{align*}x\\end{align*}.", 0, 27),
        ("thus 3 + 4 = 7 apples", 0, 9),
        ("```1 + 1 = 2``` then 1 + 1 = 2", 15, 9),
    ],
)
def test_code_and_mathematics_are_measured_in_characters(response: str, code: int, math: int) -> None:
    found = code_and_math_chars(texts(response))

    assert (found[0].tolist(), found[1].tolist()) == ([code], [math])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.sampled_from("a1 $\\()[]`\n\t+=é日"), max_size=30), max_size=6))
def test_code_and_mathematics_never_exceed_the_text(rows: list[str]) -> None:
    code, math = code_and_math_chars(pa.array(rows, pa.large_string()))

    for row, in_code, in_math in zip(rows, code, math, strict=True):
        assert min(in_code, in_math) >= 0
        assert in_code + in_math <= len(row)


def test_ratios_are_of_all_characters_and_constraints_of_prompts() -> None:
    features = pa.RecordBatch.from_pydict(
        {
            "constraints": [2, 0, 1],
            "response_chars": [3, 1_000_003, 0],
            "code_share": pa.array([1 / 3, 700_001 / 1_000_003, 0], pa.float32()),
            "math_share": pa.array([0, 3 / 1_000_003, 0], pa.float32()),
        }
    )
    rows = pa.RecordBatch.from_pydict({"prompt": texts("You must. At least once.", "Hi", "Only one.")})
    analyzer = Complexity()

    found = analyzer.finish(analyzer.measure(Batch(rows, features=features)))

    values = {(f.metric, f.params.get("family")): f.value for f in found}
    assert values["n_constraints", None] == 1
    assert values["constraint_share", "any"] == pytest.approx(2 / 3)
    assert values["constraint_share", "modal"] == pytest.approx(2 / 3)
    assert values["constraint_share", "format"] == 0
    assert values["code_ratio", None] == 700_002 / 1_000_006
    assert values["math_ratio", None] == 3 / 1_000_006
