"""How much a prompt asks for, and how much of the answers is code or mathematics."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analyzers.base import Batch, Finding
from analyzers.constraints import FAMILIES, family_counts
from analyzers.tally import Tally
from registry.measurements import Param

NO_ROWS = "no rows"
NO_TEXT = "no characters"


@dataclass(frozen=True, slots=True)
class ComplexityPartial:
    """Constraints of each prompt, prompts with a constraint of each family, characters of the responses."""

    constraints: Tally = field(default_factory=Tally)
    families: tuple[int, ...] = (0,) * len(FAMILIES)
    chars: int = 0
    code_chars: int = 0
    math_chars: int = 0


class Complexity:
    """Checkable constraints of prompts, shares of code and mathematics in responses; all rows, exact."""

    name = "complexity"
    version = 1
    metrics = ("n_constraints", "constraint_share", "code_ratio", "math_ratio")
    columns = ("prompt",)

    def start(self) -> ComplexityPartial:
        """No rows."""
        return ComplexityPartial()

    def measure(self, batch: Batch) -> ComplexityPartial:
        """Sums over one batch."""
        features = batch.features
        counts = family_counts(batch.view("prompt"))
        chars = features.column("response_chars").to_numpy().astype(np.int64)
        return ComplexityPartial(
            Tally.of(features.column("constraints").to_numpy()),
            tuple(int(np.count_nonzero(counts[family])) for family in FAMILIES),
            int(chars.sum()),
            _chars_of(features.column("code_share").to_numpy(), chars),
            _chars_of(features.column("math_share").to_numpy(), chars),
        )

    def merge(self, a: ComplexityPartial, b: ComplexityPartial) -> ComplexityPartial:
        """The sums of both."""
        return ComplexityPartial(
            a.constraints + b.constraints,
            tuple(x + y for x, y in zip(a.families, b.families, strict=True)),
            a.chars + b.chars,
            a.code_chars + b.code_chars,
            a.math_chars + b.math_chars,
        )

    def finish(self, total: ComplexityPartial) -> list[Finding]:
        """Mean constraints of a prompt, shares of prompts with each family, shares of characters."""
        rows = total.constraints.total
        shares = {"any": total.constraints.above(0), **dict(zip(FAMILIES, total.families, strict=True))}
        found = [_prompts("n_constraints", total.constraints.mean, rows, {"stat": "mean"})]
        for family, hits in shares.items():
            value = hits / rows if rows else None
            found.append(_prompts("constraint_share", value, rows, {"family": family}))
        for metric, chars in (("code_ratio", total.code_chars), ("math_ratio", total.math_chars)):
            value = chars / total.chars if total.chars else None
            reason = NO_TEXT if value is None else None
            found.append(Finding(metric=metric, view="response", n_used=rows, value=value, reason=reason))
        return found


def _prompts(metric: str, value: float | None, rows: int, params: dict[str, Param]) -> Finding:
    return Finding(
        metric=metric,
        view="prompt",
        n_used=rows,
        value=value,
        params=params,
        reason=NO_ROWS if value is None else None,
        direction="+",
        evidence="B",
    )


def _chars_of(shares: np.ndarray, chars: np.ndarray) -> int:
    """Characters that the stored shares stand for; exact for texts below 8 million characters."""
    return int(np.rint(shares.astype(np.float64) * chars).astype(np.int64).sum())
