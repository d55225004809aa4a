"""Figures of several datasets on equally large draws, with the same draws from all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from statistics import fmean

import numpy as np

from analyzers.fair.draws import Pool
from analyzers.fair.gathered import gathered
from analyzers.fair.jobs import Answer, Job, Key, Sized, empty_figures, key_of, measured, row_jobs, word_jobs
from analyzers.one_pass import Progress
from analyzers.run import choose
from analyzers.runner import Workers, run_jobs
from registry.comparisons import Drawn, FairComparison, FairFigure, Unit
from registry.snapshot import Snapshot

DRAWS = 20
DEFAULT_ONLY = ("lexical", "pairwise", "semantic")


def fair_comparison(
    snapshots: Sequence[Snapshot],
    *,
    unit: Unit = "rows",
    draws: int = DRAWS,
    size: int | None = None,
    only: Sequence[str] | None = None,
    seed: int = 0,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> FairComparison:
    """Every figure of `only` on `draws` random draws of each snapshot, without replacement inside a draw.

    With unit "rows" a draw holds `size` rows; with "tokens" as many whole rows as hold at most `size` words
    (`w1`) of the view that is measured. Without `size` it is what the smallest snapshot has, at most 5,000
    rows or 250,000 words. Rows stand in the order drawn. A set smaller than a draw has null figures. Random
    draws of the same size come from all rows together (METRICS rules 0.4 and 0.9).

    The range holds 95 % of the draws and tells about drawing only: draws that take nearly all of a set hardly
    differ. Figures that draw by themselves (params `draws`) are left out.

    Raises:
        UnknownMetricError: `only` names neither an analyzer nor a metric.
        ValueError: fewer than two snapshots, two draws or one row.
    """
    if len(snapshots) < 2 or draws < 2 or (size is not None and size < 1):
        raise ValueError("a fair comparison takes two datasets, two draws and one row at least")
    chosen = choose(DEFAULT_ONLY if only is None else only)
    pools = [*(Pool.of([snapshot], seed) for snapshot in snapshots), Pool.of(snapshots, seed)]
    known = empty_figures(chosen.names)
    if unit == "rows":
        jobs = row_jobs(pools, draws, size)
    else:
        views = list(dict.fromkeys(view for _, view, *_ in known if view is not None))
        jobs = word_jobs(pools, draws, size, views, workers)
    answers: list[Answer] = []
    with gathered(jobs) as ready:
        for answer in run_jobs(partial(measured, chosen.names, seed), ready, workers=workers):
            answers.append(answer)
            if progress:
                progress(len(answers), len(jobs), "draws")
    table = _Table(jobs, answers, len(pools))
    keys = [key for key in dict.fromkeys([*known, *table.keys()]) if key[0] in chosen.metrics]
    return FairComparison(
        unit=unit,
        datasets=tuple(snapshot.dataset for snapshot in snapshots),
        snapshots=tuple(snapshot.id for snapshot in snapshots),
        rows=tuple(snapshot.rows_kept for snapshot in snapshots),
        draws=draws,
        seed=seed,
        figures=tuple(table.figure(key) for key in keys if table.is_drawn(key)),
    )


class _Table:
    """The answers of all draws, by pool and view."""

    def __init__(self, jobs: Sequence[Job], answers: Sequence[Answer], pools: int) -> None:
        self._pools = pools
        self._held: dict[tuple[int, str | None], list[tuple[Job, Answer]]] = {}
        for job, answer in zip(jobs, answers, strict=True):
            self._held.setdefault((job.pool, job.view), []).append((job, answer))

    def keys(self) -> Iterator[Key]:
        """The figures found in any draw, in the order in which analyzers give them."""
        for held in self._held.values():
            for _, answer in held:
                yield from map(key_of, answer.findings)

    def is_drawn(self, key: Key) -> bool:
        """Whether there are draws for the view of a figure."""
        return bool(self._of(0, key))

    def figure(self, key: Key) -> FairFigure:
        """One figure over all pools; the last of them is that of the random draws."""
        *own, random = (self._drawn(pool, key) for pool in range(self._pools))
        metric, view, params, tokenizer, backend = key
        sized = next(
            (s for pool in range(self._pools) for _, a in self._of(pool, key) if (s := a.of(key))), None
        )
        return FairFigure(
            metric=metric,
            version=sized.version if sized else 0,
            view=view,
            size=self._of(0, key)[0][0].size,
            drawn=tuple(own),
            random=random,
            params=dict(params),
            tokenizer=tokenizer,
            backend=backend,
            direction=sized.finding.direction if sized else "0",
            evidence=sized.finding.evidence if sized else "C",
        )

    def _of(self, pool: int, key: Key) -> list[tuple[Job, Answer]]:
        return self._held.get((pool, None)) or self._held.get((pool, key[1])) or []

    def _drawn(self, pool: int, key: Key) -> Drawn:
        held = self._of(pool, key)
        job = held[0][0]
        if job.missing is not None:
            return Drawn(value=None, reason=job.missing)
        found = [answer.of(key) for _, answer in held]
        rows = fmean(s.finding.n_used if s else 0 for s in found)
        view = key[1]
        words = None if view is None else fmean(answer.words.get(view, 0) for _, answer in held)
        values = [s.finding.value for s in found if s is not None and s.finding.value is not None]
        if len(values) < len(held):
            return Drawn(value=None, rows=rows, words=words, reason=_undefined(found, len(values)))
        low, high = np.quantile(values, (0.025, 0.975)).tolist()
        return Drawn(value=fmean(values), ci_low=low, ci_high=high, rows=rows, words=words)


def _undefined(found: Sequence[Sized | None], defined: int) -> str:
    reasons = [s.finding.reason for s in found if s is not None and s.finding.reason]
    why = f": {reasons[0]}" if reasons else ""
    return f"undefined in {len(found) - defined} of {len(found)} draws{why}"
