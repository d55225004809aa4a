"""Figures of several datasets side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.measurements import Measurement, Param

Key = tuple[str, str | None, tuple[tuple[str, Param], ...], str | None, str | None]


@dataclass(frozen=True, slots=True)
class ComparedMetric:
    """One metric over all compared datasets; None where a dataset has no such figure.

    `comparable` is False where the figures were made by different versions of the metric: such numbers
    must not be read against each other.
    """

    metric: str
    view: str | None
    params: Mapping[str, Param]
    direction: str
    measurements: tuple[Measurement | None, ...]

    @property
    def values(self) -> tuple[float | None, ...]:
        """The figures, in the order of the datasets."""
        return tuple(m.value if m else None for m in self.measurements)

    @property
    def comparable(self) -> bool:
        """Whether all figures present were made by the same version."""
        return len({m.version for m in self.measurements if m}) <= 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Datasets and their figures; rows in the order in which the analyzers give them."""

    datasets: tuple[str, ...]
    rows: tuple[ComparedMetric, ...]

    def to_json(self) -> dict[str, Any]:
        """`{datasets, rows: [{metric, view, params, direction, values, n_used, comparable}]}`."""
        return {
            "datasets": list(self.datasets),
            "rows": [
                {
                    "metric": row.metric,
                    "view": row.view,
                    "params": dict(row.params),
                    "direction": row.direction,
                    "values": list(row.values),
                    "n_used": [m.n_used if m else None for m in row.measurements],
                    "comparable": row.comparable,
                }
                for row in self.rows
            ],
        }


def comparison(figures: Mapping[str, Sequence[Measurement]]) -> Comparison:
    """The figures of each dataset, joined on metric, view, parameters, tokenizer and backend.

    Numbers of different tokenizers or backends land in different rows: they are never comparable.
    """
    order: dict[Key, Measurement] = {}
    by_dataset = {name: {_key(m): m for m in measured} for name, measured in figures.items()}
    for measured in figures.values():
        for measurement in measured:
            order.setdefault(_key(measurement), measurement)
    rows = tuple(
        ComparedMetric(
            first.metric,
            first.view,
            first.params,
            first.direction,
            tuple(known.get(key) for known in by_dataset.values()),
        )
        for key, first in order.items()
    )
    return Comparison(tuple(figures), rows)


def _key(m: Measurement) -> Key:
    return m.metric, m.view, tuple(sorted(m.params.items())), m.tokenizer, m.backend
