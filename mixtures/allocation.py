"""Dividing a whole number by weights, exactly: largest remainder under caps."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def exact(number: float) -> Fraction:
    """The fraction a person meant by the decimal `number`: 0.1 is one tenth, not its binary neighbour.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(number)))


def allocate(total: int, weights: Sequence[Fraction], caps: Sequence[int]) -> list[int]:
    """Whole numbers that sum to `total`, as near to the weights as whole numbers and `caps` allow.

    A share above its cap is cut to the cap and the rest goes to the others by their weights, until nothing
    is above. What is left is rounded by largest remainder (Hamilton); equal remainders go to the larger
    weight, then to the earlier part. A weight of zero gets nothing.

    Returns fewer than `total` in all only where the caps of the weighted parts cannot hold it: then every
    one of them is full. Each uncapped answer differs from its exact share by less than one.

    >>> allocate(10, [Fraction(3), Fraction(1)], [100, 100])
    [8, 2]
    >>> allocate(10, [Fraction(3), Fraction(1)], [5, 100])
    [5, 5]
    """
    given = [0] * len(weights)
    open_parts = [i for i, weight in enumerate(weights) if weight > 0]
    left = total
    while open_parts:
        whole = sum((weights[i] for i in open_parts), Fraction(0))
        full = [i for i in open_parts if left * weights[i] >= caps[i] * whole]
        if not full:
            break
        for i in full:
            given[i] = caps[i]
        left -= sum(caps[i] for i in full)
        open_parts = [i for i in open_parts if i not in full]
    for i, count in zip(open_parts, _largest_remainder(left, [weights[i] for i in open_parts]), strict=True):
        given[i] = count
    return given


def largest_total(weights: Sequence[Fraction], caps: Sequence[int]) -> int:
    """The largest total whose exact shares stay within `caps`: the biggest mixture the weights permit.

    >>> largest_total([Fraction(3), Fraction(1)], [10, 4])
    13
    """
    whole = sum(weights, Fraction(0))
    bounds = [cap * whole / weight for weight, cap in zip(weights, caps, strict=True) if weight > 0]
    return int(min(bounds)) if bounds else 0


def _largest_remainder(total: int, weights: Sequence[Fraction]) -> list[int]:
    if not weights:
        return []
    whole = sum(weights, Fraction(0))
    shares = [total * weight / whole for weight in weights]
    given = [int(share) for share in shares]
    order = sorted(range(len(weights)), key=lambda i: (given[i] - shares[i], -weights[i], i))
    for i in order[: total - sum(given)]:
        given[i] += 1
    return given
