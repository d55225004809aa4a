"""Measure the public files in a folder and write the figures the package ships.

    python -m benchmarks.measure ../shared/data

The folder holds the files as their sources publish them (gzip allowed) and a MANIFEST.json with repository,
commit and SHA-256 of each. Only figures are written, never rows. Signatures and row features are kept in
build/measured, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analyzers.contamination import contaminations
from analyzers.kinships import kinships
from analyzers.overlaps import overlaps
from analyzers.run import analyze
from benchmarks.public_sets import EVALUATIONS, SETS, PublicSet
from registry.contaminations import Contamination, contaminations_json
from registry.figures import (
    CONTAMINATIONS_FILE,
    FOLDER,
    KINSHIPS_FILE,
    OVERLAPS_FILE,
    MeasuredFile,
    MeasuredSet,
    Origin,
    kinships_json,
    overlaps_json,
)
from registry.files import atomic_write_text
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import Snapshot
from registry.sources import path_source

VIEWS = ("first_prompt+final_answer", "first_prompt")
LEAK_RULES = "ngram13,ngram8_any"
Manifest = Sequence[Mapping[str, Any]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with the public files and their MANIFEST.json")
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder for the figures")
    parser.add_argument("--work", type=Path, default=Path("build/measured"), help="folder for what is reused")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    options = parser.parse_args(arguments)

    manifest: Manifest = json.loads((options.data / "MANIFEST.json").read_text(encoding="utf-8"))["files"]
    options.to.mkdir(parents=True, exist_ok=True)
    snapshots = {}
    for public in SETS:
        begun = time.perf_counter()
        files = files_of(public, manifest)
        snapshots[public.name] = snapshot = _read(public, files, options.data, options.work)
        measured = _measure(public, files, snapshot, options.work, options.workers)
        _write(options.to / f"{public.name}.json", measured.to_json())
        print(f"{public.name}: {snapshot.rows_kept:,} rows, {time.perf_counter() - begun:.1f} s", flush=True)
    signatures = options.work / "signatures"
    found = [o for view in VIEWS for o in overlaps(list(snapshots.values()), view=view, folder=signatures)]
    _write(options.to / OVERLAPS_FILE, overlaps_json(found))
    related = kinships(list(snapshots.values()), folder=signatures)
    _write(
        options.to / KINSHIPS_FILE, kinships_json(related, {s.name: Origin(s.entry, s.part) for s in SETS})
    )
    leaks = _contaminations(snapshots)
    _write(options.to / CONTAMINATIONS_FILE, contaminations_json(leaks))
    print(f"{sum(found.benchmark_hits > 0 for found in leaks)} of {len(leaks)} searches found items")
    print(f"{sum(o.matched_a > 0 for o in found)} of {len(found)} pairs of sets share rows", file=sys.stderr)


def _contaminations(snapshots: Mapping[str, Snapshot]) -> list[Contamination]:
    """What of every benchmark stands in every other set, named as in the catalogue."""
    found = []
    for name, snapshot in snapshots.items():
        others = [snapshots[benchmark] for benchmark in EVALUATIONS if benchmark != name]
        results = contaminations(snapshot, others, rule=LEAK_RULES, explain=0)
        found += [replace(result, benchmark=EVALUATIONS[result.benchmark]) for result in results]
    return found


def files_of(public: PublicSet, manifest: Manifest) -> list[Mapping[str, Any]]:
    """The manifest's records of the files of one set, in the order of their paths."""
    chosen = [
        record
        for record in manifest
        if record["dataset"] == public.folder and Path(record["path"]).name.startswith(public.prefix)
    ]
    if not chosen:
        raise SystemExit(f"no file of {public.name!r} in the manifest")
    return sorted(chosen, key=lambda record: str(record["path"]))


def _read(public: PublicSet, files: Sequence[Mapping[str, Any]], data: Path, work: Path) -> Snapshot:
    source = path_source(public.name, [data / str(record["path"]) for record in files])
    return read_source(source, home=work / "snapshots", limits=Limits(), keep_good=True)


def _measure(
    public: PublicSet, files: Sequence[Mapping[str, Any]], snapshot: Snapshot, work: Path, workers: int
) -> MeasuredSet:
    analysis = analyze(snapshot, features_home=work / "features", workers=workers)
    return MeasuredSet(
        name=public.name,
        title=public.title,
        entry=public.entry,
        part=public.part,
        licence="; ".join(sorted({str(record["licence"]) for record in files})),
        shape=snapshot.shape,
        rows_read=snapshot.rows_read,
        rows_kept=snapshot.rows_kept,
        rows_bad=snapshot.rows_bad,
        files=tuple(_published(record) for record in files),
        measurements=analysis.measurements,
        distributions=analysis.distributions,
    )


def _published(record: Mapping[str, Any]) -> MeasuredFile:
    """The file as its source publishes it: unpacked where only our copy is packed."""
    return MeasuredFile(
        repository=record["source_repository"],
        path=record["source_path"],
        commit=record["source_commit"],
        sha256=record.get("unpacked_sha256") or record["sha256"],
        rows=record["rows"],
    )


def _write(path: Path, plain: Mapping[str, Any]) -> None:
    """Fields in lines, and of each list one record a line: a changed figure is one changed line to review."""
    fields = ",\n".join(f"{json.dumps(name)}: {_lines(value)}" for name, value in plain.items())
    atomic_write_text(path, f"{{\n{fields}\n}}\n")


def _lines(value: object) -> str:
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(_compact(item) for item in value) + "\n]"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
