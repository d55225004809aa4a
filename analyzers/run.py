"""One pass over a snapshot for many analyzers, in one process or several, to the same bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from analyzers.base import Analyzer, Batch, Finding
from analyzers.distributions import feature_histograms
from analyzers.row_features import has_features, row_group, stored_features
from analyzers.runner import run_jobs
from analyzers.sampling import row_keys, sample_mask
from analyzers.table import ANALYZERS, load_analyzer
from analyzers.text import Hashes
from registry.errors import UnknownMetricError
from registry.measurements import Distribution, Measurement
from registry.settings import Settings
from registry.snapshot import ROW_GROUP_ROWS, Snapshot

Progress = Callable[[int, int | None, str], None]
Partials = dict[str, Any]


class MeasurementStore(Protocol):
    """What a run needs of the registry."""

    @property
    def settings(self) -> Settings:
        """Where row features live."""
        ...

    def add_measurements(self, snapshot_id: str, measurements: Iterable[Measurement]) -> None:
        """Remember figures of a snapshot, in place of older ones of the same kind."""
        ...


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one run found: figures in the order of the table of analyzers, and histograms of row features."""

    measurements: tuple[Measurement, ...]
    distributions: tuple[Distribution, ...]


def analyze_snapshot(
    registry: MeasurementStore,
    snapshot: Snapshot,
    *,
    only: Sequence[str] | None = None,
    limit: int | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
) -> Analysis:
    """`analyze`, with row features kept in the registry's home and the figures stored in the registry.

    Figures of the first `limit` rows only are answered but not stored as the dataset's.
    """
    analysis = analyze(
        snapshot,
        only=only,
        limit=limit,
        seed=seed,
        workers=workers,
        features_home=registry.settings.features,
        progress=progress,
    )
    if limit is None or limit >= snapshot.rows_kept:
        registry.add_measurements(snapshot.id, analysis.measurements)
    return analysis


