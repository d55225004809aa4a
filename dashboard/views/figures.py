"""Figures of one dataset, wherever they were measured: shipped with the package or found on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from dashboard.views.numbers import count
from dashboard.views.plain import one_line
from registry.entry import Entry
from registry.figures import MeasuredSet
from registry.measurements import Distribution, Measurement
from registry.registry import Registry
from registry.snapshot import Snapshot

T = TypeVar("T", Measurement, Distribution)


class Origin(StrEnum):
    """Where figures come from."""

    SHIPPED = "shipped figures"
    HERE = "measured here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything measured on one set of rows, with where it comes from.

    `name` is what overlaps and the address bar call it; `entry` is the catalogue id it belongs to, None
    for a file or a set the catalogue does not know. `source` says what exactly was measured.
    """

    name: str
    title: str
    entry: str | None
    origin: Origin
    source: str
    rows: int
    rows_bad: int
    is_whole: bool
    licence: str | None
    shape: str
    measurements: tuple[Measurement, ...]
    distributions: tuple[Distribution, ...]

    @property
    def label(self) -> str:
        """How a list names it: title, rows, origin."""
        return f"{self.title} · {count(self.rows)} rows · {self.origin}"

    def value(self, metric: str, view: str | None = None) -> Measurement | None:
        """The measurement of `metric` on `view`, or on any view where `view` is None."""
        return next(
            (m for m in self.measurements if m.metric == metric and (view is None or m.view == view)), None
        )


def shipped_figures(measured: MeasuredSet) -> Figures:
    """The figures of a set that ships with the package."""
    return Figures(
        name=measured.name,
        title=measured.title,
        entry=measured.entry,
        origin=Origin.SHIPPED,
        source=_files(measured),
        rows=measured.rows_kept,
        rows_bad=measured.rows_bad,
        is_whole=measured.part == "whole",
        licence=measured.licence,
        shape=measured.shape,
        measurements=measured.measurements,
        distributions=measured.distributions,
    )


def own_figures(registry: Registry, catalogue: Mapping[str, Entry]) -> list[Figures]:
    """The figures found on this machine, of the latest snapshot of each dataset."""
    measurements = _by_dataset(registry.measurements())
    distributions = _by_dataset(registry.distributions())
    found = []
    for name, held in measurements.items():
        snapshot = registry.latest_snapshot(name)
        if snapshot is not None:
            entry = catalogue.get(name)
            found.append(
                Figures(
                    name=name,
                    title=entry.name if entry else one_line(name, 60),
                    entry=entry.id if entry else None,
                    origin=Origin.HERE,
                    source=_read_from(snapshot),
                    rows=snapshot.rows_kept,
                    rows_bad=snapshot.rows_bad,
                    is_whole=snapshot.limit is None,
                    licence=entry.license if entry else None,
                    shape=snapshot.shape,
                    measurements=tuple(held),
                    distributions=tuple(distributions.get(name, ())),
                )
            )
    return found


def united(shipped: Iterable[Figures], own: Iterable[Figures]) -> dict[str, Figures]:
    """All figures by name; what was measured here replaces shipped figures of the same entry or name."""
    here = {figures.name: figures for figures in own}
    entries = {figures.entry for figures in here.values() if figures.entry and figures.is_whole}
    kept = {
        figures.name: figures
        for figures in shipped
        if figures.name not in here and not (figures.is_whole and figures.entry in entries)
    }
    both = {**kept, **here}
    return dict(sorted(both.items(), key=lambda item: (item[1].title.casefold(), item[0])))


def for_entry(figures: Mapping[str, Figures], entry: str) -> list[Figures]:
    """The figures that belong to a catalogue entry: measured here first, whole sets before parts."""
    found = [f for f in figures.values() if entry in (f.entry, f.name)]
    return sorted(found, key=lambda f: (f.origin is not Origin.HERE, not f.is_whole, -f.rows, f.name))


def _by_dataset(results: Iterable[T]) -> dict[str, list[T]]:
    grouped: dict[str, list[T]] = {}
    for result in results:
        grouped.setdefault(result.dataset, []).append(result)
    return grouped


def _read_from(snapshot: Snapshot) -> str:
    source = snapshot.source
    if source.repository:
        return f"{source.repository}@{(source.revision or '')[:10]}, snapshot {snapshot.id[:10]}"
    first = source.files[0].name if source.files else source.kind
    more = f" and {len(source.files) - 1} more files" if len(source.files) > 1 else ""
    return f"{first}{more}, snapshot {snapshot.id[:10]}"


def _files(measured: MeasuredSet) -> str:
    places = dict.fromkeys(f"{file.repository}@{file.commit[:10]}" for file in measured.files)
    return ", ".join(places)
