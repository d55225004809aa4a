"""One row of numbers for each row of a snapshot, computed once and read by all who filter, count or draw."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from analyzers import hygiene
from analyzers.arrow import pc
from analyzers.base import Batch
from analyzers.code_math import code_and_math_chars
from analyzers.constraints import count_constraints
from analyzers.cut_answers import Cut, LengthCounts, ends_open, find_cut
from analyzers.flags.turns import Turns
from analyzers.row_lengths import LENGTHS, MADE_BY, VERSION, is_whole
from analyzers.runner import Workers, run_jobs
from analyzers.shards import unfinished
from analyzers.text import char_counts
from analyzers.tokens import TOKENS, count_tokens
from analyzers.trainers import CONDITIONS, refusals
from analyzers.trainers import VERSION as TRAINER_RULES
from registry.files import atomic_write
from registry.row_groups import RowGroup, row_groups
from registry.snapshot import Snapshot

if TYPE_CHECKING:
    from io import IOBase

LENGTH_COLUMNS = ("turns", "prompt", "response")
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
    "answer_tokens": pa.int32(),
    "open_end": pa.bool_(),
    "turns": pa.int16(),
    "user_turns": pa.int16(),
    "constraints": pa.int16(),
    "code_share": pa.float32(),
    "math_share": pa.float32(),
    "language": pa.string(),
}
SCHEMA = pa.schema(
    [
        *(pa.field(name, kind) for name, kind in _FIELDS.items()),
        *hygiene.FLAG_FIELDS,
        pa.field("refusals", pa.uint64(), nullable=False),
    ]
)
"""Lengths are of the views `prompt` and `response`: code points, `w1` words, `o200k_base` tokens.
`answer_tokens` are those of the last answer, `open_end` tells whether it stops without a closing mark.
`constraints` counts those of the prompt; `code_share` and `math_share` are shares of the response's
characters in [0, 1], 0 for an empty one; `language` is the response's, `und` if it cannot be told; bit i of
`flags` is `hygiene.FLAGS[i]`, and the `flag_codes_*` say which kinds of each. Those of a stored file know
the whole dataset: they mark answers cut at one length as well, which no batch alone can tell. Bit i of
`refusals` is `trainers.CONDITIONS[i]`: something that some trainers do not take."""

FEATURES = tuple(SCHEMA.names)

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
        wanted = snapshot.rows_kept if rows is None else rows
        _make(
            path,
            snapshot,
            wanted,
            columns=FEATURES,
            made_by=_made_by(),
            workers=workers,
            progress=progress,
        )
    return path


def make_lengths(
    path: Path, snapshot: Snapshot, *, workers: Workers = 1, progress: Progress | None = None
) -> None:
    """Write the Parquet file of `LENGTHS` alone (see `row_lengths.stored_lengths`)."""
    rows = snapshot.rows_kept
    _make(path, snapshot, rows, columns=LENGTHS, made_by=MADE_BY, workers=workers, progress=progress)


def has_features(snapshot: Snapshot, folder: Path) -> bool:
    """Whether features of all rows, made by the present rules, are stored in `folder`."""
    return is_whole(_path(snapshot, folder), snapshot, _made_by())


def stored_cut(features: Path) -> Cut | None:
    """The length at which the answers of a dataset were cut, as its file of features says; None: nowhere."""
    told = (pq.read_schema(features).metadata or {}).get(b"cut")
    return Cut(**json.loads(told)) if told else None


def feature_batch(batch: Batch) -> pa.RecordBatch:
    """The features of one batch."""
    responses = batch.view("response")
    chars = char_counts(responses)
    code, math = code_and_math_chars(responses)
    columns: dict[str, Any] = {
        "row": batch.rows.column("row"),
        "row_hash": batch.rows.column("row_hash").cast(pa.binary(32)),
        "prompt_chars": char_counts(batch.view("prompt")),
        "response_chars": chars,
        **(lengths := _length_columns(batch)),
        **_answer_ends(batch, lengths["response_tokens"]),
        "constraints": _capped(count_constraints(batch.view("prompt"))),
        "code_share": code / np.maximum(chars, 1),
        "math_share": math / np.maximum(chars, 1),
        "language": batch.languages("response"),
        **hygiene.flag_columns(batch),
        "refusals": refusals(batch.rows),
    }
    return pa.RecordBatch.from_pydict(columns, schema=SCHEMA)


def length_batch(batch: Batch) -> pa.RecordBatch:
    """The features of one batch that `LENGTHS` names."""
    return pa.RecordBatch.from_pydict(_length_columns(batch), schema=_schema(LENGTHS))


def _length_columns(batch: Batch) -> dict[str, Any]:
    turns, user_turns = _turn_counts(batch.rows.column("turns"))
    return {
        "prompt_words": batch.words("prompt").counts,
        "response_words": batch.words("response").counts,
        "prompt_tokens": count_tokens(batch.view("prompt")),
        "response_tokens": count_tokens(batch.view("response")),
        "turns": _capped(turns),
        "user_turns": _capped(user_turns),
    }


def _answer_ends(batch: Batch, response_tokens: npt.NDArray[np.int32]) -> dict[str, Any]:
    """Tokens of the last answer of each row and whether it ends open; 0 and no for rows without one."""
    turns = Turns(batch.rows)
    last = turns.last_by_assistant
    answers = np.bincount(turns.by_assistant.rows, minlength=batch.num_rows)[last.rows]
    tokens = response_tokens[last.rows]  # the only answer of a row is its response
    tokens[answers > 1] = count_tokens(last.texts.filter(pa.array(answers > 1)))
    ends = {"answer_tokens": np.zeros(batch.num_rows, np.int32), "open_end": np.zeros(batch.num_rows, bool)}
    ends["answer_tokens"][last.rows], ends["open_end"][last.rows] = tokens, ends_open(last.texts)
    return ends


def _schema(columns: Sequence[str]) -> pa.Schema:
    return pa.schema([SCHEMA.field(name) for name in columns])


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
        "trainers": [TRAINER_RULES, *(condition.id for condition in CONDITIONS)],
    }
    return json.dumps(rules, sort_keys=True).encode()


def _make(
    path: Path,
    snapshot: Snapshot,
    rows: int,
    *,
    columns: Sequence[str],
    made_by: bytes,
    workers: Workers,
    progress: Progress | None,
) -> None:
    """Write the file of these features, going on with the shards of a run that was broken off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(made_by).hexdigest()[:16]
    with unfinished(path.parent, f".{path.stem}-{digest}-{rows}") as shards:
        groups = row_groups(snapshot.rows_path, rows)
        _compute(groups, shards, columns, workers, progress)
        _join(path, groups, shards, _schema(columns).with_metadata({b"made_by": made_by}))


