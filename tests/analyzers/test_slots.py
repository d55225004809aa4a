from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analyzers import slots as module
from analyzers.clusters import cluster_rows
from analyzers.duplicates import near_duplicates
from analyzers.removals import RowSet
from analyzers.row_pool import RowPool
from analyzers.signature_store import signature_store
from analyzers.slots import Slots, template_shingles
from analyzers.text import gram_hash, word_hash, word_list
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

TEMPLATE = (
    "You may call the tools search and calculator whenever they help you to answer the question of the user "
    "and you must answer in one sentence without any mark up at all about {} in the year {} please"
)
TOPICS = [
    "apples",
    "bridges",
    "comets",
    "dunes",
    "eagles",
    "ferries",
    "glaciers",
    "hedges",
    "islands",
    "jade",
]


def filled(count: int) -> list[tuple[str, str]]:
    return [
        (TEMPLATE.format(f"{TOPICS[n % 10]} {n}", 1900 + n), "One short answer to it all.")
        for n in range(count)
    ]


def plain_shingles(text: str, k: int = 5) -> set[int]:
    spelt = [word_hash(word) for word in word_list(text)]
    return {gram_hash(spelt[at : at + k]) >> 16 for at in range(max(len(spelt) - k + 1, 1))}


def test_the_template_is_what_many_texts_share(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = filled(30) + [(f"Row {n} is of its own.", "Yes.") for n in range(30)]
    store = signature_store(snapshot_of(rows), view="first_prompt", shingle=5, folder=tmp_path)

    found = template_shingles(store, np.arange(store.rows))

    sets = [plain_shingles(prompt) for prompt, _ in rows]
    often = {gram for own in sets for gram in own if sum(gram in other for other in sets) >= 20}
    assert found.tolist() == sorted(often)
    assert len(often) > 20


def test_slots_are_compared_without_the_template(
    snapshot_of: SnapshotOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK_SHINGLES", 7)
    rows = [*filled(25), (filled(1)[0][0] + " indeed", "Other.")]
    pool = RowPool.of(
        [(signature_store(snapshot_of(rows), view="first_prompt", shingle=5, folder=tmp_path), None)]
    )
    slots = Slots.of(pool)
    a, b = (side.ravel() for side in np.indices((len(rows), len(rows))))

    values = slots.jaccard(a, b)

    template = set(slots.template.tolist())
    sets = [plain_shingles(prompt) - template for prompt, _ in rows]
    assert values.tolist() == [
        len(sets[i] & sets[j]) / len(sets[i] | sets[j]) for i, j in zip(a, b, strict=True)
    ]


def test_rows_of_one_template_stay_and_true_repeats_go(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = [*filled(40), filled(40)[7]]
    snapshot = snapshot_of(rows)

    whole = near_duplicates(snapshot, folder=tmp_path, threshold=0.6)
    aware = near_duplicates(snapshot, folder=tmp_path, threshold=0.6, slot_threshold=0.5)

    assert whole.duplicate_rows == 40
    assert whole.slot_rows == 40  # the repeat of row 7 would go for row 0 as well
    assert [alarm.kind for alarm in whole.alarms] == ["many_removed", "large_cluster", "slots"]
    assert "___" in str(whole.alarms[2].template)
    assert aware.removed.tolist() == [40]
    assert (aware.exact_rows, aware.slot_rows, aware.alarms) == (1, 0, ())
    assert len(cluster_rows([RowSet(snapshot)], folder=tmp_path, threshold=0.6, slot_threshold=0.5)) == 1


def test_without_a_template_nothing_changes(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = [(f"Tell me of {topic} and of nothing else in this whole wide world.", "Yes.") for topic in TOPICS]
    snapshot = snapshot_of([*rows, (rows[0][0] + " Please", "Yes.")])

    whole = near_duplicates(snapshot, folder=tmp_path, threshold=0.5)
    aware = near_duplicates(snapshot, folder=tmp_path, threshold=0.5, slot_threshold=0.9)

    assert whole.duplicate_rows >= 1
    assert whole.slot_rows == 0
    assert aware.removed.tolist() == whole.removed.tolist()
