"""Which figure of a metric an expectation means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from analyzers.base import SIZE_PARAMS, Finding
from analyzers.table import load_analyzer
from registry.measurements import Param

MOST_OFFERED = 6


class Figure(Protocol):
    """What tells figures of one metric apart."""

    @property
    def metric(self) -> str:
        """The metric's name."""
        ...

    @property
    def view(self) -> str | None:
        """The text it was measured on."""
        ...

    @property
    def params(self) -> Mapping[str, Param]:
        """What it was measured with."""
        ...


F = TypeVar("F", bound=Figure)


def figures_of(analyzer: str) -> list[Finding]:
    """Every figure an analyzer always answers with, all null; those named by what rows hold are not known."""
    loaded = load_analyzer(analyzer)
    return loaded.finish(loaded.start())


def plainest(
    figures: Iterable[F], metric: str, view: str | None = None, params: Mapping[str, Param] | None = None
) -> list[F]:
    """The figures of `metric` on `view` with at least `params` that have the fewest other settings.

    One figure is the answer; several leave open which one is meant. A view or setting that is not asked for
    may be any.
    """
    asked = (params or {}).items()
    fitting = [
        f for f in figures if f.metric == metric and view in (None, f.view) and asked <= f.params.items()
    ]
    fewest = min((len(f.params) for f in fitting), default=0)
    return [f for f in fitting if len(f.params) == fewest]


def offered(figures: Sequence[Figure]) -> str:
    """How to ask for each of some figures, as a person would write it.

    >>> offered([])
    'nothing'
    """
    ways = [_way(figure) for figure in figures[:MOST_OFFERED]]
    more = f" and {len(figures) - MOST_OFFERED} more" if len(figures) > MOST_OFFERED else ""
    return f"{'; '.join(ways)}{more}" if ways else "nothing"


def _way(figure: Figure) -> str:
    asked = {name: value for name, value in figure.params.items() if name not in SIZE_PARAMS}
    settings = ", ".join(f"{name}: {value}" for name, value in asked.items())
    view = [f"view: {figure.view}"] if figure.view else []
    return "{" + ", ".join([*view, *([f"params: {{{settings}}}"] if settings else [])]) + "}"
