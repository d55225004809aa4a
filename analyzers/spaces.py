"""Spaces in which texts of different datasets can be laid side by side: what a backend has to offer."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from analyzers.embedding import (
    BACKEND,
    DIMENSIONS,
    Vectors,
    dense_product,
    inverse_frequencies,
    one_blas_thread,
    tf_idf,
)
from analyzers.reference_pool import pool_id, reference_prompts
from registry.errors import MissingExtraError, UnknownEmbeddingError

EMBEDDINGS = ("lsa", "static")


class Space(Protocol):
    """Texts as unit vectors that do not depend on which other texts are looked at.

    `backend` and `fit` name it, `dimensions` is the length of its vectors.
    """

    backend: str
    fit: str
    dimensions: int

    def vectors(self, texts: pa.LargeStringArray) -> Vectors:
        """Unit vectors of those texts that have one, in their order."""
        ...


def load_space(embedding: str) -> Space:
    """The space of an embedding: `lsa`, `static`, or the folder of a model2vec model.

    Raises:
        UnknownEmbeddingError, MissingExtraError: as `check_embedding`.
    """
    check_embedding(embedding)
    if embedding == "lsa":
        return pooled_lsa()
    from analyzers.static_vectors import static_folder, static_table

    return static_table() if embedding == "static" else static_folder(Path(embedding).resolve())


def check_embedding(embedding: str) -> None:
    """Say at once what would stop `load_space`, without loading anything.

    Raises:
        UnknownEmbeddingError: no such embedding, and no folder of that name.
        MissingExtraError: the extra it takes is not installed.
    """
    if embedding == "lsa":
        return
    if embedding not in EMBEDDINGS and not Path(embedding).is_dir():
        raise UnknownEmbeddingError(embedding, EMBEDDINGS)
    if find_spec("wordllama" if embedding == "static" else "model2vec") is None:
        raise MissingExtraError(f"the embedding {embedding!r}", "embed")


class PooledLsa:
    """Singular directions of the hashed n-grams of the reference pool, onto which every text is projected.

    What a text shares with no prompt of the pool has no place in it. The pool is English, so texts in other
    languages lie close together for lack of anything to tell them apart by.
    """

    backend = BACKEND

    def __init__(self, texts: pa.LargeStringArray, fit: str) -> None:
        from scipy.linalg import eigh

        self.fit = fit
        self._inverse = inverse_frequencies(tf_idf(texts).indices, len(texts))
        weights = tf_idf(texts, self._inverse)
        gram = dense_product(weights, weights.T)
        kept = min(DIMENSIONS, len(texts))
        with one_blas_thread():
            values, directions = eigh(gram, subset_by_index=(len(texts) - kept, len(texts) - 1))
        strong = values > values[-1] * 1e-12
        self._weights: Any = weights.T.tocsr()
        self._turn: Vectors = directions[:, strong] / np.sqrt(values[strong])
        self.dimensions = int(strong.sum())

    def vectors(self, texts: pa.LargeStringArray) -> Vectors:
        """Unit vectors of the texts that share an n-gram with the pool, in their order."""
        shared = dense_product(tf_idf(texts, self._inverse), self._weights)
        found: Vectors = shared @ self._turn
        lengths = np.linalg.norm(found, axis=1)
        placed = lengths > 0
        unit: Vectors = found[placed] / lengths[placed, None]
        return unit


@cache
def pooled_lsa() -> PooledLsa:
    """The space fitted on the reference pool."""
    return PooledLsa(pa.array(reference_prompts(), pa.large_string()), pool_id())


@cache
def pool_vectors(embedding: str) -> Vectors:
    """The reference pool in the space of an embedding."""
    return load_space(embedding).vectors(pa.array(reference_prompts(), pa.large_string()))
