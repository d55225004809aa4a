"""Diversity of meaning: how far apart texts lie as vectors of a named backend, and how much they cover."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pyarrow as pa

from analyzers import spread
from analyzers.base import Batch, Finding
from analyzers.drawn_texts import Budget, DrawnTexts
from analyzers.embedding import BACKEND, DIMENSIONS, Vectors, lsa_vectors, one_blas_thread
from analyzers.reference_pool import pool_id
from analyzers.spaces import check_embedding, load_space, pool_vectors
from analyzers.views import View
from registry.measurements import Param

SAMPLE_TEXTS = 2_000
TEXT_BYTES = 4_096
BUDGET = Budget(texts=SAMPLE_TEXTS, text_bytes=TEXT_BYTES, total_bytes=SAMPLE_TEXTS * (TEXT_BYTES + 1))
ORDERS: tuple[float, ...] = (1, 2, math.inf)
NEIGHBOURS = (1, 5)
CLUSTERS = 100
LOG_DET_ROWS = 200
NOVEL_SUM: Mapping[str, Param] = {"alpha": 1, "beta": 0.5, "k": 10, "include_self": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One figure of some vectors, before it is given view, backend and rows."""

    metric: str
    value: float | None
    params: Mapping[str, Param]
    direction: Literal["+", "-"]
    evidence: str = "A"


class Semantic:
    """Spread of 2,000 drawn rows among themselves and over the reference pool, in a named embedding.

    With `lsa`, figures of the rows among themselves stand twice: in the space fitted on the drawn rows
    (`fit` "own rows"), and in that fitted on the pool, which is the same for all datasets. With `static`
    there is one space for all. Most move with the number of rows. Each text counts with its first 4 KiB.
    """

    name = "semantic"
    version = 1
    metrics = (
        "mean_pairwise_cosine",
        "vendi_q",
        "radius",
        "knn_distance",
        "cluster_entropy",
        "facility_coverage",
        "kcenter_radius",
        "logdet",
        "novelsum",
    )
    columns = ("turns",)

    def __init__(
        self, *, seed: int = 0, embedding: str = "lsa", view: View | str = View.FIRST_PROMPT
    ) -> None:
        check_embedding(embedding)
        self.seed = seed
        self.embedding = embedding
        self.view = View(view)

    def start(self) -> DrawnTexts:
        """No texts."""
        return DrawnTexts(BUDGET)

    def measure(self, batch: Batch) -> DrawnTexts:
        """The first texts of the batch by key."""
        sample = batch.sample()
        return DrawnTexts.of(sample.view(self.view), sample.keys, BUDGET)

    def merge(self, a: DrawnTexts, b: DrawnTexts) -> DrawnTexts:
        """The first texts of both."""
        return a + b

    def finish(self, total: DrawnTexts) -> list[Finding]:
        """The figures of each space."""
        texts = pa.array([text.decode(errors="ignore") for text in total.texts], pa.large_string())
        with one_blas_thread():
            return list(self._findings(texts))

    def _findings(self, texts: pa.LargeStringArray) -> Iterator[Finding]:
        if self.embedding == "lsa":
            own = lsa_vectors(texts)
            fit: Mapping[str, Param] = {"fit": "own rows", "dimensions": DIMENSIONS}
            yield from (self._finding(found, BACKEND, len(own), fit) for found in inner_spread(own))
        space = load_space(self.embedding)
        vectors = space.vectors(texts)
        shared: Mapping[str, Param] = {"fit": space.fit, "dimensions": space.dimensions, "rows": len(texts)}
        pool = pool_reference(self.embedding)
        density = spread.densities(vectors, pool.vectors, int(NOVEL_SUM["k"] or 0))
        for found in (*inner_spread(vectors), *spread_over(vectors, pool, density)):
            yield self._finding(found, space.backend, len(vectors), shared)

    def _finding(self, found: Spread, backend: str, used: int, space: Mapping[str, Param]) -> Finding:
        return Finding(
            metric=found.metric,
            view=str(self.view),
            n_used=used,
            value=found.value,
            params={**found.params, **space},
            backend=backend,
            reason=f"{used} rows with an n-gram" if found.value is None else None,
            direction=found.direction,
            evidence=found.evidence,
            seed=self.seed,
        )


