"""How far unit vectors lie apart, among themselves and against a reference: bare formulas.

Similarity is the cosine, distance one minus it. Each formula answers None where it is undefined.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from analyzers.tally import entropy_bits

Vectors = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RIDGE = 1e-6
_DENSITY_FLOOR = 1e-9
_BLOCK_ROWS = 512
_K_MEANS_ROUNDS = 25


def mean_pairwise_cosine(vectors: Vectors) -> float | None:
    """Mean cosine of all pairs of unit `vectors`, in [-1, 1]; None for fewer than two.

    (|sum x|^2 - n) / (n (n - 1)), exact in one pass.
    """
    count = len(vectors)
    if count < 2:
        return None
    total = vectors.sum(axis=0)
    return (float(total @ total) - count) / (count * (count - 1))


def vendi(vectors: Vectors, order: float) -> float | None:
    """Vendi score of unit `vectors` of order q: the effective number of different rows, in [1, n].

    From the eigenvalues l of X X^T / n: exp(-sum l ln l) for q = 1, 1 / max l for q = inf, else
    (sum l^q)^(1 / (1 - q)). None for no rows. Source: Friedman & Dieng (arXiv 2210.02410).
    """
    count = len(vectors)
    if not count:
        return None
    narrow = vectors if vectors.shape[1] <= count else vectors.T
    values = np.linalg.eigvalsh(narrow.T @ narrow / count)
    values = values[values > 1e-15]
    if math.isinf(order):
        return float(1 / values.max())
    if order == 1:
        return math.exp(-math.fsum((values * np.log(values)).tolist()))
    return float(math.fsum((values**order).tolist()) ** (1 / (1 - order)))


def radius(vectors: Vectors) -> float | None:
    """Geometric mean over the dimensions of the standard deviation; None for no rows.

    Source: Lai et al., "Diversity, Density, and Homogeneity" (arXiv 2003.08529).
    """
    if not len(vectors):
        return None
    deviations = vectors.std(axis=0)
    return math.exp(math.fsum(np.log(deviations).tolist()) / len(deviations)) if deviations.all() else 0.0


def knn_distance(vectors: Vectors, k: int) -> float | None:
    """Mean over rows of the mean distance to the `k` nearest other rows; None for k rows or fewer."""
    count = len(vectors)
    if count <= k:
        return None
    sums = []
    for first, near in _similarities(vectors, vectors):
        near[np.arange(len(near)), np.arange(first, first + len(near))] = -np.inf
        nearest = np.sort(np.partition(near, count - k, axis=1)[:, count - k :], axis=1)
        sums += (1 - nearest.mean(axis=1)).tolist()
    return math.fsum(sums) / count


def log_det(vectors: Vectors, ridge: float = RIDGE) -> float | None:
    """ln det(X X^T + ridge I) of unit `vectors`; None for no rows."""
    if not len(vectors):
        return None
    values = np.maximum(np.linalg.eigvalsh(vectors @ vectors.T), 0)
    return math.fsum(np.log(values + ridge).tolist())


def facility_coverage(chosen: Vectors, reference: Vectors) -> float | None:
    """Mean over the reference rows of the largest similarity to a chosen row; None where either is empty."""
    if not len(chosen) or not len(reference):
        return None
    best = [near.max(axis=1) for _, near in _similarities(reference, chosen)]
    return math.fsum(np.concatenate(best).tolist()) / len(reference)


def kcenter_radius(chosen: Vectors, reference: Vectors) -> float | None:
    """Largest distance of a reference row to its nearest chosen row; None where either is empty."""
    if not len(chosen) or not len(reference):
        return None
    return 1 - min(float(near.max(axis=1).min()) for _, near in _similarities(reference, chosen))


def centroids(vectors: Vectors, k: int) -> Vectors:
    """`k` unit centroids of spherical k-means, or one for each row where there are fewer; no random start.

    The first is the row nearest to the mean, each further one the row farthest from those before.
    """
    starts = [int(np.argmax(vectors @ vectors.sum(axis=0)))]
    nearest = vectors @ vectors[starts[0]]
    while len(starts) < min(k, len(vectors)):
        starts.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, vectors @ vectors[starts[-1]])
    centres: Vectors = vectors[starts].copy()
    assigned: Ints = np.full(len(vectors), -1)
    for _ in range(_K_MEANS_ROUNDS):
        now = np.argmax(vectors @ centres.T, axis=1)
        if np.array_equal(now, assigned):
            break
        assigned = now
        sums = np.zeros_like(centres)
        np.add.at(sums, assigned, vectors)
        lengths = np.linalg.norm(sums, axis=1)
        alive = lengths > 0
        centres[alive] = sums[alive] / lengths[alive, None]
    return centres


def cluster_entropy(vectors: Vectors, centres: Vectors) -> float | None:
    """Entropy in bits of the shares of rows nearest to each centroid; None for no rows."""
    if not len(vectors):
        return None
    counts = np.bincount(np.argmax(vectors @ centres.T, axis=1), minlength=len(centres))
    return entropy_bits(counts[counts > 0])


def densities(vectors: Vectors, reference: Vectors, k: int, *, is_same: bool = False) -> Vectors | None:
    """1 / (mean distance of each row to its `k` nearest reference rows); None for fewer reference rows.

    With `is_same` the rows are those of the reference, and none is its own neighbour.
    """
    spare = len(reference) - (1 if is_same else 0)
    if not len(vectors) or spare < k:
        return None
    found = []
    for first, near in _similarities(vectors, reference):
        if is_same:
            near[np.arange(len(near)), np.arange(first, first + len(near))] = -np.inf
        nearest = np.sort(np.partition(near, near.shape[1] - k, axis=1)[:, near.shape[1] - k :], axis=1)
        found.append(1 / (1 - nearest.mean(axis=1) + _DENSITY_FLOOR))
    return np.concatenate(found)


def novel_sum(
    vectors: Vectors, density: Vectors, *, alpha: float, beta: float, include_self: bool = False
) -> float | None:
    """NovelSum: mean over rows i of density_i^beta times the mean distance, near rows weighing most.

    The distances of row i to the rows, sorted rising, weigh rank^-alpha; with `include_self` the row itself
    takes rank 1 with distance 0, as in the authors' code. None for fewer than two rows.

    Source: Yang et al., "Measuring Data Diversity for Instruction Tuning" (arXiv 2502.17184) and its code.
    """
    count = len(vectors)
    if count < 2:
        return None
    ranks = np.arange(1, count + 1 if include_self else count, dtype=np.float64)
    weights = ranks**-alpha
    weights /= math.fsum(weights.tolist())
    terms = []
    for first, near in _similarities(vectors, vectors):
        near[np.arange(len(near)), np.arange(first, first + len(near))] = np.inf
        distances = 1 - np.sort(near, axis=1)[:, ::-1]
        distances[:, 0] = 0
        terms.append(distances[:, 0 if include_self else 1 :] @ weights)
    return math.fsum((density**beta * np.concatenate(terms)).tolist()) / count


def _similarities(left: Vectors, right: Vectors) -> Iterator[tuple[int, Vectors]]:
    """First row and similarities of some rows of `left` with all of `right`, block after block."""
    for first in range(0, len(left), _BLOCK_ROWS):
        yield first, left[first : first + _BLOCK_ROWS] @ right.T
