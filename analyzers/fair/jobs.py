"""One job a draw: what is drawn, and what a worker answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analyzers.base import SIZE_PARAMS, Finding
from analyzers.fair.draws import Picked, Pool, drawn_batch, first_rows, first_words, view_words
from analyzers.runner import Workers
from analyzers.table import load_analyzer
from registry.measurements import Param

MOST_ROWS = 5_000
MOST_WORDS = 250_000

Key = tuple[str, str | None, tuple[tuple[str, Param], ...], str | None, str | None]


@dataclass(frozen=True, slots=True)
class Job:
    """Draw number `draw` of one pool; `view` None stands for every view, else only that one is measured.

    `size` is how much a draw holds, in rows or words; `missing` says why there is no draw.
    """

    pool: int
    draw: int
    view: str | None
    size: int
    picked: tuple[Picked, ...] = ()
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Sized:
    """A finding with the version of the analyzer that made it."""

    finding: Finding
    version: int


@dataclass(frozen=True)
class Answer:
    """The figures of one draw, and the words of each view in it."""

    found: Mapping[Key, Sized] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        """The bare findings."""
        return [sized.finding for sized in self.found.values()]

    def of(self, key: Key) -> Sized | None:
        """The finding of one figure; None where the draw gave none."""
        return self.found.get(key)


def key_of(finding: Finding) -> Key:
    """What tells one figure from another; how many rows a draw had does not."""
    f = finding
    params = tuple(sorted((k, v) for k, v in f.params.items() if k not in SIZE_PARAMS))
    return f.metric, f.view, params, f.tokenizer, f.backend


def empty_figures(names: Sequence[str]) -> list[Key]:
    """The figures that the analyzers answer with whatever the rows are, in their order."""
    found = []
    for name in names:
        analyzer = load_analyzer(name)
        found += [key_of(f) for f in analyzer.finish(analyzer.start()) if "draws" not in f.params]
    return found


def row_jobs(pools: Sequence[Pool], draws: int, size: int | None) -> list[Job]:
    """Draws of equally many rows from each pool; the last pool holds the rows of all others."""
    sizes = [len(pool.keys) for pool in pools]
    least = min([*sizes[:-1], MOST_ROWS]) if size is None else size
    return [
        _job(
            number,
            draw,
            None,
            size=least,
            picked=pool.picked(first_rows(pool.order(draw), least)),
            held=sizes[number],
        )
        for number, pool in enumerate(pools)
        for draw in range(draws)
    ]


def word_jobs(
    pools: Sequence[Pool], draws: int, size: int | None, views: Sequence[str], workers: Workers
) -> list[Job]:
    """Draws of rows that hold equally many words of a view, for each view; the last pool is that of all."""
    counted = [view_words(pool.snapshots[0], views, workers=workers) for pool in pools[:-1]]
    jobs: list[Job] = []
    for view in views:
        words = [counts[view] for counts in counted]
        words.append(np.concatenate(words))
        sizes = [int(counts.sum()) for counts in words]
        least = min([*sizes[:-1], MOST_WORDS]) if size is None else size
        jobs += [
            _job(number, draw, view, size=least, picked=pool.picked(chosen), held=sizes[number])
            for number, pool in enumerate(pools)
            for draw in range(draws)
            for chosen in [first_words(pool.order(draw), words[number], least)]
        ]
    return jobs


def measured(names: Sequence[str], seed: int, job: Job) -> Answer:
    """The figures of the analyzers `names` on the rows of one draw."""
    if not any(len(picked.positions) for picked in job.picked):
        return Answer()
    batch = drawn_batch(job.picked)
    found: dict[Key, Sized] = {}
    for name in names:
        analyzer = load_analyzer(name, seed=seed)
        for finding in analyzer.finish(analyzer.measure(batch)):
            if "draws" not in finding.params and job.view in (None, finding.view):
                found[key_of(finding)] = Sized(finding, analyzer.version)
    views = {finding.view for finding in (s.finding for s in found.values()) if finding.view is not None}
    words = {view: int(batch.words(view).counts.sum()) for view in sorted(views)}
    return Answer(found, words)


def _job(pool: int, draw: int, view: str | None, *, size: int, picked: tuple[Picked, ...], held: int) -> Job:
    if 0 < size <= held:
        return Job(pool, draw, view, size, picked)
    unit = "rows" if view is None else f"words in the view {view}"
    return Job(pool, draw, view, size, missing=f"{held:,} {unit}, fewer than a draw of {size:,}")
