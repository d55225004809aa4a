"""Signatures of a snapshot, computed once, kept on disk and read through memory maps.

A store holds, for one view and shingle length, everything that matching needs: signatures, the sorted
shingles themselves and a hash of each row's words. So adding a dataset costs its own signatures only,
no comparison reads text again, and memory is the page cache's. Disk: 524 bytes a row and 8 a shingle.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.base import Batch, View
from analyzers.characters import normalise
from analyzers.compiled import is_compiled
from analyzers.key_ranges import NO_TEXT
from analyzers.minhash import NUM_PERM, SCHEME, SEED, as_lean_minhash, as_minhash, signatures
from analyzers.runner import Workers, run_jobs
from analyzers.shards import is_finished, read_shard, unfinished, write_shard
from analyzers.text import TOKENIZER, Words, mix64
from registry.files import atomic_write, atomic_write_text
from registry.row_groups import RowGroup, row_groups

if TYPE_CHECKING:
    from datasketch import LeanMinHash, MinHash

    from registry.snapshot import Snapshot

VERSION = 1
_ARRAYS = {"values": "<u4", "offsets": "<i8", "shingles": "<u8", "keys": "<u8"}
_MANIFEST = "manifest.json"
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """What signatures depend on besides the rows."""

    view: str
    shingle: int
    num_perm: int = NUM_PERM
    seed: int = SEED

    @property
    def folder_name(self) -> str:
        """A name that differs wherever anything that changes the numbers differs."""
        parts = (self.view, f"k{self.shingle}", TOKENIZER, SCHEME, f"p{self.num_perm}", f"s{self.seed}")
        return "-".join((*parts, f"v{VERSION}"))


@dataclass(frozen=True, slots=True)
class Signatures:
    """What is kept of each row of one snapshot, row after row; the arrays are memory maps.

    `values` uint32 (rows, num_perm); `shingles[offsets[i]:offsets[i + 1]]` the sorted 48-bit shingles of
    row i; `keys[i]` a 64-bit hash of its words, equal for rows equal after normalisation. A row without
    words is keyed by its other characters; a row without any has key 0 and equals nothing.
    """

    scheme: Scheme
    values: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]
    shingles: npt.NDArray[np.uint64]
    keys: npt.NDArray[np.uint64]

    @property
    def rows(self) -> int:
        """Rows of the snapshot."""
        return len(self.keys)

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Distinct shingles of each row."""
        return np.diff(self.offsets)

    def minhash(self, row: int) -> MinHash:
        """The signature of one row as a datasketch MinHash."""
        return as_minhash(self.values[row], seed=self.scheme.seed)

    def lean_minhash(self, row: int) -> LeanMinHash:
        """The signature of one row as a datasketch LeanMinHash."""
        return as_lean_minhash(self.values[row], seed=self.scheme.seed)


def signature_store(
    snapshot: Snapshot,
    *,
    view: View | str,
    shingle: int,
    folder: Path,
    num_perm: int = NUM_PERM,
    seed: int = SEED,
    workers: Workers = 1,
) -> Signatures:
    """The signatures of `snapshot`, computed where `folder` does not hold them yet.

    Content-addressed by snapshot id, view, shingle length, tokeniser, permutation scheme and version.
    The manifest is written last; a store without one, or with a file of another size than it says, is
    made again, row group by row group: those finished before a run was broken off are not made twice.

    Raises:
        ValueError: an unknown view, or a shingle length below 1.
        DiskError: writing failed.
    """
    if shingle < 1:
        raise ValueError(f"a shingle has at least one word, got {shingle}")
    scheme = Scheme(view=str(View(view)), shingle=shingle, num_perm=num_perm, seed=seed)
    place = store_place(snapshot, scheme, folder)
    if not _is_whole(place):
        _make(snapshot, scheme, place, workers)
    return open_signatures(scheme, place)


def store_place(snapshot: Snapshot, scheme: Scheme, folder: Path) -> Path:
    """Where in `folder` the signatures of a snapshot stand."""
    return folder / snapshot.id / scheme.folder_name


def stored_signatures(snapshot: Snapshot, scheme: Scheme, folder: Path) -> Signatures | None:
    """The signatures of a snapshot where `folder` holds all of them."""
    place = store_place(snapshot, scheme, folder)
    return open_signatures(scheme, place) if _is_whole(place) else None


def open_signatures(scheme: Scheme, place: Path) -> Signatures:
    """The signatures that stand in `place`, which are whole."""
    arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
    return Signatures(scheme, arrays["values"], arrays["offsets"], arrays["shingles"], arrays["keys"])


