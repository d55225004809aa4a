"""The figures of a snapshot under the analyzers of the table, found in one pass over its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from analyzers.base import Analyzer, Finding
from analyzers.distributions import feature_histograms
from analyzers.heap import give_back
from analyzers.one_pass import Progress, merged_partials
from analyzers.options import DEFAULTS, Options
from analyzers.row_features import has_features, stored_features
from analyzers.runner import Workers, held
from analyzers.table import ANALYZERS, LISTED, load_analyzer, metric_owners
from registry.errors import UnknownMetricError
from registry.measurements import Distribution, Measurement
from registry.settings import Settings
from registry.snapshot import Snapshot


class MeasurementStore(Protocol):
    """What a run needs of the registry."""

    @property
    def settings(self) -> Settings:
        """Where row features live."""
        ...

    def add_measurements(self, snapshot_id: str, measurements: Iterable[Measurement]) -> None:
        """Remember figures of a snapshot, in place of older ones of the same kind."""
        ...

    def add_distributions(self, snapshot_id: str, distributions: Iterable[Distribution]) -> None:
        """Remember histograms of a snapshot, in place of older ones of the same kind."""
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
    options: Options = DEFAULTS,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Analysis:
    """`analyze`, with row features kept in the registry's home, figures and histograms in the registry.

    Figures of the first `limit` rows only are answered but not stored as the dataset's.
    """
    analysis = analyze(
        snapshot,
        only=only,
        limit=limit,
        seed=seed,
        options=options,
        workers=workers,
        features_home=registry.settings.features,
        progress=progress,
    )
    if limit is None or limit >= snapshot.rows_kept:
        registry.add_measurements(snapshot.id, analysis.measurements)
        registry.add_distributions(snapshot.id, analysis.distributions)
    return analysis


def analyze(
    snapshot: Snapshot,
    *,
    only: Sequence[str] | None = None,
    limit: int | None = None,
    seed: int = 0,
    options: Options = DEFAULTS,
    workers: Workers = 1,
    features_home: Path | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """The figures of a snapshot under the analyzers or metrics named in `only` (None: all of the table).

    `limit` looks at the first rows only; `seed` moves every drawing; `options` chooses the embedding and the
    like; `workers` changes no bit. Row features are read from their home or made there (None: made and
    dropped). `n_used` of `n_total` rows went into a figure; one that cannot be had is null with the reason.

    Raises:
        UnknownMetricError: `only` names neither an analyzer nor a metric.
        ValueError: `limit` is negative or `workers` below 1.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit counts rows and is not negative, got {limit}")
    chosen = choose(only)
    for name in chosen.names:  # whatever an analyzer lacks is said before any work
        load_analyzer(name, seed=seed, options=options)
    rows = snapshot.rows_kept if limit is None else min(limit, snapshot.rows_kept)
    if rows < snapshot.rows_kept and not (features_home and has_features(snapshot, features_home)):
        features_home = None  # features of some rows are not kept beside those of all
    with _folder(features_home) as home, held(workers):
        features = stored_features(snapshot, home, rows=rows, workers=workers, progress=progress)
        distributions = feature_histograms(snapshot, features, rows)
        with merged_partials(
            snapshot,
            features,
            rows,
            names=chosen.names,
            seed=seed,
            options=options,
            workers=workers,
            progress=progress,
        ) as totals:
            found: dict[str, list[Measurement]] = {}
            # From the last on, which holds the most: it ends before the libraries of the others are loaded.
            for name in reversed(chosen.names):
                analyzer = load_analyzer(name, seed=seed, options=options)
                found[name] = list(_finished(snapshot, analyzer, totals.pop(name)))
                give_back()
    measured = (m for name in chosen.names for m in found[name] if m.metric in chosen.metrics)
    return Analysis(tuple(measured), distributions)


@dataclass(frozen=True, slots=True)
class Choice:
    """Analyzers to run, in the order of the table, and the metrics wanted of them."""

    names: tuple[str, ...]
    metrics: frozenset[str]


def choose(only: Iterable[str] | None = None) -> Choice:
    """What the names of analyzers or metrics in `only` ask for; None asks for everything.

    Raises:
        UnknownMetricError: a name is neither; the message offers near ones.
    """
    owners = metric_owners()
    names: set[str] = set()
    metrics: set[str] = set()
    for name in ANALYZERS if only is None else only:
        if name in LISTED:
            names.add(name)
            metrics.update(metric for metric, owner in owners.items() if owner == name)
        elif name in owners:
            names.add(owners[name])
            metrics.add(name)
        else:
            raise UnknownMetricError(name, [*LISTED, *owners])
    return Choice(tuple(name for name in LISTED if name in names), frozenset(metrics))


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    """`home`, or a folder that is gone afterwards."""
    if home is not None:
        yield home
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _finished(snapshot: Snapshot, analyzer: Analyzer[Any], total: Any) -> Iterator[Measurement]:
    for finding in analyzer.finish(total):
        yield Measurement(
            dataset=snapshot.dataset,
            version=analyzer.version,
            n_total=snapshot.rows_kept,
            **{field.name: getattr(finding, field.name) for field in fields(Finding)},
        )
