"""What of a benchmark stands in the rows of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from analyzers.base import Batch, View
from analyzers.benchmark_index import FieldIndex, IgnoredGram, Rule
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
    return contaminations(dataset, [benchmark], rule=rule, explain=explain)[0]


def contaminations(
    dataset: Snapshot, benchmarks: Sequence[Snapshot], *, rule: str = DEFAULT_RULE, explain: int = 5
) -> list[Contamination]:
    """`contamination` with each of the benchmarks, in their order, in one pass over the rows.

    Raises:
        UnknownNameError: no such rule.
    """
    searches = [_Search(benchmark, _rule(rule)) for benchmark in benchmarks]
    _stream(dataset, searches)
    return [_result(dataset, search, rule, explain) for search in searches]


def contaminated_rows(
    dataset: Snapshot, benchmark: Snapshot, *, rule: str = DEFAULT_RULE
) -> npt.NDArray[np.int64]:
    """Positions of the rows of `dataset` that hold a question of `benchmark`, rising; see `contamination`.

    Raises:
        UnknownNameError: no such rule.
    """
    search = _Search(benchmark, _rule(rule))
    _stream(dataset, [search])
    return search.rows_hit


_COLUMNS = sorted(
    {
        column
        for view in (View.ALL, View.PROMPT, View.FIRST_PROMPT, View.FINAL_ANSWER)
        for column in view.columns
    }
)


class _Search:
    """One benchmark under one rule: its questions and answers, and which were found in the rows so far."""

    def __init__(self, benchmark: Snapshot, rule: Rule) -> None:
        self.benchmark = benchmark
        self.questions, self.answers = _fields(benchmark, rule)
        items = self.questions.items
        self.rows = 0
        self.question = np.zeros(items, bool)
        self.answer = np.zeros(items, bool)
        self.both = np.zeros(items, bool)
        self.first_row = np.full(items, -1, np.int64)
        self._rows_hit: list[npt.NDArray[np.int64]] = []

    @property
    def rows_hit(self) -> npt.NDArray[np.int64]:
        """Positions of the rows that hold a question."""
        return np.concatenate([np.empty(0, np.int64), *self._rows_hit])

    def add(self, batch: Batch) -> None:
        """Look at the next rows."""
        row, item = self.questions.find(batch, View.ALL, (View.PROMPT, View.FIRST_PROMPT))
        answer_row, answer_item = self.answers.find(batch, View.ALL, (View.RESPONSE, View.FINAL_ANSWER))
        fresh = self.first_row[item] < 0
        items, first = np.unique(item[fresh], return_index=True)
        self.first_row[items] = row[fresh][first] + self.rows
        self._rows_hit.append(np.unique(row) + self.rows)
        self.question[item] = True
        self.answer[answer_item] = True
        size = len(self.question)
        same = np.intersect1d(row * size + item, answer_row * size + answer_item)
        self.both[same % max(size, 1)] = True
        self.rows += batch.num_rows


def _rule(name: str) -> Rule:
    if name not in RULES:
        raise UnknownNameError(name, RULES, hint=f"among the rules {', '.join(RULES)}")
    return RULES[name]


def _stream(dataset: Snapshot, searches: Sequence[_Search]) -> None:
    for rows in dataset.batches(_COLUMNS):
        batch = Batch(rows)
        for search in searches:
            search.add(batch)


def _result(dataset: Snapshot, search: _Search, rule: str, explain: int) -> Contamination:
    questions = search.questions
    coverable = int(questions.coverable.sum())
    hits = int(search.question.sum())
    return Contamination(
        dataset=dataset.dataset,
        benchmark=search.benchmark.dataset,
        rule=rule,
        dataset_rows=search.rows,
        benchmark_rows=questions.items,
        benchmark_hits=hits,
        dataset_hits=len(search.rows_hit),
        question_answer_hits=int(search.both.sum()),
        answer_only_hits=int((search.answer & ~search.question).sum()),
        answers_checked=int(search.answers.coverable.sum()),
        short_items=questions.short_items,
        coverable=coverable / questions.items if questions.items else None,
        upper_bound=_upper_bound(hits, coverable),
        ignored_grams=questions.ignored_grams,
        ignored=questions.ignored,
        examples=_examples(dataset, search, explain),
    )


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


def _examples(dataset: Snapshot, search: _Search, explain: int) -> tuple[Leak, ...]:
    """The first items found, each with the first row that holds it."""
    items = np.flatnonzero(search.first_row >= 0)[:explain].tolist()
    rows = search.first_row[items].tolist()
    questions = texts_of(search.benchmark, items, View.PROMPT)
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
