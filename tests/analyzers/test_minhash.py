from __future__ import annotations

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.minhash import EMPTY, as_lean_minhash, as_minhash, permutations, plain_signatures, signatures
from analyzers.text import Grams

hash_sets = st.lists(st.lists(st.integers(0, 2**48 - 1), max_size=12, unique=True), max_size=8)


def grams(rows: list[list[int]]) -> Grams:
    offsets = np.cumsum([0, *map(len, rows)])
    return Grams(offsets, np.array([value for row in rows for value in row], np.uint64))


def datasketch_of(row: list[int], num_perm: int = 128, seed: int = 1) -> MinHash:
    sketch = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=lambda value: value)
    sketch.update_batch([value & 0xFFFFFFFF for value in row])
    return sketch


@settings(max_examples=50, deadline=None)
@given(hash_sets, st.sampled_from([1, 16, 128]), st.integers(0, 5))
def test_signatures_equal_those_of_datasketch_bit_for_bit(
    rows: list[list[int]], num_perm: int, seed: int
) -> None:
    values = signatures(grams(rows), num_perm=num_perm, seed=seed)

    assert (values == plain_signatures(grams(rows), num_perm=num_perm, seed=seed)).all()
    expected = [datasketch_of(row, num_perm, seed).hashvalues for row in rows]
    assert values.dtype == np.uint32
    assert values.shape == (len(rows), num_perm)
    assert all((values[place] == row).all() for place, row in enumerate(expected))


def test_a_row_longer_than_a_block_and_empty_rows_around_it_are_right() -> None:
    long = np.random.default_rng(3).integers(0, 2**48, 150_000).tolist()
    rows = [[], long, [], [7], [], long[:70_000], []]

    values = signatures(grams(rows))

    for row, value in zip(rows, values, strict=True):
        assert (value == datasketch_of(row).hashvalues).all()


def test_rows_without_shingles_hold_the_mark_of_an_empty_set() -> None:
    values = signatures(grams([[], []]))

    assert (values == EMPTY).all()
    assert as_minhash(values[0]).is_empty()


@settings(max_examples=30, deadline=None)
@given(hash_sets, hash_sets)
def test_cutting_the_rows_anywhere_changes_nothing(left: list[list[int]], right: list[list[int]]) -> None:
    whole = signatures(grams(left + right))

    parts = np.concatenate((signatures(grams(left)), signatures(grams(right))))
    assert (whole == parts).all()


def test_a_row_opens_in_datasketch_and_can_be_updated_there() -> None:
    sketch = as_minhash(signatures(grams([[1, 2, 3]]))[0])
    sketch.hashfunc = lambda value: value
    sketch.update(4)

    assert sketch == datasketch_of([1, 2, 3, 4])


def test_a_row_survives_the_bytes_of_a_lean_minhash() -> None:
    lean = as_lean_minhash(signatures(grams([[1, 2, 3]]))[0])
    buffer = bytearray(lean.bytesize())
    lean.serialize(buffer)

    assert LeanMinHash.deserialize(buffer).jaccard(datasketch_of([1, 2, 3])) == 1.0


def test_rows_can_be_put_into_the_lsh_of_datasketch() -> None:
    values = signatures(grams([list(range(100)), list(range(5, 105)), list(range(1000, 1100))]))
    index = MinHashLSH(threshold=0.7, num_perm=128)
    for name, row in enumerate(values):
        index.insert(name, as_lean_minhash(row))

    assert set(index.query(as_minhash(values[0]))) == {0, 1}


def test_the_share_of_equal_values_estimates_jaccard_within_four_standard_errors() -> None:
    rng = np.random.default_rng(11)
    pool = rng.integers(0, 2**48, 3_000).tolist()
    a, b = pool[:2_000], pool[500:2_500]
    jaccard = 1_500 / 2_500

    values = signatures(grams([a, b]), num_perm=1024)

    error = (jaccard * (1 - jaccard) / 1024) ** 0.5
    assert (values[0] == values[1]).mean() == pytest.approx(jaccard, abs=4 * error)


@settings(max_examples=20)
@given(st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_permutations_are_those_that_datasketch_draws(num_perm: int, seed: int) -> None:
    drawn = MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations

    assert (np.array(permutations(num_perm, seed)) == drawn).all()
    assert permutations(num_perm, seed)[0].dtype == drawn.dtype == np.uint32


def test_no_permutation_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="num_perm"):
        signatures(grams([[1]]), num_perm=0)
