"""Rows of one or several snapshots put in one order, with equal rows collapsed into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analyzers.bands import Banding, Keys, band_keys
from analyzers.key_ranges import NO_TEXT, blocks, first_equals
from analyzers.minhash import Values
from analyzers.scratch import gathered, scratch_array
from analyzers.signature_store import Signatures
from analyzers.text import Grams, Hashes

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlacedSets:
    """Sorted sets of shingles in one array: set i is `shingles[begins[i]:ends[i]]`."""

    shingles: Hashes
    begins: Ints
    ends: Ints

    @classmethod
    def of(cls, parts: Iterable[Grams]) -> PlacedSets:
        """The sets of all parts, one behind the other; from 4 MB on in a scratch file."""
        borders = [np.zeros(1, np.int64)]

        def shingles() -> Iterator[Hashes]:
            for grams in parts:
                borders.append(grams.offsets[1:] + borders[-1][-1])
                yield grams.hashes

        found = gathered(shingles(), np.uint64)
        offsets = gathered(borders, np.int64)
        return cls(found, offsets[:-1], offsets[1:])


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
        sizes = [store.rows if rows is None else len(rows) for store, rows in parts]
        source, position = (scratch_array(sum(sizes), np.int64) for _ in range(2))
        begin = 0
        for number, ((_, rows), size) in enumerate(zip(parts, sizes, strict=True)):
            source[begin : begin + size] = number
            for block in blocks(size):
                chosen = np.arange(block.start, block.stop) if rows is None else rows[block]
                position[begin + block.start : begin + block.stop] = chosen
            begin += size
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
        keys = scratch_array(len(self), np.uint64)
        for block in blocks(len(self)):
            for number, store in enumerate(self.sources):
                rows = block.start + np.flatnonzero(self.source[block] == number)
                keys[rows] = store.keys[self.position[rows]]
        return keys

    @cached_property
    def _texts(self) -> tuple[Ints, Ints, Ints]:
        """First row of each text, text of each row, rows of each text."""
        leads = first_equals(self.keys)
        first = gathered(
            (b.start + np.flatnonzero(leads[b] == np.arange(b.start, b.stop)) for b in blocks(len(leads))),
            np.int64,
        )
        number = scratch_array(len(leads), np.int64)
        for block in blocks(len(first)):
            number[first[block]] = np.arange(block.start, block.stop)
        sizes = scratch_array(len(first), np.int64)
        text_of = leads
        for block in blocks(len(leads)):
            texts = number[leads[block]]
            texts[self.keys[block] == NO_TEXT] = -1
            met, times = np.unique(texts[texts >= 0], return_counts=True)
            sizes[met] += times
            text_of[block] = texts  # no later block asks for these leads
        return first, text_of, sizes

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
        counts = scratch_array(len(self.first), np.int64)
        for block in blocks(len(counts)):
            for number, places in self._by_source(np.arange(block.start, block.stop)):
                offsets = self.sources[number].offsets
                rows = self.position[self.first[block.start + places]]
                counts[block.start + places] = offsets[rows + 1] - offsets[rows]
        return counts

    @cached_property
    def filled(self) -> Ints:
        """The texts that have shingles."""
        parts = (block.start + np.flatnonzero(self.counts[block]) for block in blocks(len(self.counts)))
        texts: Ints = gathered(parts, np.int64)
        return texts

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

    def sets(self, texts: Ints) -> PlacedSets:
        """The shingle sets of `texts`; those of one store are where they are, those of many are copied."""
        if len(self.sources) == 1:
            store, rows = self.sources[0], self._rows(texts)
            begins = gathered((store.offsets[rows[block]] for block in blocks(len(rows))), np.int64)
            ends = gathered((store.offsets[rows[block] + 1] for block in blocks(len(rows))), np.int64)
            return PlacedSets(store.shingles, begins, ends)
        return PlacedSets.of(self.take(texts[block]) for block in blocks(len(texts)))

    def signature_rows(self, texts: Ints) -> tuple[Values, Ints]:
        """Signatures, and the rows among them of `texts`; those of one store are its memory map itself."""
        if len(self.sources) == 1:
            return self.sources[0].values, self._rows(texts)
        places = gathered((np.arange(b.start, b.stop) for b in blocks(len(texts))), np.int64)
        return self.signatures(texts), places

    def signatures(self, texts: Ints) -> Values:
        """The signatures of `texts`, copied, one row a text."""
        values: Values = scratch_array((len(texts), self.num_perm), np.uint32)
        for block in blocks(len(texts)):
            for number, rows, places in self._rows_by_source(texts, block):
                values[places] = self.sources[number].values[rows]
        return values

    def band_keys(self, cut: Banding) -> tuple[Ints, Keys]:
        """The texts that have shingles, and the band keys of their signatures, one column a text."""
        texts = self.filled
        keys: Keys = scratch_array((cut.bands, len(texts)), np.uint32)
        for block in blocks(len(texts)):
            for number, rows, places in self._rows_by_source(texts, block):
                keys[:, places] = band_keys(self.sources[number].values, rows, cut)
        return texts, keys

    def _rows(self, texts: Ints) -> Ints:
        """The first row of each of `texts` in its store."""
        rows: Ints = gathered((self.position[self.first[texts[b]]] for b in blocks(len(texts))), np.int64)
        return rows

    def _rows_by_source(self, texts: Ints, block: slice) -> Iterator[tuple[int, Ints, Ints]]:
        """For each source: the rows of its store that stand for texts of a block, and their places."""
        for number, places in self._by_source(texts[block]):
            yield number, self.position[self.first[texts[block][places]]], block.start + places

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
