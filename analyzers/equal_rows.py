"""Rows that say the same: of each the first stays. What threshold 1 asks for, without signatures.

At Jaccard 1 nothing has to be searched for: rows of equal shingle sets have equal hashes of them. So of each
row two numbers are kept on disk, a hash of its words in their order and one of its set of shingles, instead
of 524 bytes and its shingles, and a mixture of rows met before reads no text to find its doubles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers.key_ranges import NO_TEXT, blocks, first_equals
from analyzers.removals import Removals, RowSet, checked_rows
from analyzers.tokens import WORDS
from analyzers.views import View
from registry.files import atomic_write

if TYPE_CHECKING:
    from analyzers.signature_store import Signatures
    from analyzers.text import Grams
    from registry.snapshot import Snapshot

VERSION = 1

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class RowKeys:
    """Two 64-bit numbers of each row of a snapshot under one view and shingle length.

    `words[i]` is that of `Signatures.keys`: equal for rows of the same words in the same order, 0 without
    any text. `sets[i]` is equal for rows of the same set of shingles; where there is none it is `words[i]`.
    """

    words: Keys
    sets: Keys


def equal_rows(parts: Sequence[RowSet], *, folder: Path, view: View | str, shingle: int) -> Removals:
    """`clusters.cluster_rows` at threshold 1: the first of the rows with one set of shingles stays.

    Memory is about 60 bytes a row.

    Raises:
        ValueError: an unknown view, a shingle length below 1, rows twice or outside their snapshot.
    """
    positions, words, sets = [], [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for part in parts:
        keys = row_keys_of(part.snapshot, view=view, shingle=shingle, folder=folder)
        rows = checked_rows(part)
        positions.append(np.arange(len(keys.words)) if rows is None else rows)
        words.append(keys.words if rows is None else keys.words[rows])
        sets.append(keys.sets if rows is None else keys.sets[rows])
    all_words, all_sets = np.concatenate(words), np.concatenate(sets)
    leads = first_equals(all_sets)
    gone = np.flatnonzero((leads != np.arange(len(leads))) & (all_words != NO_TEXT))
    kept = leads[gone]
    source = np.repeat(np.arange(len(parts)), [len(rows) for rows in positions])
    position = np.concatenate([np.empty(0, np.int64), *positions])
    return Removals(
        part=source[gone],
        row=position[gone],
        kept_part=source[kept],
        kept_row=position[kept],
        jaccard=np.ones(len(gone)),
        exact=all_words[gone] == all_words[kept],
    )


def row_keys_of(snapshot: Snapshot, *, view: View | str, shingle: int, folder: Path) -> RowKeys:
    """The keys of `snapshot`: read from `folder`, or made of its signatures there or of its text, and kept.

    Raises:
        ValueError: an unknown view, or a shingle length below 1.
        DiskError: writing failed.
    """
    if shingle < 1:
        raise ValueError(f"a shingle has at least one word, got {shingle}")
    view = View(view)
    path = folder / snapshot.id / f"{view}-k{shingle}-{WORDS}-keys-v{VERSION}.npy"
    keys = _read(path, snapshot.rows_kept)
    if keys is None:
        from analyzers.signature_store import Scheme, stored_signatures

        store = stored_signatures(snapshot, Scheme(view=str(view), shingle=shingle), folder)
        found = _of_text(snapshot, view, shingle) if store is None else _of_signatures(store)
        keys = np.array([found.words, found.sets], "<u8")
        with atomic_write(path) as file:
            np.save(file, keys, allow_pickle=False)
    return RowKeys(keys[0], keys[1])


def set_keys(grams: Grams, words: Keys) -> Keys:
    """A hash of the set of shingles of each row, that of its words where it has no shingles.

    The sum over its distinct shingles of mix64(shingle xor golden ratio), finished by mix64.
    """
    from analyzers.text import mix64

    sums = np.zeros(len(grams.hashes) + 1, np.uint64)
    np.cumsum(mix64(grams.hashes ^ _GOLDEN), out=sums[1:])
    keys = mix64(sums[grams.offsets[1:]] - sums[grams.offsets[:-1]])
    return np.where(np.diff(grams.offsets) > 0, keys, words)


def _read(path: Path, rows: int) -> Keys | None:
    """The keys in a file; None where there is none of this form and so many rows."""
    try:
        keys: Keys = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return keys if keys.shape == (2, rows) and keys.dtype == np.dtype("<u8") else None


def _of_text(snapshot: Snapshot, view: View, shingle: int) -> RowKeys:
    from analyzers.base import Batch
    from analyzers.signature_store import row_keys

    words, sets = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for rows in snapshot.batches(list(view.columns)):
        batch = Batch(rows)
        words.append(row_keys(batch.words(view), batch.view(view)))
        sets.append(set_keys(batch.shingles(view, shingle), words[-1]))
    return RowKeys(np.concatenate(words), np.concatenate(sets))


def _of_signatures(store: Signatures) -> RowKeys:
    """The same numbers from shingles that are stored, 65,536 rows at a time."""
    from analyzers.text import Grams

    sets = [np.empty(0, np.uint64)]
    for block in blocks(store.rows):
        offsets = store.offsets[block.start : block.stop + 1]
        shingles = np.asarray(store.shingles[offsets[0] : offsets[-1]])
        sets.append(set_keys(Grams(offsets - offsets[0], shingles), store.keys[block]))
    return RowKeys(np.asarray(store.keys), np.concatenate(sets))
