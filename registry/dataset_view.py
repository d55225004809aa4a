"""A snapshot as a `datasets.Dataset`, for those who train or go on with that library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from registry.snapshot import Snapshot

if TYPE_CHECKING:
    import datasets


def to_dataset(snapshot: Snapshot) -> datasets.Dataset:
    """The rows of `snapshot` with columns `messages`, `row` and `extra`, in order.

    `messages` lists role, content and `tool_calls` (JSON text or None), the system text first as a system
    message. Built once in the cache of `datasets` under the snapshot's id, then memory-mapped.
    """
    import datasets

    return datasets.Dataset.from_generator(
        _examples,
        features=features(),
        gen_kwargs={"snapshot": snapshot},
        cache_dir=str(snapshot.folder / "datasets"),
        fingerprint=snapshot.id[:32],
    )


def features() -> datasets.Features:
    """The columns of `to_dataset`."""
    from datasets import Features, List, Value

    text = Value("large_string")
    message = {"role": Value("string"), "content": text, "tool_calls": text}
    return Features({"messages": List(message), "row": Value("int64"), "extra": text})


def _examples(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    for batch in snapshot.batches(["row", "system", "turns", "extra"]):
        for fields in batch.to_pylist():
            yield {"messages": messages(fields), "row": fields["row"], "extra": fields["extra"]}


def messages(fields: dict[str, Any]) -> list[dict[str, str | None]]:
    """System text and turns of one row as messages."""
    first = [] if fields["system"] is None else [("system", fields["system"], None)]
    turns = [(turn["role"], turn["content"], turn["tool_calls"]) for turn in fields["turns"]]
    return [
        {"role": role, "content": content, "tool_calls": calls} for role, content, calls in (*first, *turns)
    ]
