"""What of a benchmark stands in the rows of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from analyzers.base import Batch, View
from analyzers.benchmark_index import FieldIndex, Hits, IgnoredGram, Rule
from analyzers.matched_text import SHOWN_CHARS, longest_shared_run, texts_of
from analyzers.views import view_texts
from registry.errors import UnknownNameError

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("exact"),
        Rule("ngram8_any", n=8),
        Rule("ngram13", n=13),
        Rule("containment", n=5, share=0.8),
    )
}
DEFAULT_RULE = "ngram13"
# An n-gram in more items than this is the benchmark's own boilerplate.
MAX_ITEMS = 10
# A shorter answer stands in rows that have nothing to do with the benchmark.
ANSWER_WORDS = 8
IGNORED_SHOWN = 20

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A benchmark item and the first row that holds it, with the longest run of words both share."""

    benchmark_row: int
    dataset_row: int
    question: str
    text: str
    shared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """How much of a benchmark was found in a dataset under one rule.

    `benchmark_hits` items have their question in `dataset_hits` rows (anywhere in them). Of the items,
    `question_answer_hits` have question and answer in the same row, `answer_only_hits` have their answer
    in some row and their question in none. Answers are looked for where they have 8 words or more:
    `answers_checked` items.

    `coverable` is the share of items that the rule can find at all; None for a benchmark without rows.
    `short_items` have fewer words than the rule's n-gram and are looked for as a whole: inside a row from
    5 words on, below that as the whole prompt. `ignored` n-grams stand in more than 10 items, the most
    frequent first (20 at most, of `ignored_grams`). `upper_bound` bounds the share of found items among the
    coverable ones at 95 %: 3/n where none of n was found, else Wilson's bound; None where none is coverable.
    It speaks of verbatim copies only: no rule here sees a paraphrase or a translation.
    """

    dataset: str
    benchmark: str
    rule: str
    dataset_rows: int
    benchmark_rows: int
    benchmark_hits: int
    dataset_hits: int
    question_answer_hits: int
    answer_only_hits: int
    answers_checked: int
    short_items: int
    coverable: float | None
    upper_bound: float | None
    ignored_grams: int
    ignored: tuple[IgnoredGram, ...] = ()
    examples: tuple[Leak, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


def contamination(
    dataset: Snapshot, benchmark: Snapshot, *, rule: str = DEFAULT_RULE, explain: int = 5
) -> Contamination:
    """The items of `benchmark` that stand in rows of `dataset`, by one of `RULES`.

    `exact`: a prompt equals the question, words only. `ngram8_any`, `ngram13`: a row shares a word n-gram
    with the question. `containment`: a row holds 80 % of the question's distinct word 5-grams. Questions
    are the items' user turns, answers their assistant turns; rows are read as whole texts, not by line.
    Exhaustive: the benchmark is held in memory (about 100 bytes a word) and every row streams past it.
    Source: METRICS 8; the rule of three for `upper_bound`.

    Raises:
        UnknownNameError: no such rule.
    """
    if rule not in RULES:
        raise UnknownNameError(rule, RULES, hint=f"among the rules {', '.join(RULES)}")
    questions, answers = _fields(benchmark, RULES[rule])
    found = _Found(questions.items)
    for rows in dataset.batches(_COLUMNS):
        batch = Batch(rows)
        found.add(
            batch.num_rows,
            questions.find(batch, View.ALL, (View.PROMPT, View.FIRST_PROMPT)),
            answers.find(batch, View.ALL, (View.RESPONSE, View.FINAL_ANSWER)),
        )
    coverable = int(questions.coverable.sum())
    hits = int(found.question.sum())
    ignored = sorted(questions.ignored, key=lambda gram: (-gram.items, gram.text))
    return Contamination(
        dataset=dataset.dataset,
        benchmark=benchmark.dataset,
        rule=rule,
        dataset_rows=found.rows,
        benchmark_rows=questions.items,
        benchmark_hits=hits,
        dataset_hits=found.rows_hit,
        question_answer_hits=int(found.both.sum()),
        answer_only_hits=int((found.answer & ~found.question).sum()),
        answers_checked=int(answers.coverable.sum()),
        short_items=questions.short_items,
        coverable=coverable / questions.items if questions.items else None,
        upper_bound=_upper_bound(hits, coverable),
        ignored_grams=len(ignored),
        ignored=tuple(ignored[:IGNORED_SHOWN]),
        examples=_examples(dataset, benchmark, found.first_row, explain),
    )


_COLUMNS = sorted(
    {
        column
        for view in (View.ALL, View.PROMPT, View.FIRST_PROMPT, View.FINAL_ANSWER)
        for column in view.columns
    }
)


class _Found:
    """Which items were found in the rows so far, and where first."""

    def __init__(self, items: int) -> None:
        self.rows = 0
        self.rows_hit = 0
        self.question = np.zeros(items, bool)
        self.answer = np.zeros(items, bool)
        self.both = np.zeros(items, bool)
        self.first_row = np.full(items, -1, np.int64)

    def add(self, rows: int, questions: Hits, answers: Hits) -> None:
        """Note the (row, item) pairs of the next `rows` rows."""
        row, item = questions
        fresh = self.first_row[item] < 0
        items, first = np.unique(item[fresh], return_index=True)
        self.first_row[items] = row[fresh][first] + self.rows
        self.rows_hit += len(np.unique(row))
        self.question[item] = True
        self.answer[answers[1]] = True
        size = len(self.question)
        same = np.intersect1d(row * size + item, answers[0] * size + answers[1])
        self.both[same % max(size, 1)] = True
        self.rows += rows


def _fields(benchmark: Snapshot, rule: Rule) -> tuple[FieldIndex, FieldIndex]:
    """The questions and the answers of all items, indexed."""
    batches = list(benchmark.batches(["prompt", "response"]))
    questions, answers = (
        [str(text) for batch in batches for text in view_texts(batch, view).to_pylist()]
        for view in (View.PROMPT, View.RESPONSE)
    )
    least = max(ANSWER_WORDS, rule.n or 0)
    return (
        FieldIndex(questions, rule, max_items=MAX_ITEMS),
        FieldIndex(answers, rule, max_items=MAX_ITEMS, min_words=least),
    )


def _upper_bound(hits: int, checked: int) -> float | None:
    from analyzers.hygiene import wilson_interval

    if not checked:
        return None
    return wilson_interval(hits, checked)[1] if hits else min(3 / checked, 1.0)


def _examples(
    dataset: Snapshot, benchmark: Snapshot, first_row: npt.NDArray[np.int64], explain: int
) -> tuple[Leak, ...]:
    """The first items found, each with the first row that holds it."""
    items = np.flatnonzero(first_row >= 0)[:explain].tolist()
    rows = first_row[items].tolist()
    questions = texts_of(benchmark, items, View.PROMPT)
    texts = texts_of(dataset, rows, View.ALL)
    return tuple(
        Leak(
            benchmark_row=item,
            dataset_row=row,
            question=question[:SHOWN_CHARS],
            text=text[:SHOWN_CHARS],
            shared=longest_shared_run(question, text)[:SHOWN_CHARS],
        )
        for item, row, question, text in zip(items, rows, questions, texts, strict=True)
    )
