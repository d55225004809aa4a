"""Which rows go when similar rows are to be kept once: star clusters, never chains.

Every removed row reaches the threshold with the row kept for it. Transitive closure would join a long
chain of templated rows into one cluster whose ends share nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analyzers.bands import Shortfall
from analyzers.base import View
from analyzers.equal_rows import equal_rows
from analyzers.jaccard import jaccard
from analyzers.key_ranges import blocks
from analyzers.matching import Pairs
from analyzers.removals import Removals, RowSet, checked_rows
from analyzers.row_pool import RowPool
from analyzers.scratch import gathered, scratch_array
from analyzers.signature_store import signature_store
from analyzers.stars import owners

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DEFAULT_VIEW = View.FIRST_PROMPT_AND_FINAL_ANSWER
DEFAULT_SHINGLE = 5
DEFAULT_THRESHOLD = 0.8


@dataclass(frozen=True, slots=True)
class Stars:
    """Star clusters of a pool: `owner[i]` is the row kept for row i, -1 where row i stays.

    `jaccard[i]` is 1 where row i stays; `exact` marks removed rows of the same words as the kept one.
    """

    owner: Ints
    jaccard: Floats
    exact: npt.NDArray[np.bool_]


def cluster_rows(
    parts: Sequence[RowSet],
    *,
    folder: Path,
    view: View | str = DEFAULT_VIEW,
    shingle: int = DEFAULT_SHINGLE,
    threshold: float = DEFAULT_THRESHOLD,
    slot_threshold: float = 0.0,
) -> Removals:
    """The rows to remove so that of similar rows over all `parts` one stays: the one of the earliest part.

    Within a part the row of the lowest position stays. Rows whose view has no text are never removed.
    With a `slot_threshold` above 0, rows of one template are similar only where what they fill in has that
    Jaccard similarity as well (see `slots`). The answer depends on the parts, their order and the rows
    chosen, on nothing else. `folder` holds the signatures (see `signature_store`), for a threshold of 1 the
    keys of rows alone (see `equal_rows`); scratch files take about 500 bytes a row.

    Raises:
        ValueError: a threshold outside (0, 1], an unknown view, rows twice or outside their snapshot.
    """
    if threshold == 1.0:  # the slots of equal sets are equal as well
        return equal_rows(parts, folder=folder, view=view, shingle=shingle)
    pool = RowPool.of(
        [
            (signature_store(part.snapshot, view=view, shingle=shingle, folder=folder), checked_rows(part))
            for part in parts
        ]
    )
    missed = Shortfall()
    stars = kept_first(pool, threshold, missed, slot_threshold=slot_threshold)
    gone = np.flatnonzero(stars.owner >= 0)
    kept = stars.owner[gone]
    return Removals(
        part=pool.source[gone],
        row=pool.position[gone],
        kept_part=pool.source[kept],
        kept_row=pool.position[kept],
        jaccard=stars.jaccard[gone],
        exact=stars.exact[gone],
        limited_bands=missed.limited_bands,
    )


def kept_first(
    pool: RowPool, threshold: float, missed: Shortfall | None = None, *, slot_threshold: float = 0.0
) -> Stars:
    """The star clusters of a pool, found without all its similar pairs (see `stars.owners`)."""
    return _stars(pool, owners(pool, threshold, missed, slot_threshold=slot_threshold))


def star_clusters(pool: RowPool, similar_pairs: Iterable[Pairs]) -> tuple[Stars, int]:
    """The star clusters of a pool from its similar pairs of texts (a, b), a < b; and how many pairs of rows.

    From the first text to the last: one that is not removed yet stays and removes those after it that
    are similar to it. So the kept texts are pairwise below the threshold, as far as pairs were found.
    Equal rows are pairs, too.
    """
    packed, pairs = _packed(pool, similar_pairs)
    return _stars(pool, _star_owners(len(pool.first), packed)), pairs


def _stars(pool: RowPool, owner_text: Ints) -> Stars:
    """The stars of all rows, given for each text the one kept for it."""
    owner = scratch_array(len(pool), np.int64)
    similarity = scratch_array(len(pool), np.float64)
    exact = scratch_array(len(pool), bool)
    for block in blocks(len(pool)):
        rows = np.arange(block.start, block.stop)
        text = pool.text_of[block]
        kept_text = np.where(owner_text[text] >= 0, owner_text[text], text)
        kept = np.where((text < 0) | (pool.first[kept_text] == rows), -1, pool.first[kept_text])
        near = (text >= 0) & (kept_text != text)
        values = np.ones(len(rows))
        values[near] = jaccard(pool, text[near], kept_text[near])
        owner[block], similarity[block] = kept, values
        exact[block] = (kept >= 0) & ~near
    return Stars(owner, similarity, exact)


def _packed(pool: RowPool, similar_pairs: Iterable[Pairs]) -> tuple[npt.NDArray[np.uint64], int]:
    """All pairs of texts, both numbers in one integer, sorted; and how many pairs of rows they stand for."""
    sizes = pool.sizes
    rows = sum(int((sizes[block] * (sizes[block] - 1) // 2).sum()) for block in blocks(len(sizes)))

    def packed_pairs() -> Iterator[npt.NDArray[np.uint64]]:
        nonlocal rows
        for first, second, _ in similar_pairs:
            rows += int((sizes[first] * sizes[second]).sum())
            yield first.astype(np.uint64) << np.uint64(32) | second.astype(np.uint64)

    packed = gathered(packed_pairs(), np.uint64)
    packed.sort()
    return packed, rows


def _star_owners(texts: int, packed: npt.NDArray[np.uint64]) -> Ints:
    """For each text the text kept for it, -1 where it stays itself."""
    owner = scratch_array(texts, np.int64)
    owner[:] = -1
    heads = (packed >> np.uint64(32)).astype(np.uint32)
    begins = np.flatnonzero(np.append(True, heads[1:] != heads[:-1]))[: len(heads)]
    for head, begin, end in zip(
        heads[begins].tolist(), begins, np.append(begins, len(heads))[1:], strict=True
    ):
        if owner[head] < 0:
            near = (packed[begin:end] & np.uint64(0xFFFFFFFF)).astype(np.int64)
            owner[near[owner[near] < 0]] = head
    return owner
