"""JSON Lines: one object a line; a line ends at a line feed and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from registry.errors import Problem, ProblemCode, excerpt
from registry.limits import Limits
from registry.readers.byte_source import ByteSource
from registry.readers.raw import BadRow, RawRow, bad_row
from registry.readers.strict_json import RowFaultError, decode

BLANK = b" \t\r"


class JsonLines:
    """Rows of a JSON Lines file."""

    format = "json-lines"

    def __init__(self, source: ByteSource) -> None:
        self.blank_lines = 0
        self.envelope: dict[str, Any] | None = None
        self._source = source

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Every line that is not blank, as a row or a bad row; lines are counted from 1."""
        name, depth = self._source.name, self._source.limits.depth
        for number, line in enumerate(lines(self._source), start=1):
            if isinstance(line, LongLine):
                yield line.as_bad_row(name, number, self._source.limits)
                continue
            if not line.strip(BLANK):
                self.blank_lines += 1
                continue
            try:
                yield RawRow(decode_row(line, depth), line, number, None)
            except RowFaultError as fault:
                yield bad_row(name, fault, line, line=number)


class LongLine:
    """A line over the row limit: its size, its hash and its beginning, but not its bytes."""

    def __init__(self) -> None:
        self.size = 0
        self.start = b""
        self._digest = sha256()

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the line."""
        self.size += len(piece)
        self.start = self.start or piece[:480]
        self._digest.update(piece)

    def as_bad_row(self, name: str, number: int, limits: Limits) -> BadRow:
        """The report about the line."""
        problem = Problem(
            code=ProblemCode.TOO_BIG,
            message=limits.exceeded("row_bytes", f"a row of {self.size:,} bytes"),
            file=name,
            line=number,
            excerpt=excerpt(self.start.decode("utf-8", "replace")),
        )
        return BadRow(problem, None, self._digest.hexdigest())


def lines(source: ByteSource) -> Iterator[bytes | LongLine]:
    """Physical lines without their line feed, a byte order mark at the start dropped.

    A final line feed ends the last line and begins no other.
    """
    limit = source.limits.row_bytes
    rest = b""
    long: LongLine | None = None
    for chunk in without_mark(source.chunks()):
        *ended, last = chunk.split(b"\n")
        if not ended:
            if long is not None:
                long.feed(last)
            else:
                rest += last
                long, rest = _lengthen(rest, limit)
            continue
        yield _end(long, rest, ended[0], limit)
        for line in ended[1:]:
            yield _end(None, b"", line, limit)
        long, rest = _lengthen(last, limit)
    if long is not None:
        yield long
    elif rest:
        yield rest


def without_mark(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks, a UTF-8 byte order mark at the start dropped."""
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= 3:
            break
    if start.removeprefix(b"\xef\xbb\xbf"):
        yield start.removeprefix(b"\xef\xbb\xbf")
    yield from chunks


def decode_row(line: bytes, depth: int) -> dict[str, Any]:
    """The object that `line` holds.

    Raises:
        RowFaultError: encoding, not_object, or what strict JSON refuses.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise RowFaultError(ProblemCode.ENCODING, f"not UTF-8 at byte {error.start} of the row") from None
    value = decode(text, depth=depth)
    if not isinstance(value, dict):
        raise not_object(value)
    return value


def not_object(value: Any) -> RowFaultError:
    """The fault of a row that is some other JSON value."""
    kinds = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return RowFaultError(
        ProblemCode.NOT_OBJECT, f"a row must be an object, not {kinds.get(type(value), 'a number')}"
    )


def _end(long: LongLine | None, rest: bytes, piece: bytes, limit: int) -> bytes | LongLine:
    if long is None:
        line = rest + piece
        if len(line) <= limit:
            return line
        long = LongLine()
        piece = line
    long.feed(piece)
    return long


def _lengthen(rest: bytes, limit: int) -> tuple[LongLine | None, bytes]:
    if len(rest) <= limit:
        return None, rest
    long = LongLine()
    long.feed(rest)
    return long, b""
