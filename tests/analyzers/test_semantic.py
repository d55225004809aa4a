from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch
from analyzers.compiled import is_compiled
from analyzers.embedding import DIMENSIONS, cells, lsa_vectors, plain_cells
from analyzers.reference_pool import pool_id
from analyzers.semantic import SAMPLE_TEXTS, Semantic
from analyzers.spread import mean_pairwise_cosine, vendi
from analyzers.text import word_list, words

CORPUS = [
    "Write a short poem about the sea.",
    "Write a short poem about the forest.",
    "Explain why the sky is blue.",
    "Sort the list of numbers in Python.",
    "Explain why the sky is blue.",
    "List three uses of baking soda.",
]
UNIT = st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3).filter(any), min_size=1, max_size=9)


def texts(rows: list[str]) -> pa.LargeStringArray:
    return pa.array(rows, pa.large_string())


def bags(rows: list[str]) -> np.ndarray:
    vocabulary = sorted({word for row in rows for word in word_list(row)})
    counts = [Counter(word_list(row)) for row in rows]
    return unit([[float(count[word]) for word in vocabulary] for count in counts])


def unit(rows: list[list[float]]) -> np.ndarray:
    vectors = np.array(rows, float)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.skipif(not is_compiled(), reason="numba is not installed or is switched off")
@settings(max_examples=50, deadline=None)
@given(st.lists(st.text("ab '’\x00é日😀", max_size=30), max_size=6))
def test_compiled_cells_are_those_in_numpy(rows: list[str]) -> None:
    tokens = words(texts(rows))

    for compiled, plain in zip(cells(tokens, len(rows)), plain_cells(tokens, len(rows)), strict=True):
        np.testing.assert_array_equal(compiled, plain)


def test_bags_of_words_give_the_figures_of_the_definitions() -> None:
    vectors = bags(CORPUS)

    assert mean_pairwise_cosine(vectors) == pytest.approx(0.225152, abs=1e-6)
    assert vendi(vectors, 1) == pytest.approx(3.979334, abs=1e-6)
    assert vendi(vectors, 2) == pytest.approx(3.590231, abs=1e-6)
    assert vendi(vectors, math.inf) == pytest.approx(2.590583, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(UNIT, st.sampled_from([1, 2, 0.5, math.inf]))
def test_vendi_lies_between_one_and_the_rows_and_ignores_copies(
    rows: list[list[float]], order: float
) -> None:
    vectors = unit(rows)

    score = vendi(vectors, order)

    assert score is not None
    assert 1 - 1e-9 <= score <= len(rows) + 1e-9
    assert vendi(np.concatenate((vectors, vectors)), order) == pytest.approx(score)


@pytest.mark.parametrize("order", [1, 2, math.inf])
def test_vendi_of_equal_rows_is_one_and_of_orthogonal_rows_their_number(order: float) -> None:
    assert vendi(np.tile([[0.6, 0.8]], (5, 1)), order) == pytest.approx(1)
    assert vendi(np.eye(5), order) == pytest.approx(5)
    assert vendi(np.empty((0, 3)), order) is None


@settings(max_examples=50, deadline=None)
@given(UNIT)
def test_the_mean_cosine_is_that_of_all_pairs(rows: list[list[float]]) -> None:
    vectors = unit(rows)
    pairs = [float(a @ b) for place, a in enumerate(vectors) for b in vectors[:place]]

    found = mean_pairwise_cosine(vectors)

    assert found == (pytest.approx(sum(pairs) / len(pairs), abs=1e-9) if pairs else None)


def test_vectors_are_of_unit_length_and_alike_texts_lie_close() -> None:
    vectors = lsa_vectors(texts([*CORPUS, "", "?"]))

    cosines = vectors @ vectors.T
    assert vectors.shape[0] == 6
    assert np.diag(cosines) == pytest.approx(np.ones(6))
    assert cosines[2, 4] == pytest.approx(1)
    assert cosines[0, 1] > 0.3 > abs(cosines[0, 5])


def test_within_full_rank_the_directions_keep_every_cosine() -> None:
    from sklearn.feature_extraction.text import TfidfTransformer

    rows = ["aa bb", "aa cc", "bb cc dd", "dd ee aa", "ee"]
    grams = [
        Counter([(word,) for word in words] + list(pairwise(words)) + list(chars(row)))
        for row, words in ((row, word_list(row)) for row in rows)
    ]
    columns = sorted({gram for count in grams for gram in count}, key=repr)
    counts = np.array([[count[column] for column in columns] for count in grams])
    weights = TfidfTransformer(sublinear_tf=True).fit_transform(counts).toarray()

    vectors = lsa_vectors(texts(rows))

    assert vectors @ vectors.T == pytest.approx(weights @ weights.T, abs=1e-9)


def chars(row: str) -> list[str]:
    return [row[i : i + n] for n in (3, 4, 5) for i in range(len(row) - n + 1)]


def test_vectors_have_at_most_256_dimensions() -> None:
    rng = np.random.default_rng(0)
    rows = [" ".join(f"w{n}" for n in rng.integers(0, 500, 8)) for _ in range(300)]

    assert lsa_vectors(texts(rows)).shape == (300, DIMENSIONS)


def batch_of(rows: list[str]) -> Batch:
    turns = [[{"role": "user", "content": row}] for row in rows]
    kind = pa.list_(pa.struct({"role": pa.string(), "content": pa.large_string()}))
    return Batch(pa.RecordBatch.from_pydict({"turns": pa.array(turns, kind)}))


def test_one_row_has_no_pairs_and_rows_without_words_are_not_used() -> None:
    analyzer = Semantic()

    alone = analyzer.finish(analyzer.measure(batch_of(["Hello there", "", "?"])))

    assert [(f.metric, f.n_used, f.value) for f in alone][:2] == [
        ("mean_pairwise_cosine", 1, None),
        ("vendi_q", 1, pytest.approx(1)),
    ]
    assert alone[0].reason == "1 rows with an n-gram"


def test_findings_name_backend_fit_and_seed_and_use_2000_rows_at_most() -> None:
    analyzer = Semantic(seed=5)
    rows = [f"question number {n} about topic {n % 7}" for n in range(SAMPLE_TEXTS + 50)]

    found = analyzer.finish(analyzer.measure(batch_of(rows)))

    assert {f.n_used for f in found} == {SAMPLE_TEXTS}
    assert {(f.backend, f.params["fit"], f.seed, f.view) for f in found} == {
        ("lsa", "own rows", 5, "first_prompt"),
        ("lsa", pool_id(), 5, "first_prompt"),
    }
    assert [f.params.get("q") for f in found if f.metric == "vendi_q"] == [1, 2, "inf"] * 2
    assert {f.params["rows"] for f in found if f.params["fit"] == pool_id()} == {SAMPLE_TEXTS}
