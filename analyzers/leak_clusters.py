"""The rule `idf_cluster`: how much of a question stands in one stretch of a row; rare n-grams weigh more."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from analyzers.base import Batch, View
from analyzers.benchmark_index import FieldIndex, Floats, Found
from analyzers.benchmark_items import Items
from analyzers.distinct import distinct_values
from analyzers.gram_index import GramIndex
from analyzers.leak_rules import Rule
from analyzers.row_pool import ranges
from analyzers.text import Grams, Hashes, Ints, ngrams

MISSES = 11
"""A stretch ends where so many n-grams in a row are not the item's."""
MIN_WORDS, MIN_DISTINCT = 20, 4
PERFECT_WORDS, LENIENT_WORDS = 20, 50
QUESTION_WEIGHT, ANSWER_WEIGHT = 0.75, 0.25
SURE_GRAMS = 20

_TINY = 1e-9


class ClusterIndex(FieldIndex):
    """The questions of a benchmark under `idf_cluster`.

    A stretch of a row grows from n-gram to n-gram of the item until 11 in a row are not its own. Its score
    is the share of the item's n-grams it holds, each weighted by ln((items + 1) / items that hold it); where
    the item has an answer, .75 of that and .25 of the answer's words found in the row, weighted alike (the
    question's weight is less under 20 n-grams). An item is found from .8 on, at 20 words only when
    perfect, between 20 and 50 words by the line in between. Questions of fewer than 20 words or 4
    different ones are left out. Source: allenai/decon e1bcb80, whose weights and lengths these are; ours
    reads every position, `w1` words instead of cl100k tokens, and the answer's words anywhere in the row.
    """

    def __init__(self, items: Items, rule: Rule, *, max_items: int) -> None:
        super().__init__(items.questions, rule, max_items=max_items, min_words=MIN_WORDS)
        questions, answers = items.questions, items.answers
        for item in np.flatnonzero(self.coverable).tolist():
            if len(distinct_values(questions.word_hashes(item))) < MIN_DISTINCT:
                self.coverable[item] = False
        size = max(self.items, 1)
        index = self._index
        self._idf = np.empty(0) if index is None else np.log((size + 1) / np.diff(index.offsets))
        self._totals = np.zeros(self.items)
        grams = np.zeros(self.items, np.int64)
        if index is not None:
            self._totals += np.bincount(index.items, self._idf[index.gram_of], self.items)
            grams += np.bincount(index.items, minlength=self.items)
        self._answers = _AnswerWords(items)
        sure = 0.5 + 0.5 * np.minimum(grams / SURE_GRAMS, 1.0)
        self._weights = np.where(answers.counts > 0, QUESTION_WEIGHT * sure, 1.0)
        self._needed = needed_shares(questions.counts + answers.counts, float(rule.share or 0))

    def find(self, batch: Batch, inside: View, whole: Iterable[View]) -> Found:  # noqa: ARG002
        """See `FieldIndex.find`; `shares` are the combined scores."""
        if self._index is None:
            return Found.joined([])
        near = self._near(batch, inside, self._index.n)
        grams = ngrams(near.tokens, self._index.n)
        rows, items, sums = best_stretches(grams, self._index, self._idf, self.items)
        chosen = self.coverable[items]
        rows, items = near.rows[rows[chosen]], items[chosen]
        scores = self._weights[items] * np.minimum(sums[chosen] / self._totals[items], 1.0)
        # Pairs that no answer could lift to a hit are not looked at further.
        open_ = scores + (1 - self._weights[items]) >= self._needed[items] - _TINY
        words = batch.words(inside)
        for nth in np.flatnonzero(open_ & (self._weights[items] < 1)).tolist():
            row = words.hashes[words.offsets[rows[nth]] : words.offsets[rows[nth] + 1]]
            scores[nth] += (1 - self._weights[items[nth]]) * self._answers.share(int(items[nth]), row)
        return Found(rows, items, scores, scores >= self._needed[items] - _TINY)


def needed_shares(words: Ints, share: float) -> Floats:
    """The score from which items of so many words (question and answer) are found.

    >>> needed_shares(np.array([10, 35, 80]), 0.8).round(2).tolist()
    [1.0, 0.9, 0.8]
    """
    way = np.clip((words - PERFECT_WORDS) / (LENIENT_WORDS - PERFECT_WORDS), 0.0, 1.0)
    needed: Floats = 1.0 - (1.0 - share) * way
    return needed


def best_stretches(grams: Grams, index: GramIndex, idf: Floats, n_items: int) -> tuple[Ints, Ints, Floats]:
    """(row, item, weight) of the heaviest stretch of a row for each pair that shares an n-gram, in order."""
    at, known = index.places(grams)
    rows = np.searchsorted(grams.offsets, at, side="right") - 1
    counts = np.diff(index.offsets)[known]
    chosen = ranges(index.offsets[known], counts)
    pairs = np.repeat(rows, counts) * n_items + index.items[chosen]
    places, gram = np.repeat(at, counts), np.repeat(known, counts)
    order = np.lexsort((places, pairs))
    pairs, places, gram = pairs[order], places[order], gram[order]
    if not len(pairs):
        return pairs, pairs, np.empty(0)
    breaks = (pairs[1:] != pairs[:-1]) | (np.diff(places) > MISSES)
    stretch = np.concatenate(([0], np.cumsum(breaks)))
    once = _first_of_each(stretch, gram)
    weights = np.bincount(stretch[once], idf[gram[once]])
    pair_of = pairs[np.concatenate(([0], np.flatnonzero(breaks) + 1))]
    begins = np.flatnonzero(np.append(True, pair_of[1:] != pair_of[:-1]))
    best = np.maximum.reduceat(weights, begins)
    return pair_of[begins] // n_items, pair_of[begins] % n_items, best


class _AnswerWords:
    """The distinct words of every answer with their weights."""

    def __init__(self, items: Items) -> None:
        self._words = [distinct_values(items.answers.word_hashes(item)) for item in range(len(items))]
        known, counts = np.unique(np.concatenate([np.empty(0, np.uint64), *self._words]), return_counts=True)
        self._known = known
        self._idf = np.log((len(items) + 1) / counts)

    def share(self, item: int, row: Hashes) -> float:
        """The weighted share of the answer's words that stand in the row, in [0, 1]."""
        words = self._words[item]
        weights = self._idf[np.searchsorted(self._known, words)]
        total = float(weights.sum())
        return float(weights[np.isin(words, row)].sum()) / total if total else 0.0


def _first_of_each(groups: Ints, values: Ints) -> Ints:
    """Places of the first of each (group, value)."""
    first: Ints = np.unique(groups * (int(values.max()) + 1) + values, return_index=True)[1]
    return first
