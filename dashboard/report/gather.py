"""All that a report tells of one dataset, from the registry; what was not measured yet is measured now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from analyzers.hygiene import FLAGS, Severity, explain
from analyzers.row_features import stored_cut, stored_features
from analyzers.run import analyze_snapshot
from analyzers.runner import Workers
from analyzers.sampling import row_keys
from analyzers.table import ANALYZERS, metric_owners
from dashboard.views.figures import Figures, own_figures, shipped_figures
from registry.contaminations import Contamination
from registry.entry import Entry
from registry.errors import NotMeasuredError, UnknownDatasetError
from registry.figures import measured_overlaps, measured_sets
from registry.licensing import LicenseVerdict
from registry.measurements import Overlap
from registry.registry import Registry
from registry.snapshot import Snapshot, open_snapshot

EXAMPLES = 2
PRIVATE = frozenset({"pii", "secrets"})

Progress = Callable[[int, int | None, str], None]


class Example(NamedTuple):
    """Where a flag was seen: the flag and its kind, the row, the place as it may be shown, its numbers.

    `note` is empty for rows that hold private data.
    """

    flag: str
    code: str
    row: int
    excerpt: str
    note: str = ""

    @property
    def title(self) -> str:
        """The flag with its kind and numbers, and the row."""
        told = "; ".join(part for part in (self.code, self.note) if part)
        return f"{self.flag}{f' ({told})' if told else ''}, row {self.row}"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One dataset of a report; `snapshot` is None where only shipped figures are at hand."""

    figures: Figures
    entry: Entry | None
    snapshot: Snapshot | None
    licence: LicenseVerdict | None
    overlaps: tuple[Overlap, ...]
    examples: tuple[Example, ...]
    contaminations: tuple[Contamination, ...] = ()

    @property
    def name(self) -> str:
        """What figures and overlaps call it."""
        return self.figures.name


def told(
    registry: Registry,
    ref: str,
    *,
    contaminations: Sequence[Contamination] = (),
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Told:
    """What is known of `ref`: an id, a sample or a path.

    Raises:
        NotMeasuredError: its rows were not fetched, and no figures ship of it.
        UnknownDatasetError: neither an id nor a path.
    """
    found = _found(registry, ref)
    snapshot = None if isinstance(found, Figures) else found
    name = found.entry or ref if isinstance(found, Figures) else found.dataset
    entry = _entry(registry, name)
    if isinstance(found, Figures):
        figures = found
        overlaps = [o for o in measured_overlaps() if found.name in (o.a, o.b) and o.pairs]
    else:
        figures = _measured(registry, found, entry, workers, progress)
        overlaps = registry.overlaps(name)
    return Told(
        figures=figures,
        entry=entry,
        snapshot=snapshot,
        licence=registry.license(name, use="commercial") if entry else None,
        overlaps=tuple(overlaps),
        examples=tuple(flag_examples(registry, snapshot)) if snapshot else (),
        contaminations=tuple(contaminations),
    )


def flag_examples(registry: Registry, snapshot: Snapshot) -> list[Example]:
    """Up to two rows of each flag that is an error or a warning, drawn by content; one place of each.

    Of a row that holds private data or secrets only the shape of the text is shown.
    """
    path = stored_features(snapshot, registry.settings.features)
    bits = pq.read_table(path, columns=["flags"]).column(0).to_numpy()
    keys = row_keys(snapshot.row_hashes(), 0)
    drawn: dict[str, list[int]] = {}
    for place, flag in enumerate(FLAGS):
        flagged = np.flatnonzero(bits >> np.uint64(place) & np.uint64(1))
        if flag.severity is not Severity.INFO and len(flagged):
            drawn[flag.id] = flagged[np.argsort(keys[flagged], kind="stable")[:EXAMPLES]].tolist()
    wanted = sorted({row for rows in drawn.values() for row in rows})
    evidence = explain(snapshot.take(wanted), stored_cut(path)) if wanted else []
    seen = dict(zip(wanted, evidence, strict=True))
    found = []
    for flag_id, rows in drawn.items():
        for row in rows:
            is_private = any(item.flag in PRIVATE for item in seen[row])
            item = next(item for item in seen[row] if item.flag == flag_id)
            shown = _shape(item.excerpt) if is_private else item.excerpt
            note = "" if is_private or not shown else item.note
            found.append(Example(flag_id, item.code, row, shown or item.note or "no text", note))
    return found


def _shape(text: str) -> str:
    return "".join("x" if char.isalpha() else "0" if char.isdigit() else char for char in text)


def _found(registry: Registry, ref: str) -> Snapshot | Figures:
    """The rows that `ref` means; where there are none here, the figures that ship of them."""
    try:
        return open_snapshot(registry, ref)
    except (NotMeasuredError, UnknownDatasetError):
        for measured in measured_sets().values():
            if ref == measured.name or (ref == measured.entry and measured.part == "whole"):
                return shipped_figures(measured)
        raise


def _entry(registry: Registry, name: str) -> Entry | None:
    try:
        return registry.entry(name)
    except UnknownDatasetError:
        return None


def _measured(
    registry: Registry,
    snapshot: Snapshot,
    entry: Entry | None,
    workers: Workers,
    progress: Progress | None,
) -> Figures:
    owners = metric_owners()
    held = {owners.get(m.metric) for m in registry.measurements(snapshot.dataset)}
    missing = [name for name in ANALYZERS if name not in held]
    if missing or not registry.distributions(snapshot.dataset):
        analyze_snapshot(registry, snapshot, only=missing, workers=workers, progress=progress)
    catalogue = {snapshot.dataset: entry} if entry else {}
    return next(f for f in own_figures(registry, catalogue) if f.name == snapshot.dataset)
