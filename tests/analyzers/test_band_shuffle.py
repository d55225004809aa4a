"""One search in many workers, against the search in one piece."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analyzers import band_shuffle, bands, duplicates
from analyzers.bands import Shortfall
from analyzers.duplicates import Duplicates, near_duplicates
from analyzers.matching import similar_within
from analyzers.row_pool import RowPool
from analyzers.signature_store import signature_store, store_place
from registry import row_groups
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]


def words(seed: int, count: int) -> list[str]:
    digest = hashlib.sha256(str(seed).encode()).digest()
    return [f"w{digest[n] % 40}" for n in range(count)]


def rows() -> list[tuple[str, str]]:
    """Rows of which many repeat others, in whole or but for a word, and some have no text."""
    found = []
    for n in range(240):
        text = words(n % 60, 24)
        if n >= 60:
            text[n // 7 % 24] = f"other{n // 90}"
        found.append((" ".join(text[:8]), " ".join(text[8:])) if n % 17 else ("", ""))
    return found


def compared(found: Duplicates) -> tuple[object, ...]:
    return found, found.removed.tolist(), found.kept_for.tolist(), found.jaccard.tolist()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards, ranges and files of few texts, so that few rows make many jobs."""
    for module, name, value in (
        (band_shuffle, "SHARD_TEXTS", 16),
        (band_shuffle, "SLICE_COLUMNS", 50),
        (band_shuffle, "FILE_PAIRS", 8),
        (bands, "SLICE_COLUMNS", 50),
        (row_groups, "BATCH_ROWS", 7),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.mark.parametrize("most", [bands.BAND_PAIRS, 3])
@pytest.mark.parametrize("threshold", [0.5, 0.8])
def test_shards_and_ranges_find_the_pairs_that_one_piece_finds(
    threshold: float,
    most: int,
    snapshot_of: SnapshotOf,
    tmp_path: Path,
    small: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bands, "BAND_PAIRS", most)
    snapshot = snapshot_of(rows())
    store = signature_store(snapshot, view="all", shingle=2, folder=tmp_path)
    pool = RowPool.of([(store, None)])
    place = store_place(snapshot, store.scheme, tmp_path)
    here, there = Shortfall(), Shortfall()

    whole, shared = (
        sorted(zip(*(np.concatenate(side).tolist() for side in zip(*found, strict=True)), strict=True))
        for found in (
            similar_within(pool, threshold, here),
            band_shuffle.shuffled_pairs(pool, place, threshold, there),
        )
    )

    assert len(whole) > 50
    assert shared == whole
    assert there == here
    assert (here.limited_bands > 0) == (most == 3)
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_two_processes_find_the_clusters_of_one(
    snapshot_of: SnapshotOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = snapshot_of(rows())
    alone = near_duplicates(snapshot, folder=tmp_path / "alone", shingle=2, explain=3)

    two = near_duplicates(snapshot, folder=tmp_path / "two", shingle=2, explain=3, workers=2)
    monkeypatch.setattr(duplicates, "ALONE_ROWS", 0)
    shuffled = near_duplicates(snapshot, folder=tmp_path / "alone", shingle=2, explain=3)

    assert alone.duplicate_rows > 100
    assert compared(two) == compared(shuffled) == compared(alone)
    stores = [sorted((tmp_path / home).rglob("*.npy")) for home in ("alone", "two")]
    assert [path.read_bytes() for path in stores[0]] == [path.read_bytes() for path in stores[1]]


@pytest.mark.parametrize("step", ["sort_shard", "search_band"])
def test_a_search_that_was_broken_off_does_only_what_is_left(
    step: str, snapshot_of: SnapshotOf, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = snapshot_of(rows())
    monkeypatch.setattr(duplicates, "ALONE_ROWS", 0)
    whole = near_duplicates(snapshot, folder=tmp_path / "whole", shingle=2)
    job = getattr(band_shuffle, step)
    done: list[int] = []

    def dying(search: band_shuffle.Search, number: int) -> None:
        if number == 3 and 3 not in done:
            done.append(3)
            raise KeyboardInterrupt
        done.append(number)
        job(search, number)

    monkeypatch.setattr(band_shuffle, step, dying)
    with pytest.raises(KeyboardInterrupt):
        near_duplicates(snapshot, folder=tmp_path / "broken", shingle=2)
    again = near_duplicates(snapshot, folder=tmp_path / "broken", shingle=2)

    assert compared(again) == compared(whole)
    assert done[:4] == [0, 1, 2, 3]
    assert done[4:] == sorted(set(done[4:])), "nothing is done twice"
    assert done[4] == 3


def test_a_dataset_without_text_has_no_pairs(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    for name, texts in (("none", []), ("blank", [("", ""), ("", "")])):
        found = near_duplicates(snapshot_of(texts, name), folder=tmp_path, workers=2)

        assert (found.pairs, found.duplicate_rows, found.rows) == (0, 0, len(texts))
