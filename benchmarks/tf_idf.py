"""Hashed tf-idf of word 1- and 2-grams, beside scikit-learn's vectorizers.

    python -m benchmarks.tf_idf ../shared/data

Ours hashes to 2^18 columns, as `HashingVectorizer` does; `TfidfVectorizer` keeps a dictionary.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from analyzers.compiled import is_compiled
from analyzers.embedding import BUCKET_BITS, tf_idf, weighted
from analyzers.text import GRAM_BASE, words
from benchmarks.beside import OURS, Engine, megabytes, print_beside, texts_of

Texts = pa.LargeStringArray


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run the engines, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--rows", type=int, default=50_000)
    options = parser.parse_args(arguments)
    texts = pa.array(texts_of(options.data, options.rows), pa.large_string())
    print(f"{len(texts):,} rows, {megabytes(texts.to_pylist()):.1f} MB\n")
    print_beside(ENGINES, texts, rows=len(texts), judge=lambda matrix: [f"{matrix.nnz:,} cells"])


def _ours(texts: Texts) -> Any:
    tokens = words(texts)
    if not is_compiled():
        return tf_idf(texts)
    from analyzers.compiled_words import cells

    how = {"word_orders": (1, 2), "char_orders": (), "base": GRAM_BASE, "bits": BUCKET_BITS}
    return weighted(cells(tokens.hashes, tokens.offsets, None, **how), len(texts))


def _ours_with_characters(texts: Texts) -> Any:
    return tf_idf(texts)


def _tf_idf_vectorizer(texts: Texts) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float64).fit_transform(
        texts.to_pylist()
    )


def _hashing_vectorizer(texts: Texts) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    hashed = HashingVectorizer(
        ngram_range=(1, 2), n_features=1 << BUCKET_BITS, alternate_sign=False, norm=None
    )
    return TfidfTransformer(sublinear_tf=True).fit_transform(hashed.transform(texts.to_pylist()))


ENGINES = (
    Engine(OURS, None, _ours),
    Engine("ours, and character 3-5-grams", None, _ours_with_characters),
    Engine("scikit-learn `TfidfVectorizer`", "sklearn", _tf_idf_vectorizer),
    Engine("scikit-learn `HashingVectorizer`", "sklearn", _hashing_vectorizer),
)

if __name__ == "__main__":
    main()
