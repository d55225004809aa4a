"""What the benchmarks share: rows of the public files, engines side by side, the table they print."""

from __future__ import annotations

import gzip
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Generic, TypeVar

from analyzers.compiled import is_compiled

FILES = ("gpteacher-toolformer/*.json.gz", "stanford-alpaca/alpaca_data.json.gz")
REPEATS = 3
OURS = f"ours, {'compiled' if is_compiled() else 'numpy only'}"

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Engine(Generic[T, R]):
    """One way to do the work: `run` on the texts; `package` must be installed for it, None for ours."""

    name: str
    package: str | None
    run: Callable[[T], R]


def texts_of(data: Path, rows: int) -> list[str]:
    """The first rows of the public files as one text each: half templated, half as people write."""
    found: list[str] = []
    for pattern in FILES:
        for path in sorted(data.glob(pattern)):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                found += ["\n".join(map(str, row.values())) for row in json.load(file)]
    return found[:rows]


def megabytes(texts: Sequence[str]) -> float:
    """Their UTF-8 bytes, in millions."""
    return sum(len(text.encode()) for text in texts) / 1e6


def print_beside(
    engines: Sequence[Engine[T, R]],
    work: T,
    *,
    rows: int,
    judge: Callable[[R], Sequence[str]],
    columns: Sequence[str] = ("found",),
    trial: T | None = None,
) -> dict[str, float]:
    """Markdown rows: engine, median CPU seconds of three runs after a warm one, rows a second, ratio, answer.

    Returns the seconds of each engine that is installed.

    `judge` fills the last `columns` from what an engine found, so that unequal work shows; it looks at the
    warm run, which is one on `trial` where that is given.
    """
    head = ["engine", "CPU s", "rows per CPU s", "against ours", *columns]
    print(_line(head))
    print(_line(["---"] * len(head)))
    seconds: dict[str, float] = {}
    for engine in engines:
        if engine.package and find_spec(engine.package) is None:
            print(_line([engine.name, "not installed", *[""] * (len(head) - 2)]))
            continue
        answer = engine.run(work if trial is None else trial)
        spent = statistics.median(cpu_seconds(engine.run, work) for _ in range(REPEATS))
        seconds[engine.name] = spent
        base = next(iter(seconds.values()))
        figures = [f"{spent:.2f}", f"{rows / spent:,.0f}", f"{spent / base:.1f}x"]
        print(_line([engine.name, *figures, *judge(answer)]), flush=True)
    return seconds


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def cpu_seconds(run: Callable[[T], R], work: T) -> float:
    """CPU seconds of one call, all threads of this process together."""
    begun = time.process_time()
    run(work)
    return time.process_time() - begun
