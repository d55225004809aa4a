"""Copies and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtures.repetition import Copies, draws_for, effective_tokens

few = settings(max_examples=50, deadline=None)
tokens = st.lists(st.integers(0, 30), min_size=1, max_size=20)


def running(values: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(values)]).astype(np.int64)


@pytest.mark.parametrize(
    ("epochs", "worth"),
    [(1, 1_000_000), (2, 1_968_199.2), (4, 3_725_673.1), (8, 6_624_118.8), (16, 10_582_457.0)],
)
def test_repeated_tokens_are_worth_what_the_paper_says(epochs: int, worth: float) -> None:
    assert effective_tokens(1_000_000, epochs) == pytest.approx(worth, abs=0.05)


@few
@given(tokens, st.integers(0, 70))
def test_sums_over_copies_equal_sums_over_the_draws_written_out(values: list[int], rows: int) -> None:
    copies = Copies.of(rows, len(values))
    drawn = (values * (rows // len(values) + 1))[:rows]

    assert copies.rows == rows
    assert copies.sum(running(values)) == sum(drawn)
    assert copies.distinct == min(rows, len(values))
    assert copies.distinct_sum(running(values)) == sum(values[: copies.distinct])


@few
@given(tokens.filter(any), st.integers(1, 500))
def test_draws_are_the_fewest_that_reach_the_amount(values: list[int], amount: int) -> None:
    rows = draws_for(amount, running(values))

    assert Copies.of(rows, len(values)).sum(running(values)) >= amount
    assert Copies.of(rows - 1, len(values)).sum(running(values)) < amount


@few
@given(tokens, st.integers(0, 60))
def test_effective_tokens_never_exceed_the_tokens_drawn(values: list[int], rows: int) -> None:
    copies = Copies.of(rows, len(values))

    assert copies.effective(running(values)) <= copies.sum(running(values)) + 1e-6


def test_nothing_available_gives_nothing() -> None:
    assert Copies.of(5, 0).rows == 0
    assert draws_for(5, running([0, 0])) == 0
