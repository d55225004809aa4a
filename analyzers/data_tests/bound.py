"""What a figure is expected to be: `<0.01`, `>= 95 %`, `between 0.1 and 0.3`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"([-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?)\s*(%?)"
_COMPARED = re.compile(rf"\s*(<=|>=|==|<|>|=|≤|≥)\s*{_NUMBER}\s*")
_BETWEEN = re.compile(rf"\s*between\s+{_NUMBER}\s+and\s+{_NUMBER}\s*", re.IGNORECASE)
FORMS = "'<0.01', '<=1%', '>0.2', '>=0.95', '=0' or 'between 0.1 and 0.3'"


@dataclass(frozen=True, slots=True)
class Bound:
    """Numbers from `low` to `high`; each end belongs to them where it is taken. `text` is as written."""

    text: str
    low: float
    high: float
    takes_low: bool
    takes_high: bool

    @classmethod
    def parse(cls, text: str) -> Bound:
        """The numbers that `text` allows; a number with `%` is a hundredth of it.

        Raises:
            ValueError: it has none of the known forms, or allows no number.

        >>> Bound.parse("<1%").high
        0.01
        """
        written = " ".join(text.split())
        if between := _BETWEEN.fullmatch(text):
            low, high = _number(between[1], between[2]), _number(between[3], between[4])
            if low > high:
                raise ValueError(f"nothing lies {written}: write the smaller number first")
            return cls(written, low, high, takes_low=True, takes_high=True)
        compared = _COMPARED.fullmatch(text)
        if compared is None:
            raise ValueError(f"not an expectation: write {FORMS}")
        sign, number = compared[1], _number(compared[2], compared[3])
        if sign in {"=", "=="}:
            return cls(written, number, number, takes_low=True, takes_high=True)
        takes = sign in {"<=", ">=", "≤", "≥"}
        if sign in {"<", "<=", "≤"}:
            return cls(written, -math.inf, number, takes_low=True, takes_high=takes)
        return cls(written, number, math.inf, takes_low=takes, takes_high=True)

    def holds(self, value: float) -> bool:
        """Whether `value` is one of the numbers."""
        above = value >= self.low if self.takes_low else value > self.low
        below = value <= self.high if self.takes_high else value < self.high
        return above and below


def _number(digits: str, percent: str) -> float:
    # Through Decimal, so that 1 % is the 0.01 a person would write.
    number = float(Decimal(digits) / (100 if percent else 1))
    if not math.isfinite(number):
        raise ValueError(f"{digits} is no finite number")
    return number
