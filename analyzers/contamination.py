"""What of a benchmark stands in the rows of a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers.base import Batch, View
from analyzers.benchmark_sources import BenchmarkSource, rules_for
from analyzers.intervals import upper_bound, wilson_interval
from analyzers.leak_rules import DEFAULT_RULE, MAX_ITEMS, RULES, Rule, rules_named
from analyzers.matched_text import SHOWN_CHARS, longest_shared_run, texts_of
from registry.contaminations import Contamination, Leak
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
