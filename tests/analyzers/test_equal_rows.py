from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzers import equal_rows as module
from analyzers.clusters import cluster_rows, kept_first
from analyzers.equal_rows import RowKeys, equal_rows, row_keys_of
from analyzers.removals import RowSet
from analyzers.row_pool import RowPool
from analyzers.signature_store import signature_store
from analyzers.text import word_list
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]
View = "first_prompt"

# Few words, so that texts are equal, and sets of shingles are equal though the texts are not.
small_texts = st.lists(
    st.lists(st.sampled_from(["a", "b", "A", "!", "..", " "]), max_size=7).map(" ".join), max_size=20
)
here = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def told(removals: module.Removals) -> list[tuple[int, ...]]:
    columns = (removals.part, removals.row, removals.kept_part, removals.kept_row, removals.exact)
    assert (removals.jaccard == 1.0).all()
    return list(zip(*(column.tolist() for column in columns), strict=True))


def by_signatures(parts: list[RowSet], folder: Path, shingle: int) -> list[tuple[int, ...]]:
    """The same from signatures, bands and the exact decision on shingles."""
    stores = [signature_store(p.snapshot, view=View, shingle=shingle, folder=folder) for p in parts]
    pool = RowPool.of([(store, part.rows) for store, part in zip(stores, parts, strict=True)])
    stars = kept_first(pool, 1.0)
    gone = np.flatnonzero(stars.owner >= 0)
    kept = stars.owner[gone]
    assert (stars.jaccard[gone] == 1.0).all()
    columns = (pool.source[gone], pool.position[gone], pool.source[kept], pool.position[kept])
    return list(zip(*(column.tolist() for column in columns), stars.exact[gone].tolist(), strict=True))


@here
@given(texts=small_texts, cut=st.integers(0, 20), shingle=st.integers(1, 3), odd=st.booleans())
def test_the_answer_is_that_of_signatures_at_threshold_one(
    texts: list[str], cut: int, shingle: int, odd: bool, snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    rows = [(text, "") for text in texts]
    left, right = snapshot_of(rows[:cut], "left"), snapshot_of(rows[cut:], "right")
    chosen = np.arange(1, right.rows_kept, 2) if odd else None
    parts = [RowSet(left), RowSet(right, chosen)]

    found = equal_rows(parts, folder=tmp_path / "keys", view=View, shingle=shingle)

    assert told(found) == by_signatures(parts, tmp_path / "signatures", shingle)


@here
@given(texts=small_texts, shingle=st.integers(1, 3))
def test_a_row_goes_exactly_where_an_earlier_one_has_its_set_of_shingles(
    texts: list[str], shingle: int, snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    def said(text: str) -> object:
        words = word_list(text)
        if len(words) < shingle:
            return tuple(words) or "".join(text.split())
        return frozenset(tuple(words[at : at + shingle]) for at in range(len(words) - shingle + 1))

    snapshot = snapshot_of([(text, "") for text in texts])

    found = equal_rows([RowSet(snapshot)], folder=tmp_path, view=View, shingle=shingle)

    kept = dict(zip(found.row.tolist(), found.kept_row.tolist(), strict=True))
    for row, text in enumerate(texts):
        first = next(other for other, known in enumerate(texts) if said(known) == said(text))
        assert kept.get(row, row) == (first if said(text) else row)


def test_clusters_at_threshold_one_make_no_signatures(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = snapshot_of([("one two", ""), ("One, two!", ""), ("two one", "")])

    found = cluster_rows([RowSet(rows)], folder=tmp_path, view=View, threshold=1.0, slot_threshold=0.5)

    assert told(found) == [(0, 1, 0, 0, True)]
    assert [path.suffix for path in (tmp_path / rows.id).iterdir()] == [".npy"]


def keys_of(snapshot: Snapshot, folder: Path) -> RowKeys:
    return row_keys_of(snapshot, view=View, shingle=2, folder=folder)


def test_keys_are_read_again_and_made_of_stored_signatures_without_the_text(
    snapshot_of: SnapshotOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = snapshot_of([(text, "") for text in ("a b a b", "b a b", "", "?!", "a b", "A B")])
    of_text = keys_of(rows, tmp_path / "one")
    signature_store(rows, view=View, shingle=2, folder=tmp_path / "two")
    monkeypatch.setattr(module, "_of_text", None)

    for found in (keys_of(rows, tmp_path / "one"), keys_of(rows, tmp_path / "two")):
        assert found.words.tolist() == of_text.words.tolist()
        assert found.sets.tolist() == of_text.sets.tolist()


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", None])
def test_a_damaged_file_of_keys_is_made_again(
    damage: bytes | None, snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    rows = snapshot_of([("a b", ""), ("c d", "")])
    before = keys_of(rows, tmp_path)
    (path,) = (tmp_path / rows.id).iterdir()
    path.write_bytes(path.read_bytes()[:-1] if damage is None else damage)

    assert keys_of(rows, tmp_path).sets.tolist() == before.sets.tolist()


def test_no_shingle_length_below_one(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one word"):
        row_keys_of(snapshot_of([]), view=View, shingle=0, folder=tmp_path)
