"""Parquet: the footer is checked first, rows come as plain JSON values."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from registry.errors import ProblemCode
from registry.readers.byte_source import ByteSource
from registry.readers.raw import BadRow, RawRow, refusal

PARQUET_MAGIC = b"PAR1"
BATCH_ROWS = 1024


class ParquetRows:
    """Rows of a Parquet file, counted from 0."""

    format = "parquet"

    def __init__(self, source: ByteSource) -> None:
        self.blank_lines = 0
        self.envelope: dict[str, Any] | None = None
        self._source = source

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Every row.

        Raises:
            InputRefusedError: the footer disagrees with the file, or the data cannot be read.
        """
        name = self._source.name
        for _ in self._source.chunks():
            pass  # hashes the stored bytes; Parquet itself is read out of order
        try:
            with pq.ParquetFile(self._source.path) as file:
                self._check(file)
                number = 0
                for batch in file.iter_batches(batch_size=BATCH_ROWS):
                    for fields in batch.to_pylist():
                        yield RawRow(plain(fields), None, None, number)
                        number += 1
        except (pa.ArrowException, OSError) as error:
            raise refusal(name, ProblemCode.TRUNCATED, f"damaged Parquet file: {error}") from error

    def _check(self, file: pq.ParquetFile) -> None:
        name, limits = self._source.name, self._source.limits
        columns = file.schema_arrow.names
        if len(set(columns)) != len(columns):
            raise refusal(name, ProblemCode.SCHEMA, "two columns have the same name")
        for group in range(file.metadata.num_row_groups):
            size = file.metadata.row_group(group).total_byte_size
            if size > limits.row_group_bytes:
                what = limits.exceeded("row_group_bytes", f"row group {group} of {size:,} bytes")
                raise refusal(name, ProblemCode.TOO_BIG, what)


def plain(value: Any) -> Any:
    """`value` in JSON types: times as ISO 8601 text, decimals as their digits, bytes as base64."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (Decimal, timedelta)):
        return str(value)
    raise TypeError(f"no JSON form for a Parquet value of type {type(value).__name__}")
