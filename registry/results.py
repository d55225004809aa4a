"""What was fetched and measured here: snapshots, figures of their rows, overlaps between them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry.comparisons import FairComparison
from registry.contaminations import Contamination
from registry.errors import NotMeasuredError
from registry.kinship import Kinship
from registry.measurements import Distribution, MatchedPair, Measurement, Overlap
from registry.store import Store, write_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from registry.snapshot import Snapshot

_LATEST: Final = (
    "snapshot.sequence = (SELECT MAX(other.sequence) FROM snapshot AS other "
    "WHERE other.dataset = snapshot.dataset)"
)
MEASUREMENT: Final = "measurement"
DISTRIBUTION: Final = "distribution"
KINSHIP: Final = "kinship"
COMPARISON: Final = "comparison"
CONTAMINATION: Final = "contamination"
_UNKNOWN_SNAPSHOT: Final = "no snapshot {!r} in the registry: fetch the dataset first"


class Results:
    """The shelf of results of one registry; `snapshots_home` is where snapshot folders usually lie."""

    def __init__(self, store: Store, snapshots_home: Path) -> None:
        self._store = store
        self._home = snapshots_home

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Remember a snapshot that is durable on disk; it becomes the latest of its dataset.

        Where it is already, nothing is written: a plan opens its parts again and again.
        """
        record = {"folder": self._shelved(snapshot.folder), "document": _canonical(snapshot.to_json())}
        if self._newest(snapshot.dataset) == (snapshot.id, *record.values()):
            return
        from sqlalchemy import func, insert, select, update

        from registry.tables import SnapshotRecord

        table: Any = SnapshotRecord
        with self._store.writing() as connection:
            last = connection.execute(select(func.coalesce(func.max(table.sequence), 0))).scalar_one()
            known = connection.execute(select(table.sequence).where(table.id == snapshot.id)).scalar()
            if known is None:
                row = {"id": snapshot.id, "dataset": snapshot.dataset, "sequence": last + 1, **record}
                connection.execute(insert(table), [row])
            else:
                connection.execute(
                    update(table).where(table.id == snapshot.id).values(sequence=last + 1, **record)
                )

    def snapshots(self, dataset: str | None = None) -> list[Snapshot]:
        """Snapshots in the order they were added; of one dataset or of all."""
        where = "" if dataset is None else " WHERE dataset = :dataset"
        values = {} if dataset is None else {"dataset": dataset}
        rows = self._store.rows(f"SELECT folder FROM snapshot{where} ORDER BY sequence", values)  # noqa: S608
        return [self._open(folder) for (folder,) in rows]

    def latest_snapshot(self, dataset: str) -> Snapshot | None:
        """The snapshot of `dataset` that was added last; None where there is none."""
        newest = self._newest(dataset)
        return self._open(newest[1]) if newest else None

    def snapshot_documents(self, dataset: str) -> list[dict[str, Any]]:
        """What is known of each snapshot of `dataset`, as plain JSON types, without opening its rows."""
        sql = "SELECT document FROM snapshot WHERE dataset = :dataset ORDER BY sequence"
        return [json.loads(document) for (document,) in self._store.rows(sql, {"dataset": dataset})]

    def add_measurements(self, snapshot_id: str, measurements: Iterable[Measurement]) -> None:
        """Keep figures of a snapshot; equal metric, view, settings, backend and tokenizer replace one.

        Raises:
            NotMeasuredError: no snapshot has that id.
        """
        self._add_results(
            snapshot_id, MEASUREMENT, [(m.metric, _measurement_key(m), m.to_json()) for m in measurements]
        )

    def add_distributions(self, snapshot_id: str, distributions: Iterable[Distribution]) -> None:
        """Keep histograms of a snapshot; one with equal metric and view is replaced.

        Raises:
            NotMeasuredError: no snapshot has that id.
        """
        found = [(d.metric, _canonical([d.metric, d.view]), d.to_json()) for d in distributions]
        self._add_results(snapshot_id, DISTRIBUTION, found)

    def measurements(self, dataset: str | None = None, *, metric: str | None = None) -> list[Measurement]:
        """Figures of the latest snapshot of one dataset or each, by dataset, metric, view and settings."""
        return [Measurement(**plain) for plain in self._results(MEASUREMENT, dataset, metric)]

    def distributions(self, dataset: str | None = None, *, metric: str | None = None) -> list[Distribution]:
        """Histograms of the latest snapshot of one dataset or each, by dataset, metric and view."""
        found = self._results(DISTRIBUTION, dataset, metric)
        return [
            Distribution(**{**d, "edges": tuple(d["edges"]), "counts": tuple(d["counts"])}) for d in found
        ]

    def add_comparison(self, comparison: FairComparison) -> None:
        """Keep a fair comparison; one of equal snapshots, unit, draws, seed and figures is replaced.

        Raises:
            NotMeasuredError: one of the snapshots is not known.
        """
        c = comparison
        known = {found for (found,) in self._store.rows("SELECT id FROM snapshot")}
        for snapshot_id in c.snapshots:
            if snapshot_id not in known:
                raise NotMeasuredError(_UNKNOWN_SNAPSHOT.format(snapshot_id[:12]))
        drawn = sorted({(f.metric, f.view or "", f.size) for f in c.figures})
        key = _canonical([c.unit, c.draws, c.seed, sorted(c.snapshots), drawn])
        self._add_results(min(c.snapshots), COMPARISON, [(c.unit, key, c.to_json())])

    def comparisons(self, dataset: str | None = None) -> list[FairComparison]:
        """Fair comparisons of latest snapshots, all or those with `dataset` in them, in a fixed order."""
        latest = {found for (found,) in self._store.rows(f"SELECT id FROM snapshot WHERE {_LATEST}", {})}  # noqa: S608
        held = [FairComparison.from_json(plain) for plain in self._results(COMPARISON, None, None)]
        return [
            c for c in held if latest.issuperset(c.snapshots) and (dataset is None or dataset in c.datasets)
        ]

    def add_contaminations(self, snapshot_id: str, found: Iterable[Contamination]) -> None:
        """Keep what of benchmarks stands in a snapshot; equal benchmark and rule replace an older one.

        Raises:
            NotMeasuredError: no snapshot has that id.
        """
        held = [(c.benchmark, _canonical([c.benchmark, c.rule]), c.to_json()) for c in found]
        self._add_results(snapshot_id, CONTAMINATION, held)

    def contaminations(self, dataset: str | None = None) -> list[Contamination]:
        """What of benchmarks stands in the latest snapshot of one dataset or each, by names and rule."""
        return [Contamination.from_json(plain) for plain in self._results(CONTAMINATION, dataset, None)]

    def add_overlap(self, a_snapshot: str, b_snapshot: str, overlap: Overlap) -> None:
        """Keep an overlap; one with equal snapshots, view, shingle and threshold is replaced.

        Raises:
            NotMeasuredError: one of the snapshots is not known.
        """
        from sqlalchemy import delete

        from registry.tables import OverlapRecord

        table: Any = OverlapRecord
        key = _canonical([overlap.view, overlap.shingle, overlap.threshold])
        keys = {"a_snapshot": a_snapshot, "b_snapshot": b_snapshot, "key": key}
        with self._store.writing() as connection:
            for snapshot_id in (a_snapshot, b_snapshot):
                _require_snapshot(connection, snapshot_id)
            connection.execute(delete(table).filter_by(**keys))
            write_rows(connection, table, [{**keys, "document": _canonical(overlap.to_json())}])

    def overlaps(self, dataset: str | None = None) -> list[Overlap]:
        """Overlaps between latest snapshots, all or with `dataset` on either side, by names and rule."""
        latest = f"SELECT id, dataset FROM snapshot WHERE {_LATEST}"  # noqa: S608  (fixed text)
        sql = (
            f"WITH latest AS ({latest}) "  # noqa: S608  (fixed text)
            "SELECT overlap.document FROM overlap JOIN latest AS a ON a.id = overlap.a_snapshot "
            "JOIN latest AS b ON b.id = overlap.b_snapshot"
        )
        if dataset is not None:
            sql += " WHERE a.dataset = :dataset OR b.dataset = :dataset"
        values = {} if dataset is None else {"dataset": dataset}
        rows = self._store.rows(f"{sql} ORDER BY a.dataset, b.dataset, overlap.key", values)
        return [_overlap_from(json.loads(document)) for (document,) in rows]

    def add_kinship(self, a_snapshot: str, b_snapshot: str, kinship: Kinship) -> None:
        """Keep what two snapshots share; what was known of the same two is replaced.

        Raises:
            NotMeasuredError: no snapshot has the id `a_snapshot`.
        """
        self._add_results(a_snapshot, KINSHIP, [(KINSHIP, b_snapshot, kinship.to_json())])

    def kinships(self) -> list[Kinship]:
        """What latest snapshots share with each other, by names."""
        sql = (
            f"WITH latest AS (SELECT id, dataset FROM snapshot WHERE {_LATEST}) "  # noqa: S608  (fixed text)
            "SELECT result.document FROM result JOIN latest AS a ON a.id = result.snapshot_id "
            "JOIN latest AS b ON b.id = result.key WHERE result.kind = :kind ORDER BY a.dataset, b.dataset"
        )
        rows = self._store.rows(sql, {"kind": KINSHIP})
        return [Kinship.from_json(json.loads(document)) for (document,) in rows]

    def _results(self, kind: str, dataset: str | None, metric: str | None) -> list[dict[str, Any]]:
        values: dict[str, str] = {"kind": kind}
        clauses = ["result.kind = :kind", _LATEST]
        for column, wanted in (("snapshot.dataset", dataset), ("result.metric", metric)):
            if wanted is not None:
                name = column.split(".")[1]
                values[name] = wanted
                clauses.append(f"{column} = :{name}")
        sql = (
            "SELECT result.document FROM result JOIN snapshot ON snapshot.id = result.snapshot_id "  # noqa: S608
            f"WHERE {' AND '.join(clauses)} ORDER BY snapshot.dataset, result.key"
        )
        return [json.loads(document) for (document,) in self._store.rows(sql, values)]

    def _add_results(
        self, snapshot_id: str, kind: str, found: Sequence[tuple[str, str, dict[str, Any]]]
    ) -> None:
        from sqlalchemy import bindparam, delete

        from registry.tables import ResultRecord

        table: Any = ResultRecord
        rows = {
            key: {
                "snapshot_id": snapshot_id,
                "kind": kind,
                "key": key,
                "metric": metric,
                "document": _canonical(plain),
            }
            for metric, key, plain in found
        }
        with self._store.writing() as connection:
            _require_snapshot(connection, snapshot_id)
            same = (table.snapshot_id == snapshot_id) & (table.kind == kind) & (table.key == bindparam("old"))
            if rows:
                connection.execute(delete(table.__table__).where(same), [{"old": key} for key in rows])
            write_rows(connection, table, list(rows.values()))

    def _newest(self, dataset: str) -> tuple[str, str, str] | None:
        """Id, folder and document of the snapshot of `dataset` that was added last."""
        sql = "SELECT id, folder, document FROM snapshot WHERE dataset = :dataset"
        rows = self._store.rows(f"{sql} ORDER BY sequence DESC LIMIT 1", {"dataset": dataset})
        return (str(rows[0][0]), str(rows[0][1]), str(rows[0][2])) if rows else None

    def _shelved(self, folder: Path) -> str:
        """`folder` relative to the snapshots' home where it lies there, so that a home can be moved."""
        try:
            return folder.resolve().relative_to(self._home.resolve()).as_posix()
        except ValueError:
            return str(folder.resolve())

    def _open(self, folder: str) -> Snapshot:
        from registry.snapshot import load_snapshot

        return load_snapshot(self._home / folder)


def _require_snapshot(connection: Connection, snapshot_id: str) -> None:
    from sqlalchemy import select

    from registry.tables import SnapshotRecord

    table: Any = SnapshotRecord
    if connection.execute(select(table.id).where(table.id == snapshot_id)).first() is None:
        raise NotMeasuredError(_UNKNOWN_SNAPSHOT.format(snapshot_id[:12]))


def _measurement_key(measurement: Measurement) -> str:
    m = measurement
    return _canonical([m.metric, m.view, dict(m.params), m.backend, m.tokenizer])


def _overlap_from(plain: dict[str, Any]) -> Overlap:
    fields = {name: value for name, value in plain.items() if name not in ("share_a", "share_b")}
    fields["examples"] = tuple(MatchedPair(**pair) for pair in plain["examples"])
    return Overlap(**fields)


def _canonical(plain: object) -> str:
    """One JSON text for equal values; U+0000 stays escaped, so every database takes it."""
    return json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
