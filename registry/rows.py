"""Finding rows by what they say, over every snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from registry.snapshot import Snapshot

EXCERPT_CHARS = 200


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One row that holds the text; `excerpt` is what stands around its first occurrence in `field`."""

    dataset: str
    snapshot: str
    row: int
    field: str
    excerpt: str

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


def find_rows(snapshots: Iterable[Snapshot], text: str, *, limit: int) -> list[FoundRow]:
    """The first `limit` rows whose prompt or response holds `text`, case ignored; `text` is literal.

    Costs one pass over the two columns of each snapshot until `limit` is reached.
    """
    found: list[FoundRow] = []
    for snapshot in snapshots:
        for batch in snapshot.batches(["row", "prompt", "response"]):
            found += _matches(snapshot, batch, text, limit - len(found))
            if len(found) >= limit:
                return found
    return found


def _matches(snapshot: Snapshot, batch: pa.RecordBatch, text: str, limit: int) -> list[FoundRow]:
    in_prompt = pc.match_substring(batch["prompt"], text, ignore_case=True)
    in_response = pc.match_substring(batch["response"], text, ignore_case=True)
    hits = batch.filter(pc.or_(in_prompt, in_response)).slice(0, limit).to_pylist()
    return [_found(snapshot, hit, text) for hit in hits]


def _found(snapshot: Snapshot, hit: dict[str, Any], text: str) -> FoundRow:
    field = "prompt" if text.lower() in hit["prompt"].lower() else "response"
    around = hit[field]
    at = max(around.lower().find(text.lower()), 0)
    start = max(at - EXCERPT_CHARS // 4, 0)
    return FoundRow(snapshot.dataset, snapshot.id, hit["row"], field, around[start : start + EXCERPT_CHARS])
