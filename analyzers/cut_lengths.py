"""Answers cut at a common length: many that stop in mid-sentence where the longest answers end."""

from __future__ import annotations

from analyzers.base import Batch, Finding, View
from analyzers.cut_answers import LengthCounts, find_cut
from analyzers.intervals import wilson_interval
from analyzers.tokens import TOKENS


class CutLengths:
    """`cut_at_length`: the share of rows whose last answer ends open within 2 % of a length where many do.

    That length in tokens is `cut_length`, see `cut_answers.find_cut`. Null where there is no such length,
    which is what one hopes for. The rows are those that flag `truncated` marks with code `cut_at_length`.
    """

    name = "cut_lengths"
    version = 2
    metrics = ("cut_at_length", "cut_length")
    columns: tuple[str, ...] = ()

    def start(self) -> LengthCounts:
        """No rows."""
        return LengthCounts()

    def measure(self, batch: Batch) -> LengthCounts:
        """Lengths of one batch, read from its row features."""
        return LengthCounts.of(
            batch.features.column("answer_tokens").to_numpy(),
            batch.features.column("open_end").to_numpy(zero_copy_only=False),
        )

    def merge(self, a: LengthCounts, b: LengthCounts) -> LengthCounts:
        """Counts over both."""
        return a + b

    def finish(self, total: LengthCounts) -> list[Finding]:
        """The share with its Wilson 95 % interval, and the length."""
        rows = sum(total.rows.values())
        cut = find_cut(total)
        count = cut.rows if cut else 0
        low, high = wilson_interval(count, rows) if rows else (None, None)
        return [
            Finding(
                metric="cut_at_length",
                view=str(View.RESPONSE),
                n_used=rows,
                value=count / rows if rows else None,
                tokenizer=TOKENS,
                ci_low=low,
                ci_high=high,
                reason=None if rows else "no rows",
                direction="-",
            ),
            Finding(
                metric="cut_length",
                view=str(View.RESPONSE),
                n_used=rows,
                value=float(cut.length) if cut else None,
                tokenizer=TOKENS,
                reason=None if cut else "no length at which answers are cut",
            ),
        ]
