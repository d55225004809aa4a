"""One row of numbers for each row of a snapshot, computed once and read by all who filter, count or draw."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from analyzers import hygiene
from analyzers.arrow import pc
from analyzers.base import Batch
from analyzers.code_math import code_and_math_chars
from analyzers.constraints import count_constraints
from analyzers.row_groups import RowGroup, row_groups
from analyzers.runner import Workers, run_jobs
from analyzers.tokens import TOKENS, count_tokens
from registry.snapshot import ROW_GROUP_ROWS, Snapshot

VERSION = 1
COLUMNS = tuple(sorted({"row", "row_hash", "turns", "prompt", "response", *hygiene.COLUMNS}))
_FIELDS: dict[str, pa.DataType] = {
    "row": pa.int64(),
    "row_hash": pa.binary(32),
    "prompt_chars": pa.int32(),
    "response_chars": pa.int32(),
    "prompt_words": pa.int32(),
    "response_words": pa.int32(),
    "prompt_tokens": pa.int32(),
    "response_tokens": pa.int32(),
    "turns": pa.int16(),
    "user_turns": pa.int16(),
    "constraints": pa.int16(),
    "code_share": pa.float32(),
    "math_share": pa.float32(),
    "language": pa.string(),
}
SCHEMA = pa.schema([*(pa.field(name, kind) for name, kind in _FIELDS.items()), *hygiene.FLAG_FIELDS])
"""Lengths are of the views `prompt` and `response`: code points, `w1` words, `o200k_base` tokens.
`constraints` counts those of the prompt; `code_share` and `math_share` are shares of the response's
characters in [0, 1], 0 for an empty one; `language` is the response's, `und` if it cannot be told; bit i of
`flags` is `hygiene.FLAGS[i]`, and the `flag_codes_*` say which kinds of each."""

Progress = Callable[[int, int | None, str], None]


def row_features(
    snapshot: Snapshot, folder: Path, *, workers: Workers = 1, progress: Progress | None = None
) -> pa.Table:
    """The features of every row, with the columns of `SCHEMA`, in the snapshot's order.

    Read from `folder`, or computed and stored there when absent or made by other rules. Costs about 60 µs
    a row of Stanford Alpaca on one core; `workers` processes share the work without changing a bit.
    """
    return pq.read_table(stored_features(snapshot, folder, workers=workers, progress=progress))


def stored_features(
    snapshot: Snapshot,
    folder: Path,
    *,
    rows: int | None = None,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Path:
    """The Parquet file of the features, written first where needed; its row groups are the snapshot's.

    With `rows`, a newly written file holds only the features of the first so many rows; such a file is
    never taken for a whole one.
    """
    path = _path(snapshot, folder)
    if not has_features(snapshot, folder):
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{uuid4().hex}.part")
        wanted = snapshot.rows_kept if rows is None else rows
        try:
            _write(part, _computed(snapshot, wanted, workers), wanted, progress)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    return path


def has_features(snapshot: Snapshot, folder: Path) -> bool:
    """Whether features of all rows, made by the present rules, are stored in `folder`."""
    path = _path(snapshot, folder)
    if not path.is_file():
        return False
    try:
        with pq.ParquetFile(path) as file:
            made_by = (file.schema_arrow.metadata or {}).get(b"made_by")
            return bool(file.metadata.num_rows == snapshot.rows_kept and made_by == _made_by())
    except pa.ArrowInvalid:
        return False


def feature_batch(batch: Batch) -> pa.RecordBatch:
    """The features of one batch."""
    prompts, responses = batch.view("prompt"), batch.view("response")
    chars = _lengths(responses)
    code, math = code_and_math_chars(responses)
    turns, user_turns = _turn_counts(batch.rows.column("turns"))
    columns: dict[str, Any] = {
        "row": batch.rows.column("row"),
        "row_hash": batch.rows.column("row_hash").cast(pa.binary(32)),
        "prompt_chars": _lengths(prompts),
        "response_chars": chars,
        "prompt_words": batch.words("prompt").counts,
        "response_words": batch.words("response").counts,
        "prompt_tokens": count_tokens(prompts),
        "response_tokens": count_tokens(responses),
        "turns": _capped(turns),
        "user_turns": _capped(user_turns),
        "constraints": _capped(count_constraints(prompts)),
        "code_share": code / np.maximum(chars, 1),
        "math_share": math / np.maximum(chars, 1),
        "language": batch.languages("response"),
        **hygiene.flag_columns(batch),
    }
    return pa.RecordBatch.from_pydict(columns, schema=SCHEMA)


def _lengths(texts: pa.LargeStringArray) -> npt.NDArray[np.int64]:
    lengths: npt.NDArray[np.int64] = pc.utf8_length(texts).to_numpy().astype(np.int64)
    return lengths


def _capped(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int16]:
    return np.minimum(counts, np.iinfo(np.int16).max).astype(np.int16)


def _turn_counts(turns: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Turns and user turns of each row."""
    offsets = turns.offsets.to_numpy().astype(np.int64)
    is_user = pc.equal(turns.values.field("role"), "user").fill_null(False).to_numpy(zero_copy_only=False)
    users = np.concatenate(([0], np.cumsum(is_user)))
    return np.diff(offsets), np.diff(users[offsets])


def _path(snapshot: Snapshot, folder: Path) -> Path:
    return folder / f"{snapshot.id}-v{VERSION}.parquet"


def _made_by() -> bytes:
    """What the stored numbers depend on besides the rows: a change in any of it makes them stale."""
    rules = {
        "version": VERSION,
        "tokens": TOKENS,
        "flags": [[flag.id, flag.version] for flag in hygiene.FLAGS],
    }
    return json.dumps(rules, sort_keys=True).encode()


def _write(path: Path, batches: Iterator[pa.RecordBatch], rows: int, progress: Progress | None) -> None:
    schema = SCHEMA.with_metadata({b"made_by": _made_by()})
    done = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata), row_group_size=ROW_GROUP_ROWS)
            done += batch.num_rows
            if progress:
                progress(min(done, rows), rows, "features")


def _computed(snapshot: Snapshot, rows: int, workers: Workers) -> Iterator[pa.RecordBatch]:
    return run_jobs(_group_features, row_groups(snapshot.rows_path, rows), workers=workers)


def _group_features(group: RowGroup) -> pa.RecordBatch:
    batches = [feature_batch(Batch(batch)) for batch in group.batches(COLUMNS)]
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