def row_keys(tokens: Words, texts: pa.LargeStringArray) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of the words of each text, in their order; see `Signatures.keys`.

    The sum over the words of mix64(word hash + (place + 1) * golden ratio), finished by mix64.
    """
    if is_compiled():
        from analyzers import compiled_words

        keys = compiled_words.row_keys(tokens.hashes, tokens.offsets, _GOLDEN)
    else:
        keys = _plain_keys(tokens)
    keys[keys == NO_TEXT] = 1
    for row in np.flatnonzero(tokens.counts == 0):
        keys[row] = _wordless_key(texts[int(row)].as_py())
    return keys


def _plain_keys(tokens: Words) -> npt.NDArray[np.uint64]:
    places = np.arange(len(tokens.hashes)) - np.repeat(tokens.offsets[:-1], tokens.counts)
    placed = mix64(tokens.hashes + (places + 1).astype(np.uint64) * _GOLDEN)
    sums = np.zeros(len(placed) + 1, np.uint64)
    np.cumsum(placed, out=sums[1:])
    return mix64(sums[tokens.offsets[1:]] - sums[tokens.offsets[:-1]])


def _wordless_key(text: str) -> int:
    marks = "".join(normalise(text).split())
    if not marks:
        return int(NO_TEXT)
    digest = hashlib.blake2b(marks.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") | 1


def _is_whole(place: Path) -> bool:
    try:
        sizes = json.loads((place / _MANIFEST).read_text())["bytes"]
        return all((place / name).stat().st_size == size for name, size in sizes.items())
    except (FileNotFoundError, ValueError, KeyError):
        return False


def _make(snapshot: Snapshot, scheme: Scheme, place: Path, workers: Workers) -> None:
    """Write the shards, join them, then write the manifest that vouches for the arrays.

    Two processes at it write the same bytes, and each file is moved into place whole, so neither harms
    the other.
    """
    groups = row_groups(snapshot.rows_path)
    with unfinished(place.parent, f".{place.name}") as shards:
        missing = [group for group in groups if not is_finished(_shard(shards, group))]
        deque(run_jobs(partial(_write_shard, scheme, shards), missing, workers=workers), maxlen=0)
        _join([_shard(shards, group) for group in groups], scheme, place)
    sizes = {f"{name}.npy": (place / f"{name}.npy").stat().st_size for name in _ARRAYS}
    made_of = {"snapshot": snapshot.id, **asdict(scheme), "tokenizer": TOKENIZER, "permutations": SCHEME}
    atomic_write_text(
        place / _MANIFEST, json.dumps({**made_of, "version": VERSION, "bytes": sizes}, indent=1)
    )


def _shard(folder: Path, group: RowGroup) -> Path:
    return folder / f"{group.number:08}"


def _write_shard(scheme: Scheme, folder: Path, group: RowGroup) -> None:
    """The arrays of one row group, batch by batch."""
    view = View(scheme.view)
    parts: list[dict[str, npt.NDArray[Any]]] = []
    for rows in group.batches(list(view.columns)):
        batch = Batch(rows)
        tokens, grams = batch.words(view), batch.shingles(view, scheme.shingle)
        parts.append(
            {
                "values": signatures(grams, num_perm=scheme.num_perm, seed=scheme.seed),
                "offsets": grams.offsets,
                "shingles": grams.hashes,
                "keys": row_keys(tokens, batch.view(view)),
            }
        )
    write_shard(_shard(folder, group), parts)


def _join(shards: Sequence[Path], scheme: Scheme, place: Path) -> None:
    """One array of each kind over all shards; their offsets go on where those of the last one ended."""
    with ExitStack() as open_files:
        files = {}
        for name, kind in _ARRAYS.items():
            target = open_files.enter_context(atomic_write(place / f"{name}.npy"))
            width = (scheme.num_perm,) if name == "values" else ()
            files[name] = open_files.enter_context(_GrowingArray(target, kind, width))
        files["offsets"].append(np.zeros(1, np.int64))
        done = 0
        for part in (part for shard in shards for part in read_shard(shard)):
            for name, values in part.items():
                files[name].append(values[1:] + done if name == "offsets" else values)
            done += int(part["offsets"][-1])


class _GrowingArray:
    """A .npy file that grows along its first axis; leaving it sets the header right."""

    def __init__(self, file: IO[bytes], kind: str, width: tuple[int, ...]) -> None:
        self._file = file
        self._kind = kind
        self._width = width
        self._rows = 0

    def __enter__(self) -> Self:
        self._write_header()
        return self

    def __exit__(self, *_: object) -> None:
        self._file.seek(0)
        self._write_header()
        self._file.seek(0, os.SEEK_END)

    def append(self, values: npt.NDArray[Any]) -> None:
        self._file.write(np.ascontiguousarray(values, dtype=self._kind).data)
        self._rows += len(values)

    def _write_header(self) -> None:
        # numpy pads headers so that the first axis can grow to 21 digits: the length stays the same.
        shape = (self._rows, *self._width)
        header = {"descr": self._kind, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)
