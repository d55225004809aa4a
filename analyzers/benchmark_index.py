"""One field of a benchmark under one rule, ready to be looked for in rows that stream by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.base import Batch, View
from analyzers.benchmark_items import Field
from analyzers.gram_index import GramIndex, counted_pairs, covered_words
from analyzers.leak_rules import Kind, Rule, template_grams
from analyzers.signature_store import NO_TEXT, row_keys
from analyzers.text import Grams, Ints

# A shorter text stands in too many rows to be looked for inside them: it must be the whole of a turn.
SEQUENCE_WORDS = 5
IGNORED_SPELT = 20

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class IgnoredGram:
    """A word n-gram that says nothing of any item, and in how many items it stands.

    `reason`: `frequent` stands in too many items, `template` is a phrase of examinations or of counting.
    """

    text: str
    items: int
    reason: str = "frequent"


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a batch with the items they share something with, each pair once, in order.

    `shares` in [0, 1] say how much of the item; `hits` whether that is enough for the rule.
    """

    rows: Ints
    items: Ints
    shares: Floats
    hits: Mask

    @classmethod
    def joined(cls, parts: Iterable[Found]) -> Found:
        """Several finds as one; of a pair found twice the hit with the larger share counts."""
        found = [_NOTHING, *parts]
        rows = np.concatenate([part.rows for part in found])
        items = np.concatenate([part.items for part in found])
        shares = np.concatenate([part.shares for part in found])
        hits = np.concatenate([part.hits for part in found])
        order = np.lexsort((shares, hits, items, rows))
        rows, items, shares, hits = rows[order], items[order], shares[order], hits[order]
        last = np.ones(len(rows), bool)
        last[:-1] = (rows[1:] != rows[:-1]) | (items[1:] != items[:-1])
        return cls(rows[last], items[last], shares[last], hits[last])

    @property
    def hit_rows(self) -> Ints:
        """The rows of the hits, in the order of `hit_items`."""
        return self.rows[self.hits]

    @property
    def hit_items(self) -> Ints:
        """The items of the hits."""
        return self.items[self.hits]


_NOTHING = Found(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, bool))


