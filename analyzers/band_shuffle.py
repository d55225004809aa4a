"""The similar pairs of one huge dataset, found by many workers that share nothing but a folder.

Three steps, each a plain function over jobs, so that processes and the machines of a cluster run the same
code: (1) a shard of texts becomes, for each band, its keys in order with the texts that have them; (2) a band
merges what all shards hold of it, range of keys by range of keys, and decides its pairs; (3) the pairs of all
bands go to the star clusters. Every finished job is a file: a run that was broken off does the others only.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analyzers.agreement import least_agreement
from analyzers.bands import SLICE_COLUMNS, Banding, Hopes, Shortfall, band_keys, banding, pairs_within
from analyzers.jaccard import similar
from analyzers.key_ranges import blocks
from analyzers.matching import Pairs
from analyzers.row_pool import RowPool, ranges
from analyzers.runner import Workers, run_jobs
from analyzers.scratch import scratch_array
from analyzers.shards import is_finished, read_shard, unfinished, write_shard
from analyzers.signature_store import Scheme, Signatures, open_signatures
from analyzers.text import Grams

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint32]

VERSION = 1
SHARD_TEXTS = 1 << 17
# Pairs of one file.
FILE_PAIRS = 1 << 20

_ALL_KEYS = 1 << 32


@dataclass(frozen=True, slots=True)
class Search:
    """What each job has to know; it travels to other processes and machines.

    `texts` are the texts with shingles, by their place; `place` holds the signatures, `folder` takes what the
    jobs write, and both stand at the same path for all.
    """

    scheme: Scheme
    place: Path
    folder: Path
    threshold: float
    texts: int

    @property
    def cut(self) -> Banding:
        """How signatures are cut into bands."""
        return banding(self.threshold, self.scheme.num_perm)

    @property
    def shards(self) -> range:
        """The jobs of the first step."""
        return range(-(-self.texts // SHARD_TEXTS))

    def file(self, kind: str, number: int, part: int = 0) -> Path:
        """Where a job puts what it found."""
        return self.folder / f"{kind}-{number:06}-{part:04}"

    def rows(self) -> Ints:
        """The row of each text, a map of a file."""
        rows: Ints = read_shard(self.file("rows", 0))
        return rows


@dataclass(frozen=True, slots=True)
class Runs:
    """Of one shard: the keys of each band in order, and the place in the shard of the text that has each."""

    keys: Keys
    places: Keys


@dataclass(frozen=True, slots=True)
class Found:
    """What one band gave: so many files of pairs, and ranges of keys where not all pairs were compared."""

    files: int
    limited: int


def shuffled_pairs(
    pool: RowPool, place: Path, threshold: float, missed: Shortfall, *, workers: Workers = 1
) -> Iterator[Pairs]:
    """What `matching.similar_within` finds in a pool of all rows of one store, the store at `place`.

    The same pairs with the same values, in another order. What is left of a run that was broken off stands
    beside the store.
    """
    (store,) = pool.sources
    texts = pool.filled
    name = f"{VERSION} {place.name} {threshold!r} {SHARD_TEXTS} {SLICE_COLUMNS} {len(texts)}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    with unfinished(place.parent, f".pairs-{digest}") as folder:
        search = Search(store.scheme, place, folder, threshold, len(texts))
        if not is_finished(search.file("rows", 0)):
            write_shard(search.file("rows", 0), pool.position[pool.first[texts]])
        shards = [shard for shard in search.shards if not is_finished(search.file("runs", shard))]
        deque(run_jobs(partial(sort_shard, search), shards, workers=workers), maxlen=0)
        bands = range(search.cut.bands)
        left = [band for band in bands if not is_finished(search.file("band", band))]
        deque(run_jobs(partial(search_band, search), left, workers=workers), maxlen=0)
        for band in bands:
            found: Found = read_shard(search.file("band", band))
            missed.limited_bands += found.limited
            for part in range(found.files):
                first, second, values = read_shard(search.file("pairs", band, part))
                yield texts[first], texts[second], values


def sort_shard(search: Search, shard: int) -> None:
    """Step 1: write the sorted runs of one shard, one a band."""
    store = open_signatures(search.scheme, search.place)
    rows = search.rows()[shard * SHARD_TEXTS : (shard + 1) * SHARD_TEXTS]
    keys = band_keys(store.values, np.array(rows), search.cut)
    packed = keys.astype(np.uint64) << np.uint64(32) | np.arange(len(rows), dtype=np.uint64)
    packed.sort(axis=1)
    runs = Runs((packed >> np.uint64(32)).astype(np.uint32), packed.astype(np.uint32))
    write_shard(search.file("runs", shard), runs)


def search_band(search: Search, band: int) -> None:
    """Step 2: merge the runs of one band, decide its pairs, write those that no earlier band names."""
    store, rows = open_signatures(search.scheme, search.place), search.rows()
    texts = _Texts(store, rows)
    runs = [read_shard(search.file("runs", shard)) for shard in search.shards]
    missed, files = Shortfall(), 0
    for pairs in _collected(_decided(search, band, runs, texts, missed)):
        write_shard(search.file("pairs", band, files), pairs)
        files += 1
    write_shard(search.file("band", band), Found(files, missed.limited_bands))


def _decided(
    search: Search, band: int, runs: Sequence[Runs], texts: _Texts, missed: Shortfall
) -> Iterator[Pairs]:
    least, threshold = least_agreement(search.threshold, search.scheme.num_perm), search.threshold
    for keys, places in _ranges(runs, band, search.texts):
        hopes = Hopes(texts.counts[places], texts.store.values, texts.rows[places], threshold, least)
        for i, j in pairs_within(keys[np.newaxis], missed, slices=1, hopes=hopes):
            a, b = _not_met_before(texts, places[i], places[j], search.cut, band)
            yield similar(texts, a, b, threshold)


def _ranges(runs: Sequence[Runs], band: int, texts: int) -> Iterator[tuple[Keys, Ints]]:
    """The keys of one band over all shards and the texts that have them, one range of keys at a time.

    Texts of the same key stand in their order.
    """
    count = -(-texts // SLICE_COLUMNS)
    span = -(-_ALL_KEYS // max(count, 1))
    for low in range(0, _ALL_KEYS if count else 0, span):
        keys, places = [], []
        for shard, run in enumerate(runs):
            begin, end = np.searchsorted(run.keys[band].astype(np.int64), (low, low + span))
            keys.append(run.keys[band, begin:end])
            places.append(run.places[band, begin:end].astype(np.int64) + shard * SHARD_TEXTS)
        yield np.concatenate(keys), np.concatenate(places)


def _not_met_before(texts: _Texts, a: Ints, b: Ints, cut: Banding, band: int) -> tuple[Ints, Ints]:
    """The pairs that agree in none of the bands before."""
    fresh = np.ones(len(a), bool)
    for block in blocks(len(a)):
        keys_a, keys_b = (band_keys(texts.store.values, texts.rows[side[block]], cut) for side in (a, b))
        fresh[block] = (keys_a[:band] != keys_b[:band]).all(axis=0)
    return a[fresh], b[fresh]


def _collected(found: Iterator[Pairs]) -> Iterator[Pairs]:
    """The pairs in blocks of about `FILE_PAIRS`."""
    waiting: list[Pairs] = []
    for pairs in found:
        waiting.append(pairs)
        if sum(len(values) for *_, values in waiting) >= FILE_PAIRS:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(parts: Sequence[Pairs]) -> Pairs:
    a, b, values = zip(*parts, strict=True)
    return np.concatenate(a), np.concatenate(b), np.concatenate(values)


class _Texts:
    """The shingle sets of texts by their place, read from a store."""

    def __init__(self, store: Signatures, rows: Ints) -> None:
        self.store = store
        self.rows = rows
        self.counts: Ints = scratch_array(len(rows), np.int64)
        for block in blocks(len(rows)):
            self.counts[block] = store.offsets[rows[block] + 1] - store.offsets[rows[block]]

    def take(self, positions: Ints) -> Grams:
        """The sets at `positions`."""
        counts = self.counts[positions]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        begins = self.store.offsets[self.rows[positions]]
        return Grams(offsets, self.store.shingles[ranges(begins, counts)])
