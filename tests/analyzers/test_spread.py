from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyzers import spread
from analyzers.text import word_list

CORPUS = [
    "Write a short poem about the sea.",
    "Write a short poem about the forest.",
    "Explain why the sky is blue.",
    "Sort the list of numbers in Python.",
    "Explain why the sky is blue.",
    "List three uses of baking soda.",
]
UNIT = st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3).filter(any), min_size=1, max_size=9)
BUDGET = settings(max_examples=50, deadline=None)


def unit(rows: list[list[float]]) -> np.ndarray:
    vectors = np.array(rows, float)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def bags() -> np.ndarray:
    vocabulary = sorted({word for row in CORPUS for word in word_list(row)})
    counts = [Counter(word_list(row)) for row in CORPUS]
    return unit([[float(count[word]) for word in vocabulary] for count in counts])


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return 1 - sum(float(x) * float(y) for x, y in zip(a, b, strict=True))


def plain_novel_sum(
    rows: np.ndarray, density: list[float], alpha: float, beta: float, include_self: bool
) -> float:
    terms = []
    for place, row in enumerate(rows):
        others = sorted(distance(row, other) for at, other in enumerate(rows) if at != place)
        ranked = [0.0, *others] if include_self else others
        weights = [rank**-alpha for rank in range(1, len(ranked) + 1)]
        mean = sum(d * w for d, w in zip(ranked, weights, strict=True)) / sum(weights)
        terms.append(density[place] ** beta * mean)
    return sum(terms) / len(terms)


@pytest.mark.parametrize(
    ("alpha", "beta", "include_self", "expected"),
    [
        (1, 0.5, True, 0.533538),
        (1, 0.5, False, 0.817708),
        (1, 0, True, 0.402242),
        (0, 0, True, 0.645706),
    ],
)
def test_novel_sum_of_bags_of_words_is_that_of_the_definitions(
    bags: np.ndarray, alpha: float, beta: float, include_self: bool, expected: float
) -> None:
    density = spread.densities(bags, bags, 2, is_same=True)

    found = spread.novel_sum(bags, density, alpha=alpha, beta=beta, include_self=include_self)

    assert found == pytest.approx(expected, abs=1e-6)


def test_covering_and_reaching_of_two_rows_are_those_of_the_definitions(bags: np.ndarray) -> None:
    assert spread.facility_coverage(bags[:2], bags) == pytest.approx(0.408577, abs=1e-6)
    assert spread.kcenter_radius(bags[:2], bags) == pytest.approx(1.0, abs=1e-6)


@BUDGET
@given(UNIT, UNIT, st.sampled_from([0, 0.5, 2]), st.booleans())
def test_novel_sum_with_a_reference_is_that_of_loops(
    rows: list[list[float]], others: list[list[float]], alpha: float, include_self: bool
) -> None:
    vectors, reference = unit(rows), unit(others)
    nearest = [min(distance(row, other) for other in reference) for row in vectors]
    density = [1 / (near + 1e-9) for near in nearest]

    found = spread.densities(vectors, reference, 1)
    total = spread.novel_sum(vectors, np.array(density), alpha=alpha, beta=0.25, include_self=include_self)

    assert 1 / found == pytest.approx([1 / d for d in density], abs=1e-12)  # type: ignore[operator]
    if len(rows) < 2:
        assert total is None
    else:
        assert total == pytest.approx(plain_novel_sum(vectors, density, alpha, 0.25, include_self))


@BUDGET
@given(UNIT, UNIT)
def test_coverage_rises_and_reach_falls_with_every_row_added(
    rows: list[list[float]], others: list[list[float]]
) -> None:
    vectors, reference = unit(rows), unit(others)

    covered = [spread.facility_coverage(vectors[:n], reference) for n in range(1, len(vectors) + 1)]
    reached = [spread.kcenter_radius(vectors[:n], reference) for n in range(1, len(vectors) + 1)]

    best = [[1 - distance(r, v) for v in vectors] for r in reference]
    # A product over more rows may round its last bit another way.
    assert np.diff(np.array(covered, float)).min(initial=0) >= -1e-12
    assert np.diff(np.array(reached, float)).max(initial=0) <= 1e-12
    assert covered[-1] == pytest.approx(sum(max(row) for row in best) / len(best))
    assert reached[-1] == pytest.approx(max(1 - max(row) for row in best))


@BUDGET
@given(UNIT.filter(lambda rows: len(rows) > 2), st.integers(1, 2))
def test_the_nearest_rows_are_found_among_the_others(rows: list[list[float]], k: int) -> None:
    vectors = unit(rows)
    expected = []
    for place, row in enumerate(vectors):
        others = sorted(distance(row, other) for at, other in enumerate(vectors) if at != place)
        expected.append(sum(others[:k]) / k)

    assert spread.knn_distance(vectors, k) == pytest.approx(sum(expected) / len(expected), abs=1e-12)
    assert spread.knn_distance(vectors[:k], k) is None


@BUDGET
@given(UNIT)
def test_doubling_all_rows_leaves_radius_and_cluster_shares_and_brings_every_row_its_twin(
    rows: list[list[float]],
) -> None:
    vectors = unit(rows)
    twice = np.concatenate((vectors, vectors))
    centres = spread.centroids(vectors, 4)
    ranked = np.sort(vectors @ centres.T, axis=1)
    assume(len(centres) < 2 or (ranked[:, -1] - ranked[:, -2]).min() > 1e-9)  # a tie may fall either way

    assert spread.radius(twice) == pytest.approx(spread.radius(vectors), abs=1e-9)
    assert spread.cluster_entropy(twice, centres) == pytest.approx(spread.cluster_entropy(vectors, centres))
    assert spread.knn_distance(twice, 1) == pytest.approx(0, abs=1e-12)
    if len(rows) > 1:
        deviations = [math.sqrt(np.mean((column - np.mean(column)) ** 2)) for column in vectors.T]
        assert spread.radius(vectors) == pytest.approx(math.prod(deviations) ** (1 / 3), abs=1e-9)


@BUDGET
@given(UNIT)
def test_log_det_is_that_of_the_matrix_of_similarities(rows: list[list[float]]) -> None:
    vectors = unit(rows)
    sign, expected = np.linalg.slogdet(vectors @ vectors.T + 0.01 * np.eye(len(rows)))

    assert sign == 1
    assert spread.log_det(vectors, 0.01) == pytest.approx(expected, abs=1e-6)


def test_centroids_find_the_groups_that_are_there() -> None:
    rng = np.random.default_rng(3)
    groups = unit([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    rows = unit((np.repeat(groups, [50, 30, 20], axis=0) + rng.normal(0, 0.05, (100, 4))).tolist())

    centres = spread.centroids(rows, 3)

    assert np.sort((centres @ groups.T).max(axis=1)) == pytest.approx([1, 1, 1], abs=0.01)
    assert np.linalg.norm(centres, axis=1) == pytest.approx([1, 1, 1])
    assert spread.cluster_entropy(rows, centres) == pytest.approx(
        -sum(p * math.log2(p) for p in (0.5, 0.3, 0.2))
    )


def test_nothing_has_no_spread() -> None:
    nothing, some = np.empty((0, 3)), unit([[1, 0, 0]])

    assert spread.radius(nothing) is None
    assert spread.log_det(nothing) is None
    assert spread.facility_coverage(nothing, some) is None
    assert spread.kcenter_radius(nothing, some) is None
    assert spread.densities(nothing, some, 1) is None
    assert spread.densities(some, some, 1, is_same=True) is None
    assert spread.cluster_entropy(nothing, some) is None