class FieldIndex:
    """One field of all items (their questions or their answers) under one rule.

    `coverable[i]` says whether item i could be found at all: it has text, and some of it is not
    boilerplate. `ignored_grams` n-grams stand in more than `max_items` items or inside a template. Items of
    fewer than `min_words` words are left out; of item i the n-grams from `begins[i]` up to, not including,
    `ends[i]` count (None: all).
    """

    def __init__(
        self,
        texts: Field,
        rule: Rule,
        *,
        max_items: int,
        min_words: int = 0,
        bounds: tuple[Ints, Ints] | None = None,
    ) -> None:
        self._texts = texts
        self._rule = rule
        self._max_items = max_items
        self._bounds = bounds
        self.items = len(texts.counts)
        self.coverable = np.zeros(self.items, bool)
        self.ignored_grams = 0
        self._ignored: list[IgnoredGram] = []
        self._sizes = np.ones(self.items)
        enough = texts.counts >= min_words
        self._by_length = [index for index in self._indexes(enough) if len(index.grams)]
        self._whole = self._whole_texts(enough)

    @property
    def ignored(self) -> tuple[IgnoredGram, ...]:
        """The ignored n-grams in most items, the most frequent first, 20 at most."""
        ranked = sorted(self._ignored, key=lambda gram: (-gram.items, gram.text))
        return tuple(ranked[:IGNORED_SPELT])

    @property
    def short_items(self) -> int:
        """Items with fewer words than the rule's n-gram, looked for as a whole."""
        return int((self._texts.counts < (self._rule.n or 0)).sum())

    def find(self, batch: Batch, inside: View, whole: Iterable[View]) -> Found:
        """What the rows share with items inside one view, and the items that equal another view."""
        found = [self._find_inside(batch, inside, index) for index in self._by_length]
        if len(self._whole.grams):
            found += [self._find_whole(batch, view) for view in whole]
        return Found.joined(found)

    def _indexes(self, enough: Mask) -> Iterable[GramIndex]:
        """The n-grams of long items, and each shorter one as the one n-gram it is."""
        n, counts = self._rule.n, self._texts.counts
        if n is None:
            return
        index = self._usable(n, enough & (counts >= n))
        if self._rule.kind is Kind.COVER:
            items, words = covered_words(index.items, index.positions, n)
            self._sizes[items] = words
        else:
            self._sizes = np.maximum(np.bincount(index.items, minlength=self.items), 1).astype(np.float64)
        yield index
        if self._bounds is None:
            for length in sorted({int(c) for c in counts if SEQUENCE_WORDS <= c < n}):
                yield self._usable(length, enough & (counts == length))

    def _usable(self, length: int, chosen: Mask) -> GramIndex:
        """The n-grams of the chosen items without boilerplate; for covering, every place of each."""
        grams = self._texts.grams(length)
        of_item = np.repeat(np.arange(self.items), grams.counts)
        positions = np.arange(len(of_item)) - grams.offsets[of_item]
        counts_here = chosen[of_item]
        if self._bounds is not None:
            begins, ends = self._bounds
            counts_here &= (positions >= begins[of_item]) & (positions < ends[of_item])
        place = np.flatnonzero(counts_here)
        # Places rise by item and position already, so a stable sort keeps equal grams in that order.
        order = place[np.argsort(grams.hashes[place], kind="stable")]
        hashes, items = grams.hashes[order], of_item[order]
        fresh = np.ones(len(order), bool)
        fresh[1:] = (hashes[1:] != hashes[:-1]) | (items[1:] != items[:-1])
        known, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        sizes = np.bincount(inverse[fresh], minlength=len(known))
        is_said = (sizes > self._max_items) | np.isin(known, template_grams(length), assume_unique=True)
        common = np.flatnonzero(is_said)
        self._note_ignored(length, order[first[common]], sizes[common])
        kept = ~is_said[inverse]
        if self._rule.kind is not Kind.COVER:
            kept &= fresh
        self.coverable[items[kept]] = True
        return GramIndex.of(length, hashes[kept], items[kept], positions[order[kept]])

    def _note_ignored(self, length: int, places: Ints, sizes: Ints) -> None:
        self.ignored_grams += len(places)
        for nth in np.argsort(-sizes, kind="stable")[:IGNORED_SPELT].tolist():
            reason = "frequent" if sizes[nth] > self._max_items else "template"
            self._ignored.append(
                IgnoredGram(self._texts.spelt(length, int(places[nth])), int(sizes[nth]), reason)
            )

    def _whole_texts(self, enough: Mask) -> GramIndex:
        """Items compared as whole texts: all where the rule has no n-grams, else those too short for any."""
        chosen = enough & (self._texts.keys != NO_TEXT)
        if self._rule.n is not None:
            chosen &= self._texts.counts < min(SEQUENCE_WORDS, self._rule.n)
        if self._bounds is not None:
            chosen[:] = False
        items = np.flatnonzero(chosen)
        self.coverable[items] = True
        order = items[np.argsort(self._texts.keys[items], kind="stable")]
        return GramIndex.of(0, self._texts.keys[order], order)

    def _find_inside(self, batch: Batch, view: View, index: GramIndex) -> Found:
        rows, items, positions = index.items_of(*index.find_in(batch.words(view)))
        if self._rule.kind is Kind.COVER and index.n == self._rule.n:
            pairs, sums = covered_words(rows * self.items + items, positions, index.n)
            rows, items = pairs // max(self.items, 1), pairs % max(self.items, 1)
        else:
            rows, items, sums = counted_pairs(rows, items, self.items)
        if index.n != self._rule.n:
            return Found(rows, items, np.ones(len(rows)), np.ones(len(rows), bool))
        shares = sums / self._sizes[items]
        if self._rule.share is None:
            return Found(rows, items, shares, np.ones(len(rows), bool))
        is_more = np.greater if self._rule.kind is Kind.COVER else np.greater_equal
        return Found(rows, items, shares, is_more(shares, self._rule.share))

    def _find_whole(self, batch: Batch, view: View) -> Found:
        keys = row_keys(batch.words(view), batch.view(view))
        rows, items, _ = self._whole.items_of(*self._whole.find(Grams(np.arange(len(keys) + 1), keys)))
        return Found(rows, items, np.ones(len(rows)), np.ones(len(rows), bool))
