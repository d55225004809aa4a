"""A small catalogue, files of rows we wrote, and a registry over both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.registry import Registry
from registry.settings import Settings

CATALOG = """\
format: 1
datasets:
  - id: free-set
    name: Free set
    category: human-crafted
    method: manual-annotation
    focus: general
    languages: [en]
    format: single-turn
    license: MIT
    commercial_use: "yes"
    evidence: [{source: our tests, status: verified}]
  - id: closed-set
    name: Closed set
    category: human-crafted
    method: manual-annotation
    focus: general
    languages: [en]
    format: single-turn
    license: CC-BY-NC-4.0
    commercial_use: "no"
    derived_from: [free-set]
    evidence: [{source: our tests, status: verified}]
"""

Rows = list[dict[str, Any]]
MakeRows = Callable[..., Path]


@pytest.fixture
def registry(home: Path, tmp_path: Path) -> Iterator[Registry]:
    """A registry over two entries; the bundled samples are there as always."""
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(CATALOG)
    with Registry.open(Settings(home=home, catalog=catalog)) as opened:
        yield opened


@pytest.fixture
def rows_file(tmp_path: Path) -> MakeRows:
    """Writes rows as JSON Lines; given a number, that many different rows of alpaca shape."""

    def write(name: str, rows: Rows | int) -> Path:
        plain = made_up(name, rows) if isinstance(rows, int) else rows
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain))
        return path

    return write


def made_up(name: str, count: int) -> Rows:
    """Different rows of growing length, all in plain words."""
    return [
        {
            "instruction": f"Question {n} of {name}: what comes after {n} and before {n + 2} on a long line?",
            "input": "",
            "output": " ".join([f"After {n} comes {n + 1}, as {name} says in row {n}."] * (1 + n % 3)),
        }
        for n in range(count)
    ]
