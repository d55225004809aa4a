"""Memory and speed of every step over millions of rows, each in a process of its own.

    python -m benchmarks.streaming
    python -m benchmarks.streaming --rows 200000 400000 --work build/streaming
    python -m benchmarks.streaming --data rows.jsonl --work build/streaming

Rows are made by `benchmarks.synthetic_rows` unless files are given. While a step runs, the anonymous memory
(RssAnon) of its process and all below it is read twenty times a second and summed: what is mapped from files
does not count, as the kernel may drop it. With several numbers of rows the growth between the first and the
last is printed, in bytes a row. Without a folder to work in, one in `TMPDIR` is made and removed. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analyzers.table import ANALYZERS
from benchmarks.synthetic_rows import write_rows
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import Snapshot, load_snapshot
from registry.sources import path_source

SAMPLE_SECONDS = 0.05
DATASET = "streamed"
ROWS = 4_000_000
OTHER_ROWS, BENCHMARK_ROWS, LONG_ROWS = 30_000, 3_000, 6_000
LONG_WORDS = (250, 1_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step took: CPU and wall seconds, peak anonymous bytes of all its processes together."""

    step: str
    rows: int
    text_bytes: int
    cpu: float
    wall: float
    anonymous: int

    def line(self) -> str:
        """A row of the table."""
        speed = self.text_bytes / 1e6 / max(self.cpu, 1e-9)
        return f"| {self.step} | {self.rows:,} | {self.cpu:.1f} | {speed:.1f} | {self.anonymous / 1e6:.0f} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line; run one step, or all of them as children."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[ROWS], help="rows to make")
    parser.add_argument("--data", type=Path, nargs="+", help="files to read instead")
    parser.add_argument("--work", type=Path, help="folder for rows, snapshots and results")
    parser.add_argument("--workers", type=int, default=1, help="processes of each step")
    parser.add_argument("--steps", help="only these steps, separated by commas")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:
        STEPS[options.step](options.work, options.data, options.workers)
        return
    wanted = options.steps.split(",") if options.steps else list(STEPS)
    with TemporaryDirectory() as folder:
        _print_costs(options.work or Path(folder), options.rows, options.data, wanted, options.workers)


def _print_costs(
    folder: Path, numbers: Sequence[int], data: Sequence[Path] | None, steps: Sequence[str], workers: int
) -> None:
    print("| step | rows | CPU s | MB per CPU s | anonymous MB, peak |")
    print("| --- | --- | --- | --- | --- |")
    costs = []
    for rows in [None] if data else numbers:
        work = folder / ("data" if rows is None else str(rows))
        files = data or [_made(work, rows)]
        for step in steps:
            costs.append(_measured(step, work, files, workers))
            print(costs[-1].line(), flush=True)
    _print_growth(costs)
    (folder / "costs.json").write_text(json.dumps([asdict(cost) for cost in costs], indent=1))


def _made(work: Path, rows: int | None, **kind: Any) -> Path:
    path = work / "rows.jsonl"
    if rows and not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        write_rows(part, rows, **kind)
        part.replace(path)
    return path


