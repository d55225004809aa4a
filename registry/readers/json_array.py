"""One JSON array of objects, read element by element without holding the array."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from registry.errors import Problem, ProblemCode, excerpt
from registry.readers.byte_source import ByteSource
from registry.readers.json_lines import not_object, without_mark
from registry.readers.raw import BadRow, RawRow, bad_row, refusal
from registry.readers.strict_json import RowFaultError, check_depth, scan_lenient, scan_strict

_SPACE = re.compile(r"[ \t\n\r]*")
_STRUCTURE = re.compile(r'["{}\[\]]')
_TEXT_MARK = re.compile(r'["\\]')
_TAIL_CHARS = 16


class IncompleteError(Exception):
    """The value does not end inside the window."""


class JsonArray:
    """Rows of a file that is one JSON array; rows are counted from 0."""

    format = "json-array"

    def __init__(self, source: ByteSource, window: Window | None = None) -> None:
        self.blank_lines = 0
        self.envelope: dict[str, Any] | None = None
        self._source = source
        self._window = window or Window(source.name, without_mark(source.chunks()))

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Every element, as a row or a bad row.

        Raises:
            InputRefusedError: the array itself is broken; rows yielded before are to be dropped too.
        """
        yield from self.elements()
        self._window.expect_end()

    def elements(self) -> Iterator[RawRow | BadRow]:
        """The elements of the array where the window stands; leaves it behind the array's end."""
        window = self._window
        window.expect("[")
        number = 0
        if window.peek() != "]":
            while True:
                window.peek()
                yield self._element(number)
                number += 1
                if window.peek() != ",":
                    break
                window.expect(",")
        window.expect("]")

    def _element(self, number: int) -> RawRow | BadRow:
        window, limits = self._window, self._source.limits
        while True:
            row = self._plain_row(number)
            if row is not None:
                return row
            try:
                end = self._end_of_value(window.at)
            except IncompleteError:
                if len(window.text) - window.at > limits.row_bytes:
                    return self._too_big(number)
                window.extend()
                continue
            return self._row(window.at, end, number)

    def _plain_row(self, number: int) -> RawRow | None:
        """The way almost every row goes: one scan. None where anything at all is unusual."""
        window, limits = self._window, self._source.limits
        text, start = window.text, window.at
        try:
            value, end = scan_strict(text, start)
            check_depth(value, text, start, end, limits.depth)
        except (RowFaultError, json.JSONDecodeError, StopIteration, RecursionError):
            return None
        if not isinstance(value, dict) or window.has_bad_bytes or end - start > limits.row_bytes:
            return None
        window.at = end
        return RawRow(value, text[start:end], None, number)

    def _end_of_value(self, start: int) -> int:
        window = self._window
        try:
            end = scan_lenient(window.text, start)[1]
        except json.JSONDecodeError as error:
            if window.may_go_on(error):
                raise IncompleteError from None
            raise window.fault(ProblemCode.SYNTAX, error.msg, error.pos) from error
        except StopIteration as stop:
            if not window.complete and stop.value >= len(window.text) - _TAIL_CHARS:
                raise IncompleteError from None
            raise window.fault(ProblemCode.SYNTAX, "Expecting value", stop.value) from None
        except RecursionError:
            return self._structural_end(start)
        if end == len(window.text) and not window.complete:
            raise IncompleteError
        return end

    def _structural_end(self, start: int) -> int:
        end = Skipper().feed(self._window.text, start)
        if end is None:
            if self._window.complete:
                raise self._window.fault(ProblemCode.TRUNCATED, "the array ends inside a row", start)
            raise IncompleteError
        return end

    def _row(self, start: int, end: int, number: int) -> RawRow | BadRow:
        window, limits = self._window, self._source.limits
        raw = window.text[start:end]
        window.at = end
        try:
            if len(raw) > limits.row_bytes:
                raise RowFaultError(
                    ProblemCode.TOO_BIG, limits.exceeded("row_bytes", f"a row of {len(raw):,} characters")
                )
            if window.has_bad_bytes and not is_utf8(raw):
                raise RowFaultError(ProblemCode.ENCODING, "the row has bytes that are not UTF-8")
            try:
                value = scan_strict(raw, 0)[0]
            except RecursionError:
                raise RowFaultError(ProblemCode.TOO_DEEP, limits.exceeded("depth", "nesting")) from None
            check_depth(value, raw, 0, len(raw), limits.depth)
            if not isinstance(value, dict):
                raise not_object(value)
        except RowFaultError as fault:
            return bad_row(self._source.name, fault, raw, row=number)
        return RawRow(value, raw, None, number)

    def _too_big(self, number: int) -> BadRow:
        window = self._window
        skipper, digest, size = Skipper(), sha256(), 0
        shown = window.text[window.at : window.at + 200]
        while True:
            end = skipper.feed(window.text, window.at)
            piece = window.text[window.at : end].encode("utf-8", "surrogateescape")
            digest.update(piece)
            size += len(piece)
            if end is not None:
                window.at = end
                break
            window.at = len(window.text)
            if window.complete:
                raise window.fault(ProblemCode.TRUNCATED, "the array ends inside a row", window.at)
            window.extend()
        problem = Problem(
            code=ProblemCode.TOO_BIG,
            message=self._source.limits.exceeded("row_bytes", f"a row of {size:,} bytes"),
            file=self._source.name,
            row=number,
            excerpt=excerpt(shown),
        )
        return BadRow(problem, None, digest.hexdigest())


