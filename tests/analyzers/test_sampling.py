from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import sampling
from analyzers.sampling import draw_keys, row_keys, sample_mask

CONTENTS = st.lists(st.integers(0, 5), max_size=30)


def hashes(contents: list[int]) -> np.ndarray:
    digests = b"".join(hashlib.sha256(str(content).encode()).digest() for content in contents)
    return np.frombuffer(digests, np.uint8).reshape(-1, 32)


@settings(max_examples=50, deadline=None)
@given(CONTENTS, st.integers(0, 3), st.randoms(use_true_random=False))
def test_keys_follow_the_rows_wherever_they_stand(contents: list[int], seed: int, random: object) -> None:
    shuffled = list(contents)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    keys, others = row_keys(hashes(contents), seed), row_keys(hashes(shuffled), seed)

    assert sorted(zip(contents, keys.tolist(), strict=True)) == sorted(
        zip(shuffled, others.tolist(), strict=True)
    )
    assert len(set(keys.tolist())) == len(contents)


@settings(max_examples=50, deadline=None)
@given(CONTENTS, st.integers(1, 7))
def test_going_block_by_block_changes_no_key_and_no_draw(contents: list[int], block: int) -> None:
    whole = row_keys(hashes(contents), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "_BLOCK_ROWS", block)
        patch.setattr(sampling, "EXACT_ROWS", 0)
        patch.setattr(sampling, "SAMPLE_ROWS", 4)
        keys = row_keys(hashes(contents), 1)
        mask = sample_mask(keys, np.ones(len(keys), np.int64))

    assert keys.tolist() == whole.tolist()
    drawn = [] if mask is None else np.flatnonzero(mask).tolist()
    assert drawn == sorted(np.argsort(whole, kind="stable")[:4].tolist())


def test_another_seed_draws_another_order() -> None:
    contents = list(range(200))

    first, second = (np.argsort(row_keys(hashes(contents), seed)) for seed in (0, 1))

    assert (first != second).sum() > 150
    assert (row_keys(hashes(contents), 0) == row_keys(hashes(contents), 0)).all()
    assert len(np.unique(draw_keys(np.arange(100, dtype=np.uint64), -1))) == 100


def test_up_to_50000_rows_are_all_used() -> None:
    assert sample_mask(np.arange(50_000, dtype=np.uint64), np.full(50_000, 9)) is None
    assert sample_mask(np.empty(0, np.uint64), np.empty(0, np.int64)) is None


def test_beyond_50000_rows_the_10000_smallest_keys_are_taken() -> None:
    keys = row_keys(np.random.default_rng(0).integers(0, 256, (50_001, 32)).astype(np.uint8), 0)

    mask = sample_mask(keys, np.full(len(keys), 9))

    assert mask is not None
    assert mask.sum() == 10_000
    assert keys[mask].max() < keys[~mask].min()


def test_very_long_rows_are_taken_while_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "MAX_WORDS", 10)
    keys = np.array([3, 1, 2, 0], np.uint64)

    assert sample_mask(keys, np.array([2, 3, 1, 4])) is None
    mask = sample_mask(keys, np.array([5, 3, 3, 4]))
    alone = sample_mask(keys, np.array([1, 1, 1, 99]))

    assert mask is not None
    assert alone is not None
    assert mask.tolist() == [False, True, True, True]
    assert alone.tolist() == [False, False, False, True]
