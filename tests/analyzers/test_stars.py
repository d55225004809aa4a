from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from text_pools import pool_of, small_texts

from analyzers import slots, stars
from analyzers.bands import Shortfall, number_runs
from analyzers.clusters import kept_first, star_clusters
from analyzers.compiled import is_compiled
from analyzers.matching import similar_within
from analyzers.row_pool import RowPool

needs_numba = pytest.mark.skipif(not is_compiled(), reason="numba, from the extra fast, is not installed")


def in_numpy(monkeypatch: pytest.MonkeyPatch, pool: RowPool, threshold: float, **wish: float) -> list[int]:
    with monkeypatch.context() as patch:
        patch.setattr(stars, "is_compiled", lambda: False)
        return stars.owners(pool, threshold, **wish).tolist()


def templated(rows: int) -> list[str]:
    """Rows of one template, each of which differs from the next ones in one or two of seven slots."""
    rng = np.random.default_rng(rows)
    filled = rng.integers(0, 4, (rows, 7)).astype(str)
    return [" ".join(f"and {word} in slot {place}" for place, word in enumerate(row)) for row in filled]


@settings(max_examples=60, deadline=None)
@given(small_texts, st.integers(1, 3), st.sampled_from([0.5, 0.7, 0.75, 1.0]))
def test_the_kept_texts_are_those_of_all_similar_pairs(texts: list[str], k: int, threshold: float) -> None:
    pool = pool_of(texts, k)

    found = kept_first(pool, threshold)

    expected, _ = star_clusters(pool, similar_within(pool, threshold))
    assert found.owner.tolist() == expected.owner.tolist()
    assert found.jaccard.tolist() == expected.jaccard.tolist()
    assert found.exact.tolist() == expected.exact.tolist()


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8])
@pytest.mark.parametrize("slot_threshold", [0.0, 0.4])
def test_templated_rows_are_decided_as_by_all_pairs_in_both_codes(
    threshold: float, slot_threshold: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pool_of(templated(300), 3)

    found = kept_first(pool, threshold, slot_threshold=slot_threshold)

    pairs = similar_within(pool, threshold)
    if slot_threshold:
        pairs = slots.Slots.of(pool).alike(pairs, slot_threshold)
    expected, met = star_clusters(pool, pairs)
    assert met > 100
    assert found.owner.tolist() == expected.owner.tolist()
    owner = stars.owners(pool, threshold, slot_threshold=slot_threshold)
    assert owner.tolist() == in_numpy(monkeypatch, pool, threshold, slot_threshold=slot_threshold)


def test_rows_of_several_stores_are_decided_as_those_of_one() -> None:
    texts = templated(200)
    whole = pool_of(texts, 3)

    parts = RowPool.of([(pool_of(texts[:80], 3).sources[0], None), (pool_of(texts[80:], 3).sources[0], None)])

    assert kept_first(parts, 0.7).owner.tolist() == kept_first(whole, 0.7).owner.tolist()


@needs_numba
@pytest.mark.parametrize("budget", [0, 300])
def test_a_budget_is_kept_told_and_the_same_in_both_codes(
    budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, missed = pool_of(templated(300), 2), Shortfall()
    complete = stars.owners(pool, 0.9)
    monkeypatch.setattr(stars, "BAND_LOOKS", budget)
    monkeypatch.setattr(stars, "FEW_KEPT", 1)

    found = stars.owners(pool, 0.9, missed)

    assert missed.limited_bands > 0
    assert (found >= 0).sum() <= (complete >= 0).sum()
    assert found.tolist() == in_numpy(monkeypatch, pool, 0.9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(1, 3))
def test_runs_of_equal_keys_get_room_of_their_own(columns: list[int], slices: int) -> None:
    step = (1 << 32) // 7
    band = np.array([columns], np.uint32) * np.uint32(step)

    number_runs(band, slices=slices)

    taken: set[int] = set()
    for key in set(columns):
        numbers = {int(band[0, place]) for place, other in enumerate(columns) if other == key}
        assert len(numbers) == 1
        size, number = columns.count(key), numbers.pop()
        if size == 1:
            assert number == 0
            continue
        room = set(range(number, number + size + 1))
        assert not room & taken
        taken |= room
    assert max(taken, default=0) <= len(columns) + len(columns) // 2
    assert 0 not in taken


def test_no_rows_have_no_stars() -> None:
    assert kept_first(pool_of([], 1), 0.7).owner.tolist() == []
    assert kept_first(RowPool.of([]), 0.7).owner.tolist() == []
    with pytest.raises(ValueError, match="threshold"):
        stars.owners(RowPool.of([]), 0.0)
