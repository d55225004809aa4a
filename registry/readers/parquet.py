"""Parquet, read in a child process under a memory limit; rows come as plain JSON values."""

from __future__ import annotations

import base64
import math
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from io import IOBase
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from registry.errors import InputRefusedError, ProblemCode
from registry.readers.byte_source import ByteSource
from registry.readers.raw import BadRow, RawRow, bad_row, refusal
from registry.readers.strict_json import RowFaultError

PARQUET_MAGIC = b"PAR1"
FOOTER_BYTES = 8
PROGRAM = Path(__file__).with_name("parquet_process.py")


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
            InputRefusedError: the footer disagrees with the file, the data is damaged, a limit is passed.
        """
        self._check_footer()
        number = 0
        for batch in self._batches():
            for fields in _values(batch):
                if isinstance(fields, RowFaultError):
                    yield bad_row(self._source.name, fields, None, row=number)
                else:
                    yield RawRow(fields, None, None, number)
                number += 1

    def _check_footer(self) -> None:
        """Hash the stored bytes on the way: Parquet itself is read out of order."""
        size, tail = 0, b""
        for chunk in self._source.chunks():
            size += len(chunk)
            tail = (tail + chunk)[-FOOTER_BYTES:]
        footer = int.from_bytes(tail[:4], "little")
        if tail[4:] != PARQUET_MAGIC or footer + FOOTER_BYTES + len(PARQUET_MAGIC) > size:
            message = "the Parquet footer does not fit the file: fetch the file again"
            raise refusal(self._source.name, ProblemCode.TRUNCATED, message)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        limits = self._source.limits
        command = [sys.executable, "-I", str(PROGRAM), str(self._source.path)]
        command += [str(limits.parquet_memory_bytes), str(limits.row_group_bytes)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
            assert process.stdout is not None
            try:
                with pa.ipc.open_stream(pa.PythonFile(cast("IOBase", process.stdout))) as stream:
                    yield from stream
            except pa.ArrowException as error:
                raise self._fault(process) from error
            finally:
                process.stdout.close()
            if process.wait() != 0:
                raise self._fault(process)

    def _fault(self, process: subprocess.Popen[bytes]) -> InputRefusedError:
        said = process.stderr.read().decode("utf-8", "replace") if process.stderr is not None else ""
        status = process.wait()
        code, _, message = said.strip().rpartition("\n")[2].partition(": ")
        if code not in set(ProblemCode):
            return refusal(
                self._source.name, ProblemCode.TRUNCATED, f"reading Parquet ended with status {status}"
            )
        if message.startswith("row group"):
            message = self._source.limits.exceeded("row_group_bytes", message)
        return refusal(self._source.name, ProblemCode(code), message)


def _values(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | RowFaultError]:
    try:
        yield from [plain(fields) for fields in batch.to_pylist()]
    except UnicodeDecodeError:
        for place in range(batch.num_rows):
            try:
                yield plain(batch.slice(place, 1).to_pylist()[0])
            except UnicodeDecodeError:
                yield RowFaultError(ProblemCode.ENCODING, "a text of the row is not UTF-8")


def plain(value: Any) -> Any:
    """`value` in JSON types: times as ISO 8601 text, bytes as base64, NaN and all else as its text.

    >>> plain({"score": float("nan"), "day": date(2026, 1, 2), "raw": b"ab"})
    {'score': 'NaN', 'day': '2026-01-02', 'raw': 'YWI='}
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return (
            value if math.isfinite(value) else {"nan": "NaN", "inf": "Infinity"}.get(str(value), "-Infinity")
        )
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)
