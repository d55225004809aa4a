"""Hashed n-grams of benchmarks, shipped with the package, so that rows can be checked without their files.

Hashes only, never words: 64-bit hashes of the word 5- and 8-grams of every question and answer, of whole
texts, and word counts. `benchmarks/hash_benchmarks.py` makes them from the public files; the manifest says
which files these were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from registry.errors import IntegrityError, NotMeasuredError
from registry.figures import MeasuredFile
from registry.snapshot import Snapshot, SnapshotIndex, open_snapshot

FOLDER = Path(__file__).parent / "hashed"
MANIFEST_FILE = "manifest.json"
FORMAT_VERSION = 1
STORED_GRAMS = (5, 8)
SHORT_WORDS = 13
"""Texts of fewer words have the hash of all their words as one n-gram besides."""

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedRecord:
    """What the manifest says of one benchmark.

    `name` is what `--against` takes; `version` tells makings apart and `date` is its day. `sha256` is that
    of the arrays (`content_sha256`), `bytes` those of the file. `ceilings` hold, for each rule, what planting
    known forms of the items found when the texts were at hand.
    """

    name: str
    title: str
    licence: str
    version: int
    date: str
    tokenizer: str
    rows: int
    sha256: str
    bytes: int
    files: tuple[MeasuredFile, ...]
    ceilings: Mapping[str, tuple[Mapping[str, Any], ...]]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HashedTexts:
    """One field of all items: words of each text, a hash of the whole (0: no text), and its n-grams.

    `wholes[i]` is the hash of all words of text i as one n-gram, 0 where it has 13 words or more.
    `grams[n]` holds offsets (texts + 1) and hashes, in order, with multiplicity.
    """

    counts: Ints
    keys: Hashes
    wholes: Hashes
    grams: Mapping[int, tuple[Ints, Hashes]]


@dataclass(frozen=True, slots=True)
class HashedBenchmark:
    """Questions and answers of a benchmark as hashes, with the record of the manifest."""

    record: HashedRecord
    questions: HashedTexts
    answers: HashedTexts

    @property
    def dataset(self) -> str:
        """The name it goes by, as on a snapshot."""
        return self.record.name


@cache
def hashed_records() -> Mapping[str, HashedRecord]:
    """The shipped benchmarks by name, in alphabetical order; empty where none are shipped."""
    path = FOLDER / MANIFEST_FILE
    if not path.is_file():
        return MappingProxyType({})
    plain = json.loads(path.read_text(encoding="utf-8"))
    records = [
        HashedRecord(**{**record, "files": tuple(MeasuredFile(**file) for file in record["files"])})
        for record in plain["benchmarks"]
    ]
    return MappingProxyType({record.name: record for record in records})


def load_hashed(name: str, folder: Path = FOLDER) -> HashedBenchmark:
    """The hashed n-grams of a shipped benchmark.

    Raises:
        KeyError: none of that name is shipped.
        IntegrityError: its file is gone or does not hold what the manifest says.
    """
    record = hashed_records()[name]
    path = folder / f"{name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
    except (OSError, ValueError, BadZipFile) as error:
        raise IntegrityError(f"hashed n-grams of {name!r} cannot be read: {error}") from error
    if content_sha256(arrays) != record.sha256:
        raise IntegrityError(f"hashed n-grams of {name!r} are not those of the manifest")
    return HashedBenchmark(record, *(_texts(arrays, field) for field in ("questions", "answers")))


def open_benchmark(registry: SnapshotIndex, ref: str) -> Snapshot | HashedBenchmark:
    """The rows of a benchmark, or the hashed n-grams shipped with the package where nobody fetched them.

    Raises:
        NotMeasuredError: neither is at hand.
    """
    try:
        return open_snapshot(registry, ref)
    except NotMeasuredError:
        if ref not in hashed_records():
            raise
        return load_hashed(ref)


def arrays_of(questions: HashedTexts, answers: HashedTexts) -> dict[str, npt.NDArray[Any]]:
    """What the file of a benchmark holds: each n-gram once, in the order they first come, and the order."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for field, texts in (("questions", questions), ("answers", answers)):
        arrays[f"{field}_counts"] = texts.counts.astype("<i4")
        arrays[f"{field}_keys"] = texts.keys.astype("<u8")
        arrays[f"{field}_wholes"] = texts.wholes.astype("<u8")
        for n, (_, hashes) in texts.grams.items():
            known, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
            order = np.argsort(first, kind="stable")
            rank = np.empty(len(order), np.int64)
            rank[order] = np.arange(len(order))
            arrays[f"{field}_{n}_known"] = known[order].astype("<u8")
            # Mostly ones: each n-gram is new, and differences of 1 pack to nothing.
            arrays[f"{field}_{n}_steps"] = np.diff(rank[inverse], prepend=0).astype("<i4")
    return arrays


def content_sha256(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """SHA-256 over names, types, sizes and bytes of the arrays, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {values.dtype.str} {len(values)}\n".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def _texts(arrays: Mapping[str, npt.NDArray[Any]], field: str) -> HashedTexts:
    counts = arrays[f"{field}_counts"].astype(np.int64)
    grams = {}
    for n in STORED_GRAMS:
        places = np.cumsum(arrays[f"{field}_{n}_steps"].astype(np.int64))
        offsets = np.concatenate(([0], np.cumsum(np.maximum(counts - (n - 1), 0))))
        grams[n] = offsets, arrays[f"{field}_{n}_known"][places].astype(np.uint64)
    return HashedTexts(
        counts,
        arrays[f"{field}_keys"].astype(np.uint64),
        arrays[f"{field}_wholes"].astype(np.uint64),
        grams,
    )
