"""A whole benchmark under one rule: its questions and its answers, looked for in the same rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzers.base import Batch, View
from analyzers.benchmark_index import FieldIndex, Found, Mask
from analyzers.benchmark_items import Items
from analyzers.leak_clusters import ClusterIndex
from analyzers.leak_rules import ANSWER_WORDS, MAX_ITEMS, Kind, Rule
from analyzers.text import Ints

_ASKED, _ANSWERED = (View.PROMPT, View.FIRST_PROMPT), (View.RESPONSE, View.FINAL_ANSWER)
COLUMNS = sorted({column for view in (View.ALL, *_ASKED, *_ANSWERED) for column in view.columns})
"""Snapshot columns that a batch needs to be searched under any rule."""


@dataclass(frozen=True, slots=True)
class Leaks:
    """What a batch holds of a benchmark: by its answers, and under the rule as a whole (`every`).

    `items_with_both` have question and answer in one row.
    """

    every: Found
    answer: Found
    items_with_both: Ints


class BenchmarkIndex:
    """Questions and answers of a benchmark under one rule.

    Under `span` the question side are n-grams over the border between question and answer, and a pair
    counts when either side is found; under all other rules it counts when the question is.
    """

    def __init__(self, items: Items, rule: Rule) -> None:
        self.rule = rule
        self.size = len(items)
        self.questions = _questions(items, rule)
        least = max(ANSWER_WORDS, rule.n or 0)
        self.answers = FieldIndex(items.answers, rule, max_items=MAX_ITEMS, min_words=least)

    @property
    def coverable(self) -> Mask:
        """Which items the rule can find at all."""
        found = self.questions.coverable
        return found | self.answers.coverable if self.rule.kind is Kind.SPAN else found

    @property
    def columns(self) -> set[str]:
        """The snapshot columns that `find` reads of a batch."""
        return self.questions.columns(View.ALL, _ASKED) | self.answers.columns(View.ALL, _ANSWERED)

    def find(self, batch: Batch) -> Leaks:
        """What the rows of a batch hold."""
        question = self.questions.find(batch, View.ALL, _ASKED)
        answer = self.answers.find(batch, View.ALL, _ANSWERED)
        if self.rule.kind is Kind.SPAN:
            every = Found.joined([question, answer])
            with_both = question.hit_items  # these n-grams hold words of both
        else:
            every = question
            asked, answered = (found.hit_rows * self.size + found.hit_items for found in (question, answer))
            with_both = np.intersect1d(asked, answered) % max(self.size, 1)
        return Leaks(every, answer, with_both)

    def answer_only(self, found: Mask, answer: Mask, both: Mask) -> int:
        """How many items were found by their answer but not by their question, from what all batches held."""
        return int((answer & ~(both if self.rule.kind is Kind.SPAN else found)).sum())


def _questions(items: Items, rule: Rule) -> FieldIndex:
    if rule.kind is Kind.CLUSTER:
        return ClusterIndex(items, rule, max_items=MAX_ITEMS)
    if rule.kind is not Kind.SPAN or rule.n is None or items.both is None:
        return FieldIndex(items.questions, rule, max_items=MAX_ITEMS)
    ends = items.questions.counts
    begins = np.maximum(ends - (rule.n - 1), 0)
    return FieldIndex(items.both, rule, max_items=MAX_ITEMS, bounds=(begins, ends))
