"""Figures shipped with the package: what our analyzers found on real public files, never their rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from registry.measurements import Distribution, Measurement, Overlap

FOLDER = Path(__file__).parent / "measured"
OVERLAPS_FILE = "overlaps.json"

Part = Literal["whole", "part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredFile:
    """One public file that was measured: where it lies and the SHA-256 of its bytes as published."""

    repository: str
    path: str
    commit: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSet:
    """Everything measured on the files of one public set.

    `entry` is the catalogue id the files belong to, None where the catalogue has no such dataset;
    `part` tells whether they are all of it.
    """

    name: str
    title: str
    entry: str | None
    part: Part
    licence: str
    shape: str
    rows_read: int
    rows_kept: int
    rows_bad: int
    files: tuple[MeasuredFile, ...]
    measurements: tuple[Measurement, ...]
    distributions: tuple[Distribution, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            **asdict(self),
            "measurements": [m.to_json() for m in self.measurements],
            "distributions": [d.to_json() for d in self.distributions],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> MeasuredSet:
        """The record that `to_json` wrote."""
        fields = dict(plain)
        fields["files"] = tuple(MeasuredFile(**f) for f in plain["files"])
        fields["measurements"] = tuple(Measurement(**m) for m in plain["measurements"])
        fields["distributions"] = tuple(
            Distribution(**{**d, "edges": tuple(d["edges"]), "counts": tuple(d["counts"])})
            for d in plain["distributions"]
        )
        return cls(**fields)


def load_measured_sets(folder: Path) -> dict[str, MeasuredSet]:
    """Every measured set in `folder`, by name, in alphabetical order."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        if path.name != OVERLAPS_FILE:
            measured = MeasuredSet.from_json(json.loads(path.read_text(encoding="utf-8")))
            found[measured.name] = measured
    return found


def load_measured_overlaps(folder: Path) -> tuple[Overlap, ...]:
    """The overlaps in `folder`, both directions in each record, without examples."""
    path = folder / OVERLAPS_FILE
    if not path.is_file():
        return ()
    return tuple(Overlap(**plain) for plain in json.loads(path.read_text(encoding="utf-8")))


def overlaps_json(overlaps: Iterable[Overlap]) -> list[dict[str, Any]]:
    """Overlaps as plain JSON types without row texts, ready for `OVERLAPS_FILE`."""
    return [
        {name: value for name, value in asdict(overlap).items() if name != "examples"} for overlap in overlaps
    ]


@cache
def measured_sets() -> Mapping[str, MeasuredSet]:
    """The shipped measured sets by name; empty where none are shipped."""
    return MappingProxyType(load_measured_sets(FOLDER))


@cache
def measured_overlaps() -> tuple[Overlap, ...]:
    """The shipped overlap matrix; `a` and `b` are names of `measured_sets()`."""
    return load_measured_overlaps(FOLDER)
