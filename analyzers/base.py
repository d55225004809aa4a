"""What every analyzer works with: views of a row, batches that lend shared features, and the law.

The law: `start / measure / merge / finish`, `merge` associative, so that rows may be cut anywhere, into
any batches and processes, and the figures come out bit for bit the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers import text
from analyzers.arrow import pc
from analyzers.views import Questions, View, view_texts
from registry.measurements import Param

P = TypeVar("P")

__all__ = ["SIZE_PARAMS", "Analyzer", "Batch", "Finding", "View"]


SIZE_PARAMS = frozenset({"rows", "of_rows"})
"""Settings of a finding that say how many rows it rests on rather than what was asked for."""


class Batch:
    """Some consecutive rows of a snapshot, with texts, words and grams computed once and lent to all.

    `features` are the row features of the same rows (see `analyzers.row_features`); None means they are
    computed when first asked for. `sampled` marks the rows that belong to the run's sample; None: all do.
    `keys` order the rows for drawing, see `analyzers.sampling.row_keys`; None: by their position.
    """

    def __init__(
        self,
        rows: pa.RecordBatch,
        *,
        features: pa.RecordBatch | None = None,
        sampled: npt.NDArray[np.bool_] | None = None,
        keys: text.Hashes | None = None,
    ) -> None:
        if features is not None and features.num_rows != rows.num_rows:
            raise ValueError(f"{features.num_rows} rows of features for {rows.num_rows} rows")
        self.rows = rows
        self._features = features
        self._sampled = sampled
        self.keys = np.arange(rows.num_rows, dtype=np.uint64) if keys is None else keys
        self._sample: Batch | None = None
        self._views: dict[View, pa.LargeStringArray] = {}
        self._words: dict[View, text.Words] = {}
        self._languages: dict[View, pa.StringArray] = {}
        self._ngrams: dict[tuple[View, int], text.Grams] = {}
        self._shingles: dict[tuple[View, int], text.Grams] = {}

    @property
    def num_rows(self) -> int:
        """Rows of the batch."""
        return int(self.rows.num_rows)

    @property
    def features(self) -> pa.RecordBatch:
        """The row features of these rows, with the columns of `row_features.SCHEMA`."""
        if self._features is None:
            from analyzers.row_features import feature_batch

            self._features = feature_batch(self)
        return self._features

    def view(self, view: View | str) -> pa.LargeStringArray:
        """The texts of one view, one a row, never null."""
        view = View(view)
        if view not in self._views:
            self._views[view] = view_texts(self.rows, view)
        return self._views[view]

    def take(self, rows: npt.NDArray[np.int64], view: View | str) -> pa.LargeStringArray:
        """The texts of one view of some rows only."""
        view = View(view)
        if view in self._views:
            return cast("pa.LargeStringArray", pc.take(self._views[view], rows))
        return view_texts(pc.take(self.rows, rows), view)

    @cached_property
    def questions(self) -> Questions:
        """How the rows ask."""
        return Questions.of(self.rows)

    def words(self, view: View | str) -> text.Words:
        """The words of one view."""
        view = View(view)
        if view not in self._words:
            self._words[view] = text.words(self.view(view))
        return self._words[view]

    def ngrams(self, view: View | str, n: int) -> text.Grams:
        """The word `n`-grams of one view, with multiplicity."""
        key = (View(view), n)
        if key not in self._ngrams:
            self._ngrams[key] = text.ngrams(self.words(view), n)
        return self._ngrams[key]

    def shingles(self, view: View | str, k: int) -> text.Grams:
        """The distinct word `k`-shingles of one view, sorted inside each row."""
        key = (View(view), k)
        if key not in self._shingles:
            self._shingles[key] = text.shingles(self.words(view), k)
        return self._shingles[key]

    def languages(self, view: View | str) -> pa.StringArray:
        """The language code of one view, `und` where it cannot be told."""
        view = View(view)
        if view not in self._languages:
            from analyzers.language import languages

            self._languages[view] = languages(self.view(view))
        return self._languages[view]

    def sample(self) -> Batch:
        """The rows that belong to the sample, as a batch; the batch itself where all do."""
        if self._sampled is None or bool(self._sampled.all()):
            return self
        if self._sample is None:
            chosen = np.flatnonzero(self._sampled)
            features = None if self._features is None else self._features.take(chosen)
            self._sample = Batch(self.rows.take(chosen), features=features, keys=self.keys[chosen])
        return self._sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One number of an analyzer, before the run adds dataset, version and total rows.

    `n_used` counts the rows it rests on. `value` None means undefined, and `reason` says why.
    `seed` is what any drawing was done with, None where nothing was drawn.
    """

    metric: str
    view: str | None
    n_used: int
    value: float | None
    params: Mapping[str, Param] = field(default_factory=dict)
    tokenizer: str | None = None
    backend: str | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    reason: str | None = None
    direction: Literal["+", "-", "0"] = "0"
    evidence: str = "C"
    seed: int | None = None


class Analyzer(Protocol[P]):
    """Batch -> partial -> merged partial -> findings.

    `merge` is associative and `start()` is its neutral element. Partials are trees of records, containers,
    numbers, texts and arrays (see `analyzers.shards`); what grows with the rows stands in arrays.
    Settings (such as a seed) come through the constructor and are frozen. `metrics` are the names that
    `finish` may answer with, `columns` the snapshot columns that `measure` reads besides the features.
    """

    name: str
    version: int
    metrics: tuple[str, ...]
    columns: tuple[str, ...]

    def start(self) -> P:
        """The partial of no rows."""
        ...

    def measure(self, batch: Batch) -> P:
        """The partial of one batch."""
        ...

    def merge(self, a: P, b: P) -> P:
        """The partial of the rows of `a` followed by the rows of `b`."""
        ...

    def finish(self, total: P) -> list[Finding]:
        """The numbers of all rows; null with a reason where undefined."""
        ...
