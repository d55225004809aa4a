"""Rows of one template that differ in what is filled in: similar by their shingles, yet not the same row.

Shingles that many rows of a dataset share are its template. Without them only the slots are left (numbers,
names, questions), and two rows that are alike there as well repeat each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.distinct import distinct_values
from analyzers.jaccard import jaccard, numbered
from analyzers.key_ranges import NO_TEXT, blocks
from analyzers.matching import Pairs
from analyzers.row_pool import PlacedSets, RowPool, ranges
from analyzers.signature_store import Signatures
from analyzers.text import Grams, Hashes

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TEMPLATE_SHARE = 0.01
TEMPLATE_TEXTS = 20
SLOT_THRESHOLD = 0.5

_SAMPLE_TEXTS = 20_000
# Shingles of a block of pairs: about 50 MB with everything made of them.
_BLOCK_SHINGLES = 1 << 20


@dataclass(frozen=True)
class Slots:
    """What tells slots from template in a pool: its template shingles, sorted."""

    pool: RowPool
    template: Hashes

    @classmethod
    def of(cls, pool: RowPool) -> Slots:
        """The slots of a pool: the template is what `template_shingles` finds in any of its sources."""
        found = [
            template_shingles(store, pool.position[pool.source == number])
            for number, store in enumerate(pool.sources)
        ]
        return cls(pool, distinct_values(np.concatenate([np.empty(0, np.uint64), *found])))

    def jaccard(self, a: Ints, b: Ints) -> Floats:
        """Jaccard similarity of the texts (a[i], b[i]) of the pool without template shingles, in [0, 1].

        1 where neither has any other shingle: there are no slots to differ in. Source: METRICS 7.
        """
        values = np.empty(len(a))
        ends = np.cumsum(self.pool.counts[a] + self.pool.counts[b])
        low = 0
        while low < len(a):
            before = int(ends[low - 1]) if low else 0
            high = max(int(np.searchsorted(ends, before + _BLOCK_SHINGLES, side="right")), low + 1)
            values[low:high] = self._of_block(a[low:high], b[low:high])
            low = high
        return values

    def _of_block(self, a: Ints, b: Ints) -> Floats:
        texts, (place_a, place_b) = numbered(len(self.pool.first), a, b)
        sets = _Filled(_without(self.pool.take(texts), self.template))
        nothing = (sets.counts[place_a] == 0) & (sets.counts[place_b] == 0)
        return np.where(nothing, 1.0, jaccard(sets, place_a, place_b))

    def sets(self, texts: Ints) -> PlacedSets:
        """The shingles of `texts` that are not template."""
        return PlacedSets.of(
            _without(self.pool.take(texts[block]), self.template) for block in blocks(len(texts))
        )

    def alike(self, similar_pairs: Iterable[Pairs], threshold: float) -> Iterator[Pairs]:
        """The pairs whose slots have Jaccard >= `threshold` as well; all pairs where nothing is template."""
        for a, b, values in similar_pairs:
            kept = self.jaccard(a, b) >= threshold if len(self.template) else np.ones(len(a), bool)
            yield a[kept], b[kept], values[kept]


def template_shingles(store: Signatures, rows: Ints) -> Hashes:
    """Shingles in more than 1 % of the different texts at `rows`, and in at least 20 of them, sorted.

    Beyond 20,000 texts those with the smallest text hashes stand for all: a sample that depends on the
    texts alone.
    """
    sample = _sampled(store.keys, rows)
    begins = store.offsets[sample]
    hashes = store.shingles[ranges(begins, store.offsets[sample + 1] - begins)]
    shingles, times = np.unique(hashes, return_counts=True)
    return shingles[(times > TEMPLATE_SHARE * len(sample)) & (times >= TEMPLATE_TEXTS)]


def _sampled(keys: Hashes, rows: Ints) -> Ints:
    """The first row of each of the 20,000 texts with the smallest keys, found block by block."""
    best, sample = np.empty(0, np.uint64), np.empty(0, np.int64)
    for block in blocks(len(rows)):
        best, first = np.unique(np.concatenate((best, keys[rows[block]])), return_index=True)
        sample = np.concatenate((sample, rows[block]))[first]
        best, sample = (side[best != NO_TEXT][:_SAMPLE_TEXTS] for side in (best, sample))
    return sample


@dataclass(frozen=True)
class _Filled:
    """Shingle sets held in memory."""

    grams: Grams

    @property
    def counts(self) -> Ints:
        return self.grams.counts

    def take(self, positions: Ints) -> Grams:
        counts = self.counts[positions]
        places = ranges(self.grams.offsets[positions], counts)
        return Grams(np.concatenate(([0], np.cumsum(counts))), self.grams.hashes[places])


def _without(grams: Grams, template: Hashes) -> Grams:
    place = np.minimum(np.searchsorted(template, grams.hashes), max(len(template) - 1, 0))
    kept = template[place] != grams.hashes if len(template) else np.ones(len(grams.hashes), bool)
    offsets = np.concatenate(([0], np.cumsum(kept)))[grams.offsets]
    return Grams(offsets, grams.hashes[kept])
