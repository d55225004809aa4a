"""A mixture of many files, deduplicated and shuffled, to Parquet and JSON Lines, beside datasets and polars.

    python -m benchmarks.mixture_build ../shared/data

Every engine takes all rows of the same sources as messages, drops rows whose first prompt was met before,
shuffles and writes both files. Ours starts from snapshots whose row features are stored, as after
`instructory analyze`; it counts tokens and also writes the ledger of what left, a card,
notices and the lock. Each engine runs in a process of its own; memory is its peak resident size.
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
from tempfile import TemporaryDirectory
from typing import Any

SOURCES = (
    "stanford-alpaca", "alpagasus", "codealpaca-new", "dolly-alpagasus-3k", "gpteacher-codegen",
    "gpteacher-roleplay", "gpteacher-toolformer", "gsm8k", "gsm8k-alpaca-format", "gsm8k-socratic",
    "huatuo-llama-med", "flan-cot", "llama-factory-demo", "self-instruct-user-oriented", "belle",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line; prepare the sources, run every engine as a child, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--engine", choices=sorted(ENGINES))
    options = parser.parse_args(arguments)
    if options.engine:
        print(json.dumps(ENGINES[options.engine](options.data)))
        return
    with TemporaryDirectory() as folder:
        home = Path(folder)
        rows = _prepare(options.data, home)
        print(f"{rows:,} rows of {len(SOURCES)} sources\n")
        print("| engine | rows written | CPU s | against ours | peak MB |")
        print("| --- | --- | --- | --- | --- |")
        base = None
        for name in ENGINES:
            spent, peak, written = _child(name, home)
            base = base or spent
            print(f"| {name} | {written:,} | {spent:.2f} | {spent / base:.1f}x | {peak:,.0f} |", flush=True)


def _prepare(data: Path, home: Path) -> int:
    """Every source as a snapshot (for us) and as a Parquet file of prompts and messages (for the others)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    import instructory as ins
    from analyzers.base import View
    from analyzers.views import view_texts
    from registry.dataset_view import messages_table

    os.environ["INSTRUCTORY_HOME"] = str(home)
    rows = 0
    with ins.Registry.open() as registry:
        for name in SOURCES:
            snapshot = ins.fetch(registry, str(data / name))
            tables = []
            for batch in snapshot.batches():
                prompts = view_texts(batch, View.FIRST_PROMPT)
                messages = messages_table(batch).column("messages")
                tables.append(pa.table({"prompt": prompts, "messages": messages}))
            pq.write_table(pa.concat_tables(tables), home / f"{name}.parquet")
            rows += snapshot.rows_kept
        (home / "data").write_text(str(data.resolve()), encoding="utf-8")
        ins.plan(registry, _recipe(home))
    return rows


def _child(name: str, home: Path) -> tuple[float, float, int]:
    """CPU seconds, peak MB and rows of one engine in a process of its own, start-up included."""
    command = [sys.executable, "-m", "benchmarks.mixture_build", str(home), "--engine", name]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "INSTRUCTORY_HOME": str(home), "HF_HOME": str(home / "hub")}
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
        built = ins.build(registry, ins.plan(registry, _recipe(home)), to=home / "ours")
    return _answer(built.rows)


def _recipe(home: Path) -> Any:
    import instructory as ins

    data = Path((home / "data").read_text(encoding="utf-8"))
    return ins.MixtureRecipe.model_validate(
        {
            "name": "bench",
            "parts": [{"path": str(data / name), "rows": "all"} for name in SOURCES],
            "policy": {"use": "research", "unclear": "allow"},
            "deduplicate": {"threshold": 1.0, "view": "first_prompt", "slots": 0},
            "output": {"format": ["parquet", "jsonl"]},
        }
    )


def _datasets(home: Path) -> dict[str, float]:
    import datasets

    datasets.disable_progress_bars()
    files = [str(home / f"{name}.parquet") for name in SOURCES]
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

    whole = pl.concat([pl.read_parquet(home / f"{name}.parquet") for name in SOURCES])
    kept = whole.unique("prompt", keep="first", maintain_order=True).sample(fraction=1, shuffle=True, seed=7)
    kept.write_parquet(home / "polars.parquet")
    kept.write_ndjson(home / "polars.jsonl")
    return _answer(kept.height)


ENGINES: dict[str, Callable[[Path], dict[str, float]]] = {
    "ours": _ours,
    "datasets": _datasets,
    "polars": _polars,
}

if __name__ == "__main__":
    main()
