"""A file that is one JSON object: an envelope around rows, or one row written over many lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from registry.errors import ProblemCode
from registry.readers.byte_source import ByteSource
from registry.readers.json_array import JsonArray, Window, is_utf8
from registry.readers.json_lines import decode_row, without_mark
from registry.readers.raw import BadRow, RawRow, bad_row, refusal
from registry.readers.strict_json import WHITESPACE, RowFaultError, Scan, canonical, scan_lenient

ENVELOPE_FIELDS = ("Instances", "examples", "data", "rows", "records", "train", "validation", "test")
ROW_FIELDS = frozenset(
    (
        "instruction",
        "prompt",
        "question",
        "problem",
        "query",
        "messages",
        "conversations",
        "conversation",
        "chat",
        "turns",
    )
)
SHARED_FIELDS = ("Definition",)
ERROR_FIELDS = frozenset(
    ("error", "errors", "message", "status", "statusCode", "code", "detail", "documentation_url")
)

scan_envelope: Scan = json.JSONDecoder(parse_constant=str).scan_once  # type: ignore[attr-defined]  # not in the stubs
"""Reads what stands around rows, where a NaN does no harm."""


class JsonObject:
    """Rows of a file that is one JSON object.

    `envelope` holds the object's fields but the rows; a NaN in it becomes text. Rows of a
    natural-instructions task also get its `Definition`.
    """

    format = "json-object"

    def __init__(self, source: ByteSource) -> None:
        self.blank_lines = 0
        self.envelope: dict[str, Any] | None = None
        self._source = source

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Every row of the envelope counted from 0, or the object itself as row 0.

        Raises:
            InputRefusedError: the object around the rows is broken, or is an error answer of a server.
        """
        content = b"".join(without_mark(self._source.chunks()))
        text = content.decode("utf-8", "surrogateescape")
        document = self._document(text)
        if is_error_answer(document):
            message = "an error answer of a server, not rows: fetch the file again"
            raise refusal(self._source.name, ProblemCode.ERROR_PAGE, message)
        field = envelope_field(document)
        if field is None:
            yield self._only_row(content)
            return
        self.envelope = {key: value for key, value in document.items() if key != field}
        self._check_envelope(text)
        shared = {key: document[key] for key in SHARED_FIELDS if key in document}
        for item in self._elements(content, field):
            yield item._replace(fields={**shared, **item.fields}) if isinstance(item, RawRow) else item

    def _document(self, text: str) -> Any:
        try:
            return scan_envelope(text, len(text) - len(text.lstrip(WHITESPACE)))[0]
        except (json.JSONDecodeError, StopIteration, RecursionError) as error:
            message = "the object cannot be read any more: the file changed while it was read"
            raise refusal(self._source.name, ProblemCode.INTEGRITY, message) from error

    def _only_row(self, content: bytes) -> RawRow | BadRow:
        try:
            return RawRow(decode_row(content, self._source.limits.depth), content, None, 0)
        except RowFaultError as fault:
            return bad_row(self._source.name, fault, content, row=0)

    def _check_envelope(self, text: str) -> None:
        try:
            canonical(self.envelope)
        except UnicodeEncodeError as error:
            code = ProblemCode.SURROGATE if is_utf8(text) else ProblemCode.ENCODING
            raise refusal(self._source.name, code, "text around the rows has no UTF-8 form") from error

    def _elements(self, content: bytes, field: str) -> Iterator[RawRow | BadRow]:
        """The elements of `field`, found by walking over the object's fields."""
        window = Window(self._source.name, iter([content]))
        window.expect("{")
        names: set[str] = set()
        while True:
            window.peek()
            name, window.at = scan_envelope(window.text, window.at)
            if name in names:
                raise window.fault(
                    ProblemCode.DUPLICATE_KEY, f"key {name!r} stands more than once", window.at
                )
            names.add(name)
            window.expect(":")
            window.peek()
            if name == field:
                yield from JsonArray(self._source, window).elements()
            else:
                window.at = scan_envelope(window.text, window.at)[1]
            if window.peek() != ",":
                break
            window.expect(",")


def is_one_object(source: ByteSource) -> bool:
    """Whether the file is one JSON object and not JSON Lines; reads on until that is certain.

    One object on one line counts as JSON Lines unless it is an envelope or an error answer.
    """
    window = Window(source.name, without_mark(source.chunks()))
    while window.peek():
        try:
            value, end = scan_lenient(window.text, window.at)
        except json.JSONDecodeError as error:
            if not window.may_go_on(error) or len(window.text) > source.limits.document_bytes:
                return False
            window.extend()
            continue
        except (StopIteration, RecursionError):
            return False
        while not window.text[end:].strip(WHITESPACE) and not window.complete:
            start = window.at
            window.extend()
            end -= start
        if window.text[end:].strip(WHITESPACE):
            return False
        one_line = "\n" not in window.text[window.at : end]
        return not one_line or envelope_field(value) is not None or is_error_answer(value)
    return False


def envelope_field(value: Any) -> str | None:
    """The field of an envelope that holds its rows, None where `value` is no envelope."""
    if not isinstance(value, dict) or ROW_FIELDS & value.keys():
        return None
    holders = [name for name in ENVELOPE_FIELDS if isinstance(value.get(name), list)]
    return (
        holders[0] if len(holders) == 1 and any(isinstance(row, dict) for row in value[holders[0]]) else None
    )


def is_error_answer(value: Any) -> bool:
    """Whether `value` is what servers send in place of a file."""
    return (
        isinstance(value, dict) and ("error" in value or "message" in value) and value.keys() <= ERROR_FIELDS
    )
