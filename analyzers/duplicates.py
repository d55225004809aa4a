"""Rows of one dataset that repeat each other: exact and near duplicates, star clusters, alarms."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from analyzers.band_shuffle import shuffled_pairs
from analyzers.bands import Shortfall
from analyzers.base import Batch, Finding, View
from analyzers.clusters import (
    DEFAULT_SHINGLE,
    DEFAULT_THRESHOLD,
    DEFAULT_VIEW,
    Stars,
    kept_first,
    star_clusters,
)
from analyzers.distinct import count_distinct
from analyzers.intervals import wilson_interval
from analyzers.key_ranges import NO_TEXT
from analyzers.matched_text import explained, template, texts_of
from analyzers.matching import similar_within
from analyzers.minhash import NUM_PERM, signatures
from analyzers.row_pool import RowPool
from analyzers.runner import Workers, held
from analyzers.scratch import scratch_array
from analyzers.signature_store import Scheme, Signatures, row_keys, signature_store, store_place
from analyzers.slots import SLOT_THRESHOLD, Slots
from analyzers.text import TOKENIZER, Grams
from registry.measurements import MatchedPair
from registry.snapshot import hashes_of

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

BACKEND = "minhash-affine32-128, decided on shingles"
ALONE_ROWS = 1_000_000
LARGE_CLUSTER_SHARE = 0.01
LARGE_CLUSTER_ROWS = 5
MANY_REMOVED_SHARE = 0.30
_TEMPLATE_ROWS = 20
_ALARMS = 5
_FIGURES = (
    "dataset",
    "view",
    "shingle",
    "threshold",
    "slot_threshold",
    "rows",
    "blank_rows",
    "pairs",
    "clusters",
    "duplicate_rows",
    "duplicate_share",
    "exact_rows",
    "exact_share",
    "slot_rows",
    "largest_cluster",
    "complete",
)

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A reason to look before removing anything.

    `large_cluster`: one kept row stands for more than 1 % of the dataset (and at least 5 rows);
    `template` shows what those rows have in common, each gap as `___`. `many_removed`: more than 30 % of
    all rows would go; then `kept_row` and `template` are None. `slots`: more than 1 % of the rows (and at
    least 5) would go although they differ mainly in what they fill into a template; `kept_row` stands for
    the most of them.
    """

    kind: Literal["large_cluster", "many_removed", "slots"]
    rows: int
    share: float
    kept_row: int | None = None
    template: str | None = None


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """How much a dataset repeats itself.

    `duplicate_rows` would be removed to keep one row of each star cluster; `exact_rows` of them have the
    same words as the kept row. `clusters` counts kept rows with at least one removed. `pairs` counts all
    pairs of rows that are equal or reach the threshold; it is a lower bound where `complete` is false.
    `slot_rows` of the removed ones differ from the kept row mainly in the slots of a template: without the
    template's shingles their Jaccard similarity is below `slot_threshold`, or below .5 where that is 0.
    With a `slot_threshold` above 0 such pairs are not similar, and `slot_rows` is what is left of them.
    `blank_rows` have no text in the view and take no part. In each example `row_a` is kept and `row_b`
    removed: one example a cluster, the largest clusters first.

    `removed`, `kept_for` and `jaccard` name each removed row (in order), the row kept for it and their
    similarity.
    """

    dataset: str
    view: str
    shingle: int
    threshold: float
    slot_threshold: float
    rows: int
    blank_rows: int
    pairs: int
    clusters: int
    duplicate_rows: int
    exact_rows: int
    slot_rows: int
    largest_cluster: int
    complete: bool
    alarms: tuple[Alarm, ...]
    examples: tuple[MatchedPair, ...]
    removed: Ints = field(repr=False, compare=False)
    kept_for: Ints = field(repr=False, compare=False)
    jaccard: npt.NDArray[np.float64] = field(repr=False, compare=False)

    @property
    def duplicate_share(self) -> float | None:
        """Share of the rows that would be removed, in [0, 1]; None without rows."""
        return self.duplicate_rows / self.rows if self.rows else None

    @property
    def exact_share(self) -> float | None:
        """Share of the rows whose words equal those of an earlier row; None without rows."""
        return self.exact_rows / self.rows if self.rows else None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types, shares included, without the row lists."""
        return {
            **{name: getattr(self, name) for name in _FIGURES},
            "alarms": [asdict(alarm) for alarm in self.alarms],
            "examples": [pair.to_json() for pair in self.examples],
        }


def near_duplicates(
    snapshot: Snapshot,
    *,
    folder: Path,
    view: View | str = DEFAULT_VIEW,
    shingle: int = DEFAULT_SHINGLE,
    threshold: float = DEFAULT_THRESHOLD,
    slot_threshold: float = 0.0,
    explain: int = 0,
    workers: Workers = 1,
) -> Duplicates:
    """Rows of `snapshot` whose view is equal, or has exact Jaccard >= `threshold` with a kept row.

    Star clusters with the earliest row kept (see `clusters.star_clusters`); `explain` is the number of
    examples. With a `slot_threshold` above 0, rows of one template are similar only where what they fill in
    has that Jaccard similarity as well (see `slots`). Signatures are kept in `folder`. With more than one
    worker, or above a million rows, the search is shared out (see `band_shuffle`), which changes no bit and
    resumes where it was broken off. Source: METRICS 7.

    Raises:
        ValueError: a threshold outside (0, 1], a slot threshold outside [0, 1], or an unknown view.
    """
    with held(workers):
        store = signature_store(snapshot, view=view, shingle=shingle, folder=folder, workers=workers)
        pool, missed = RowPool.of([(store, None)]), Shortfall()
        slots = Slots.of(pool)
        if workers == 1 and len(pool) <= ALONE_ROWS:
            similar_pairs = similar_within(pool, threshold, missed)
        else:
            place = store_place(snapshot, store.scheme, folder)
            similar_pairs = shuffled_pairs(pool, place, threshold, missed, workers=workers)
        stars, pairs = star_clusters(pool, slots.alike(similar_pairs, slot_threshold))
    groups = _Groups(stars)
    in_slots = groups.differing_in_slots(slots, slot_threshold or SLOT_THRESHOLD)
    return Duplicates(
        dataset=snapshot.dataset,
        view=str(View(view)),
        shingle=shingle,
        threshold=threshold,
        slot_threshold=slot_threshold,
        rows=len(pool),
        blank_rows=int((pool.text_of < 0).sum()),
        pairs=pairs,
        clusters=len(groups.kept),
        duplicate_rows=len(groups.removed),
        exact_rows=int(groups.stars.exact.sum()),
        slot_rows=len(in_slots),
        largest_cluster=int(groups.sizes.max(initial=0)),
        complete=not missed.limited_bands,
        alarms=_alarms(snapshot, view, groups, in_slots),
        examples=explained(snapshot, snapshot, groups.examples(explain), view=view),
        removed=groups.removed,
        kept_for=groups.stars.owner[groups.removed],
        jaccard=groups.stars.jaccard[groups.removed],
    )


@dataclass(frozen=True, slots=True)
class RowPrints:
    """What telling duplicates needs of some consecutive rows: about 60 bytes a row and 8 a shingle."""

    row_hashes: npt.NDArray[np.void]
    prompt_keys: npt.NDArray[np.uint64]
    keys: npt.NDArray[np.uint64]
    shingles: Grams


class DuplicateRates:
    """Shares of rows in [0, 1] that repeat an earlier row, counted over all rows.

    `dup_row`: equal source rows, by row hash. `dup_exact`: the same words in first prompt and final
    answer. `dup_near`: removed by star clusters at Jaccard >= `threshold`, exact ones included.
    `dup_prompt_exact`: the same words in the first prompt alone. Null without rows. The partial grows
    with the rows, as which rows are alike cannot be told from less. Source: METRICS 7.
    """

    name = "duplicates"
    version = 1
    metrics = ("dup_row", "dup_exact", "dup_near", "dup_prompt_exact")
    columns = ("row_hash", "turns", "response")

    def __init__(self, *, shingle: int = DEFAULT_SHINGLE, threshold: float = DEFAULT_THRESHOLD) -> None:
        self.shingle = shingle
        self.threshold = threshold

    def start(self) -> tuple[RowPrints, ...]:
        """No rows."""
        return ()

    def measure(self, batch: Batch) -> tuple[RowPrints, ...]:
        """Hashes and shingles of the rows of one batch."""
        prompt, both = View.FIRST_PROMPT, DEFAULT_VIEW
        return (
            RowPrints(
                row_hashes=hashes_of(batch.rows.column("row_hash")).copy().view("V32").reshape(-1),
                prompt_keys=row_keys(batch.words(prompt), batch.view(prompt)),
                keys=row_keys(batch.words(both), batch.view(both)),
                shingles=batch.shingles(both, self.shingle),
            ),
        )

    def merge(self, a: tuple[RowPrints, ...], b: tuple[RowPrints, ...]) -> tuple[RowPrints, ...]:
        """The rows of `a`, then those of `b`."""
        return a + b

    def finish(self, total: tuple[RowPrints, ...]) -> list[Finding]:
        """The four shares."""
        rows = sum(len(part.keys) for part in total)
        pool = RowPool.of([(_signatures(total, self.shingle), None)])
        stars = kept_first(pool, self.threshold)
        prompts = [part.prompt_keys[part.prompt_keys != NO_TEXT] for part in total]
        repeated = {
            "dup_row": rows - count_distinct((part.row_hashes for part in total), "V32"),
            "dup_exact": int(stars.exact.sum()),
            "dup_near": int((stars.owner >= 0).sum()),
            "dup_prompt_exact": sum(map(len, prompts)) - count_distinct(prompts, np.uint64),
        }
        views = {"dup_prompt_exact": str(View.FIRST_PROMPT), "dup_row": None}
        bounds = {metric: wilson_interval(count, rows) for metric, count in repeated.items() if rows}
        return [
            Finding(
                metric=metric,
                view=views.get(metric, str(DEFAULT_VIEW)),
                n_used=rows,
                value=count / rows if rows else None,
                ci_low=bounds[metric][0] if rows else None,
                ci_high=bounds[metric][1] if rows else None,
                params={"shingle": self.shingle, "threshold": self.threshold} if metric == "dup_near" else {},
                tokenizer=None if metric == "dup_row" else TOKENIZER,
                backend=BACKEND if metric == "dup_near" else None,
                reason=None if rows else "no rows",
                direction="-",
            )
            for metric, count in repeated.items()
        ]


class _Groups:
    """The stars that have members, the largest first."""

    def __init__(self, stars: Stars) -> None:
        self.stars = stars
        self.removed = np.flatnonzero(stars.owner >= 0)
        self.kept, members = np.unique(stars.owner[self.removed], return_counts=True)
        self.sizes = members + 1

    @cached_property
    def by_size(self) -> Ints:
        """Places in `kept`, by falling size, then by row."""
        return np.lexsort((self.kept, -self.sizes))

    def members(self, place: int) -> Ints:
        """The rows removed for one kept row, in order."""
        rows: Ints = self.removed[self.stars.owner[self.removed] == self.kept[place]]
        return rows

    def differing_in_slots(self, slots: Slots, threshold: float) -> Ints:
        """The removed rows whose slots are less similar to those of the kept row than `threshold`."""
        near = self.removed[~self.stars.exact[self.removed]]
        texts = slots.pool.text_of
        alike = slots.jaccard(texts[self.stars.owner[near]], texts[near]) >= threshold
        return near[~alike]

    def examples(self, count: int) -> list[tuple[int, int, float]]:
        """For the largest groups: kept row, first row removed for it, their similarity."""
        found = []
        for place in self.by_size[:count]:
            row = int(self.members(place)[0])
            found.append((int(self.kept[place]), row, float(self.stars.jaccard[row])))
        return found


def _alarms(snapshot: Snapshot, view: View | str, groups: _Groups, in_slots: Ints) -> tuple[Alarm, ...]:
    rows = len(groups.stars.owner)
    alarms = []
    if len(groups.removed) > MANY_REMOVED_SHARE * rows:
        alarms.append(Alarm("many_removed", len(groups.removed), len(groups.removed) / rows))
    for place in groups.by_size[:_ALARMS]:
        size = int(groups.sizes[place])
        if size >= LARGE_CLUSTER_ROWS and size > LARGE_CLUSTER_SHARE * rows:
            kept = int(groups.kept[place])
            common = _template(snapshot, view, kept, groups.members(place))
            alarms.append(Alarm("large_cluster", size, size / rows, kept, common))
    if len(in_slots) >= LARGE_CLUSTER_ROWS and len(in_slots) > LARGE_CLUSTER_SHARE * rows:
        owners, members = np.unique(groups.stars.owner[in_slots], return_counts=True)
        kept = int(owners[np.argmax(members)])
        common = _template(snapshot, view, kept, in_slots[groups.stars.owner[in_slots] == kept])
        alarms.append(Alarm("slots", len(in_slots), len(in_slots) / rows, kept, common))
    return tuple(alarms)


def _template(snapshot: Snapshot, view: View | str, kept: int, members: Ints) -> str:
    return template(texts_of(snapshot, [kept, *members[:_TEMPLATE_ROWS].tolist()], view))


def _signatures(parts: tuple[RowPrints, ...], shingle: int) -> Signatures:
    """The signatures of all rows, in scratch arrays."""
    rows = sum(len(part.keys) for part in parts)
    found = Signatures(
        Scheme(view=str(DEFAULT_VIEW), shingle=shingle),
        values=scratch_array((rows, NUM_PERM), np.uint32),
        offsets=scratch_array(rows + 1, np.int64),
        shingles=scratch_array(sum(len(part.shingles.hashes) for part in parts), np.uint64),
        keys=scratch_array(rows, np.uint64),
    )
    row = at = 0
    for part in parts:
        here, grams = slice(row, row + len(part.keys)), part.shingles
        found.values[here] = signatures(grams)
        found.offsets[here.start + 1 : here.stop + 1] = grams.offsets[1:] + at
        found.shingles[at : at + len(grams.hashes)] = grams.hashes
        found.keys[here] = part.keys
        row, at = here.stop, at + len(grams.hashes)
    return found
