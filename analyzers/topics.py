"""Which tasks prompts set and what they are about, by rules, and how evenly both are spread."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analyzers import domain_rules, task_rules
from analyzers.base import Batch, Finding
from analyzers.intervals import wilson_interval
from analyzers.language import may_be_english
from analyzers.tally import entropy_bits
from registry.measurements import Param

VIEW = "first_prompt"
TASKS = (*task_rules.TASKS, task_rules.OTHER)
DOMAINS = (*domain_rules.DOMAINS, domain_rules.GENERAL)
LEAST_HITS = 5

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TopicCounts:
    """Rows of each task (down) and domain (across), flattened; `TopicCounts()` is the neutral element."""

    cells: tuple[int, ...] = (0,) * (len(TASKS) * len(DOMAINS))

    def __add__(self, other: TopicCounts) -> TopicCounts:
        return TopicCounts(tuple(a + b for a, b in zip(self.cells, other.cells, strict=True)))


class Topics:
    """Shares and entropy of tasks and domains over the English prompts of the sample, labelled by rules.

    Prompts whose language is detected as another are left out, as the rules know English only.
    """

    name = "topics"
    version = 1
    metrics = ("task_share", "task_entropy", "domain_share", "domain_entropy", "concept_coverage")
    columns = ("turns",)

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def start(self) -> TopicCounts:
        """No rows."""
        return TopicCounts()

    def measure(self, batch: Batch) -> TopicCounts:
        """Rows of each task and domain in the sampled rows of one batch."""
        sample = batch.sample()
        known = may_be_english(sample.languages(VIEW))
        prompts = sample.view(VIEW).filter(known)
        tasks = task_rules.task_labels(prompts)
        domains = domain_rules.domain_labels(prompts, tasks)
        cells = np.bincount(tasks * len(DOMAINS) + domains, minlength=len(TASKS) * len(DOMAINS))
        return TopicCounts(tuple(cells.tolist()))

    def merge(self, a: TopicCounts, b: TopicCounts) -> TopicCounts:
        """The sums of both."""
        return a + b

    def finish(self, total: TopicCounts) -> list[Finding]:
        """Shares from the most frequent down, then the entropy, of tasks and of domains; then coverage."""
        grid = np.array(total.cells, np.int64).reshape(len(TASKS), len(DOMAINS))
        rows = int(grid.sum())
        return [
            *self._labels("task", TASKS, grid.sum(axis=1), task_rules.BACKEND),
            *self._labels("domain", DOMAINS, grid.sum(axis=0), domain_rules.BACKEND),
            self._finding(
                "concept_coverage",
                rows,
                int(np.count_nonzero(grid >= LEAST_HITS)) / grid.size if rows else None,
                {"taxonomy": "tasks x domains", "at_least": LEAST_HITS},
                f"{task_rules.BACKEND}+{domain_rules.BACKEND}",
                direction="+",
            ),
        ]

    def _labels(self, kind: str, names: Sequence[str], counts: Ints, backend: str) -> Iterator[Finding]:
        rows = int(counts.sum())
        for place in sorted(range(len(names)), key=lambda place: (-int(counts[place]), place)):
            hits = int(counts[place])
            share = hits / rows if rows else None
            interval = wilson_interval(hits, rows) if rows else (None, None)
            yield self._finding(
                f"{kind}_share", rows, share, {kind: names[place]}, backend, interval=interval
            )
        bits = entropy_bits(counts[counts > 0]) if rows else None
        for normalised, by in ((False, 1.0), (True, math.log2(len(names)))):
            value = None if bits is None else bits / by
            params: dict[str, Param] = {"classes": len(names), "normalised": normalised}
            yield self._finding(f"{kind}_entropy", rows, value, params, backend, direction="+")

    def _finding(
        self,
        metric: str,
        rows: int,
        value: float | None,
        params: Mapping[str, Param],
        backend: str,
        *,
        direction: Literal["+", "0"] = "0",
        interval: tuple[float | None, float | None] = (None, None),
    ) -> Finding:
        return Finding(
            metric=metric,
            view=VIEW,
            n_used=rows,
            value=value,
            params=params,
            backend=backend,
            ci_low=interval[0],
            ci_high=interval[1],
            reason="no prompt in English" if value is None else None,
            direction=direction,
            evidence="C",
            seed=self.seed,
        )
