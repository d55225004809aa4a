"""Texts as vectors without any download: hashed n-grams, TF-IDF, singular value decomposition (`lsa`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.characters import CHAR_BASE
from analyzers.compiled import is_compiled
from analyzers.text import GRAM_BASE, Grams, Hashes, Ints, Words, mix64, ngrams, words

BACKEND = "lsa"
DIMENSIONS = 256
BUCKET_BITS = 18
WORD_ORDERS = (1, 2)
CHAR_ORDERS = (3, 4, 5)

Vectors = npt.NDArray[np.float64]
Cells = tuple[Ints, Ints, Ints]

_PRODUCT_ROWS = 256


def lsa_vectors(texts: pa.LargeStringArray) -> Vectors:
    """Unit vectors of the texts that have any n-gram, in their order: (texts, up to 256 dimensions).

    Word 1- and 2-grams and character 3- to 5-grams hashed to 2^18 columns; (1 + ln tf) times smooth inverse
    document frequency of these texts; rows to unit length; the first 256 singular directions; unit length
    again. Taken from the eigenvectors of the texts' Gram matrix, which needs no random start.
    """
    from scipy.linalg import eigh

    weights = tf_idf(texts)
    weights = weights[np.diff(weights.indptr) > 0]
    count = weights.shape[0]
    if not count:
        return np.empty((0, 0))
    gram = dense_product(weights, weights.T)
    kept = min(DIMENSIONS, count)
    values, vectors = eigh(gram, subset_by_index=(count - kept, count - 1))
    strong = values > values[-1] * 1e-12
    coordinates = vectors[:, strong] * np.sqrt(values[strong])
    unit: Vectors = coordinates / np.linalg.norm(coordinates, axis=1, keepdims=True)
    return unit


def dense_product(left: Any, right: Any) -> Vectors:
    """`left @ right` of sparse matrices as a dense one, some rows at a time.

    As a sparse product with hardly a zero it would take twice its room once more.
    """
    product = np.empty((left.shape[0], right.shape[1]))
    for low in range(0, len(product), _PRODUCT_ROWS):
        product[low : low + _PRODUCT_ROWS] = (left[low : low + _PRODUCT_ROWS] @ right).toarray()
    return product


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep linear algebra to one thread: several round differently on each machine and spin on busy cores."""
    import scipy.linalg  # noqa: F401  # the limit reaches only libraries that are loaded
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        yield


def tf_idf(texts: pa.LargeStringArray, inverse: Vectors | None = None) -> Any:
    """Weights of the n-grams of each text, rows of unit length or empty: a csr_array (texts, 2^18 columns).

    `inverse` are the inverse document frequencies of the columns, None for those of these texts.
    """
    return weighted(cells(words(texts), len(texts)), len(texts), inverse)


def weighted(found: Cells, count: int, inverse: Vectors | None = None) -> Any:
    """The cells of `count` texts as `tf_idf` weighs them."""
    from scipy.sparse import csr_array

    offsets, columns, times = found
    rows = np.repeat(np.arange(count), np.diff(offsets))
    if inverse is None:
        inverse = inverse_frequencies(columns, count)
    weights = (1 + np.log(times)) * inverse[columns]
    norms = np.sqrt(np.bincount(rows, weights * weights, minlength=count))
    return csr_array((weights / norms[rows], columns, offsets), shape=(count, 1 << BUCKET_BITS))


def inverse_frequencies(columns: Ints, count: int) -> Vectors:
    """Smooth inverse document frequency of every column, ln((1 + n) / (1 + df)) + 1, from n texts' cells."""
    documents = np.bincount(columns, minlength=1 << BUCKET_BITS)
    inverse: Vectors = np.log((1 + count) / (1 + documents)) + 1
    return inverse


def cells(tokens: Words, count: int) -> Cells:
    """How often each text has an n-gram of each column, text after text, columns rising.

    Offsets (texts + 1) into columns and numbers of times; columns that do not occur have no cell.
    """
    if is_compiled():
        from analyzers import compiled_words

        return compiled_words.cells(
            tokens.hashes,
            tokens.offsets,
            tokens.codes,
            word_orders=WORD_ORDERS,
            char_orders=CHAR_ORDERS,
            base=GRAM_BASE,
            bits=BUCKET_BITS,
        )
    return plain_cells(tokens, count)


def plain_cells(tokens: Words, count: int) -> Cells:
    """`cells` in numpy."""
    keys = np.concatenate([_keys(grams) for grams in _all_grams(tokens, count)])
    found, times = np.unique(keys, return_counts=True)
    rows = (found >> np.uint64(BUCKET_BITS)).astype(np.int64)
    columns = (found & np.uint64((1 << BUCKET_BITS) - 1)).astype(np.int64)
    return np.searchsorted(rows, np.arange(count + 1)), columns, times


def _all_grams(tokens: Words, count: int) -> Iterator[Grams]:
    for n in WORD_ORDERS:
        yield ngrams(tokens, n)
    for n in CHAR_ORDERS:
        yield _char_grams(tokens, n, count)


def _char_grams(tokens: Words, n: int, count: int) -> Grams:
    """Hashes of the `n` characters in a row of each normalised text; none crosses a text border."""
    codes = tokens.codes.astype(np.uint64)
    total = max(len(codes) - (n - 1), 0)
    hashes = np.zeros(total, np.uint64)
    inside = np.ones(total, bool)
    for place in range(n):
        part = codes[place : place + total]
        hashes = hashes * np.uint64(CHAR_BASE) + part + np.uint64(n)
        inside &= part != 0
    text_of = np.cumsum(codes[:total] == 0)[inside]
    offsets = np.concatenate(([0], np.cumsum(np.bincount(text_of, minlength=count))))
    return Grams(offsets, mix64(hashes[inside]))


def _keys(grams: Grams) -> Hashes:
    """Text number and column of each gram as one integer."""
    rows = np.repeat(np.arange(len(grams.counts), dtype=np.uint64), grams.counts)
    return rows << np.uint64(BUCKET_BITS) | grams.hashes >> np.uint64(64 - BUCKET_BITS)