def _compute(
    groups: Sequence[RowGroup],
    folder: Path,
    columns: Sequence[str],
    workers: Workers,
    progress: Progress | None,
) -> None:
    """Write the features of each group that has none in `folder` yet."""
    missing = [group for group in groups if not _shard(folder, group).exists()]
    rows = sum(group.rows for group in groups)
    done = rows - sum(group.rows for group in missing)
    found = run_jobs(partial(_write_group, folder, columns), missing, workers=workers)
    for group, _ in zip(missing, found, strict=True):
        done += group.rows
        if progress:
            progress(done, rows, "features")


def _write_group(folder: Path, columns: Sequence[str], group: RowGroup) -> None:
    measure, read = (feature_batch, COLUMNS) if columns == FEATURES else (length_batch, LENGTH_COLUMNS)
    batches = [measure(Batch(batch)) for batch in group.batches(read)]
    with (
        atomic_write(_shard(folder, group)) as file,
        pa.ipc.new_file(cast("IOBase", file), _schema(columns)) as writer,
    ):
        writer.write_table(pa.Table.from_batches(batches).combine_chunks())


def _join(path: Path, groups: Sequence[RowGroup], folder: Path, schema: pa.Schema) -> None:
    """The shards as one Parquet file in the row groups of the snapshot, with the flags all rows decide."""
    is_flagged = "flags" in schema.names
    cut = find_cut(_answer_lengths(groups, folder)) if is_flagged else None
    told = {b"cut": json.dumps(asdict(cut)).encode()} if cut else {}
    signed = schema.with_metadata({**(schema.metadata or {}), **told})
    with atomic_write(path) as file, pq.ParquetWriter(file, signed, compression="zstd") as writer:
        for group in groups:
            table = _read_shard(folder, group)
            if cut:
                table = hygiene.with_cut(table, cut)
            writer.write_table(table.replace_schema_metadata(signed.metadata), row_group_size=group.rows)


def _answer_lengths(groups: Sequence[RowGroup], folder: Path) -> LengthCounts:
    """The lengths and open ends of the answers of all groups."""
    total = LengthCounts()
    for group in groups:
        table = _read_shard(folder, group)
        total += LengthCounts.of(
            table.column("answer_tokens").to_numpy(), table.column("open_end").to_numpy()
        )
    return total


def _read_shard(folder: Path, group: RowGroup) -> pa.Table:
    with pa.memory_map(str(_shard(folder, group))) as shard:
        return pa.ipc.open_file(shard).read_all()


def _shard(folder: Path, group: RowGroup) -> Path:
    return folder / f"{group.number:08}.arrow"
