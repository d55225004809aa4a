"""The registry: every dataset of the catalogue as a mapping, and what was fetched and measured of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from registry.catalogs import sync_if_changed
from registry.comparisons import FairComparison
from registry.contaminations import Contamination
from registry.descent import lineage_of, steps_between, undeclared_parents
from registry.entry import STORED, Benchmark, Entry
from registry.errors import InputRefusedError, Problem, ProblemCode, UnknownDatasetError
from registry.evidence import fact_evidence
from registry.figures import measured_kinships, measured_origins, measured_sets
from registry.hub_history import HubHistory, hub_readings
from registry.kinship import Kinship
from registry.licensing import LicenseVerdict, license_verdict
from registry.lineage import Lineage
from registry.measurements import Distribution, Measurement, Overlap
from registry.query import Filters, OneOrMany, count_facets, entry_from, find_entries
from registry.results import Results
from registry.settings import Settings
from registry.store import ORIGINS_KEY, Store
from registry.terms import Use

if TYPE_CHECKING:
    from registry.likeness import Like
    from registry.snapshot import Snapshot


class Registry(Mapping[str, Entry]):
    """The datasets of the catalogue by id, in the order of ids; samples and benchmarks stand apart.

    Open it with `Registry.open()`; use it as a context manager or `close()` it. Threads may share one.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.settings = settings
        self._store = store
        self._results = Results(store, settings.snapshots)
        self.hub = HubHistory(store)

    @classmethod
    def open(cls, settings: Settings | None = None) -> Self:
        """The registry of `settings`; makes its folder and database, and reads the catalogue if it changed.

        Raises:
            InputRefusedError: the catalogue holds faults (then nothing was changed), or a newer version wrote
                the database.
            BusyError, DiskError, IntegrityError: the database cannot be used.
        """
        settings = settings or Settings()
        store = Store(settings.database_url)
        try:
            store.migrate()
            sync_if_changed(store, settings)
        except BaseException:
            store.close()
            raise
        return cls(store, settings)

    def close(self) -> None:
        """Close the connections to the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getitem__(self, dataset_id: str) -> Entry:
        found = self._dataset(dataset_id)
        if found is None:
            raise UnknownDatasetError(dataset_id, [*self, *self.samples])
        return found

    def __contains__(self, dataset_id: object) -> bool:
        sql = "SELECT 1 FROM entry WHERE kind = 'dataset' AND id = :id"
        return isinstance(dataset_id, str) and bool(self._store.rows(sql, {"id": dataset_id}))

    def __iter__(self) -> Iterator[str]:
        return iter(
            [
                found
                for (found,) in self._store.rows("SELECT id FROM entry WHERE kind = 'dataset' ORDER BY id")
            ]
        )

    def __len__(self) -> int:
        return int(self._store.rows("SELECT COUNT(*) FROM entry WHERE kind = 'dataset'")[0][0])

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"Registry({self._store.shown_url!r}, {len(self)} datasets)"

    @cached_property
    def samples(self) -> Mapping[str, Entry]:
        """The bundled sample datasets by id."""
        return MappingProxyType(
            {entry.id: entry for entry in self._documents("WHERE kind = 'sample' ORDER BY id")}
        )

    @cached_property
    def benchmarks(self) -> Mapping[str, Benchmark]:
        """The evaluation sets by id, in the order of the catalogue."""
        return self._benchmarks("dataset")

    @cached_property
    def sample_benchmarks(self) -> Mapping[str, Benchmark]:
        """The bundled sample benchmarks by id."""
        return self._benchmarks("sample")

    @cached_property
    def evaluations(self) -> Mapping[str, Benchmark]:
        """The evaluation sets by the name their rows go by: `<id>-test` where a dataset has their id."""
        named = {f"{b.id}-test" if b.id in self else b.id: b for b in self.benchmarks.values()}
        return MappingProxyType(named)

    def entry(self, name: str) -> Entry:
        """The dataset or sample `name`.

        Raises:
            UnknownDatasetError: neither carries that id; the message offers the nearest.
        """
        return self.samples[name] if name in self.samples else self[name]

    def entry_or_none(self, name: str) -> Entry | None:
        """The dataset or sample `name`; None where nothing is called so."""
        return self.samples[name] if name in self.samples else self._dataset(name)

    def require(self, name: str) -> None:
        """Raise `UnknownDatasetError` where neither an entry nor rows here are called `name`."""
        if self.entry_or_none(name) is None and self.latest_snapshot(name) is None:
            self.entry(name)

    def parents(self) -> set[tuple[str, str]]:
        """Every declared (child, parent) step."""
        rows = self._store.rows("SELECT child, parent FROM entry_parent")
        return {(str(child), str(parent)) for child, parent in rows}

    def declared(self, name: str) -> Entry | Benchmark:
        """The dataset, sample or benchmark `name`: whatever rows can be fetched as.

        A benchmark that shares its id with a dataset goes by `<id>-test` (`gsm8k-test`).

        Raises:
            UnknownDatasetError: none of them is called so; the message offers the nearest.
        """
        try:
            return self.entry(name)
        except UnknownDatasetError:
            evaluations = {**self.evaluations, **self.sample_benchmarks}
            if name not in evaluations:
                raise UnknownDatasetError(name, [*self, *self.samples, *evaluations]) from None
            return evaluations[name]

    def find(
        self,
        *,
        category: OneOrMany = None,
        method: OneOrMany = None,
        focus: OneOrMany = None,
        language: OneOrMany = None,
        license: OneOrMany = None,  # noqa: A002  (the public word)
        commercial_use: OneOrMany = None,
        teacher: OneOrMany = None,
        open: bool | None = None,  # noqa: A002  (the public word)
        in_survey: bool | None = None,
        min_rows: int | None = None,
        max_rows: int | None = None,
        modality: OneOrMany = None,
        format: OneOrMany = None,  # noqa: A002  (the public word)
        search: str | None = None,
        sort: str = "id",
        limit: int | None = None,
        offset: int = 0,
        after: str | None = None,
    ) -> list[Entry]:
        """The datasets that pass every filter given, in a total order (see `query.SORTS`).

        A field takes one value or several alternatives. `search` finds entries that hold all its words, each
        being the beginning of one of theirs; no sign in it has a special meaning. `after` is the id of the
        last entry of the page before.

        Raises:
            InputRefusedError: a word of a closed vocabulary is not known, a number is negative, or `after` is
                not among what is found.
        """
        filters = Filters(
            category=category,
            method=method,
            focus=focus,
            language=language,
            license=license,
            commercial_use=commercial_use,
            teacher=teacher,
            open=open,
            in_survey=in_survey,
            min_rows=min_rows,
            max_rows=max_rows,
            modality=modality,
            format=format,
            search=search,
        )
        return find_entries(self._store, filters, sort=sort, limit=limit, offset=offset, after=after)

    def facets(self, **filters: Any) -> dict[str, dict[str, int]]:
        """How many datasets that pass the filters of `find` carry each value of each facet, most first."""
        return count_facets(self._store, Filters(**filters))

    def evidence(self, name: str) -> dict[str, Any]:
        """`{id, facts, hub}` of a dataset, sample or benchmark.

        `facts` are the declared ones, each with source, status and every reading; `hub` is what `sync` last
        read on the Hub, each fact with its own source and whether it agrees.

        Raises:
            UnknownDatasetError: nothing is called so.
        """
        declared = self.declared(name)
        return {
            "id": name,
            "facts": [fact.to_json() for fact in fact_evidence(declared)],
            "hub": self._hub_readings(declared),
        }

    def lineage(self, dataset_id: str) -> Lineage:
        """What `dataset_id` derives from and what derives from it: as declared, and as measured on rows.

        Measured steps come from `measure_lineage` on this machine, else from the figures that are shipped.

        Raises:
            UnknownDatasetError: neither an entry nor rows on this machine are called so.
        """
        self.require(dataset_id)
        return lineage_of(dataset_id, self.parents(), self.entry_or_none, **self._measured())

    def license(
        self,
        ids: str | Sequence[str],
        *,
        use: str = "commercial",
        unknown: Literal["refused", "unclear"] = "refused",
    ) -> LicenseVerdict:
        """What the published terms of `ids`, their ancestors and their teachers say of a use, with a proof.

        Ancestors are the declared ones and those that rows show (`lineage`).

        Raises:
            InputRefusedError: `use` is none of `registry.terms.Use`.
            UnknownDatasetError: an id is not known, and `unknown` is refused.
        """
        if use not in set(Use):
            message = f"no use {use!r}; known: {', '.join(Use)}"
            raise InputRefusedError([Problem(code=ProblemCode.BAD_VALUE, message=message, file="use")])
        wanted = [ids] if isinstance(ids, str) else list(ids)
        if unknown == "refused":
            for name in wanted:
                self.require(name)
        pairs, entry_of = self.parents(), cache(self.entry_or_none)
        steps = steps_between(pairs, entry_of, **self._measured())
        return license_verdict(wanted, Use(use), entry_of, undeclared_parents(steps, pairs))

    def similar(self, text: str, *, limit: int = 10) -> list[tuple[Entry, float]]:
        """The datasets whose facts sound most like `text`, best first, with a similarity in (0, 1]."""
        from registry.similar import similar_entries

        return similar_entries(text, list(self._documents("WHERE kind = 'dataset' ORDER BY id")), limit=limit)

    def like(self, dataset_id: str, *, limit: int = 10) -> list[Like]:
        """The datasets most like this one, by what is said of them and by what was measured on their rows.

        Figures measured here count before shipped ones.

        Raises:
            UnknownDatasetError: no dataset or sample has that id.
        """
        from registry.likeness import entries_like, profiles_of

        sets = sorted(measured_sets().values(), key=lambda found: found.part == "whole")
        shipped = [(found.entry, m) for found in sets for m in found.measurements]
        figures = [(name, m) for name, m in shipped if name] + [(m.dataset, m) for m in self.measurements()]
        return entries_like(self.entry(dataset_id), self.find(), profiles_of(figures), limit=limit)

    def describe(self, dataset_id: str) -> dict[str, Any]:
        """All that is known of a dataset or sample as plain JSON types.

        The facts of the entry with evidence and conflicts, then `snapshots` and `measurements` made here, the
        declared `lineage`, and in `hub` what was last read on the Hub.
        """
        entry = self.entry(dataset_id)
        return {
            **entry.to_json(),
            "overlay": json.loads(self._store.meta(ORIGINS_KEY) or "{}").get(dataset_id),
            "snapshots": self._results.snapshot_documents(dataset_id),
            "measurements": [m.to_json() for m in self.measurements(dataset_id)],
            "lineage": self.lineage(dataset_id).to_json(),
            "hub": self._hub_readings(entry),
        }

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Remember a snapshot that is durable on disk; it becomes the latest of its dataset."""
        self._results.add_snapshot(snapshot)

    def snapshots(self, dataset: str | None = None) -> list[Snapshot]:
        """Snapshots in the order they were added; of one dataset or of all."""
        return self._results.snapshots(dataset)

    def latest_snapshot(self, dataset: str) -> Snapshot | None:
        """The snapshot of `dataset` that was added last; None where there is none."""
        return self._results.latest_snapshot(dataset)

    def add_measurements(self, snapshot_id: str, measurements: Iterable[Measurement]) -> None:
        """Keep figures of a snapshot; one with equal metric, view and settings replaces an older one."""
        self._results.add_measurements(snapshot_id, measurements)

    def add_distributions(self, snapshot_id: str, distributions: Iterable[Distribution]) -> None:
        """Keep histograms of a snapshot; equal metric and view replace older ones."""
        self._results.add_distributions(snapshot_id, distributions)

    def measurements(self, dataset: str | None = None, *, metric: str | None = None) -> list[Measurement]:
        """Figures measured here on the latest snapshot of one dataset or of each."""
        return self._results.measurements(dataset, metric=metric)

    def distributions(self, dataset: str | None = None, *, metric: str | None = None) -> list[Distribution]:
        """Histograms measured here on the latest snapshot of one dataset or of each."""
        return self._results.distributions(dataset, metric=metric)

    def add_overlap(self, a_snapshot: str, b_snapshot: str, overlap: Overlap) -> None:
        """Keep an overlap; equal snapshots, view, shingle and threshold replace an older one."""
        self._results.add_overlap(a_snapshot, b_snapshot, overlap)

    def add_kinship(self, a_snapshot: str, b_snapshot: str, kinship: Kinship) -> None:
        """Keep what two snapshots share; what was known of the same two is replaced."""
        self._results.add_kinship(a_snapshot, b_snapshot, kinship)

    def kinships(self) -> list[Kinship]:
        """What latest snapshots share with each other, as far as it was measured here."""
        return self._results.kinships()

    def overlaps(self, dataset: str | None = None) -> list[Overlap]:
        """Overlaps measured here between latest snapshots, of all or with `dataset` on either side."""
        return self._results.overlaps(dataset)

    def add_contaminations(self, snapshot_id: str, found: Iterable[Contamination]) -> None:
        """Keep what of benchmarks stands in a snapshot; equal benchmark and rule replace an older one."""
        self._results.add_contaminations(snapshot_id, found)

    def contaminations(self, dataset: str | None = None) -> list[Contamination]:
        """What was found here of benchmarks in the latest snapshot of one dataset or of each."""
        return self._results.contaminations(dataset)

    def add_comparison(self, comparison: FairComparison) -> None:
        """Keep a fair comparison; equal snapshots, unit, draws, seed and figures replace an older one."""
        self._results.add_comparison(comparison)

    def comparisons(self, dataset: str | None = None) -> list[FairComparison]:
        """Fair comparisons made here of latest snapshots, of all or with `dataset` among them."""
        return self._results.comparisons(dataset)

    def _measured(self) -> dict[str, Any]:
        return {"here": self.kinships(), "shipped": measured_kinships(), "sets": measured_origins()}

    def _hub_readings(self, declared: Entry | Benchmark) -> list[dict[str, Any]]:
        state = self.hub.latest(declared.hf_id) if declared.hf_id else None
        return [reading.to_json() for reading in hub_readings(declared, state)] if state else []

    def _benchmarks(self, kind: str) -> Mapping[str, Benchmark]:
        sql = "SELECT document FROM benchmark WHERE kind = :kind ORDER BY position"
        documents = [document for (document,) in self._store.rows(sql, {"kind": kind})]
        found = [Benchmark.model_validate_json(document, context=STORED) for document in documents]
        return MappingProxyType({benchmark.id: benchmark for benchmark in found})

    def _dataset(self, dataset_id: str) -> Entry | None:
        found = self._documents("WHERE kind = 'dataset' AND id = :id", id=dataset_id)
        return found[0] if found else None

    def _documents(self, tail: str, **values: str) -> list[Entry]:
        sql = f"SELECT document FROM entry {tail}"  # noqa: S608  (tails are literals of this module)
        return [entry_from(document) for (document,) in self._store.rows(sql, values)]
