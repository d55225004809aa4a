"""Figures shipped with the package: what our analyzers found on real public files, never their rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from registry.kinship import Kinship
from registry.measurements import Distribution, Measurement, Overlap

FOLDER = Path(__file__).parent / "measured"
OVERLAPS_FILE = "overlaps.json"
KINSHIPS_FILE = "kinships.json"
CONTAMINATIONS_FILE = "contaminations.json"

_OPTIONAL = frozenset({"tokenizer", "backend", "seed", "ci_low", "ci_high", "reason"})
_COUNTS = ("matched_a", "matched_b", "exact_a", "exact_b", "pairs")

Part = Literal["whole", "part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredFile:
    """One public file that was measured: where it lies and the SHA-256 of its bytes as published."""

    repository: str
    path: str
    commit: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Which dataset of the catalogue a measured set is, and whether it is all of it; see `MeasuredSet`."""

    entry: str | None
    part: Part


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
        """The record as plain JSON types; what a measurement does not have is left out."""
        return {
            **asdict(self),
            "measurements": [_present(m.to_json()) for m in self.measurements],
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
        if path.name not in (OVERLAPS_FILE, KINSHIPS_FILE, CONTAMINATIONS_FILE):
            measured = MeasuredSet.from_json(json.loads(path.read_text(encoding="utf-8")))
            found[measured.name] = measured
    return found


def load_measured_overlaps(folder: Path) -> tuple[Overlap, ...]:
    """The overlap of every pair of sets in `folder` under every view, both directions in each record."""
    path = folder / OVERLAPS_FILE
    if not path.is_file():
        return ()
    plain = json.loads(path.read_text(encoding="utf-8"))
    found = {(pair["view"], pair["a"], pair["b"]): pair for pair in plain["found"]}
    return tuple(
        Overlap(
            **{
                **dict.fromkeys(_COUNTS, 0),
                **found.get((view, a, b), {}),
                "a": a,
                "b": b,
                "view": view,
                "rows_a": plain["rows"][a],
                "rows_b": plain["rows"][b],
                "shingle": plain["shingle"],
                "threshold": plain["threshold"],
            }
        )
        for view in plain["views"]
        for a, b in combinations(plain["rows"], 2)
    )


def overlaps_json(overlaps: Sequence[Overlap]) -> dict[str, Any]:
    """The overlaps of all pairs of some sets under one rule, as `load_measured_overlaps` reads them.

    Only pairs that share rows are written out (`found`); `rows` and `views` say which were looked at.
    """
    ((shingle, threshold),) = {(overlap.shingle, overlap.threshold) for overlap in overlaps}
    rows: dict[str, int] = {}
    for overlap in overlaps:
        rows.setdefault(overlap.a, overlap.rows_a)
        rows.setdefault(overlap.b, overlap.rows_b)
    return {
        "shingle": shingle,
        "threshold": threshold,
        "views": list(dict.fromkeys(overlap.view for overlap in overlaps)),
        "rows": rows,
        "found": [
            {name: getattr(overlap, name) for name in ("view", "a", "b", *_COUNTS)}
            for overlap in overlaps
            if overlap.pairs
        ],
    }


def load_measured_kinships(folder: Path) -> tuple[Kinship, ...]:
    """What every two of the sets in `folder` share; pairs that share no text are left out."""
    path = folder / KINSHIPS_FILE
    if not path.is_file():
        return ()
    return tuple(Kinship.from_json(plain) for plain in json.loads(path.read_text(encoding="utf-8"))["found"])


def load_measured_origins(folder: Path) -> dict[str, Origin]:
    """The origin of each set in `folder` by its name, read without any figure of them."""
    path = folder / KINSHIPS_FILE
    if not path.is_file():
        return {}
    sets = json.loads(path.read_text(encoding="utf-8"))["sets"]
    return {plain["name"]: Origin(plain["entry"], plain["part"]) for plain in sets}


def kinships_json(kinships: Sequence[Kinship], origins: Mapping[str, Origin]) -> dict[str, Any]:
    """The kinships of all pairs of some sets, as `load_measured_kinships` reads them.

    `sets` names all that were looked at, with their `origins`; `found` holds the pairs that share a text
    under any view.
    """
    looked_at = dict.fromkeys(name for kinship in kinships for name in (kinship.a, kinship.b))
    return {
        "sets": [{"name": name, **asdict(origins[name])} for name in looked_at],
        "found": [k.to_json() for k in kinships if any(shared.found for shared in k.views)],
    }


@cache
def measured_sets() -> Mapping[str, MeasuredSet]:
    """The shipped measured sets by name; empty where none are shipped."""
    return MappingProxyType(load_measured_sets(FOLDER))


@cache
def measured_overlaps() -> tuple[Overlap, ...]:
    """The shipped overlap matrix; `a` and `b` are names of `measured_sets()`."""
    return load_measured_overlaps(FOLDER)


@cache
def measured_kinships() -> tuple[Kinship, ...]:
    """What the shipped sets share; `a` and `b` are names of `measured_sets()`."""
    return load_measured_kinships(FOLDER)


@cache
def measured_origins() -> Mapping[str, Origin]:
    """The origins of `measured_sets()`, which are told without reading their figures."""
    return MappingProxyType(load_measured_origins(FOLDER))


def _present(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in plain.items() if value is not None or name not in _OPTIONAL}
