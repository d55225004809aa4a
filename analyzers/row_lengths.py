"""How long each row is: the row features that plans read, found without the rules of all the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from analyzers.tokens import TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzers.runner import Workers
    from registry.snapshot import Snapshot

VERSION = 1
LENGTHS = ("prompt_words", "response_words", "prompt_tokens", "response_tokens", "turns", "user_turns")
MADE_BY = json.dumps({"version": VERSION, "tokens": TOKENS}, sort_keys=True).encode()
"""What lengths depend on besides the rows."""


def stored_lengths(
    snapshot: Snapshot,
    folder: Path,
    *,
    workers: Workers = 1,
    progress: Callable[[int, int | None, str], None] | None = None,
) -> Path:
    """The Parquet file of `LENGTHS`; where only all features are stored, theirs, which hold these.

    Lengths cost a tenth of all features, which look for every flag and tell the language of every row.
    """
    path = folder / f"{snapshot.id}-v{VERSION}-lengths.parquet"
    if is_whole(path, snapshot, MADE_BY):
        return path
    from analyzers.row_features import has_features, make_lengths, stored_features

    if has_features(snapshot, folder):
        return stored_features(snapshot, folder)
    make_lengths(path, snapshot, workers=workers, progress=progress)
    return path


def is_whole(path: Path, snapshot: Snapshot, made_by: bytes) -> bool:
    """Whether the file holds features of all rows, made by these rules."""
    if not path.is_file():
        return False
    try:
        with pq.ParquetFile(path) as file:
            told = (file.schema_arrow.metadata or {}).get(b"made_by")
            return bool(file.metadata.num_rows == snapshot.rows_kept and told == made_by)
    except pa.ArrowInvalid:
        return False
