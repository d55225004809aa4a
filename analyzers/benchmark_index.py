"""One field of a benchmark under one rule, ready to be looked for in rows that stream by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.arrow import pc
from analyzers.base import Batch, View
from analyzers.benchmark_items import Field
from analyzers.distinct import distinct_values
from analyzers.gram_index import GramIndex, RepeatedGrams, counted_pairs, covered_words, stable_order
from analyzers.key_ranges import NO_TEXT
from analyzers.leak_rules import Kind, Rule, template_grams
from analyzers.near_rows import OPENING_WORDS, NearRows
from analyzers.row_pool import ranges
from analyzers.short_items import ShortIndex
from analyzers.signature_store import row_keys
from analyzers.text import Grams, Hashes, Ints, words
from registry.contaminations import IgnoredGram

# A shorter text stands in too many rows to be looked for inside them: it must be the whole of a turn.
SEQUENCE_WORDS = OPENING_WORDS
IGNORED_SPELT = 20

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


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
        found = [part for part in parts if len(part.rows)] or [_NOTHING]
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
        self._index = self._long_items(enough)
        self._short = self._short_items(enough)
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

    def columns(self, inside: View, whole: Iterable[View]) -> set[str]:
        """The snapshot columns that `find` reads of a batch."""
        views = [inside, *(whole if len(self._whole.grams) else ())]
        columns = {column for view in views for column in view.columns}
        # The prompts of the few rows that are looked at are made of their turns.
        return columns if self._rule.n is None else columns - {"prompt"}

    def find(self, batch: Batch, inside: View, whole: Iterable[View]) -> Found:
        """What the rows share with items inside one view, and the items that equal another view."""
        found = [self._find_inside(batch, inside), self._find_short(batch, inside)]
        if len(self._whole.grams):
            found += self._find_whole(batch, inside, list(whole))
        return Found.joined(found)

    def _long_items(self, enough: Mask) -> GramIndex | None:
        """The n-grams of the items that have so many words; None where no rule or item has any."""
        n = self._rule.n
        if n is None:
            return None
        index = self._usable(n, enough & (self._texts.counts >= n))
        if self._rule.kind is Kind.COVER:
            items, covered = covered_words(index.items, index.positions, n)
            self._sizes[items] = covered
        else:
            self._sizes = np.maximum(np.bincount(index.items, minlength=self.items), 1).astype(np.float64)
        return index if len(index.grams) else None

    def _short_items(self, enough: Mask) -> ShortIndex | None:
        """The items too short for the rule's n-gram but long enough to be looked for inside a row."""
        n, counts = self._rule.n, self._texts.counts
        if n is None or n <= SEQUENCE_WORDS or self._bounds is not None:
            return None
        items = np.flatnonzero(enough & (counts >= SEQUENCE_WORDS) & (counts < n))
        hashes = self._texts.wholes(items)
        order = np.argsort(hashes, kind="stable")
        items, hashes = items[order], hashes[order]
        known, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        sizes = np.bincount(inverse, minlength=len(known))
        templates = np.concatenate([template_grams(length) for length in range(SEQUENCE_WORDS, n)])
        is_said = (sizes > self._max_items) | np.isin(known, templates)
        common = np.flatnonzero(is_said)
        self._note_ignored([self._texts.spelt_whole(int(i)) for i in items[first[common]]], sizes[common])
        kept = ~is_said[inverse]
        items, hashes = items[kept], hashes[kept]
        self.coverable[items] = True
        grams = self._texts.grams(SEQUENCE_WORDS)
        openings = distinct_values(grams.hashes[grams.offsets[items]])
        doorway = self._texts.doorway
        return ShortIndex.of(counts[items], hashes, items, doorway.marked(openings)) if len(items) else None

    def _usable(self, length: int, chosen: Mask) -> GramIndex:
        """The n-grams of the chosen items without boilerplate; for covering, every place of each."""
        grams, covers = self._texts.grams(length), self._rule.kind is Kind.COVER
        of_item = np.repeat(np.arange(self.items), grams.counts)
        counts_here = chosen[of_item]
        if self._bounds is not None:
            begins, ends = self._bounds
            positions = np.arange(len(of_item)) - grams.offsets[of_item]
            counts_here &= (positions >= begins[of_item]) & (positions < ends[of_item])
        # Places rise by item and position already, so equal grams in the order of places are in theirs.
        if counts_here.all():
            order, hashes = stable_order(grams.hashes)
        else:
            place = np.flatnonzero(counts_here)
            order, hashes = stable_order(grams.hashes[place])
            order = place[order]
        items = of_item[order]
        many = RepeatedGrams.of(hashes, items)
        templates = template_grams(length)
        said = np.searchsorted(hashes, templates[_among(templates, hashes)])
        common = distinct_values(np.concatenate((many.begins[many.items > self._max_items], said)))
        places, sizes = many.places_and_items(common)
        self._note_common(length, order[common], sizes)
        kept = np.ones(len(order), bool)
        kept[ranges(common, places)] = False
        if not covers:
            kept[many.same_item] = False
        hashes, items, order = hashes[kept], items[kept], order[kept]
        self.coverable[items] = True
        return GramIndex.of(length, hashes, items, order - grams.offsets[items] if covers else None)

    def _note_common(self, length: int, places: Ints, sizes: Ints) -> None:
        """Note the n-grams that say nothing, the most frequent first: a place and the items of each."""
        shown = np.argsort(-sizes, kind="stable")
        spelt = [self._texts.spelt(length, int(places[gram])) for gram in shown[:IGNORED_SPELT]]
        self._note_ignored(spelt, sizes[shown])

    def _note_ignored(self, spelt: Sequence[str], sizes: Ints) -> None:
        """Count the ignored n-grams and keep the first of them with their spelling."""
        self.ignored_grams += len(sizes)
        for text, size in zip(spelt, sizes.tolist(), strict=False):
            reason = "frequent" if size > self._max_items else "template"
            self._ignored.append(IgnoredGram(text, size, reason))

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

    def _near(self, batch: Batch, view: View, n: int) -> NearRows:
        """The rows that may hold a run of `n` words of an item."""
        tokens = batch.words(view)
        return self._texts.doorway.near(tokens, n) if n >= OPENING_WORDS else NearRows.all(tokens)

    def _find_inside(self, batch: Batch, view: View) -> Found:
        index = self._index
        if index is None:
            return _NOTHING
        near = self._near(batch, view, index.n)
        rows, items, positions = index.items_of(*index.find_in(near.tokens))
        rows = near.rows[rows]
        if self._rule.kind is Kind.COVER:
            pairs, sums = covered_words(rows * self.items + items, positions, index.n)
            rows, items = pairs // max(self.items, 1), pairs % max(self.items, 1)
        else:
            rows, items, sums = counted_pairs(rows, items, self.items)
        shares = sums / self._sizes[items]
        if self._rule.share is None:
            return Found(rows, items, shares, np.ones(len(rows), bool))
        is_more = np.greater if self._rule.kind is Kind.COVER else np.greater_equal
        return Found(rows, items, shares, is_more(shares, self._rule.share))

    def _find_short(self, batch: Batch, view: View) -> Found:
        if self._short is None:
            return _NOTHING
        tokens = batch.words(view)
        rows, items = self._short.find_in(self._texts.doorway.opened(tokens, self._short.openings))
        return Found(rows, items, np.ones(len(rows)), np.ones(len(rows), bool))

    def _find_whole(self, batch: Batch, inside: View, views: Sequence[View]) -> Iterator[Found]:
        """Items that equal a view; of later views only texts that the first one does not have."""
        for view in views:
            if view is View.FIRST_PROMPT and views[0] is View.PROMPT:
                rows = np.flatnonzero(batch.questions.goes_on)
            elif view is not views[0]:
                differs = pc.not_equal(batch.view(view), batch.view(views[0]))
                rows = np.flatnonzero(differs.to_numpy(zero_copy_only=False))
            elif self._rule.n is None:
                rows = np.arange(batch.num_rows)
            else:
                rows = self._texts.short_texts.rows(batch, inside)
            keys = _keys_of(batch, view, rows)
            at, items, _ = self._whole.items_of(*self._whole.find(Grams(np.arange(len(keys) + 1), keys)))
            yield Found(rows[at], items, np.ones(len(at)), np.ones(len(at), bool))


def _keys_of(batch: Batch, view: View, rows: Ints) -> Hashes:
    """Hashes of the whole texts of some rows of a view."""
    if len(rows) == batch.num_rows:
        return row_keys(batch.words(view), batch.view(view))
    if not len(rows):
        return np.empty(0, np.uint64)
    texts = batch.take(rows, view)
    return row_keys(words(texts), texts)


def _among(hashes: Hashes, known: Hashes) -> Mask:
    """Which of the hashes are known; `known` is sorted."""
    if not len(known):
        return np.zeros(len(hashes), bool)
    found: Mask = known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes
    return found
