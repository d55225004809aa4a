from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import bands
from analyzers.bands import Banding, Hopes, Shortfall, band_keys, banding, pairs_within
from analyzers.compiled import is_compiled

# Few different values, so that runs are long and pairs meet in several bands.
key_columns = st.integers(1, 4).flatmap(
    lambda rows: st.lists(st.lists(st.integers(0, 3), min_size=rows, max_size=rows), max_size=25)
)


def matrix(columns: list[list[int]], height: int = 1) -> np.ndarray:
    return (
        np.array(columns, np.uint32).T.reshape(-1, len(columns))
        if columns
        else np.empty((height, 0), np.uint32)
    )


def met(keys_a: np.ndarray, keys_b: np.ndarray, i: int, j: int) -> bool:
    return bool((keys_a[:, i] == keys_b[:, j]).any())


@pytest.mark.parametrize(
    ("threshold", "expected"), [(0.7, Banding(25, 5)), (0.8, Banding(21, 6)), (0.9, Banding(12, 10))]
)
def test_bands_are_chosen_from_the_recall_at_the_threshold(threshold: float, expected: Banding) -> None:
    cut = banding(threshold, 128)

    wider = Banding(128 // (cut.width + 1), cut.width + 1)
    assert cut == expected
    assert round(cut.recall(threshold), 3) >= 0.99
    assert wider.recall(threshold) < 0.9895


def test_recall_follows_the_table_of_the_metrics_note() -> None:
    assert Banding(14, 8).recall(0.8) == pytest.approx(0.9235, abs=5e-5)
    assert Banding(32, 4).recall(0.5) == pytest.approx(0.873, abs=5e-4)


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.01])
def test_thresholds_that_mean_nothing_are_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        banding(threshold, 128)


@pytest.mark.parametrize("compiled", [False, is_compiled()])
def test_equal_bands_have_equal_keys_and_others_differ(
    compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(0).integers(0, 2**32, (40_000, 12), dtype=np.uint32)
    values[7, 4:8] = values[39_999, 4:8]

    plain = np.array(
        [[bands._folded(row[4 * i : 4 * i + 4, None])[0] for row in values[:9]] for i in range(3)]
    )
    monkeypatch.setattr(bands, "is_compiled", lambda: compiled)
    keys = band_keys(values, np.arange(len(values)), Banding(3, 4))

    assert (keys[:, :9] == plain).all()
    assert keys[1, 7] == keys[1, 39_999]
    assert keys[0, 7] != keys[0, 39_999]
    assert len(np.unique(keys[0])) > 39_990


@pytest.mark.parametrize("compiled", [False, is_compiled()])
@settings(max_examples=50, deadline=None)
@given(columns=key_columns, block=st.integers(1, 9), slice_columns=st.sampled_from([1, 7, 1_000]))
def test_each_pair_that_agrees_in_a_band_is_given_once(
    columns: list[list[int]], block: int, slice_columns: int, compiled: bool
) -> None:
    # Keys spread over their whole range, so that slices differ.
    keys = matrix(columns) * np.uint32(0x40000001)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "is_compiled", lambda: compiled)
        patch.setattr(bands, "BLOCK_PAIRS", block)
        patch.setattr(bands, "SLICE_COLUMNS", slice_columns)
        found = [
            tuple(pair) for a, b in pairs_within(keys) for pair in zip(a.tolist(), b.tolist(), strict=True)
        ]

    expected = [(i, j) for i, j in combinations(range(len(columns)), 2) if met(keys, keys, i, j)]
    assert sorted(found) == expected


@pytest.mark.parametrize("compiled", [False, is_compiled()])
@settings(max_examples=50, deadline=None)
@given(columns=key_columns, seed=st.integers(0, 99), threshold=st.sampled_from([0.4, 0.7]))
def test_pairs_without_hope_are_left_out(
    columns: list[list[int]], seed: int, threshold: float, compiled: bool
) -> None:
    rng = np.random.default_rng(seed)
    sizes, held = rng.integers(1, 9, len(columns)), rng.integers(0, 2, (len(columns), 8), dtype=np.uint32)
    rows = rng.permutation(len(columns))
    hopes = Hopes(sizes, held, rows, threshold, 4)
    values = held[rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "is_compiled", lambda: compiled)
        found = [
            pair
            for a, b in pairs_within(matrix(columns), hopes=hopes)
            for pair in zip(a.tolist(), b.tolist(), strict=True)
        ]

    def has_hope(i: int, j: int) -> bool:
        allowed = min(sizes[i], sizes[j]) / max(sizes[i], sizes[j]) >= threshold
        return bool(allowed and (values[i] == values[j]).sum() >= 4)

    keys = matrix(columns)
    pairs = combinations(range(len(columns)), 2)
    assert sorted(found) == [(i, j) for i, j in pairs if met(keys, keys, i, j) and has_hope(i, j)]


def test_a_huge_run_is_limited_reported_and_still_touches_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "BAND_PAIRS", 5_000)
    monkeypatch.setattr(bands, "BLOCK_PAIRS", 512)
    keys = np.zeros((1, 1_000), np.uint32)
    within = Shortfall()

    a, b = (np.concatenate(side) for side in zip(*pairs_within(keys, within), strict=True))

    assert within.limited_bands == 1
    assert len(a) <= 5_000
    assert set(b.tolist()) == set(range(1, 1_000))
    assert a.max() < 10


def test_blocks_of_pairs_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "BLOCK_PAIRS", 100)
    keys = np.zeros((1, 90), np.uint32)

    sizes = [len(a) for a, _ in pairs_within(keys)]

    assert sum(sizes) == 90 * 89 // 2
    assert max(sizes) <= 100
