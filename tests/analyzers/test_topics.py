"""The rules for tasks and domains, and the precision and recall that the docs publish for them."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from analyzers.base import Batch
from analyzers.domain_rules import domain_labels
from analyzers.task_rules import HEAD_CHARS, TAIL_CHARS, opening, task_labels
from analyzers.topics import DOMAINS, TASKS, Topics

ROOT = Path(__file__).parents[2]


def labelled() -> list[dict[str, str]]:
    """The prompts we labelled by hand; `held` ones were written when the rules were done with."""
    with (ROOT / "tests/data/labelled_prompts.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        row["prompt"] = row["prompt"].replace("\\n", "\n").replace("\\\\", "\\")
    return rows


def array(texts: list[str]) -> pa.LargeStringArray:
    return pa.array(texts, pa.large_string())


def found_labels(texts: list[str]) -> tuple[list[str], list[str]]:
    tasks = task_labels(array(texts))
    domains = domain_labels(array(texts), tasks)
    return [TASKS[place] for place in tasks], [DOMAINS[place] for place in domains]


@pytest.fixture(scope="module")
def judged() -> dict[str, list[tuple[str, str, str]]]:
    """(part, true label, found label) of every prompt, for tasks and for domains."""
    rows = labelled()
    tasks, domains = found_labels([row["prompt"] for row in rows])
    return {
        "task": [(row["part"], row["task"], found) for row, found in zip(rows, tasks, strict=True)],
        "domain": [(row["part"], row["domain"], found) for row, found in zip(rows, domains, strict=True)],
    }


def published(kind: str) -> dict[str, tuple[str, ...]]:
    """The table of the docs: label -> prompts, precision and recall held out, and over all."""
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    table = text[text.index(f"| {kind} | held-out prompts |") :].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0].strip("`*"): tuple(row[1:]) for row in rows}


def rates(pairs: list[tuple[str, str]], label: str) -> tuple[str, str, str]:
    """Prompts, precision and recall of a label, as the docs write them."""
    true = Counter(truth for truth, _ in pairs)[label]
    claimed = Counter(found for _, found in pairs)[label]
    right = sum(truth == found == label for truth, found in pairs)
    return str(true), f"{right / claimed:.2f}" if claimed else "–", f"{right / true:.2f}" if true else "–"


@pytest.mark.parametrize("kind", ["task", "domain"])
def test_the_published_precision_and_recall_are_those_of_the_rules(
    kind: str, judged: dict[str, list[tuple[str, str, str]]]
) -> None:
    held = [(truth, found) for part, truth, found in judged[kind] if part == "held"]
    every = [(truth, found) for _, truth, found in judged[kind]]
    labels = sorted({truth for truth, _ in every})
    expected = {label: rates(held, label) + rates(every, label) for label in labels}
    expected["all"] = tuple(
        part
        for pairs in (held, every)
        for part in (str(len(pairs)), "", f"{sum(a == b for a, b in pairs) / len(pairs):.2f}")
    )

    assert published(kind) == expected


def test_the_labelled_prompts_cover_every_task_and_were_written_once() -> None:
    rows = labelled()

    assert Counter(row["part"] for row in rows) == {"tune": 512, "held": 96}
    assert {row["task"] for row in rows} == set(TASKS) - {"other"}
    assert {row["domain"] for row in rows} == set(DOMAINS)
    assert len({row["prompt"] for row in rows}) == len(rows)
    assert min(Counter(row["task"] for row in rows if row["part"] == "held").values()) == 6


@pytest.mark.parametrize(
    ("prompt", "task"),
    [
        ("Explain gravity.", "qa_open"),
        ("please could you TRANSLATE this to German?", "translation"),
        ("Zusammenfassung bitte", "other"),
        ("", "other"),
        ("You are a helpful assistant. Summarize the text below.", "summarisation"),
        ("```\nx = 1\n```", "code"),
    ],
)
def test_a_prompt_sets_one_task(prompt: str, task: str) -> None:
    assert found_labels([prompt])[0] == [task]


def test_the_word_used_most_says_the_domain_and_ties_go_to_the_narrower() -> None:
    assert found_labels(["Which vaccine did the doctor use in the village school?"])[1] == ["health"]
    assert found_labels(["A lawyer buys bread."])[1] == ["law"]
    assert found_labels(["Compute 3 + 4 = ?"])[1] == ["mathematics"]
    assert found_labels(["Nothing in particular."])[1] == ["general"]


def test_of_a_long_prompt_the_opening_and_the_end_are_read() -> None:
    filler = "word " * 400

    shown = opening(array([f"Start {filler} end.", "short", ""])).to_pylist()

    assert len(shown[0]) == HEAD_CHARS + 1 + TAIL_CHARS
    assert shown[0].startswith("Start word")
    assert shown[0].endswith("word  end.")
    assert shown[1:] == ["short", ""]
    assert found_labels([f"{filler}\n\nTranslate the text above into French."])[0] == ["translation"]


def batch_of(prompts: list[str]) -> Batch:
    kind = pa.list_(pa.struct({"role": pa.string(), "content": pa.large_string()}))
    turns = [[{"role": "user", "content": prompt}] for prompt in prompts]
    return Batch(pa.RecordBatch.from_pydict({"turns": pa.array(turns, kind)}))


def test_shares_entropy_and_coverage_rest_on_the_english_prompts() -> None:
    prompts = [
        *["Write a short poem about the sea and the wind."] * 6,
        *["Explain how a vaccine protects a patient from disease."] * 2,
        "Schreibe ein kurzes Gedicht über das Meer und den Wind in der Nacht.",
    ]
    analyzer = Topics(seed=2)

    found = analyzer.finish(analyzer.measure(batch_of(prompts)))
    values = {(f.metric, *f.params.values()): f.value for f in found}

    bits = -(6 / 8 * math.log2(6 / 8) + 2 / 8 * math.log2(2 / 8))
    assert values["task_share", "generation"] == 6 / 8
    assert values["task_share", "qa_open"] == 2 / 8
    assert values["domain_share", "arts"] == 6 / 8
    assert values["task_entropy", 17, False] == pytest.approx(bits)
    assert values["domain_entropy", 14, True] == pytest.approx(bits / math.log2(14))
    assert values["concept_coverage", "tasks x domains", 5] == 1 / (17 * 14)
    assert {f.n_used for f in found} == {8}
