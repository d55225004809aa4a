"""A fair comparison in the form that travels: figures of equally large draws beside those of random ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from registry.measurements import Param

Unit = Literal["rows", "tokens"]
Place = Literal["above", "below", "within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One figure over the draws of one set of rows: the mean, and the range that holds 95 % of the draws.

    `rows` and `words` are means over the draws: rows that went into the figure, words of the view in all rows
    drawn (None where the figure has no view). `value` None means undefined, and `reason` says why.
    """

    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    rows: float | None = None
    words: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FairFigure:
    """One figure of every dataset, in the order of the datasets, and of the random draws.

    `size` is how much each draw holds at most: rows, or words of the view.
    """

    metric: str
    version: int
    view: str | None
    size: int
    drawn: tuple[Drawn, ...]
    random: Drawn
    params: Mapping[str, Param] = field(default_factory=dict)
    tokenizer: str | None = None
    backend: str | None = None
    direction: str = "0"
    evidence: str = "C"

    def place(self, dataset: int) -> Place | None:
        """Where the range of a dataset lies beside that of random draws: wholly on one side, or within reach.

        None where one of them is undefined.
        """
        own, random = self.drawn[dataset], self.random
        if own.ci_low is None or own.ci_high is None or random.ci_low is None or random.ci_high is None:
            return None
        if own.ci_low > random.ci_high:
            return "above"
        return "below" if own.ci_high < random.ci_low else "within"


@dataclass(frozen=True, slots=True, kw_only=True)
class FairComparison:
    """Datasets compared on draws of equally many rows, or of equally many words of each view (`tokens`).

    The random draws are taken from the rows of all datasets together. `snapshots` and `rows` are those of the
    datasets, in their order.
    """

    unit: Unit
    datasets: tuple[str, ...]
    snapshots: tuple[str, ...]
    rows: tuple[int, ...]
    draws: int
    seed: int
    figures: tuple[FairFigure, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        plain = asdict(self)
        plain["figures"] = [{**asdict(f), "params": dict(f.params)} for f in self.figures]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FairComparison:
        """The record that `to_json` wrote."""
        fields = {name: tuple(plain[name]) for name in ("datasets", "snapshots", "rows")}
        figures = tuple(
            FairFigure(
                **{**f, "drawn": tuple(Drawn(**d) for d in f["drawn"]), "random": Drawn(**f["random"])}
            )
            for f in plain["figures"]
        )
        return cls(**{**plain, **fields, "figures": figures})
