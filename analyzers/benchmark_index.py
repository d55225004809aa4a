"""A benchmark in memory, ready to be looked for in rows that stream by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.base import Batch, View
from analyzers.row_pool import ranges
from analyzers.signature_store import NO_TEXT, row_keys
from analyzers.text import Grams, ngrams, words

# A shorter text stands in too many rows to be looked for inside them: it must be the whole of a turn.
SEQUENCE_WORDS = 5
IGNORED_SPELT = 20

_FILTER_PER_GRAM = 16
_FILTER_BITS = (16, 24)

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Hits = tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class Rule:
    """When a row holds an item: it shares a word `n`-gram with it, or `share` of the item's n-grams.

    `n` None: the row's text equals the item's. `share` None: one n-gram is enough.
    """

    name: str
    n: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class IgnoredGram:
    """A word n-gram that stands in so many items of the benchmark that it says nothing of any."""

    text: str
    items: int


@dataclass(frozen=True)
class GramIndex:
    """Which items hold which n-gram; `grams` sorted, `items[offsets[i]:offsets[i + 1]]` those of gram i."""

    n: int
    grams: Hashes
    offsets: Ints
    items: Ints
    _maybe: npt.NDArray[np.bool_] = field(repr=False)

    @classmethod
    def of(cls, n: int, hashes: Hashes, items: Ints) -> GramIndex:
        """The index of (hash, item) pairs, each pair once, sorted by hash."""
        grams, begins = np.unique(hashes, return_index=True)
        bits = int(np.clip(np.ceil(np.log2(max(len(grams), 1) * _FILTER_PER_GRAM)), *_FILTER_BITS))
        maybe = np.zeros(1 << bits, bool)
        maybe[grams & np.uint64(len(maybe) - 1)] = True
        return cls(n, grams, np.append(begins, len(hashes)), items, maybe)

    def find(self, grams: Grams) -> Hits:
        """(row, gram of this index) of each known gram of the rows, each pair once."""
        if not len(self.grams):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        # One look into a small table spares most grams the binary search.
        places = np.flatnonzero(self._maybe[grams.hashes & np.uint64(len(self._maybe) - 1)])
        hashes = grams.hashes[places]
        known = np.minimum(np.searchsorted(self.grams, hashes), len(self.grams) - 1)
        equal = self.grams[known] == hashes
        rows = np.searchsorted(grams.offsets, places[equal], side="right") - 1
        return _distinct(rows, known[equal], len(self.grams))

    def items_of(self, rows: Ints, grams: Ints) -> Hits:
        """(row, item) for each item that holds each of the grams, with multiplicity."""
        counts = np.diff(self.offsets)[grams]
        return np.repeat(rows, counts), self.items[ranges(self.offsets[grams], counts)]


class FieldIndex:
    """One field of all items (their questions or their answers) under one rule.

    `coverable[i]` says whether item i could be found at all: it has text, and some of it is not
    boilerplate of the benchmark. `ignored_grams` n-grams stand in more than `max_items` items.
    Items of fewer than `min_words` words are left out.
    """

    def __init__(self, texts: Sequence[str], rule: Rule, *, max_items: int, min_words: int = 0) -> None:
        column = pa.array(texts, pa.large_string())
        self._tokens = words(column)
        self._rule = rule
        self._max_items = max_items
        self.items = len(texts)
        self.coverable = np.zeros(self.items, bool)
        self.ignored_grams = 0
        self._ignored: list[IgnoredGram] = []
        self._sizes = np.zeros(self.items, np.int64)
        self._by_length: list[GramIndex] = []
        enough = self._tokens.counts >= min_words
        self._add_grams(enough)
        self._whole = self._whole_texts(row_keys(self._tokens, column), enough)

    @property
    def ignored(self) -> tuple[IgnoredGram, ...]:
        """The ignored n-grams in most items, the most frequent first, 20 at most."""
        ranked = sorted(self._ignored, key=lambda gram: (-gram.items, gram.text))
        return tuple(ranked[:IGNORED_SPELT])

    @property
    def short_items(self) -> int:
        """Items with fewer words than the rule's n-gram, looked for as a whole."""
        return int((self._tokens.counts < (self._rule.n or 0)).sum())

    def find(self, batch: Batch, inside: View, whole: Iterable[View]) -> Hits:
        """(row of the batch, item) of each item found inside one view, or equal to another; each once."""
        found = [self._find_inside(batch, inside, index) for index in self._by_length]
        if len(self._whole.grams):
            found += [self._find_whole(batch, view) for view in whole]
        rows = np.concatenate([np.empty(0, np.int64), *(rows for rows, _ in found)])
        items = np.concatenate([np.empty(0, np.int64), *(items for _, items in found)])
        return _distinct(rows, items, self.items)

    def _add_grams(self, enough: npt.NDArray[np.bool_]) -> None:
        """Index the n-grams of long items, and each shorter one as the one n-gram it is."""
        n = self._rule.n
        if n is None:
            return
        counts = self._tokens.counts
        lengths = [n, *sorted({int(c) for c in counts if SEQUENCE_WORDS <= c < n})]
        for length in lengths:
            chosen = enough & ((counts >= n) if length == n else (counts == length))
            hashes, items = self._usable(length, chosen)
            if len(hashes):
                self._by_length.append(GramIndex.of(length, hashes, items))
                self._sizes += np.bincount(items, minlength=self.items)
                self.coverable[items] = True

    def _usable(self, length: int, chosen: npt.NDArray[np.bool_]) -> tuple[Hashes, Ints]:
        """(gram, item) pairs of the chosen items, without the grams of more than `max_items` items."""
        grams = ngrams(self._tokens, length)
        of_item = np.repeat(np.arange(self.items), grams.counts)
        place = np.flatnonzero(chosen[of_item])
        order = place[np.lexsort((of_item[place], grams.hashes[place]))]
        hashes, items = grams.hashes[order], of_item[order]
        fresh = np.ones(len(order), bool)
        fresh[1:] = (hashes[1:] != hashes[:-1]) | (items[1:] != items[:-1])
        order, hashes, items = order[fresh], hashes[fresh], items[fresh]
        _, begins, inverse, sizes = np.unique(
            hashes, return_index=True, return_inverse=True, return_counts=True
        )
        common = np.flatnonzero(sizes > self._max_items)
        self.ignored_grams += len(common)
        for gram in common[np.argsort(-sizes[common], kind="stable")[:IGNORED_SPELT]]:
            first = int(order[begins[gram]])
            word = int(self._tokens.offsets[of_item[first]] + first - grams.offsets[of_item[first]])
            spelt = " ".join(self._tokens.text(word + step) for step in range(length))
            self._ignored.append(IgnoredGram(spelt, int(sizes[gram])))
        rare = sizes[inverse] <= self._max_items
        return hashes[rare], items[rare]

    def _whole_texts(self, keys: Hashes, enough: npt.NDArray[np.bool_]) -> GramIndex:
        """Items compared as whole texts: all where the rule has no n-grams, else those too short for any."""
        chosen = enough & (keys != NO_TEXT)
        if self._rule.n is not None:
            chosen &= self._tokens.counts < min(SEQUENCE_WORDS, self._rule.n)
        items = np.flatnonzero(chosen)
        self.coverable[items] = True
        order = items[np.argsort(keys[items], kind="stable")]
        return GramIndex.of(0, keys[order], order)

    def _find_inside(self, batch: Batch, view: View, index: GramIndex) -> Hits:
        rows, items = index.items_of(*index.find(batch.ngrams(view, index.n)))
        if self._rule.share is None or index.n != self._rule.n:
            return rows, items
        pairs, counts = np.unique(rows * self.items + items, return_counts=True)
        enough = counts / self._sizes[pairs % self.items] >= self._rule.share
        return pairs[enough] // self.items, pairs[enough] % self.items

    def _find_whole(self, batch: Batch, view: View) -> Hits:
        keys = row_keys(batch.words(view), batch.view(view))
        return self._whole.items_of(*self._whole.find(Grams(np.arange(len(keys) + 1), keys)))


def _distinct(rows: Ints, others: Ints, size: int) -> Hits:
    """The pairs (row, other), each once, in order; `size` is above every `other`."""
    pairs = np.unique(rows * size + others)
    return pairs // max(size, 1), pairs % max(size, 1)
