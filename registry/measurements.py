"""What was measured, in the form that travels: one number, one histogram, one overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Param = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One number with what made it.

    `value` is None where the metric is undefined, and `reason` says why; zero is a counted zero.
    `ci_low` and `ci_high` bound a 95 % interval, None where the number is exact or has none.
    `direction` is "+" (more is more diverse, complex or good), "-" or "0" (descriptive only).
    `evidence` is the grade of docs/metrics: A, B, C or "-" (mixed).
    """

    dataset: str
    metric: str
    version: int
    view: str | None
    n_total: int
    n_used: int
    value: float | None
    tokenizer: str | None = None
    backend: str | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    seed: int | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    reason: str | None = None
    direction: Literal["+", "-", "0"] = "0"
    evidence: str = "C"

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {**asdict(self), "params": dict(self.params)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A histogram: `counts[i]` rows lie in [`edges[i]`, `edges[i+1]`), the last bin includes its end."""

    dataset: str
    metric: str
    view: str | None
    unit: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    n_total: int

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedPair:
    """One row of `a` and one of `b` that match, with the exact Jaccard and the text they share."""

    row_a: int
    row_b: int
    jaccard: float
    text_a: str
    text_b: str
    shared: str

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Rows of two datasets that match, counted both ways.

    `matched_a` rows of `a` have at least one row of `b` with exact Jaccard >= `threshold` on the word
    `shingle`-grams of `view`; `exact_a` of them are equal after normalisation. Shares are in [0, 1].
    `examples` are the first pairs by row position; they hold row texts and are never shipped.
    """

    a: str
    b: str
    view: str
    shingle: int
    threshold: float
    rows_a: int
    rows_b: int
    matched_a: int
    matched_b: int
    exact_a: int
    exact_b: int
    pairs: int
    examples: tuple[MatchedPair, ...] = ()

    @property
    def share_a(self) -> float | None:
        """Share of the rows of `a` that have a match in `b`; None where `a` has no rows."""
        return self.matched_a / self.rows_a if self.rows_a else None

    @property
    def share_b(self) -> float | None:
        """Share of the rows of `b` that have a match in `a`; None where `b` has no rows."""
        return self.matched_b / self.rows_b if self.rows_b else None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types, shares included."""
        plain = asdict(self)
        plain["examples"] = [pair.to_json() for pair in self.examples]
        return {**plain, "share_a": self.share_a, "share_b": self.share_b}
