"""Rows of one or several snapshots put in one order, with equal rows collapsed into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analyzers.bands import Banding, Keys, band_keys
from analyzers.minhash import Values
from analyzers.scratch import scratch_array
from analyzers.signature_store import NO_TEXT, Signatures
from analyzers.text import Grams

Ints = npt.NDArray[np.int64]

_BLOCK_TEXTS = 1 << 16


@dataclass(frozen=True)
class RowPool:
    """Rows in order of priority, the first first.

    `sources` are the stores; `source[i]` and `position[i]` say where row i of the pool lives. A *text* is
    a set of equal rows (same words in the same order); texts are numbered by their first row.
    """

    sources: tuple[Signatures, ...]
    source: Ints
    position: Ints

    @classmethod
    def of(cls, parts: Sequence[tuple[Signatures, Ints | None]]) -> RowPool:
        """The rows at the given positions (None: all rows) of each part, part after part."""
        chosen = [np.arange(store.rows) if rows is None else rows for store, rows in parts]
        source = np.repeat(np.arange(len(parts)), [len(rows) for rows in chosen])
        position = np.concatenate([np.asarray(rows, np.int64) for rows in chosen] or [np.empty(0, np.int64)])
        return cls(tuple(store for store, _ in parts), source, position)

    def __len__(self) -> int:
        return len(self.position)

    @property
    def num_perm(self) -> int:
        """Permutations of the signatures."""
        return self.sources[0].scheme.num_perm

    @cached_property
    def keys(self) -> npt.NDArray[np.uint64]:
        """Key of each row, as in `Signatures.keys`."""
        keys = np.empty(len(self), np.uint64)
        for number, store in enumerate(self.sources):
            rows = self.source == number
            keys[rows] = store.keys[self.position[rows]]
        return keys

    @cached_property
    def _texts(self) -> tuple[Ints, Ints, Ints]:
        """First row of each text, text of each row, rows of each text."""
        keys = self.keys.copy()
        blank = np.flatnonzero(keys == NO_TEXT)
        _, first, inverse, sizes = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        order = np.argsort(first)
        number = np.empty(len(order), np.int64)
        number[order] = np.arange(len(order))
        text_of = number[inverse]
        text_of[blank] = -1
        sizes = sizes[order]
        if len(blank):
            sizes[number[inverse[blank[0]]]] = 0
        return first[order], text_of, sizes

    @property
    def first(self) -> Ints:
        """The first row of each text."""
        return self._texts[0]

    @property
    def text_of(self) -> Ints:
        """The text of each row; -1 for a row without any text, which equals nothing."""
        return self._texts[1]

    @property
    def sizes(self) -> Ints:
        """Rows of each text; 0 for the text of rows without any."""
        return self._texts[2]

    @property
    def text_keys(self) -> npt.NDArray[np.uint64]:
        """Key of each text."""
        return self.keys[self.first]

    @cached_property
    def counts(self) -> Ints:
        """Distinct shingles of each text."""
        counts = np.empty(len(self.first), np.int64)
        for number, texts in self._by_source(np.arange(len(self.first))):
            counts[texts] = self.sources[number].counts[self.position[self.first[texts]]]
        return counts

    def take(self, texts: Ints) -> Grams:
        """The shingle sets of `texts`."""
        counts = self.counts[texts]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        hashes = np.empty(int(offsets[-1]), np.uint64)
        for number, places in self._by_source(texts):
            store = self.sources[number]
            begins = store.offsets[self.position[self.first[texts[places]]]]
            hashes[ranges(offsets[places], counts[places])] = store.shingles[ranges(begins, counts[places])]
        return Grams(offsets, hashes)

    def signatures(self, texts: Ints) -> Values:
        """The signatures of `texts`, one row a text; those of one whole store are its memory map itself."""
        if len(self.sources) == 1 and len(texts) == self.sources[0].rows:
            return self.sources[0].values
        values: Values = scratch_array((len(texts), self.num_perm), np.uint32)
        for low in range(0, len(texts), _BLOCK_TEXTS):
            block = texts[low : low + _BLOCK_TEXTS]
            for number, places in self._by_source(block):
                rows = self.position[self.first[block[places]]]
                values[low + places] = self.sources[number].values[rows]
        return values

    def band_keys(self, cut: Banding) -> tuple[Ints, Keys]:
        """The texts that have shingles, and the band keys of their signatures, one column a text."""
        texts = np.flatnonzero(self.counts)
        keys: Keys = scratch_array((cut.bands, len(texts)), np.uint32)
        for number, places in self._by_source(texts):
            rows = self.position[self.first[texts[places]]]
            keys[:, places] = band_keys(self.sources[number].values, rows, cut)
        return texts, keys

    def _by_source(self, texts: Ints) -> list[tuple[int, Ints]]:
        """For each source, the places in `texts` of those whose first row lives there."""
        sources = self.source[self.first[texts]]
        return [(number, np.flatnonzero(sources == number)) for number in range(len(self.sources))]


def ranges(begins: Ints, counts: Ints) -> Ints:
    """begins[0], begins[0] + 1, ... (counts[0] of them), then those of begins[1], and so on."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places: Ints = np.arange(total) + np.repeat(begins - (ends - counts), counts)
    return places
