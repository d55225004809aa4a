"""Bad rows, kept raw beside a snapshot so that nothing is lost and someone can mend them."""

from __future__ import annotations

import base64
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from registry.files import atomic_write
from registry.readers.raw import BadRow
from registry.readers.strict_json import exact_text

BAD_FILE = "bad.jsonl"


class SetAside:
    """Writes `bad.jsonl` once there is a bad row: file, place, code, message, SHA-256, and the raw bytes.

    `raw` is the row as text, or `raw_base64` its bytes where they are no UTF-8; both are missing for a row
    that was over the size limit. Does nothing unless `active`.
    """

    def __init__(self, folder: Path, *, active: bool) -> None:
        self._path = folder / BAD_FILE
        self._active = active
        self._stack = ExitStack()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def add(self, bad: BadRow) -> None:
        """Append one row.

        Raises:
            DiskError: writing failed.
        """
        if not self._active:
            return
        if self._file is None:
            self._file = self._stack.enter_context(atomic_write(self._path))
        self._file.write(exact_text(_record(bad)).encode() + b"\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def _record(bad: BadRow) -> dict[str, Any]:
    problem = bad.problem
    record: dict[str, Any] = {
        "file": problem.file,
        "line": problem.line,
        "row": problem.row,
        "code": problem.code,
        "message": problem.message,
        "sha256": bad.sha256,
    }
    if bad.raw is not None:
        try:
            record["raw"] = bad.raw.decode()
        except UnicodeDecodeError:
            record["raw_base64"] = base64.b64encode(bad.raw).decode("ascii")
    return record
