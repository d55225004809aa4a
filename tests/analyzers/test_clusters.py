from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from text_pools import pool_of, slow_jaccard, slow_stars, small_texts

from analyzers.clusters import cluster_rows, star_clusters
from analyzers.matching import similar_within
from analyzers.removals import Removals, RowSet
from analyzers.row_pool import RowPool, ranges
from analyzers.text import Grams, shingles, word_list, words
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]


@settings(max_examples=40, deadline=None)
@given(small_texts, st.integers(1, 3), st.sampled_from([0.5, 0.75, 1.0]))
def test_stars_are_those_of_the_plain_definition(texts: list[str], k: int, threshold: float) -> None:
    pool = pool_of(texts, k)

    stars, _ = star_clusters(pool, similar_within(pool, threshold))

    expected = slow_stars(texts, k, threshold)
    missed = [row for row, owner in enumerate(expected) if stars.owner[row] != owner]
    if missed:  # a pair at the threshold may be missed with p < .011, which may move later rows
        found = {
            (int(a), int(b))
            for block in similar_within(pool, threshold)
            for a, b in zip(*block[:2], strict=True)
        }
        true = {
            (a, b)
            for a, b in combinations(range(len(pool.first)), 2)
            if slow_jaccard(texts[pool.first[a]], texts[pool.first[b]], k) >= threshold
        }
        assert found < true
    for row, owner in enumerate(stars.owner):
        if owner >= 0:
            assert stars.owner[owner] == -1
            assert owner < row
            assert stars.jaccard[row] == pytest.approx(slow_jaccard(texts[row], texts[owner], k))
            assert stars.exact[row] == (word_list(texts[row]) == word_list(texts[owner]))


@settings(max_examples=40, deadline=None)
@given(small_texts, st.integers(1, 3), st.sampled_from([0.5, 0.75]))
def test_no_pair_below_the_threshold_is_taken(texts: list[str], k: int, threshold: float) -> None:
    pool = pool_of(texts, k)

    for a, b, values in similar_within(pool, threshold):
        for left, right, value in zip(pool.first[a], pool.first[b], values, strict=True):
            assert value == slow_jaccard(texts[left], texts[right], k) >= threshold


def test_chains_are_not_joined() -> None:
    chain = ["a b c d e f g h", "b c d e f g h i", "c d e f g h i j", "d e f g h i j k"]

    stars, _ = star_clusters(pool_of(chain), similar_within(pool_of(chain), 0.75))

    assert stars.owner.tolist() == [-1, 0, -1, 2]


def test_rows_without_words_are_never_removed_and_marks_match_themselves_only() -> None:
    pool = pool_of(["", " ", "?!", "? !", "...", "one", "ONE!"])

    stars, pairs = star_clusters(pool, similar_within(pool, 0.8))

    assert stars.owner.tolist() == [-1, -1, -1, 2, -1, -1, 5]
    assert pairs == 2


def test_the_row_of_the_earlier_part_stays(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    first = snapshot_of([("unlike anything", "x"), ("What is the sky made of?", "Of air.")], "first")
    second = snapshot_of([("what is the sky made of", "of air"), ("and another one", "y")], "second")

    one = cluster_rows([RowSet(first), RowSet(second)], folder=tmp_path)
    other = cluster_rows([RowSet(second), RowSet(first)], folder=tmp_path)

    assert listed(one) == [(1, 0, 0, 1, 1.0, True)]
    assert listed(other) == [(1, 1, 0, 0, 1.0, True)]


def test_only_the_chosen_rows_take_part_in_whatever_order_they_come(
    snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    rows = snapshot_of([(f"the very same question {i % 3}", "and answer") for i in range(9)])

    sorted_rows = cluster_rows([RowSet(rows, np.array([1, 2, 4, 7]))], folder=tmp_path)
    shuffled = cluster_rows([RowSet(rows, np.array([7, 2, 4, 1]))], folder=tmp_path)

    assert listed(sorted_rows) == listed(shuffled) == [(0, 4, 0, 1, 1.0, True), (0, 7, 0, 1, 1.0, True)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=small_texts, cut=st.integers(0, 25))
def test_cutting_one_set_into_two_parts_changes_nothing(
    texts: list[str], cut: int, snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    rows = [(text, "") for text in texts]
    whole = cluster_rows([RowSet(snapshot_of(rows))], folder=tmp_path, shingle=1)
    parts = [RowSet(snapshot_of(rows[:cut], "left")), RowSet(snapshot_of(rows[cut:], "right"))]
    halves = cluster_rows(parts, folder=tmp_path, shingle=1)

    shift = np.array([0, min(cut, len(rows))])
    assert (halves.row + shift[halves.part]).tolist() == whole.row.tolist()
    assert (halves.kept_row + shift[halves.kept_part]).tolist() == whole.kept_row.tolist()


def test_no_parts_and_no_rows_are_no_trouble(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    assert len(cluster_rows([], folder=tmp_path)) == 0
    assert len(cluster_rows([RowSet(snapshot_of([]))], folder=tmp_path)) == 0


@pytest.mark.parametrize("rows", [[0, 0], [-1], [2]])
def test_rows_that_cannot_be_meant_are_refused(
    rows: list[int], snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="rows of 'rows'"):
        cluster_rows([RowSet(snapshot_of([("a", "b"), ("c", "d")]), np.array(rows))], folder=tmp_path)


def test_shingles_are_taken_from_every_source_in_the_order_asked() -> None:
    pool = pool_of(["a b", "c", "d e f"])
    both = RowPool.of([(pool.sources[0], None), (pool_of(["g", "c", "h i"]).sources[0], np.array([2, 0]))])

    grams = both.take(np.array([3, 0, 4]))

    texts = pa.array(["h i", "a b", "g"], pa.large_string())
    expected: Grams = shingles(words(texts), 1)
    assert grams.offsets.tolist() == expected.offsets.tolist()
    assert grams.hashes.tolist() == expected.hashes.tolist()


def test_ranges_are_counted_out_one_after_the_other() -> None:
    assert ranges(np.array([5, 9, 2]), np.array([2, 0, 3])).tolist() == [5, 6, 2, 3, 4]


def listed(removals: Removals) -> list[tuple[int, int, int, int, float, bool]]:
    columns = (
        removals.part,
        removals.row,
        removals.kept_part,
        removals.kept_row,
        removals.jaccard,
        removals.exact,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))
