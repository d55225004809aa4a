"""A mixture of many files, deduplicated and shuffled, to Parquet and JSON Lines, beside datasets and polars.

    python -m benchmarks.mixture_build ../shared/data

Every engine takes all rows of the same sources as messages, drops rows whose first prompt was met before,
shuffles and writes both files. The peers read one Parquet file a source made for them, which holds prompts
and messages. Ours reads its snapshots, plans (licences, tokens, warnings), compares source files and
snapshots with what was pinned, drops rows of equal words, and also writes the ledger of what left, a card,
notices, Croissant metadata and the lock, with SHA-256 of every file.

"Ours" is a mixture of sources that were mixed before: lengths and keys of their rows are stored, which is
what any later recipe finds. "Ours, first time" makes and stores them out of the text. Each engine runs in a
process of its own, start-up and imports included; figures are medians of several runs, memory is peak
resident size. The second table is of rows without an author (`synthetic_rows`), in files of 60,000.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

SOURCES = (
    "stanford-alpaca", "alpagasus", "codealpaca-new", "dolly-alpagasus-3k", "gpteacher-codegen",
    "gpteacher-roleplay", "gpteacher-toolformer", "gsm8k", "gsm8k-alpaca-format", "gsm8k-socratic",
    "huatuo-llama-med", "flan-cot", "llama-factory-demo", "self-instruct-user-oriented", "belle",
)  # fmt: skip


MADE_UP_ROWS = 60_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line; measure public files, then made-up ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--made-up", type=int, default=530_000, metavar="ROWS", help="0: none")
    parser.add_argument("--runs", type=int, default=3, help="runs of each engine")
    parser.add_argument("--step", choices=sorted(STEPS), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:
        print(json.dumps(STEPS[options.step](options.data)))
        return
    with TemporaryDirectory() as folder:
        _measure(Path(folder), _public(options.data), "public", options.runs)
    if options.made_up:
        with TemporaryDirectory() as folder:
            files = _made_up(Path(folder) / "made-up", options.made_up)
            print()
            _measure(Path(folder), files, "made-up", options.runs)


def _measure(home: Path, files: Sequence[Path], kind: str, times: int) -> None:
    """Prepare the sources, run every engine as a child, print the table."""
    (home / "sources.json").write_text(json.dumps([str(path) for path in files]), encoding="utf-8")
    rows = _child("prepare", home)[2]
    print(f"{rows:,} {kind} rows of {len(files)} sources\n")
    print("| engine | rows written | CPU s | against ours | peak MB |")
    print("| --- | --- | --- | --- | --- |")
    _child("ours", home)  # stores keys, and the byte code of what is imported
    base = None
    for name in ENGINES:
        runs = [_child(name, home) for _ in range(times)]
        spent, peak = median(run[0] for run in runs), median(run[1] for run in runs)
        base = base or spent
        shown = f"{spent:.2f} | {spent / base:.1f}x | {peak:,.0f}"
        print(f"| {name} | {runs[0][2]:,} | {shown} |", flush=True)


def _public(data: Path) -> list[Path]:
    return [(data / name).resolve() for name in SOURCES]


def _made_up(folder: Path, rows: int) -> list[Path]:
    from benchmarks.synthetic_rows import write_rows

    folder.mkdir()
    paths = []
    for number, begin in enumerate(range(0, rows, MADE_UP_ROWS)):
        paths.append(folder / f"made-up-{number}.jsonl")
        write_rows(paths[-1], min(MADE_UP_ROWS, rows - begin), seed=number)
    return paths


def _sources(home: Path) -> list[Path]:
    return [Path(path) for path in json.loads((home / "sources.json").read_text(encoding="utf-8"))]


def _prepare(home: Path) -> dict[str, float]:
    """Every source as a snapshot (for us) and as a Parquet file of prompts and messages (for the others)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    import instructory as ins
    from analyzers.base import View
    from analyzers.views import view_texts
    from registry.dataset_view import messages_table

    rows = 0
    with ins.Registry.open() as registry:
        for path in _sources(home):
            snapshot = ins.fetch(registry, str(path))
            tables = []
            for batch in snapshot.batches():
                prompts = view_texts(batch, View.FIRST_PROMPT)
                messages = messages_table(batch).column("messages")
                tables.append(pa.table({"prompt": prompts, "messages": messages}))
            pq.write_table(pa.concat_tables(tables), home / f"{path.name}.parquet")
            rows += snapshot.rows_kept
    return _answer(rows)


def _child(name: str, home: Path) -> tuple[float, float, int]:
    """CPU seconds, peak MB and rows of one step in a process of its own, start-up included.

    A process starts with the peak of the one it was forked from: this one imports nothing large.
    """
    command = [sys.executable, "-m", "benchmarks.mixture_build", str(home), "--step", name]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "INSTRUCTORY_HOME": str(home), "HF_HOME": str(home / "hub")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # our source is compiled once, as what was installed is
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answer = json.loads(run.stdout.splitlines()[-1])
    return spent, answer["peak"], answer["rows"]


def _answer(rows: int) -> dict[str, float]:
    return {"rows": rows, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _ours(home: Path) -> dict[str, float]:
    import instructory as ins

    with ins.Registry.open() as registry:
        built = ins.build(registry, ins.plan(registry, _recipe(home)), to=home / "ours", force=True)
    return _answer(built.rows)


def _ours_first(home: Path) -> dict[str, float]:
    for made in ("features", "signatures"):
        rmtree(home / made)
    return _ours(home)


def _recipe(home: Path) -> Any:
    import instructory as ins

    return ins.MixtureRecipe.model_validate(
        {
            "name": "bench",
            "parts": [{"path": str(path), "rows": "all"} for path in _sources(home)],
            "policy": {"use": "research", "unclear": "allow"},
            "deduplicate": {"threshold": 1.0, "view": "first_prompt", "slots": 0},
            "output": {"format": ["parquet", "jsonl"]},
        }
    )


def _datasets(home: Path) -> dict[str, float]:
    import datasets

    datasets.disable_progress_bars()
    files = [str(home / f"{path.name}.parquet") for path in _sources(home)]
    whole = datasets.concatenate_datasets([datasets.Dataset.from_parquet(file) for file in files])
    seen: set[str] = set()

    def is_first(prompt: str) -> bool:
        known = prompt in seen
        seen.add(prompt)
        return not known

    kept = whole.filter(is_first, input_columns="prompt").shuffle(seed=7)
    kept.to_parquet(str(home / "datasets.parquet"))
    kept.to_json(str(home / "datasets.jsonl"))
    return _answer(len(kept))


def _polars(home: Path) -> dict[str, float]:
    import polars as pl

    whole = pl.concat([pl.read_parquet(home / f"{path.name}.parquet") for path in _sources(home)])
    kept = whole.unique("prompt", keep="first", maintain_order=True).sample(fraction=1, shuffle=True, seed=7)
    kept.write_parquet(home / "polars.parquet")
    kept.write_ndjson(home / "polars.jsonl")
    return _answer(kept.height)


ENGINES: dict[str, Callable[[Path], dict[str, float]]] = {
    "ours": _ours,
    "ours, first time": _ours_first,
    "datasets": _datasets,
    "polars": _polars,
}
STEPS = {"prepare": _prepare, **ENGINES}

if __name__ == "__main__":
    main()