def analyze(
    snapshot: Snapshot,
    *,
    only: Sequence[str] | None = None,
    limit: int | None = None,
    seed: int = 0,
    workers: int = 1,
    features_home: Path | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """The figures of a snapshot under the analyzers or metrics named in `only` (None: all of the table).

    `limit` looks at the first rows only; `seed` moves every drawing; neither `workers` nor the size of row
    groups changes a bit. Row features are read from `features_home` or made there (None: made and dropped).

    Raises:
        UnknownMetricError: `only` names neither an analyzer nor a metric.
        ValueError: `limit` is negative or `workers` below 1.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit counts rows and is not negative, got {limit}")
    chosen = choose(only)
    rows = snapshot.rows_kept if limit is None else min(limit, snapshot.rows_kept)
    with _features_home(snapshot, features_home, rows) as home:
        features = stored_features(snapshot, Path(home), rows=rows, workers=workers, progress=progress)
        totals = _measured(
            snapshot, features, rows, chosen=chosen, seed=seed, workers=workers, progress=progress
        )
        distributions = feature_histograms(snapshot, features, rows)
    return Analysis(tuple(_measurements(snapshot, chosen, totals, seed)), distributions)


def choose(only: Sequence[str] | None) -> Mapping[str, frozenset[str] | None]:
    """The analyzers that `only` needs, in the order of the table, each with the metrics wanted (None: all).

    Raises:
        UnknownMetricError: a name is neither an analyzer nor a metric; the message offers near ones.
    """
    if only is None:
        return dict.fromkeys(ANALYZERS)
    wanted: dict[str, frozenset[str] | None] = {}
    for name in only:
        if name in ANALYZERS:
            wanted[name] = None
            continue
        owner = _owners().get(name)
        if owner is None:
            raise UnknownMetricError(name, [*ANALYZERS, *_owners()])
        known = wanted.get(owner, frozenset())
        wanted[owner] = None if known is None else known | {name}
    return {name: wanted[name] for name in ANALYZERS if name in wanted}


def _owners() -> dict[str, str]:
    return {metric: name for name in ANALYZERS for metric in load_analyzer(name).metrics}


def _features_home(snapshot: Snapshot, home: Path | None, rows: int) -> AbstractContextManager[Path | str]:
    """Where row features lie; features of the first rows only are not kept beside those of all."""
    if home is None or (rows < snapshot.rows_kept and not has_features(snapshot, home)):
        return TemporaryDirectory()
    return nullcontext(home)


@dataclass(frozen=True, slots=True)
class _Pass:
    """What measuring a row group takes besides its number; travels to other processes."""

    rows_path: Path
    features: Path
    columns: tuple[str, ...]
    analyzers: tuple[str, ...]
    seed: int

    def loaded(self) -> dict[str, Analyzer[Any]]:
        """The analyzers."""
        return {name: load_analyzer(name, seed=self.seed) for name in self.analyzers}


@dataclass(frozen=True, slots=True)
class _Group:
    """One row group: its number, its rows, their keys, and which belong to the sample (None: all)."""

    number: int
    rows: int
    keys: Hashes
    sampled: npt.NDArray[np.bool_] | None


def _measured(
    snapshot: Snapshot,
    features: Path,
    rows: int,
    *,
    chosen: Iterable[str],
    seed: int,
    workers: int,
    progress: Progress | None,
) -> Partials:
    """The merged partial of each analyzer over the first `rows`."""
    analyzers = {name: load_analyzer(name, seed=seed) for name in chosen}
    columns = sorted({"row"}.union(*(analyzer.columns for analyzer in analyzers.values())))
    shared = _Pass(snapshot.rows_path, features, tuple(columns), tuple(analyzers), seed)
    totals: Partials = {name: analyzer.start() for name, analyzer in analyzers.items()}
    done = 0
    keys = row_keys(snapshot.row_hashes()[:rows], seed)
    groups = _groups(keys, sample_mask(keys, _words(features, rows)))
    for partials in run_jobs(partial(_measure_group, shared), groups, workers=workers):
        totals = {name: analyzers[name].merge(totals[name], partials[name]) for name in totals}
        done = min(done + ROW_GROUP_ROWS, rows)
        if progress:
            progress(done, rows, "analyze")
    return totals


def _words(features: Path, rows: int) -> npt.NDArray[np.int64]:
    """Words of prompt and response of each of the first `rows`."""
    table = pq.read_table(features, columns=["prompt_words", "response_words"]).slice(0, rows)
    words = np.zeros(rows, np.int64)
    for column in table.columns:
        words += column.to_numpy()
    return words


def _groups(keys: Hashes, mask: npt.NDArray[np.bool_] | None) -> Iterator[_Group]:
    for first in range(0, len(keys), ROW_GROUP_ROWS):
        part = slice(first, first + ROW_GROUP_ROWS)
        sampled = None if mask is None else mask[part]
        yield _Group(first // ROW_GROUP_ROWS, len(keys[part]), keys[part], sampled)


def _measure_group(shared: _Pass, group: _Group) -> Partials:
    batch = Batch(
        row_group(shared.rows_path, group.number, shared.columns, rows=group.rows),
        features=row_group(shared.features, group.number, rows=group.rows),
        sampled=group.sampled,
        keys=group.keys,
    )
    return {name: analyzer.measure(batch) for name, analyzer in shared.loaded().items()}


def _measurements(
    snapshot: Snapshot, chosen: Mapping[str, frozenset[str] | None], totals: Partials, seed: int
) -> Iterator[Measurement]:
    for name, metrics in chosen.items():
        analyzer = load_analyzer(name, seed=seed)
        for finding in analyzer.finish(totals[name]):
            if metrics is None or finding.metric in metrics:
                yield _measurement(snapshot, analyzer.version, finding)


def _measurement(snapshot: Snapshot, version: int, finding: Finding) -> Measurement:
    return Measurement(
        dataset=snapshot.dataset,
        metric=finding.metric,
        version=version,
        view=finding.view,
        n_total=snapshot.rows_kept,
        n_used=finding.n_used,
        value=finding.value,
        tokenizer=finding.tokenizer,
        backend=finding.backend,
        params=finding.params,
        seed=finding.seed,
        ci_low=finding.ci_low,
        ci_high=finding.ci_high,
        reason=finding.reason,
        direction=finding.direction,
        evidence=finding.evidence,
    )
