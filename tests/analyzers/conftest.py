"""Snapshots made of a few rows, as fetching would have written them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from registry.snapshot import ROW_GROUP_ROWS, ROWS_FILE, SNAPSHOT_SCHEMA, Snapshot, Source

SnapshotOf = Callable[..., Snapshot]


@pytest.fixture
def snapshot_of(tmp_path: Path) -> SnapshotOf:
    """Makes a snapshot of (prompt, answer) rows under a dataset name."""

    def make(rows: Sequence[tuple[str, str]], dataset: str = "rows") -> Snapshot:
        name = hashlib.sha256(repr((dataset, list(rows))).encode()).hexdigest()
        folder = tmp_path / "snapshots" / name
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table_of(rows), folder / ROWS_FILE, row_group_size=ROW_GROUP_ROWS)
        return Snapshot(
            id=name,
            dataset=dataset,
            source=Source(kind="file", files=()),
            shape="alpaca",
            rows_read=len(rows),
            rows_kept=len(rows),
            rows_bad=0,
            blank_lines=0,
            problems=(),
            folder=folder,
            rows_bytes=(folder / ROWS_FILE).stat().st_size,
            rows_sha256="",
        )

    return make


def table_of(rows: Sequence[tuple[str, str]]) -> pa.Table:
    """The rows as a table with the columns of every snapshot."""
    turns = [[turn("user", prompt), turn("assistant", answer)] for prompt, answer in rows]
    columns = {
        "row": list(range(len(rows))),
        "row_hash": [hashlib.sha256(repr(row).encode()).digest() for row in rows],
        "system": [None] * len(rows),
        "turns": turns,
        "prompt": [prompt for prompt, _ in rows],
        "response": [answer for _, answer in rows],
        "extra": ["{}"] * len(rows),
    }
    return pa.table(columns, schema=SNAPSHOT_SCHEMA)


def turn(role: str, content: str) -> dict[str, str | None]:
    """One turn of a conversation."""
    return {"role": role, "content": content, "tool_calls": None, "label": None}
