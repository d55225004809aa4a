"""The text kept for each text: star clusters found while walking the texts once, with kept ones only.

Most of what is similar in templated data is similar to something removed long before. So the texts are walked
from the first to the last; each is compared with the *kept* ones that share a band with it, and joins the
first it is similar to. The answer is that of all similar pairs (`clusters.star_clusters`), at a small part
of their cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.agreement import least_agreement, plain_agreeing
from analyzers.bands import Banding, Keys, Shortfall, banding, number_runs
from analyzers.compiled import is_compiled
from analyzers.jaccard import jaccard
from analyzers.key_ranges import blocks
from analyzers.row_pool import RowPool
from analyzers.scratch import gathered, scratch_array
from analyzers.slots import Slots

Ints = npt.NDArray[np.int64]

# Kept texts looked at in one band, for each million texts; then only the first few of every run are.
BAND_LOOKS = 64_000_000
FEW_KEPT = 64


@dataclass(frozen=True, slots=True)
class Compared:
    """The texts of a pool that share a band with another one, rising; the others are alone and stay.

    `runs` (bands, texts) says which run of equal band keys each is in, see `bands.number_runs`; `rows` are
    the rows of `values` that hold their signatures.
    """

    texts: Ints
    runs: Keys
    values: npt.NDArray[np.uint32]
    rows: Ints

    @classmethod
    def of(cls, pool: RowPool, cut: Banding) -> Compared:
        """The texts of a pool that are worth comparing with bands cut so."""
        texts, keys = pool.band_keys(cut)
        number_runs(keys)
        places = gathered(
            (block.start + np.flatnonzero(keys[:, block].any(axis=0)) for block in blocks(len(texts))),
            np.int64,
        )
        runs: Keys = scratch_array((len(keys), len(places)), np.uint32)
        for block in blocks(len(places)):
            runs[:, block] = keys[:, places[block]]
        compared = gathered((texts[places[block]] for block in blocks(len(places))), np.int64)
        return cls(compared, runs, *pool.signature_rows(compared))

    def low_bytes(self) -> npt.NDArray[np.uint8]:
        """The lowest byte of the first 255 values, or fewer, of each text."""
        width = min(self.values.shape[1], 255)
        found: npt.NDArray[np.uint8] = scratch_array((len(self.rows), width), np.uint8)
        for block in blocks(len(self.rows)):
            found[block] = self.values[self.rows[block], :width]
        return found


@dataclass(frozen=True, slots=True)
class Walk:
    """From the first text to the last: each goes for the first kept one it is similar to, else it is kept.

    Similar are texts of Jaccard similarity `threshold`, and `slot_threshold` in their slots where there are
    any. Their signatures agree in at least `least` values. In one band `budget` kept texts are looked at in
    all; from then on only the first `FEW_KEPT` of each run.
    """

    pool: RowPool
    compared: Compared
    threshold: float
    least: int
    slots: Slots | None
    slot_threshold: float
    budget: int

    def compiled(self) -> tuple[Ints, int]:
        """For each text compared the place of the one kept for it, -1 where it is kept; bands over budget."""
        from analyzers.star_kernels import find_owners

        compared = self.compared
        sets = self.pool.sets(compared.texts)
        filled = self.slots.sets(compared.texts) if self.slots else sets
        found = scratch_array(len(compared.texts), np.int64)
        bands, texts = compared.runs.shape
        room: Keys = scratch_array((bands, texts + texts // 2 + 1), np.uint32)
        met: Keys = scratch_array(texts, np.uint32)
        limited = find_owners(
            compared.runs, room, (compared.values, compared.rows, compared.low_bytes()), self.least,
            (sets.shingles, sets.begins, sets.ends), self.threshold,
            (filled.shingles, filled.begins, filled.ends), self.slot_threshold if self.slots else 0.0,
            self.budget, FEW_KEPT, met, found,
        )  # fmt: skip
        return found, int(limited)

    def plain(self) -> tuple[Ints, int]:
        """`compiled` in numpy."""
        runs = self.compared.runs
        found = np.full(runs.shape[1], -1, np.int64)
        looks = np.zeros(len(runs), np.int64)
        kept: dict[tuple[int, int], list[int]] = {}
        for text in range(len(found)):
            here = [(band, int(run)) for band, run in enumerate(runs[:, text]) if run]
            near: set[int] = set()
            for band, run in here:
                others = kept.setdefault((band, run), [])
                looks[band] += len(others)
                near.update(others if looks[band] <= self.budget else others[:FEW_KEPT])
            alike = self._similar_to(text, np.array(sorted(near), np.int64))
            if len(alike):
                found[text] = alike[0]
                continue
            for place in here:
                kept[place].append(text)
        return found, int((looks > self.budget).sum())

    def _similar_to(self, text: int, others: Ints) -> Ints:
        """Those of `others` that `text` is similar to, in their order."""
        texts, rows = self.compared.texts, self.compared.rows
        a, b = others, np.full(len(others), text)
        enough = plain_agreeing(self.compared.values, rows[a], rows[b], self.least)
        a, b = a[enough], b[enough]
        is_similar = jaccard(self.pool, texts[a], texts[b]) >= self.threshold
        if self.slots and is_similar.any():
            is_similar &= self.slots.jaccard(texts[a], texts[b]) >= self.slot_threshold
        alike: Ints = a[is_similar]
        return alike


def owners(
    pool: RowPool, threshold: float, missed: Shortfall | None = None, *, slot_threshold: float = 0.0
) -> Ints:
    """For each text of the pool the first kept text it is similar to; -1 where it is kept itself.

    With a `slot_threshold` above 0 both must be alike without the shingles of templates as well (see
    `slots`). A pair of exactly the threshold is found with probability .99, more similar ones more surely;
    each is decided on its shingles. Texts of equal words are one text already.

    Raises:
        ValueError: the threshold is outside (0, 1].
    """
    cut = banding(threshold, pool.num_perm if pool.sources else 1)
    owner = scratch_array(len(pool.first) if pool.sources else 0, np.int64)
    owner[:] = -1
    if not len(owner):
        return owner
    slots = Slots.of(pool) if slot_threshold else None
    compared = Compared.of(pool, cut)
    walk = Walk(
        pool,
        compared,
        threshold,
        max(least_agreement(threshold, pool.num_perm), 1),
        slots if slots and len(slots.template) else None,
        slot_threshold,
        BAND_LOOKS * -(-len(compared.texts) // 1_000_000),
    )
    found, limited = walk.compiled() if is_compiled() else walk.plain()
    if missed is not None:
        missed.limited_bands += limited
    for block in blocks(len(found)):
        gone = block.start + np.flatnonzero(found[block] >= 0)
        owner[compared.texts[gone]] = compared.texts[found[gone]]
    return owner
