"""Diversity of meaning: how far apart the texts lie as vectors of a named backend."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pyarrow as pa

from analyzers.base import Batch, Finding
from analyzers.drawn_texts import Budget, DrawnTexts
from analyzers.embedding import BACKEND, DIMENSIONS, Vectors, lsa_vectors, one_blas_thread
from analyzers.views import View
from registry.measurements import Param

SAMPLE_TEXTS = 2_000
TEXT_BYTES = 4_096
BUDGET = Budget(texts=SAMPLE_TEXTS, text_bytes=TEXT_BYTES, total_bytes=SAMPLE_TEXTS * (TEXT_BYTES + 1))
ORDERS: tuple[float, ...] = (1, 2, math.inf)


class Semantic:
    """Mean pairwise cosine and Vendi score of 2,000 drawn rows under the download-free backend `lsa`.

    The backend is fitted on the drawn rows themselves (params `fit`), and both figures depend on how many
    rows there are: compare only datasets that had 2,000 to give. Each text counts with its first 4 KiB.
    """

    name = "semantic"
    version = 1
    metrics = ("mean_pairwise_cosine", "vendi_q")
    columns = ("turns",)

    def __init__(self, *, seed: int = 0, view: View | str = View.FIRST_PROMPT) -> None:
        self.seed = seed
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
        """Mean pairwise cosine, then the Vendi score of order 1, 2 and infinity."""
        texts = pa.array([text.decode(errors="ignore") for text in total.texts], pa.large_string())
        with one_blas_thread():
            return self._findings(lsa_vectors(texts))

    def _findings(self, vectors: Vectors) -> list[Finding]:
        cosine = mean_pairwise_cosine(vectors)
        found = [self._finding("mean_pairwise_cosine", len(vectors), cosine, {}, "-")]
        for order in ORDERS:
            params: dict[str, Param] = {"q": "inf" if math.isinf(order) else int(order)}
            found.append(self._finding("vendi_q", len(vectors), vendi(vectors, order), params, "+"))
        return found

    def _finding(
        self,
        metric: str,
        used: int,
        value: float | None,
        params: dict[str, Param],
        direction: Literal["+", "-"],
    ) -> Finding:
        return Finding(
            metric=metric,
            view=str(self.view),
            n_used=used,
            value=value,
            params={**params, "fit": "own rows", "dimensions": DIMENSIONS},
            backend=BACKEND,
            reason=f"{used} rows with an n-gram" if value is None else None,
            direction=direction,
            evidence="A",
            seed=self.seed,
        )


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
