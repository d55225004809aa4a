"""What of a benchmark stands in the rows of a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from analyzers.base import Batch, View
from analyzers.benchmark_index import IgnoredGram
from analyzers.benchmark_sources import BenchmarkSource, rules_for
from analyzers.detection_ceiling import FormRecall
from analyzers.intervals import upper_bound, wilson_interval
from analyzers.leak_rules import DEFAULT_RULE, MAX_ITEMS, RULES, Rule, rules_named
from analyzers.matched_text import SHOWN_CHARS, longest_shared_run, texts_of
from registry.hashed_benchmarks import HashedBenchmark

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

__all__ = [
    "DEFAULT_RULE",
    "MAX_ITEMS",
    "RULES",
    "Contamination",
    "Leak",
    "contaminated_rows",
    "contamination",
    "contaminations",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A benchmark item and the first row that holds it, with the longest run of words both share.

    `share` says how much of the item the row holds, in [0, 1], in the measure of the rule. `question` and
    `shared` are None where only hashes of the benchmark are at hand.
    """

    benchmark_row: int
    dataset_row: int
    share: float
    question: str | None
    text: str
    shared: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """How much of a benchmark was found in a dataset under one rule.

    `benchmark_hits` items are found in `dataset_hits` rows, each with its Wilson 95 % interval as a share
    of the coverable items and of the rows. Of all items, `question_answer_hits` have question and answer in
    the same row, `answer_only_hits` have their answer in some row and their question in none. Answers are
    looked for where they have 8 words or more, 12 or 13 where the rule's n-gram has: `answers_checked` items.

    `coverable` is the share of items that the rule can find at all; None for a benchmark without rows.
    `short_items` have fewer words than the rule's n-gram and are looked for as a whole: inside a row from
    5 words on, below that as the whole prompt. `mean_share` is the mean over the coverable items of how much
    of each its best row holds. `ignored` n-grams stand in more than 10 items or in a template, the most
    frequent first (20 at most, of `ignored_grams`). `upper_bound` bounds the share of found items among the
    coverable ones at 95 %: 1 - 0.05^(1/n), near 3/n, where none of n was found, else Wilson's bound; None
    where none is coverable. It speaks of copies in the same words only; `ceiling` says what the rule sees of
    planted forms of the items, and is empty where it was not asked for. `benchmark_form` tells rows from
    hashed n-grams.
    """

    dataset: str
    benchmark: str
    benchmark_form: str
    rule: str
    rule_version: int
    dataset_rows: int
    benchmark_rows: int
    benchmark_hits: int
    benchmark_ci_low: float | None
    benchmark_ci_high: float | None
    dataset_hits: int
    dataset_ci_low: float | None
    dataset_ci_high: float | None
    question_answer_hits: int
    answer_only_hits: int
    answers_checked: int
    short_items: int
    coverable: float | None
    coverable_items: int
    mean_share: float | None
    upper_bound: float | None
    ignored_grams: int
    ignored: tuple[IgnoredGram, ...] = ()
    examples: tuple[Leak, ...] = ()
    ceiling: tuple[FormRecall, ...] = ()

    @property
    def is_checked(self) -> bool:
        """Whether any row was compared with any item; nothing checked is not a pass."""
        return self.dataset_rows > 0 and self.coverable_items > 0

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {**asdict(self), "is_checked": self.is_checked}


def contamination(
    dataset: Snapshot,
    benchmark: Snapshot | HashedBenchmark,
    *,
    rule: str = DEFAULT_RULE,
    explain: int = 5,
    ceiling: bool = False,
) -> Contamination:
    """The items of `benchmark` that stand in rows of `dataset`, by one of `RULES`.

    Questions are the items' user turns, answers their assistant turns; rows are read as whole texts, not
    by line. Exhaustive: the benchmark is held in memory (about 100 bytes a word) and every row streams past
    it. Source: METRICS 8; docs/contamination.md.

    `ceiling` plants known forms of the items and says which the rule finds.

    Raises:
        UnknownNameError: no such rule.
        NotMeasuredError: the rule needs words and only hashes of the benchmark are at hand.
    """
    return contaminations(dataset, [benchmark], rule=rule, explain=explain, ceiling=ceiling)[0]


def contaminations(
    dataset: Snapshot,
    benchmarks: Sequence[Snapshot | HashedBenchmark],
    *,
    rule: str = DEFAULT_RULE,
    explain: int = 5,
    ceiling: bool = False,
) -> list[Contamination]:
    """`contamination` with each of the benchmarks, in their order, in one pass over the rows.

    `rule` may name several rules with commas, or `all`: each benchmark then has one result a rule. Of `all`
    those are left out that need words where only hashes are at hand.

    Raises:
        UnknownNameError: no such rule.
        NotMeasuredError: a rule asked for by name needs words and only hashes of a benchmark are at hand.
    """
    rules = rules_named(rule)
    sources = [BenchmarkSource.of(benchmark) for benchmark in benchmarks]
    searches = [_Search(source, each) for source in sources for each in rules_for(source, rules)]
    _stream(dataset, searches)
    return [_result(dataset, search, explain, ceiling=ceiling) for search in searches]