class Window:
    """A moving piece of the text; `at` is the place in it where reading goes on."""

    def __init__(self, name: str, chunks: Iterator[bytes]) -> None:
        self.text = ""
        self.at = 0
        self.complete = False
        self.has_bad_bytes = False
        self._lines_before = 0
        self._name = name
        self._chunks = chunks
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def extend(self) -> None:
        """Drop what was read and add the next bytes, as many again as are waiting: long rows stay cheap."""
        self._lines_before += self.text.count("\n", 0, self.at)
        waiting = self.text[self.at :]
        pieces = [waiting]
        added = 0
        while added <= len(waiting) and not self.complete:
            chunk = next(self._chunks, b"")
            self.complete = not chunk
            piece = self._decoder.decode(chunk, final=self.complete)
            self.has_bad_bytes = self.has_bad_bytes or not (piece.isascii() or is_utf8(piece))
            pieces.append(piece)
            added += max(len(piece), 1)
        self.text, self.at = "".join(pieces), 0

    def may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether `error` may only say that the window ends inside the value."""
        near_end = error.pos >= len(self.text) - _TAIL_CHARS
        return not self.complete and (near_end or error.msg.startswith("Unterminated"))

    def peek(self) -> str:
        """The next character that is not white space, empty at the end; moves to it."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if self.complete:
                return ""
            self.extend()

    def expect(self, mark: str) -> None:
        """Step over `mark`.

        Raises:
            InputRefusedError: something else stands there, or the text ends.
        """
        found = self.peek()
        if not found:
            raise self.fault(ProblemCode.TRUNCATED, f"the array ends where {mark!r} is needed", self.at)
        if found != mark:
            raise self.fault(ProblemCode.SYNTAX, f"{mark!r} is needed where {found!r} stands", self.at)
        self.at += 1

    def expect_end(self) -> None:
        """Nothing but white space may follow.

        Raises:
            InputRefusedError: something follows the array.
        """
        if self.peek():
            raise self.fault(ProblemCode.SYNTAX, "something follows the end of the array", self.at)

    def fault(self, code: ProblemCode, message: str, at: int) -> Exception:
        """The error that refuses the file, with the line and what stands there."""
        line = self._lines_before + self.text.count("\n", 0, at) + 1
        shown = self.text[max(at - 20, 0) : at + 60]
        return refusal(self._name, code, message, line=line, shown=shown)


class Skipper:
    """Finds where a JSON value ends by its brackets alone, piece by piece."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_text = False
        self._escaped = False

    def feed(self, text: str, at: int) -> int | None:
        """The index after the value's last character, None where it does not end in this piece."""
        while at < len(text):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            found = (_TEXT_MARK if self._in_text else _STRUCTURE).search(text, at)
            if found is None:
                return None
            at = found.end()
            self._step(found.group())
            if self._depth <= 0 and not self._in_text and not self._escaped:
                return at
        return None

    def _step(self, mark: str) -> None:
        if mark == "\\":
            self._escaped = True
        elif mark == '"':
            self._in_text = not self._in_text
        else:
            self._depth += 1 if mark in "{[" else -1


def is_utf8(text: str) -> bool:
    """Whether `text` has a UTF-8 form, that is, no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
