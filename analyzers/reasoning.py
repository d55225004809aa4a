"""How answers reason: blocks of reasoning, steps counted three ways, second thoughts, connectives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from analyzers import traces
from analyzers.arrow import pc
from analyzers.base import Batch, Finding
from analyzers.flags.reasoning import find as faults_of
from analyzers.intervals import wilson_interval
from analyzers.tally import Tally
from analyzers.text import TOKENIZER, words
from analyzers.tokens import TOKENS, count_tokens
from analyzers.views import without_reasoning
from registry.measurements import Param

NO_BLOCK = "no row with a reasoning block"
NO_ENGLISH = "no words in English"
_PER_WORDS = 1_000


@dataclass(frozen=True, slots=True)
class Trace:
    """Sums over the rows seen; `Trace()` is the neutral element of `+`.

    The tallies hold one number a row: steps of a response, or of a block.
    """

    rows: int = 0
    with_block: int = 0
    unbalanced: int = 0
    answered: int = 0
    tokens: int = 0
    block_tokens: int = 0
    block_words: int = 0
    block_reflections: int = 0
    english_rows: int = 0
    english_words: int = 0
    english_reflections: int = 0
    english_connectives: int = 0
    prompt_words: int = 0
    prompt_connectives: int = 0
    steps: dict[str, Tally] = field(default_factory=dict)

    def __add__(self, other: Trace) -> Trace:
        sums: dict[str, Any] = {
            each.name: getattr(self, each.name) + getattr(other, each.name)
            for each in fields(self)
            if each.name != "steps"
        }
        names = sorted(self.steps.keys() | other.steps.keys())
        return Trace(
            **sums, steps={n: self.steps.get(n, Tally()) + other.steps.get(n, Tally()) for n in names}
        )


class Reasoning:
    """Reasoning blocks and steps over all rows; second thoughts and connectives over the English sample."""

    name = "reasoning"
    version = 1
    metrics = (
        "reasoning_rows",
        "steps",
        "reason_share",
        "reflect_rate",
        "tags_balanced",
        "answer_after_block",
        "logic_words",
    )
    columns = ("prompt", "response")

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def start(self) -> Trace:
        """No rows."""
        return Trace()

    def measure(self, batch: Batch) -> Trace:
        """Sums over one batch."""
        responses = batch.view("response")
        steps = {f"response/{name}": Tally.of(c) for name, c in traces.step_counts(responses).items()}
        tokens = int(batch.features.column("response_tokens").to_numpy().astype(np.int64).sum())
        whole = Trace(rows=batch.num_rows, tokens=tokens, steps=steps)
        tagged = responses.filter(pa.array(traces.has_block(responses)))
        return whole + _of_blocks(tagged) + _of_english(batch.sample())

    def merge(self, a: Trace, b: Trace) -> Trace:
        """The sums of both."""
        return a + b

    def finish(self, total: Trace) -> list[Finding]:
        """Shares and means; null where there is no row or no block to speak of."""
        return [*self._blocks(total), *self._steps(total), *self._rates(total)]

    def _blocks(self, total: Trace) -> Iterator[Finding]:
        shares = (
            ("reasoning_rows", total.with_block, total.rows, "no rows"),
            ("tags_balanced", total.with_block - total.unbalanced, total.with_block, NO_BLOCK),
            ("answer_after_block", total.answered, total.with_block, NO_BLOCK),
        )
        for metric, hits, rows, reason in shares:
            interval = wilson_interval(hits, rows) if rows else (None, None)
            value = hits / rows if rows else None
            yield _finding(metric, value, rows, reason=reason, interval=interval)
        share = total.block_tokens / total.tokens if total.tokens and total.with_block else None
        yield _finding("reason_share", share, total.rows, reason=NO_BLOCK, tokenizer=TOKENS)

    def _steps(self, total: Trace) -> Iterator[Finding]:
        for where, counts in (
            ("response", traces.STEP_COUNTS),
            ("block", (*traces.STEP_COUNTS, "paragraphs")),
        ):
            for name in counts:
                tally = total.steps.get(f"{where}/{name}", Tally())
                for stat, value in {"mean": tally.mean, "median": tally.quantile(0.5)}.items():
                    params: dict[str, Param] = {"where": where, "count": name, "stat": stat}
                    reason = "no rows" if where == "response" else NO_BLOCK
                    yield _finding(
                        "steps", value, tally.total, params, reason=reason, direction="+", evidence="A"
                    )

    def _rates(self, total: Trace) -> Iterator[Finding]:
        block, text = (
            (total.block_words, total.block_reflections),
            (total.english_words, total.english_reflections),
        )
        rows = {"block": total.with_block, "response": total.english_rows}
        for where, (count, hits) in {"block": block, "response": text}.items():
            value = hits * _PER_WORDS / count if count else None
            reason = NO_BLOCK if where == "block" else NO_ENGLISH
            params: dict[str, Param] = {"where": where, "per_words": _PER_WORDS}
            seed = None if where == "block" else self.seed
            yield _finding(
                "reflect_rate",
                value,
                rows[where],
                params,
                reason=reason,
                tokenizer=TOKENIZER,
                evidence="B",
                seed=seed,
            )
        asked = (total.prompt_words, total.prompt_connectives)
        for view, (count, hits) in {
            "prompt": asked,
            "response": (total.english_words, total.english_connectives),
        }.items():
            yield _finding(
                "logic_words",
                hits * 100 / count if count else None,
                total.english_rows,
                {"per_words": 100},
                view=view,
                reason=NO_ENGLISH,
                tokenizer=TOKENIZER,
                direction="+",
                evidence="B",
                seed=self.seed,
            )


def _of_blocks(responses: pa.LargeStringArray) -> Trace:
    """What the blocks of responses that have a tag hold."""
    if not len(responses):
        return Trace()
    texts: list[Any] = responses.to_pylist()
    blocks = pa.array([traces.block_text(text) for text in texts], pa.large_string())
    answers = pc.utf8_length(pc.utf8_trim_whitespace(without_reasoning(responses)))
    counts = {**traces.step_counts(blocks), "paragraphs": traces.paragraphs(blocks)}
    return Trace(
        with_block=len(texts),
        unbalanced=sum(any(span.code == "unbalanced" for span in faults_of(text)) for text in texts),
        answered=int(np.count_nonzero(answers.to_numpy())),
        block_tokens=int(count_tokens(blocks).sum()),
        block_words=len(words(blocks).hashes),
        block_reflections=int(traces.reflections(blocks).sum()),
        steps={f"block/{name}": Tally.of(count) for name, count in counts.items()},
    )


def _of_english(sample: Batch) -> Trace:
    """Words, second thoughts and connectives of the rows whose response is in English."""
    english = pc.equal(sample.features.column("language"), "en")
    responses, prompts = (sample.view(view).filter(english) for view in ("response", "prompt"))
    features = sample.features.filter(english)
    return Trace(
        english_rows=len(responses),
        english_words=_sum(features, "response_words"),
        english_reflections=int(traces.reflections(responses).sum()),
        english_connectives=int(traces.connectives(responses).sum()),
        prompt_words=_sum(features, "prompt_words"),
        prompt_connectives=int(traces.connectives(prompts).sum()),
    )


def _sum(features: pa.RecordBatch, column: str) -> int:
    return int(features.column(column).to_numpy().astype(np.int64).sum())


def _finding(
    metric: str,
    value: float | None,
    rows: int,
    params: Mapping[str, Param] | None = None,
    *,
    reason: str,
    view: str = "response",
    tokenizer: str | None = None,
    direction: Literal["+", "0"] = "0",
    evidence: str = "C",
    seed: int | None = None,
    interval: tuple[float | None, float | None] = (None, None),
) -> Finding:
    return Finding(
        metric=metric,
        view=view,
        n_used=rows,
        value=value,
        params=params or {},
        tokenizer=tokenizer,
        ci_low=interval[0],
        ci_high=interval[1],
        reason=reason if value is None else None,
        direction=direction,
        evidence=evidence,
        seed=seed,
    )
