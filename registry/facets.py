"""Facets: which datasets carry each value, kept as counts and bit sets so that a million of them stay quick.

Entries are numbered in the order of their ids, so the lowest bits of a set are its first page.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from registry.filters import COLUMNS, FACETS, FLAGS, SEVERAL, Wanted, folded
from registry.store import CATALOG_KEY, Store, Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from registry.entry import Entry

    Words: TypeAlias = npt.NDArray[np.uint64]
    Positions: TypeAlias = npt.NDArray[np.uint32]
    Held: TypeAlias = npt.NDArray[Any]  # Words, or Positions where few datasets carry the value

Counts: TypeAlias = dict[str, dict[str, int]]

_SIZED: Final = (
    "SELECT position, size_rows FROM entry WHERE kind = 'dataset' AND size_rows IS NOT NULL "
    "ORDER BY size_rows, position"
)
_indexes: WeakKeyDictionary[Store, FacetIndex] = WeakKeyDictionary()
_loading = threading.Lock()


def facet_values(entry: Entry) -> Iterator[tuple[str, str]]:
    """The (facet, value) pairs of a dataset; what is not known is in no facet, but a licence is `unknown`."""
    for name in COLUMNS:
        yield name, str(getattr(entry, name) or "unknown")
    if entry.year is not None:
        yield "year", str(entry.year)
    for name in FLAGS:
        yield name, "true" if getattr(entry, name) else "false"
    for name in SEVERAL.values():
        for value in getattr(entry, name):
            yield name, str(value)


class FacetSets:
    """The sets while entries are written: position by position, in order."""

    def __init__(self) -> None:
        self._positions: dict[tuple[str, str], array[int]] = {}

    def add(self, position: int, entry: Entry) -> None:
        """Put an entry into the set of each of its values."""
        for pair in facet_values(entry):
            held = self._positions.get(pair)
            if held is None:
                held = self._positions[pair] = array("I")
            held.append(position)

    def rows(self, last: int) -> Iterator[dict[str, Value]]:
        """Rows of the table `facet`; `last` is the highest position of any entry."""
        for (field, value), held in self._positions.items():
            yield {"field": field, "value": value, "entries": len(held), "bits": _encoded(held, last)}


def kept_counts(store: Store) -> Counts:
    """How many datasets carry each value of each facet, most first, read from what was counted on sync."""
    counted: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for field, value, entries in store.rows("SELECT field, value, entries FROM facet"):
        counted[field].append((value, entries))
    return {name: _most_first(pairs) for name, pairs in counted.items()}


def facet_index(store: Store) -> FacetIndex:
    """The bit sets of `store` in memory, read anew whenever the catalogue changed."""
    with _loading:
        state = store.meta(CATALOG_KEY)
        held = _indexes.get(store)
        if held is None or held.state != state:
            held = _indexes[store] = FacetIndex(store, state)
        return held


class FacetIndex:
    """Every facet of every dataset as sets of positions; a mask is one such set, as packed bits."""

    def __init__(self, store: Store, state: str | None) -> None:
        import numpy as np

        self.state = state
        self._store = store
        self._np = np
        last = store.rows("SELECT MAX(position) FROM entry")[0][0]
        self._words = _words_for(last or 0)
        self._sets: dict[str, dict[str, Held]] = {name: {} for name in FACETS}
        for field, value, bits in store.rows("SELECT field, value, bits FROM facet"):
            self._sets[field][value] = self._decoded(bytes(bits))
        self._orders: dict[str, Positions] = {}
        self._sizes: tuple[Positions, npt.NDArray[np.int64]] | None = None

    def mask(self, asked: Wanted, among: Iterable[int] | None = None) -> Words:
        """The datasets that pass `asked` (its words apart), and that are `among` the positions given."""
        everything = self._np.zeros(self._words, self._np.uint64)
        for held in self._sets["open"].values():
            everything |= self._packed(held)
        for field, texts in asked.values.items():
            everything &= self._any_of(field, texts)
        if asked.min_rows is not None or asked.max_rows is not None:
            everything &= self._sized(asked.min_rows, asked.max_rows)
        if among is not None:
            everything &= self._packed(self._np.fromiter(among, self._np.uint32))
        return everything

    def counts(self, mask: Words) -> Counts:
        """How many datasets of `mask` carry each value of each facet, most first; zeros left out."""
        return {
            name: _most_first(
                (value, count) for value, held in sets.items() if (count := self._shared(held, mask))
            )
            for name, sets in self._sets.items()
        }

    def positions(self, mask: Words, order: str) -> Positions:
        """The positions in `mask` in the order that the SQL of `order` gives."""
        np = self._np
        flags = np.unpackbits(mask.view(np.uint8), bitorder="little")
        if order not in self._orders:
            sql = f"SELECT position FROM entry ORDER BY {order}"  # noqa: S608  (from a fixed table)
            everything = (position for (position,) in self._store.rows(sql))
            self._orders[order] = np.fromiter(everything, np.uint32)
        ordered = self._orders[order]
        found: Positions = ordered[flags[ordered].astype(bool)]
        return found

    def _any_of(self, field: str, texts: tuple[str, ...]) -> Words:
        found = self._np.zeros(self._words, self._np.uint64)
        for value, held in self._sets[field].items():
            if folded(value) in texts:
                found |= self._packed(held)
        return found

    def _sized(self, least: int | None, most: int | None) -> Words:
        np = self._np
        if self._sizes is None:
            rows = self._store.rows(_SIZED)
            positions = np.fromiter((position for position, _ in rows), np.uint32, len(rows))
            self._sizes = positions, np.fromiter((size for _, size in rows), np.int64, len(rows))
        positions, sizes = self._sizes
        begin = 0 if least is None else int(np.searchsorted(sizes, least, "left"))
        end = len(sizes) if most is None else int(np.searchsorted(sizes, most, "right"))
        return self._packed(positions[begin : max(begin, end)])

    def _packed(self, held: Held) -> Words:
        np = self._np
        if held.dtype == np.uint64:
            return held  # as it is: masks are changed, these never
        flags = np.zeros(self._words * 64, np.uint8)
        flags[held] = 1
        packed: Words = np.packbits(flags, bitorder="little").view(np.uint64)
        return packed

    def _shared(self, held: Held, mask: Words) -> int:
        np = self._np
        if held.dtype == np.uint64:
            return int(np.bitwise_count(held & mask).sum())
        return int(((mask.view(np.uint8)[held >> 3] >> (held & 7).astype(np.uint8)) & 1).sum())

    def _decoded(self, bits: bytes) -> Held:
        np = self._np
        is_packed = len(bits) == self._words * 8
        held: Held = np.frombuffer(bits, "<u8" if is_packed else "<u4")
        return held


def _words_for(last: int) -> int:
    """How many words of 64 bits hold the positions 0 to `last`."""
    return last // 64 + 1


def _encoded(positions: array[int], last: int) -> bytes:
    """Packed bits, or the positions themselves where those are shorter; the length tells which."""
    import numpy as np

    words = _words_for(last)
    if 4 * len(positions) < 8 * words:
        return np.array(positions, "<u4").tobytes()
    flags = np.zeros(words * 64, np.uint8)
    flags[np.array(positions)] = 1
    return np.packbits(flags, bitorder="little").tobytes()


def _most_first(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