def inner_spread(vectors: Vectors) -> Iterator[Spread]:
    """What unit vectors say of themselves."""
    cosine = spread.mean_pairwise_cosine(vectors)
    yield Spread(metric="mean_pairwise_cosine", value=cosine, params={}, direction="-")
    for order in ORDERS:
        params: dict[str, Param] = {"q": "inf" if math.isinf(order) else int(order)}
        yield Spread(metric="vendi_q", value=spread.vendi(vectors, order), params=params, direction="+")
    yield Spread(metric="radius", value=spread.radius(vectors), params={}, direction="+", evidence="B")
    for k in NEIGHBOURS:
        distance = spread.knn_distance(vectors, k)
        yield Spread(metric="knn_distance", value=distance, params={"k": k}, direction="+")


@dataclass(frozen=True, slots=True)
class Reference:
    """What datasets are held against: its name, its vectors, the centroids of its clusters."""

    name: str
    vectors: Vectors
    centres: Vectors

    @classmethod
    def of(cls, name: str, vectors: Vectors) -> Reference:
        """The reference of these vectors, cut into 100 clusters."""
        return cls(name, vectors, spread.centroids(vectors, CLUSTERS))


@cache
def pool_reference(embedding: str) -> Reference:
    """The reference pool in the space of an embedding."""
    return Reference.of(pool_id(), pool_vectors(embedding))


def spread_over(vectors: Vectors, reference: Reference, density: Vectors | None) -> Iterator[Spread]:
    """What unit vectors, of such `density`, say against a reference in the same space."""
    held: Mapping[str, Param] = {"reference": reference.name}
    bits = spread.cluster_entropy(vectors, reference.centres)
    clusters = len(reference.centres)
    shares = {False: bits, True: None if bits is None else bits / math.log2(clusters)}
    for normalised, value in shares.items():
        params = {**held, "k": clusters, "normalised": normalised}
        yield Spread(metric="cluster_entropy", value=value, params=params, direction="+")
    coverage = spread.facility_coverage(vectors, reference.vectors)
    yield Spread(metric="facility_coverage", value=coverage, params=held, direction="+")
    farthest = spread.kcenter_radius(vectors, reference.vectors)
    yield Spread(metric="kcenter_radius", value=farthest, params=held, direction="-", evidence="B")
    rows = min(len(vectors), len(reference.vectors), LOG_DET_ROWS)
    own, other = spread.log_det(vectors[:rows]), spread.log_det(spaced(reference.vectors, rows))
    excess = None if own is None or other is None else own - other
    params = {**held, "ridge": spread.RIDGE, "of_rows": rows}
    yield Spread(metric="logdet", value=excess, params=params, direction="+")
    novel = novel_sum(vectors, density)
    yield Spread(metric="novelsum", value=novel, params={**held, **NOVEL_SUM}, direction="+")


def novel_sum(vectors: Vectors, density: Vectors | None) -> float | None:
    """NovelSum with the parameters `NOVEL_SUM`; None without densities."""
    if density is None:
        return None
    alpha, beta = float(NOVEL_SUM["alpha"] or 0), float(NOVEL_SUM["beta"] or 0)
    return spread.novel_sum(vectors, density, alpha=alpha, beta=beta)


def spaced(vectors: Vectors, rows: int) -> Vectors:
    """So many rows at equal steps: a fixed draw from a pool whose order goes through all it holds."""
    if not rows:
        return vectors[:0]
    chosen: Vectors = vectors[np.arange(rows) * len(vectors) // rows]
    return chosen
