"""Tokens under a tokeniser of one's choice: of whole rows, and what a trainer learns from within a length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from analyzers.arrow import filled, pc
from analyzers.base import Batch, Finding
from analyzers.intervals import wilson_interval
from analyzers.tally import Tally
from analyzers.tokenizers_by_name import Tokenizer, load_tokenizer
from analyzers.trainers import LENGTH_LIMITS
from registry.measurements import Param

LENGTHS = (2_048, 4_096, 8_192)
TRAINED = ("all_assistant", "last_assistant")
NO_ROWS = "no rows"

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TokenSums:
    """Rows seen, a tally of their tokens, and learnt tokens by (turns, length); `TokenSums()` is neutral."""

    rows: int = 0
    lengths: Tally = field(default_factory=Tally)
    learnt: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: TokenSums) -> TokenSums:
        names = dict.fromkeys((*self.learnt, *other.learnt))
        learnt = {name: self.learnt.get(name, 0) + other.learnt.get(name, 0) for name in names}
        return TokenSums(self.rows + other.rows, self.lengths + other.lengths, learnt)


class Budget:
    """Row lengths and loss tokens over all rows, exact, under the tokeniser `tokenizer` names.

    `trainer_cuts` is the share of rows beyond the length a trainer documents as its default, or beyond each
    of `LENGTHS` where it documents none. A row is its system text and turns one after the other, without the
    marks of a chat template; of a longer row the first tokens are kept, as trainers do by default.
    """

    name = "budget"
    version = 2
    metrics = ("row_tokens", "loss_tokens_within", "rows_too_long", "trainer_cuts")
    columns = ("system", "turns")

    def __init__(self, *, tokenizer: str = "o200k_base") -> None:
        self.tokenizer: Tokenizer = load_tokenizer(tokenizer)

    def start(self) -> TokenSums:
        """No rows."""
        return TokenSums()

    def measure(self, batch: Batch) -> TokenSums:
        """Sums over one batch."""
        turns: Any = batch.rows.column("turns")
        offsets = turns.offsets.to_numpy().astype(np.int64)
        first, last = (int(offsets[0]), int(offsets[-1])) if len(offsets) else (0, 0)
        items = turns.values.slice(first, last - first)
        offsets -= first
        system = self.tokenizer.count(filled(batch.rows.column("system")))
        counts = self.tokenizer.count(filled(items.field("content")))
        is_assistant = pc.equal(items.field("role"), "assistant").fill_null(False)
        trained = trained_turns(is_assistant.to_numpy(zero_copy_only=False), offsets)
        begins, totals = places(system, counts, offsets)
        learnt = {
            _name(turns, length): _kept(counts[chosen], begins[chosen], length)
            for turns, chosen in trained.items()
            for length in (None, *LENGTHS)
        }
        return TokenSums(batch.num_rows, Tally.of(totals), learnt)

    def merge(self, a: TokenSums, b: TokenSums) -> TokenSums:
        """The sums of both."""
        return a + b

    def finish(self, total: TokenSums) -> list[Finding]:
        """Lengths of rows, learnt tokens by length and turns, and how many rows are longer."""
        return list(self._findings(total))

    def _findings(self, total: TokenSums) -> Iterator[Finding]:
        tally = total.lengths
        stats = {"mean": tally.mean, "median": tally.quantile(0.5), "p95": tally.quantile(0.95)}
        for stat, value in stats.items():
            yield self._finding("row_tokens", "all", value, total.rows, {"stat": stat})
        for turns in TRAINED:
            for length in (None, *LENGTHS):
                value = float(total.learnt.get(_name(turns, length), 0)) if total.rows else None
                params: dict[str, Param] = {"max_length": length, "on": turns}
                yield self._finding("loss_tokens_within", "response", value, total.rows, params)
        for length in LENGTHS:
            yield self._rate("rows_too_long", tally.above(length), total.rows, {"max_length": length})
        for limit in LENGTH_LIMITS:
            told = {"trainer": limit.trainer, "verdict": limit.verdict, "setting": limit.setting}
            for length in LENGTHS if limit.default is None else (limit.default,):
                cut = tally.above(length)
                yield self._rate("trainer_cuts", cut, total.rows, {**told, "max_length": length})

    def _rate(self, metric: str, count: int, rows: int, params: Mapping[str, Param]) -> Finding:
        low, high = wilson_interval(count, rows) if rows else (None, None)
        share = self._finding(metric, "all", count / rows if rows else None, rows, params)
        return replace(share, ci_low=low, ci_high=high)

    def _finding(
        self,
        metric: str,
        view: Literal["all", "response"],
        value: float | None,
        rows: int,
        params: Mapping[str, Param],
    ) -> Finding:
        return Finding(
            metric=metric,
            view=view,
            n_used=rows,
            value=value,
            params=params,
            tokenizer=self.tokenizer.name,
            reason=NO_ROWS if value is None else None,
        )


def places(system: Ints, counts: Ints, offsets: Ints) -> tuple[Ints, Ints]:
    """Tokens before each turn in its row, and tokens of each row, from those of systems and turns."""
    before = np.concatenate(([0], np.cumsum(counts)))
    row_starts = before[offsets[:-1]]
    begins = before[:-1] - np.repeat(row_starts - system, np.diff(offsets))
    return begins, before[offsets[1:]] - row_starts + system


def trained_turns(is_assistant: npt.NDArray[np.bool_], offsets: Ints) -> dict[str, npt.NDArray[np.bool_]]:
    """Which turns are learnt from: all of the assistant, or the last of them in each row."""
    places_of = np.flatnonzero(is_assistant)
    after = np.searchsorted(places_of, offsets[1:])
    some = after > np.searchsorted(places_of, offsets[:-1])
    last = np.zeros(len(is_assistant), bool)
    last[places_of[after[some] - 1]] = True
    return {"all_assistant": is_assistant.astype(bool), "last_assistant": last}


def _kept(counts: Ints, begins: Ints, length: int | None) -> int:
    """Tokens of some turns that lie within the first `length` of their rows."""
    return int((counts if length is None else np.clip(length - begins, 0, counts)).sum())


def _name(turns: str, length: int | None) -> str:
    return f"{turns}/{length or 'all'}"
