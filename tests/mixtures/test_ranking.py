"""Ranks depend on seed, source and row, and on nothing else."""

from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtures.ranking import ORDER, PICK, keyed_hashes, ranked

few = settings(max_examples=50, deadline=None)


def hashes(texts: list[str]) -> np.ndarray:
    plain = b"".join(hashlib.sha256(text.encode()).digest() for text in texts)
    return np.frombuffer(plain, dtype=np.uint8).reshape(-1, 32)


@few
@given(st.lists(st.text(max_size=5), unique=True, max_size=40), st.randoms(use_true_random=False))
def test_the_rank_order_of_rows_does_not_depend_on_their_position(texts: list[str], random: object) -> None:
    shuffled = list(texts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def order(rows: list[str]) -> list[str]:
        keys = keyed_hashes(hashes(rows), seed=3, source="a", purpose=PICK)
        return [rows[i] for i in ranked(keys, hashes(rows))]

    assert order(texts) == order(shuffled)


def test_seed_source_purpose_and_copy_each_give_another_order() -> None:
    rows = hashes([str(i) for i in range(100)])

    def order(**changes: object) -> tuple[int, ...]:
        arguments = {"seed": 1, "source": "a", "purpose": PICK, "copy": 0} | changes
        return tuple(ranked(keyed_hashes(rows, **arguments), rows))

    others = [order(seed=2), order(source="b"), order(purpose=ORDER), order(copy=1), order()]
    assert len(set(others)) == 5


def test_the_key_of_a_row_never_changes_between_releases() -> None:
    key = keyed_hashes(hashes(["row"]), seed=7, source="alpaca", purpose=PICK)

    assert [hex(k) for k in key] == ["0xf1133b265ce55c30"]


def test_equal_rows_stay_in_the_order_of_their_positions() -> None:
    rows = hashes(["same", "other", "same", "same"])

    order = list(ranked(keyed_hashes(rows, seed=0, source="a", purpose=PICK), rows))

    assert [i for i in order if i != 1] == [0, 2, 3]


def test_ties_between_different_rows_are_broken_by_the_row_hash() -> None:
    rows = hashes(["b", "a", "c"])

    order = ranked(np.zeros(3, dtype=np.uint64), rows)

    assert [bytes(rows[i]) for i in order] == sorted(bytes(row) for row in rows)


def test_no_rows_have_no_ranks() -> None:
    assert ranked(keyed_hashes(hashes([]), seed=0, source="a", purpose=PICK), hashes([])).tolist() == []
