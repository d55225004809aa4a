"""Allocation: whole numbers, exact sums, caps held."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mixtures.allocation import allocate, exact, largest_total

weights = st.lists(st.integers(0, 50).map(lambda n: Fraction(n, 7)), min_size=1, max_size=8)
few = settings(max_examples=50, deadline=None)


@few
@given(st.data(), weights, st.integers(0, 10_000))
def test_shares_sum_to_the_total_or_every_weighted_cap_is_full(
    data: st.DataObject, shares: list[Fraction], total: int
) -> None:
    caps = data.draw(st.lists(st.integers(0, 4_000), min_size=len(shares), max_size=len(shares)))

    given_rows = allocate(total, shares, caps)

    reachable = sum(cap for cap, weight in zip(caps, shares, strict=True) if weight > 0)
    assert sum(given_rows) == min(total, reachable)
    assert all(0 <= got <= cap for got, cap in zip(given_rows, caps, strict=True))
    assert all(got == 0 for got, weight in zip(given_rows, shares, strict=True) if weight == 0)


@few
@given(weights.filter(any), st.integers(0, 10_000))
def test_uncapped_shares_differ_from_the_exact_share_by_less_than_one(
    shares: list[Fraction], total: int
) -> None:
    given_rows = allocate(total, shares, [total] * len(shares))

    for got, weight in zip(given_rows, shares, strict=True):
        assert abs(got - total * weight / sum(shares)) < 1


@few
@given(weights.filter(any), st.integers(0, 10_000))
def test_a_larger_weight_never_gets_less(shares: list[Fraction], total: int) -> None:
    given_rows = allocate(total, shares, [total] * len(shares))

    by_weight = sorted(zip(shares, given_rows, strict=True))
    for (low_weight, low), (high_weight, high) in pairwise(by_weight):
        assert low <= high + (low_weight == high_weight)


@few
@given(weights.filter(any), st.integers(0, 500), st.integers(1, 30))
def test_scaling_all_weights_changes_nothing(shares: list[Fraction], total: int, factor: int) -> None:
    caps = [300] * len(shares)

    assert allocate(total, shares, caps) == allocate(total, [w * factor for w in shares], caps)


@few
@given(weights.filter(any), st.data())
def test_the_largest_total_fits_and_the_next_does_not(shares: list[Fraction], data: st.DataObject) -> None:
    caps = data.draw(st.lists(st.integers(0, 500), min_size=len(shares), max_size=len(shares)))
    whole = sum(shares)

    total = largest_total(shares, caps)

    assert all(total * w <= cap * whole for w, cap in zip(shares, caps, strict=True))
    assert any((total + 1) * w > cap * whole for w, cap in zip(shares, caps, strict=True))


def test_decimal_weights_are_taken_as_written() -> None:
    assert exact(0.1) + exact(0.2) == exact(0.3)
    assert allocate(10, [exact(0.7), exact(0.2), exact(0.1)], [10, 10, 10]) == [7, 2, 1]
