"""A snapshot as a `datasets.Dataset`, for those who train or go on with that library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from registry.files import atomic_write
from registry.snapshot import Snapshot

if TYPE_CHECKING:
    import datasets

ARROW_FILE = "messages.arrow"


def to_dataset(snapshot: Snapshot) -> datasets.Dataset:
    """The rows of `snapshot` with columns `messages`, `row` and `extra`, in order.

    `messages` lists role, content and `tool_calls` (JSON text or None), the system text first as a system
    message. Written once beside the rows, then memory-mapped.

    Raises:
        DiskError: writing failed.
        IntegrityError: the rows are gone.
    """
    import datasets
    from datasets.arrow_writer import ArrowWriter

    path = snapshot.folder / ARROW_FILE
    if not path.is_file():
        with atomic_write(path) as file, ArrowWriter(stream=file, features=features()) as writer:
            for batch in snapshot.batches(["row", "system", "turns", "extra"]):
                writer.write_table(messages_table(batch))
            writer.finalize(close_stream=False)
    return datasets.Dataset.from_file(str(path))


def features() -> datasets.Features:
    """The columns of `to_dataset`."""
    from datasets import Features, List, Value

    text = Value("large_string")
    message = {"role": Value("string"), "content": text, "tool_calls": text}
    return Features({"messages": List(message), "row": Value("int64"), "extra": text})


def messages_table(batch: pa.RecordBatch) -> pa.Table:
    """The rows of `batch` as the columns of `to_dataset`."""
    found = [
        messages(system, turns or [])
        for system, turns in zip(batch["system"].to_pylist(), batch["turns"].to_pylist(), strict=True)
    ]
    columns: dict[str, Any] = {"messages": found, "row": batch["row"], "extra": batch["extra"]}
    return pa.table(columns, schema=features().arrow_schema)


def messages(system: str | None, turns: list[dict[str, Any]]) -> list[dict[str, str | None]]:
    """System text and turns of one row as messages.

    >>> messages("Be brief.", [])
    [{'role': 'system', 'content': 'Be brief.', 'tool_calls': None}]
    """
    first = [] if system is None else [{"role": "system", "content": system, "tool_calls": None}]
    return first + [{name: turn[name] for name in ("role", "content", "tool_calls")} for turn in turns]
