"""Intervals of shares: what a count of hits in a count of trials allows to say."""

from __future__ import annotations

_Z95 = 1.959963984540054


def wilson_interval(hits: int, trials: int) -> tuple[float, float]:
    """The Wilson score interval of a share at 95 %: (low, high) in [0, 1], for at least one trial.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    >>> [round(bound, 4) for bound in wilson_interval(0, 100)]
    [0.0, 0.037]
    """
    share, square = hits / trials, _Z95 * _Z95 / trials
    centre = (share + square / 2) / (1 + square)
    half = _Z95 / (1 + square) * (share * (1 - share) / trials + square / (4 * trials)) ** 0.5
    low = 0.0 if hits == 0 else max(centre - half, 0.0)
    return low, 1.0 if hits == trials else min(centre + half, 1.0)


def upper_bound(hits: int, trials: int) -> float | None:
    """The largest share that so few hits allow at 95 %: exact for none, else the end of Wilson's interval.

    With no hit among n, a share p would go unseen with probability (1 - p)^n; this is 5 % at
    p = 1 - 0.05^(1/n), the exact form of the rule of three (3/n). None where nothing was tried.

    >>> round(upper_bound(0, 1000), 6)
    0.002991
    """
    if not trials:
        return None
    return wilson_interval(hits, trials)[1] if hits else 1 - 0.05 ** (1 / trials)
