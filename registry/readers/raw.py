"""What readers yield: rows as the source has them, and rows that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from registry.errors import InputRefusedError, Problem, ProblemCode, excerpt
from registry.readers.strict_json import RowFaultError


class RawRow(NamedTuple):
    """One row: its fields, the text it was read from (None: there is none), its line or its row number."""

    fields: dict[str, Any]
    raw: bytes | str | None
    line: int | None
    row: int | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was refused; `raw` is None where it was too big to hold, `sha256` is of its bytes."""

    problem: Problem
    raw: bytes | None
    sha256: str


class RowFile(Protocol):
    """One open source file. The counts are final once `rows` is exhausted."""

    format: str
    blank_lines: int
    envelope: dict[str, Any] | None

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Every row in the order of the source; raises InputRefusedError for a fault of the container."""
        ...


def bad_row(
    file: str,
    fault: RowFaultError,
    raw: bytes | str | None,
    *,
    line: int | None = None,
    row: int | None = None,
) -> BadRow:
    """`fault` of the row at that place, with what stands there."""
    content = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else (raw or b"")
    problem = Problem(
        code=fault.code,
        message=excerpt_message(fault.message),
        file=file,
        line=line,
        row=row,
        field=None if fault.field is None else excerpt(fault.field),
        excerpt=excerpt(content[:480].decode("utf-8", "replace")),
    )
    return BadRow(problem, content, sha256(content).hexdigest())


def refusal(
    file: str,
    code: ProblemCode,
    message: str,
    *,
    line: int | None = None,
    row: int | None = None,
    shown: str = "",
) -> InputRefusedError:
    """The error that refuses the whole file."""
    return InputRefusedError(
        [
            Problem(
                code=code,
                message=message,
                file=file,
                line=line,
                row=row,
                excerpt=excerpt(shown) if shown else None,
            )
        ]
    )


def excerpt_message(message: str) -> str:
    """A message fit for terminals: one line, control characters escaped, length kept."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