def contaminated_rows(
    dataset: Snapshot, benchmark: Snapshot | HashedBenchmark, *, rule: str = DEFAULT_RULE
) -> npt.NDArray[np.int64]:
    """Positions of the rows of `dataset` that hold an item of `benchmark`, rising; see `contamination`.

    Raises:
        UnknownNameError: no such rule.
    """
    (one,) = rules_named(rule)
    search = _Search(BenchmarkSource.of(benchmark), one)
    _stream(dataset, [search])
    return search.rows_hit


class _Search:
    """One benchmark under one rule, and which of its items were found in the rows so far."""

    def __init__(self, source: BenchmarkSource, rule: Rule) -> None:
        self.source = source
        self.index = source.index(rule)
        items = source.items
        self.rows = 0
        self.found = np.zeros(len(items), bool)
        self.answer = np.zeros(len(items), bool)
        self.both = np.zeros(len(items), bool)
        self.best = np.zeros(len(items))
        self.first_row = np.full(len(items), -1, np.int64)
        self.first_share = np.zeros(len(items))
        self._rows_hit: list[npt.NDArray[np.int64]] = []

    @property
    def rows_hit(self) -> npt.NDArray[np.int64]:
        """Positions of the rows that hold an item."""
        return np.concatenate([np.empty(0, np.int64), *self._rows_hit])

    def add(self, batch: Batch) -> None:
        """Look at the next rows."""
        leaks = self.index.find(batch)
        every = leaks.every
        fresh = np.flatnonzero(self.first_row[every.hit_items] < 0)
        items, first = np.unique(every.hit_items[fresh], return_index=True)
        self.first_row[items] = every.hit_rows[fresh][first] + self.rows
        self.first_share[items] = every.shares[every.hits][fresh][first]
        self._rows_hit.append(np.unique(every.hit_rows) + self.rows)
        self.found[every.hit_items] = True
        self.answer[leaks.answer.hit_items] = True
        self.both[leaks.items_with_both] = True
        np.maximum.at(self.best, every.items, every.shares)
        self.rows += batch.num_rows


def _stream(dataset: Snapshot, searches: Sequence[_Search]) -> None:
    columns = set().union(*(search.index.columns for search in searches))
    for rows in dataset.batches(sorted(columns)):
        batch = Batch(rows)
        for search in searches:
            search.add(batch)


def _result(dataset: Snapshot, search: _Search, explain: int, *, ceiling: bool) -> Contamination:
    index, rows, items = search.index, search.rows, search.index.size
    hits, rows_hit, coverable = int(search.found.sum()), len(search.rows_hit), int(index.coverable.sum())
    low, high = wilson_interval(hits, coverable) if coverable else (None, None)
    rows_low, rows_high = wilson_interval(rows_hit, rows) if rows else (None, None)
    questions = index.questions
    return Contamination(
        dataset=dataset.dataset,
        benchmark=search.source.name,
        benchmark_form=search.source.form,
        rule=index.rule.name,
        rule_version=index.rule.version,
        dataset_rows=rows,
        benchmark_rows=items,
        benchmark_hits=hits,
        benchmark_ci_low=low,
        benchmark_ci_high=high,
        dataset_hits=rows_hit,
        dataset_ci_low=rows_low,
        dataset_ci_high=rows_high,
        question_answer_hits=int(search.both.sum()),
        answer_only_hits=index.answer_only(search.found, search.answer, search.both),
        answers_checked=int(index.answers.coverable.sum()),
        short_items=questions.short_items,
        coverable=coverable / items if items else None,
        coverable_items=coverable,
        mean_share=float(search.best[index.coverable].mean()) if coverable else None,
        upper_bound=upper_bound(hits, coverable),
        ignored_grams=questions.ignored_grams,
        ignored=questions.ignored,
        examples=_examples(dataset, search, explain),
        ceiling=search.source.ceiling(index) if ceiling else (),
    )


def _examples(dataset: Snapshot, search: _Search, explain: int) -> tuple[Leak, ...]:
    """The first items found, each with the first row that holds it."""
    items = np.flatnonzero(search.first_row >= 0)[:explain].tolist()
    rows = search.first_row[items].tolist()
    asked = search.source.rows
    questions = [None] * len(items) if asked is None else texts_of(asked, items, View.PROMPT)
    texts = texts_of(dataset, rows, View.ALL)
    return tuple(
        Leak(
            benchmark_row=item,
            dataset_row=row,
            share=float(search.first_share[item]),
            question=None if question is None else question[:SHOWN_CHARS],
            text=text[:SHOWN_CHARS],
            shared=None if question is None else longest_shared_run(question, text)[:SHOWN_CHARS],
        )
        for item, row, question, text in zip(items, rows, questions, texts, strict=True)
    )