def _measured(step: str, work: Path, files: Sequence[Path], workers: int) -> Cost:
    command = [sys.executable, "-m", "benchmarks.streaming", "--step", step, "--work", str(work)]
    command += ["--workers", str(workers), "--data", *map(str, files)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        watch = _Watch(child.pid)
        watch.start()
        answer, _ = child.communicate()
        watch.stop()
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if child.returncode:
        raise SystemExit(f"step {step} ended with {child.returncode}")
    counted = json.loads(answer.splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(step, counted["rows"], counted["bytes"], cpu, wall, watch.peak)


class _Watch(threading.Thread):
    """Reads the anonymous memory of a process and all below it until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(map(_anonymous, _tree(self._pid))))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _tree(pid: int) -> list[int]:
    try:
        children = [
            int(child)
            for task in os.listdir(f"/proc/{pid}/task")
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except OSError:
        return []
    return [pid, *(below for child in children for below in _tree(child))]


def _anonymous(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    sizes = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(sizes[0]) * 1024 if sizes else 0


def _print_growth(costs: Sequence[Cost]) -> None:
    for step in dict.fromkeys(cost.step for cost in costs):
        same = [cost for cost in costs if cost.step == step]
        if len(same) > 1 and same[-1].rows != same[0].rows:
            grown = (same[-1].anonymous - same[0].anonymous) / (same[-1].rows - same[0].rows)
            print(f"\n{step}: {grown:.1f} bytes of anonymous memory a row")


def _snapshot(work: Path, files: Sequence[Path]) -> Snapshot:
    return read_source(path_source(DATASET, list(files)), home=work / "snapshots", limits=Limits())


def _made_snapshot(work: Path, rows: int, **kind: Any) -> Snapshot:
    """Other rows than those measured; read once, as asking again finds the snapshot."""
    return _snapshot(work, [_made(work, rows, **kind)])


def _kept_snapshot(work: Path) -> Snapshot:
    (folder,) = (work / "snapshots").glob("[0-9a-f]*")
    return load_snapshot(folder)


def _say(snapshot: Snapshot, files: Sequence[Path]) -> None:
    size = sum(path.stat().st_size for path in files)
    print(json.dumps({"rows": snapshot.rows_kept, "bytes": size}))


def _fetch(work: Path, files: Sequence[Path], _: int) -> None:
    _say(_snapshot(work, files), files)


def _features(work: Path, files: Sequence[Path], workers: int) -> None:
    from analyzers.row_features import stored_features

    snapshot = _kept_snapshot(work)
    stored_features(snapshot, work / "features", workers=workers)
    _say(snapshot, files)


def _analyze(only: Sequence[str] | None) -> Callable[[Path, Sequence[Path], int], None]:
    def run(work: Path, files: Sequence[Path], workers: int) -> None:
        from analyzers.run import analyze

        snapshot = _kept_snapshot(work)
        found = analyze(snapshot, only=only, features_home=work / "features", workers=workers)
        lines = [repr((m.metric, m.view, dict(m.params), m.value)) for m in found.measurements]
        (work / f"figures-{'-'.join(only or ['all'])}-{workers}.txt").write_text("\n".join(lines))
        _say(snapshot, files)

    return run


def _near(work: Path, files: Sequence[Path], workers: int) -> None:
    from analyzers.duplicates import near_duplicates

    snapshot = _kept_snapshot(work)
    found = near_duplicates(snapshot, folder=work / "signatures", workers=workers)
    print(json.dumps({"pairs": found.pairs, "removed": found.duplicate_rows}), file=sys.stderr)
    _say(snapshot, files)


def _stars(work: Path, files: Sequence[Path], _: int) -> None:
    from analyzers.clusters import RowSet, cluster_rows

    snapshot = _kept_snapshot(work)
    gone = cluster_rows([RowSet(snapshot)], folder=work / "signatures")
    print(json.dumps({"removed": len(gone)}), file=sys.stderr)
    _say(snapshot, files)


def _overlap(work: Path, files: Sequence[Path], _: int) -> None:
    from analyzers.overlap import overlap

    snapshot = _kept_snapshot(work)
    overlap(snapshot, _made_snapshot(work / "other", OTHER_ROWS, seed=1), folder=work / "signatures")
    _say(snapshot, files)


def _contamination(work: Path, files: Sequence[Path], _: int) -> None:
    from analyzers.contamination import contamination

    snapshot = _kept_snapshot(work)
    contamination(snapshot, _made_snapshot(work / "benchmark", BENCHMARK_ROWS, seed=2))
    _say(snapshot, files)


def _long(work: Path, _: Sequence[Path], workers: int) -> None:
    from analyzers.row_features import stored_features

    snapshot = _made_snapshot(work / "long", LONG_ROWS, mean_words=LONG_WORDS)
    stored_features(snapshot, work / "long" / "features", workers=workers)
    _say(snapshot, [work / "long" / "rows.jsonl"])


STEPS: Mapping[str, Callable[[Path, Sequence[Path], int], None]] = {
    "fetch": _fetch,
    "features": _features,
    **{name: _analyze([name]) for name in ANALYZERS},
    "whole bench": _analyze(None),
    "near duplicates": _near,
    "star clusters": _stars,
    "overlap": _overlap,
    "contamination": _contamination,
    "features of long rows": _long,
}


if __name__ == "__main__":
    main()
