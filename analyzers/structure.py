"""How long rows are, how many turns they have, in which languages they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.base import Batch, Finding
from analyzers.language import BACKEND as LANGUAGE_BACKEND
from analyzers.language import LANGUAGES_KNOWN
from analyzers.tally import Tally, entropy_bits
from analyzers.text import TOKENIZER
from analyzers.tokens import TOKENS
from registry.measurements import Param

NO_ROWS = "no rows"
LANGUAGES_SHOWN = 20

# metric, view, feature column, tokeniser
_LENGTHS = tuple(
    (f"len_{unit}", view, f"{view}_{unit}", tokenizer)
    for unit, tokenizer in (("chars", None), ("words", TOKENIZER), ("tokens", TOKENS))
    for view in ("prompt", "response")
)
_COLUMNS = (*(column for _, _, column, _ in _LENGTHS), "turns", "user_turns")


@dataclass(frozen=True, slots=True)
class StructurePartial:
    """Tallies of the length columns, rows by language, rows with a system text."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    with_system: int = 0


class Structure:
    """Lengths (mean, median, 95th percentile), turns, loss tokens, languages; over all rows, exact."""

    name = "structure"
    version = 1
    metrics = (
        "len_chars",
        "len_words",
        "len_tokens",
        "loss_tokens",
        "n_turns",
        "n_user_turns",
        "multi_turn_share",
        "system_share",
        "language_share",
        "lang_entropy",
    )
    columns = ("system",)

    def start(self) -> StructurePartial:
        """No rows."""
        return StructurePartial()

    def measure(self, batch: Batch) -> StructurePartial:
        """Tallies of one batch."""
        features = batch.features
        found = pc.value_counts(features.column("language"))
        languages = dict(
            zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)
        )
        system = batch.rows.column("system")
        return StructurePartial(
            {column: Tally.of(_numbers(features, column)) for column in _COLUMNS},
            languages,
            batch.num_rows,
            len(system) - system.null_count,
        )

    def merge(self, a: StructurePartial, b: StructurePartial) -> StructurePartial:
        """The sums of both."""
        return StructurePartial(
            {column: a.tallies.get(column, Tally()) + b.tallies.get(column, Tally()) for column in _COLUMNS},
            {name: a.languages.get(name, 0) + b.languages.get(name, 0) for name in a.languages | b.languages},
            a.rows + b.rows,
            a.with_system + b.with_system,
        )

    def finish(self, total: StructurePartial) -> list[Finding]:
        """One number a statistic; languages from the most frequent down."""
        return [*_lengths(total), *_turns(total), *_languages(total)]


def _numbers(features: pa.RecordBatch, column: str) -> npt.NDArray[np.int64]:
    numbers: npt.NDArray[np.int64] = features.column(column).to_numpy().astype(np.int64)
    return numbers


def _lengths(total: StructurePartial) -> Iterator[Finding]:
    for metric, view, column, tokenizer in _LENGTHS:
        tally = total.tallies.get(column, Tally())
        stats = {"mean": tally.mean, "median": tally.quantile(0.5), "p95": tally.quantile(0.95)}
        for stat, value in stats.items():
            yield _finding(
                total, metric, value, view=view, tokenizer=tokenizer, params={"stat": stat}, evidence="A"
            )
    tokens = total.tallies.get("response_tokens", Tally())
    summed = float(tokens.sum) if total.rows else None
    yield _finding(
        total, "loss_tokens", summed, view="response", tokenizer=TOKENS, params={"max_length": None}
    )


def _turns(total: StructurePartial) -> Iterator[Finding]:
    turns, users = (total.tallies.get(column, Tally()) for column in ("turns", "user_turns"))
    yield _finding(total, "n_turns", turns.mean, view="all", params={"stat": "mean"}, evidence="B")
    yield _finding(total, "n_user_turns", users.mean, view="prompt", params={"stat": "mean"}, evidence="B")
    shares = {"multi_turn_share": users.above(1), "system_share": total.with_system}
    for metric, rows in shares.items():
        yield _finding(total, metric, rows / total.rows if total.rows else None, view="all")


def _languages(total: StructurePartial) -> Iterator[Finding]:
    ranked = sorted(total.languages.items(), key=lambda item: (-item[1], item[0]))
    for language, rows in ranked[:LANGUAGES_SHOWN]:
        yield _finding(
            total, "language_share", rows / total.rows, view="response", params={"language": language}
        )
    if not ranked:
        yield _finding(total, "language_share", None, view="response", params={"language": None})
    bits = entropy_bits(np.array([rows for _, rows in ranked], np.int64)) if ranked else None
    yield _finding(total, "lang_entropy", bits, view="response", direction="+")
    share = None if bits is None else bits / math.log2(LANGUAGES_KNOWN)
    params: dict[str, Param] = {"classes": LANGUAGES_KNOWN, "normalised": True}
    yield _finding(total, "lang_entropy", share, view="response", params=params, direction="+")


def _finding(
    total: StructurePartial,
    metric: str,
    value: float | None,
    *,
    view: str,
    params: Mapping[str, Param] | None = None,
    tokenizer: str | None = None,
    direction: Literal["+", "-", "0"] = "0",
    evidence: str = "C",
) -> Finding:
    return Finding(
        metric=metric,
        view=view,
        n_used=total.rows,
        value=value,
        params=params or {},
        tokenizer=tokenizer,
        backend=LANGUAGE_BACKEND if metric in ("language_share", "lang_entropy") else None,
        reason=NO_ROWS if value is None else None,
        direction=direction,
        evidence=evidence,
    )
