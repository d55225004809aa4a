"""How alike the rows of a dataset are, pair by pair, on rows drawn by content."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import fmean, stdev

import numpy as np
import pyarrow as pa

from analyzers.base import Batch, Finding
from analyzers.bleu import self_bleu
from analyzers.drawn_texts import Budget, DrawnTexts
from analyzers.rouge import MAX_WORDS, NOVELTY_CUT, Floats, rouge_l_nearest
from analyzers.shingle_pairs import SHINGLE, mean_jaccard
from analyzers.text import TOKENIZER, Words, shingles, words
from registry.measurements import Param

VIEWS = ("first_prompt", "response")
ROWS = 2_000
BLEU_ROWS = 1_000
TEXT_BYTES = 4_096
NO_PARAMS: Mapping[str, Param] = {}
QUANTILES = {"p10": 0.1, "median": 0.5, "p90": 0.9}
BUDGET = Budget(texts=ROWS, text_bytes=TEXT_BYTES, total_bytes=ROWS * (TEXT_BYTES + 1))


@dataclass(frozen=True, slots=True)
class DrawnRows:
    """The rows of a view with a word that are drawn first, and how many have one."""

    rows: int = 0
    texts: DrawnTexts = field(default_factory=lambda: DrawnTexts(BUDGET))

    def __add__(self, other: DrawnRows) -> DrawnRows:
        return DrawnRows(self.rows + other.rows, self.texts + other.texts)


class Pairwise:
    """Self-BLEU of 1,000 rows, mean shingle Jaccard and nearest ROUGE-L of 2,000 rows of the sample.

    All three depend on how many rows there are, so that number is a parameter of each. Rows without a word
    are left out; each text counts with its first 4 KiB.
    """

    name = "pairwise"
    version = 1
    metrics = ("self_bleu", "mean_shingle_jaccard", "rougeL_nn")
    columns = ("turns", "response")

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def start(self) -> dict[str, DrawnRows]:
        """No rows."""
        return {view: DrawnRows() for view in VIEWS}

    def measure(self, batch: Batch) -> dict[str, DrawnRows]:
        """The first rows of the batch by key."""
        sample = batch.sample()
        return {view: _drawn(sample, view) for view in VIEWS}

    def merge(self, a: dict[str, DrawnRows], b: dict[str, DrawnRows]) -> dict[str, DrawnRows]:
        """The first rows of both."""
        return {view: a[view] + b[view] for view in VIEWS}

    def finish(self, total: dict[str, DrawnRows]) -> list[Finding]:
        """The figures of each view; null for fewer than two rows with a word."""
        return [finding for view in VIEWS for finding in self._of_view(view, total[view])]

    def _of_view(self, view: str, drawn: DrawnRows) -> Iterator[Finding]:
        found = first_words(drawn.texts, ROWS)
        some = first_words(drawn.texts, BLEU_ROWS)
        bleu = self_bleu(some)
        yield self._mean("self_bleu", view, bleu, drawn.rows)
        rows = len(found.counts)
        jaccard = mean_jaccard(shingles(found, SHINGLE))
        yield self._finding("mean_shingle_jaccard", view, rows, jaccard, {"shingle": SHINGLE})
        yield from self._nearest(view, rouge_l_nearest(found), drawn.rows)

    def _nearest(self, view: str, scores: Floats, seen: int) -> Iterator[Finding]:
        params: dict[str, Param] = {"max_words": MAX_WORDS}
        yield self._mean("rougeL_nn", view, scores, seen, {**params, "stat": "mean"})
        share = {**params, "stat": "share", "above": NOVELTY_CUT}
        yield self._mean("rougeL_nn", view, (scores > NOVELTY_CUT).astype(float), seen, share)
        for name, rank in QUANTILES.items():
            value = float(np.quantile(scores, rank, method="inverted_cdf")) if len(scores) else None
            yield self._finding("rougeL_nn", view, len(scores), value, {**params, "stat": name})

    def _mean(
        self, metric: str, view: str, scores: Floats, seen: int, params: Mapping[str, Param] = NO_PARAMS
    ) -> Finding:
        """The mean over rows; where rows were drawn, with the interval that their spread gives."""
        values = scores.tolist()
        if not values:
            return self._finding(metric, view, 0, None, params)
        mean, half = fmean(values), 1.96 * stdev(values) / math.sqrt(len(values))
        interval = (max(mean - half, 0.0), min(mean + half, 1.0)) if len(values) < seen else (None, None)
        return self._finding(metric, view, len(values), mean, params, interval=interval)

    def _finding(
        self,
        metric: str,
        view: str,
        rows: int,
        value: float | None,
        params: Mapping[str, Param],
        *,
        interval: tuple[float | None, float | None] = (None, None),
    ) -> Finding:
        return Finding(
            metric=metric,
            view=view,
            n_used=rows,
            value=value,
            params={**params, "rows": rows},
            tokenizer=TOKENIZER,
            ci_low=interval[0],
            ci_high=interval[1],
            reason="fewer than two rows with a word" if value is None else None,
            direction="-",
            evidence="B",
            seed=self.seed,
        )


def first_words(drawn: DrawnTexts, rows: int) -> Words:
    """The words of the first `rows` drawn texts, those left out whose first bytes hold no word."""
    texts = pa.array([text.decode(errors="ignore") for text in drawn.texts[:rows]], pa.large_string())
    found = words(texts)
    return found if found.counts.all() else words(texts.filter(pa.array(found.counts > 0)))


def _drawn(batch: Batch, view: str) -> DrawnRows:
    holds = np.flatnonzero(batch.words(view).counts)
    texts, keys = batch.view(view).take(holds), batch.keys[holds]
    return DrawnRows(len(holds), DrawnTexts.of(texts, keys, BUDGET))
