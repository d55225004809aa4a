"""Numbers as people read them."""

from __future__ import annotations

import math

UNKNOWN = "–"
_STEPS = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


def count(number: int | float | None) -> str:
    """A whole number with thousands apart: 52,002; a dash where it is not known.

    >>> count(52002), count(None)
    ('52,002', '–')
    """
    return UNKNOWN if number is None else f"{number:,.0f}"


def short(number: int | float | None) -> str:
    """Three leading digits and a letter: 52.0K, 1.47M.

    >>> short(52002), short(1468352), short(999), short(None)
    ('52.0K', '1.47M', '999', '–')
    """
    if number is None:
        return UNKNOWN
    for step, letter in _STEPS:
        if abs(number) >= step:
            return f"{_digits(number / step)}{letter}"
    return f"{number:.0f}"


def percent(share: float | None, *, digits: int = 1) -> str:
    """A share in [0, 1] in per cent; a share that is not zero never reads as zero.

    >>> percent(0.5), percent(0.0), percent(0.00001), percent(None)
    ('50.0 %', '0 %', '< 0.1 %', '–')
    """
    if share is None:
        return UNKNOWN
    least = 10 ** -(digits + 2)
    if share in {0, 1}:
        return f"{100 * share:.0f} %"
    if share < least:
        return f"< {100 * least:.{digits}f} %"
    if 1 - least < share < 1:
        return f"> {100 * (1 - least):.{digits}f} %"
    return f"{100 * share:.{digits}f} %"


def figure(value: float | None) -> str:
    """A measured value with four significant digits, without an exponent where it can be helped.

    >>> figure(0.589744), figure(19.5), figure(48123.4), figure(None), figure(0.0)
    ('0.5897', '19.5', '48,123', '–', '0')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size < 1e-4:
        return f"{value:.1e}"
    digits = max(0, 3 - math.floor(math.log10(size)))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval_percent(low: float | None, high: float | None) -> str:
    """The interval of a share, in per cent; empty where it has none.

    >>> interval_percent(0.25, 0.5), interval_percent(None, None)
    ('25.00 % to 50.00 %', '')
    """
    if low is None or high is None:
        return ""
    return f"{percent(low, digits=2)} to {percent(high, digits=2)}"


def _digits(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:.1f}" if number < 100 else f"{number:.0f}"
