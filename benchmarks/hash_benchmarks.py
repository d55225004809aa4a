"""Hash the n-grams of public benchmarks and write what the package ships of them.

    python -m benchmarks.hash_benchmarks ../shared/data --date 2026-11-27

The folder holds the files as their sources publish them and a MANIFEST.json with repository, commit and
SHA-256 of each. Only benchmarks whose licence in the catalogue permits redistribution are taken. Hashes, word
counts and the recall of planted forms are written, never words.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from analyzers.benchmark_items import Items, item_texts
from analyzers.benchmark_search import BenchmarkIndex
from analyzers.detection_ceiling import detection_ceiling
from analyzers.hashed_items import HASHED_RULES, hashed_texts
from analyzers.leak_rules import RULES
from analyzers.text import TOKENIZER
from benchmarks.measure import Manifest, _published, _read, files_of
from benchmarks.public_sets import SETS
from registry.catalog import load_catalog
from registry.files import atomic_write, atomic_write_text
from registry.hashed_benchmarks import FOLDER, FORMAT_VERSION, MANIFEST_FILE, arrays_of, content_sha256
from registry.shipped import shipped_catalog

# Name for --against, measured set it is read from, entry of the catalogue that states its licence.
TAKEN = (
    ("bbh", "bbh", "bbh"),
    ("gsm8k-test", "gsm8k-test", "gsm8k"),
    ("humaneval", "humaneval", "humaneval"),
    ("ifeval", "ifeval", "ifeval"),
    ("math-500", "math-500", "math-500"),
    ("truthfulqa", "truthfulqa", "truthfulqa"),
)
PERMITTING = {"MIT", "Apache-2.0", "CC-BY-4.0", "BSD-3-Clause"}
VERSION = 1


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Hash public benchmarks for the package.")
    parser.add_argument("data", type=Path, help="folder with the public files and their MANIFEST.json")
    parser.add_argument("--date", required=True, help="day of this making, YYYY-MM-DD")
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder for the hashes")
    parser.add_argument("--work", type=Path, default=Path("build/measured"), help="folder for what is reused")
    options = parser.parse_args(arguments)
    manifest: Manifest = json.loads((options.data / "MANIFEST.json").read_text(encoding="utf-8"))["files"]
    licences = {found.id: found.license for found in load_catalog(shipped_catalog()).benchmarks}
    options.to.mkdir(parents=True, exist_ok=True)
    records = []
    for name, set_name, entry in TAKEN:
        licence = licences[entry]
        if licence not in PERMITTING:
            raise SystemExit(f"the licence of {entry!r} is {licence!r}: its n-grams are not ours to ship")
        public = next(each for each in SETS if each.name == set_name)
        files = files_of(public, manifest)
        snapshot = _read(public, files, options.data, options.work)
        questions, answers = item_texts(snapshot)
        arrays = arrays_of(hashed_texts(questions), hashed_texts(answers))
        path = options.to / f"{name}.npz"
        with atomic_write(path) as file:
            np.savez_compressed(file, **arrays)
        records.append(
            {
                "name": name,
                "title": public.title,
                "licence": licence,
                "version": VERSION,
                "date": options.date,
                "tokenizer": TOKENIZER,
                "rows": len(questions),
                "sha256": content_sha256(arrays),
                "bytes": path.stat().st_size,
                "files": [asdict(_published(record)) for record in files],
                "ceilings": _ceilings(questions, answers),
            }
        )
        print(f"{name}: {len(questions):,} items, {path.stat().st_size:,} bytes", flush=True)
    _write(options.to / MANIFEST_FILE, records)


def _ceilings(questions: list[str], answers: list[str]) -> dict[str, list[dict[str, Any]]]:
    items = Items.of_texts(questions, answers)
    return {
        name: [
            asdict(form) for form in detection_ceiling(BenchmarkIndex(items, RULES[name]), questions, answers)
        ]
        for name in HASHED_RULES
    }


def _write(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    lines = []
    for record in records:
        fields = ",\n".join(f"{json.dumps(key)}: {_compact(value)}" for key, value in record.items())
        lines.append(f"{{\n{fields}\n}}")
    atomic_write_text(
        path, f'{{\n"format": {FORMAT_VERSION},\n"benchmarks": [\n' + ",\n".join(lines) + "\n]\n}\n"
    )


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


if __name__ == "__main__":
    main()
