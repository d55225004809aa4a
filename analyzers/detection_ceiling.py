"""What a rule can see at all: known forms of a benchmark's items, planted, and the share that is found."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from analyzers.base import Batch
from analyzers.benchmark_search import COLUMNS, BenchmarkIndex
from analyzers.intervals import wilson_interval
from analyzers.planted_forms import FORMS, NOT_PLANTED, Row
from registry.contaminations import FormRecall
from registry.snapshot import SNAPSHOT_SCHEMA

PLANTED_ITEMS = 300
_SCHEMA = pa.schema([field for field in SNAPSHOT_SCHEMA if field.name in {*COLUMNS, "prompt", "response"}])


def detection_ceiling(
    index: BenchmarkIndex, questions: Sequence[str], answers: Sequence[str], *, items: int = PLANTED_ITEMS
) -> tuple[FormRecall, ...]:
    """The recall of a rule for each form of `planted_forms`, then the forms that were not planted.

    Up to `items` items are planted, chosen by the hash of their question, each in a row of its own.
    Source: METRICS 8.5.
    """
    chosen = drawn_items(questions, items)
    measured = []
    for name, form in FORMS.items():
        rows = [(item, form(questions[item], answers[item])) for item in chosen]
        planted = [(item, row) for item, row in rows if row is not None]
        measured.append(_recall(name, index, planted))
    return (*measured, *(_unmeasured(form, reason) for form, reason in NOT_PLANTED.items()))


def drawn_items(questions: Sequence[str], items: int) -> list[int]:
    """Positions of up to `items` questions with text, in the order of the hashes of their text."""
    keys = sorted(
        (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), item)
        for item, text in enumerate(questions)
        if text.strip()
    )
    return [item for _, item in keys[:items]]


def rows_batch(rows: Sequence[Row]) -> Batch:
    """Rows of one question and one answer as a batch of a snapshot."""
    columns: dict[str, list[Any]] = {
        "system": [None] * len(rows),
        "turns": [[_turn("user", row.prompt), _turn("assistant", row.response)] for row in rows],
        "prompt": [row.prompt for row in rows],
        "response": [row.response for row in rows],
    }
    return Batch(pa.RecordBatch.from_pydict(columns, schema=_SCHEMA))


def _recall(form: str, index: BenchmarkIndex, planted: Sequence[tuple[int, Row]]) -> FormRecall:
    if not planted:
        return _unmeasured(form, "no item of this benchmark has this form")
    leaks = index.find(rows_batch([row for _, row in planted]))
    item_of = np.array([item for item, _ in planted])
    found, answered = (
        len(np.unique(pairs.hit_rows[pairs.hit_items == item_of[pairs.hit_rows]]))
        for pairs in (leaks.every, leaks.answer)
    )
    low, high = wilson_interval(found, len(planted))
    return FormRecall(
        form=form,
        planted=len(planted),
        found=found,
        answer_found=answered,
        recall=found / len(planted),
        ci_low=low,
        ci_high=high,
    )


def _unmeasured(form: str, reason: str) -> FormRecall:
    return FormRecall(
        form=form, planted=0, found=0, answer_found=0, recall=None, ci_low=None, ci_high=None, reason=reason
    )


def _turn(role: str, content: str) -> dict[str, str | None]:
    return {"role": role, "content": content, "tool_calls": None, "label": None}
