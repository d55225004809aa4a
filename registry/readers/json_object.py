"""A file that is one JSON object: an envelope around rows, or one row written over many lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from registry.errors import ProblemCode
from registry.readers.byte_source import ByteSource
from registry.readers.json_array import Window
from registry.readers.json_lines import not_object
from registry.readers.raw import BadRow, RawRow, bad_row, refusal
from registry.readers.strict_json import WHITESPACE, RowFault, decode, exact_text, scan_lenient

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


class JsonObject:
    """Rows of a file that is one JSON object.

    `envelope` holds the object's fields but the rows. Rows of a natural-instructions task also get its `Definition`.
    """

    format = "json-object"

    def __init__(self, source: ByteSource) -> None:
        self.blank_lines = 0
        self.envelope: dict[str, Any] | None = None
        self._source = source

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Every row of the envelope counted from 0, or the object itself as row 0.

        Raises:
            InputRefusedError: the object as a whole cannot be read, or is an error answer.
        """
        document = self._document()
        field = envelope_field(document)
        if field is None:
            yield RawRow(document, None, None, 0)
            return
        self.envelope = {key: value for key, value in document.items() if key != field}
        shared = {key: document[key] for key in SHARED_FIELDS if key in document}
        for number, value in enumerate(document[field]):
            if isinstance(value, dict):
                yield RawRow({**shared, **value}, None, None, number)
            else:
                yield bad_row(self._source.name, not_object(value), exact_text(value), row=number)

    def _document(self) -> dict[str, Any]:
        name = self._source.name
        content = b"".join(self._source.chunks()).removeprefix(b"\xef\xbb\xbf")
        try:
            value = decode(content.decode(), depth=self._source.limits.depth)
        except UnicodeDecodeError as error:
            raise refusal(name, ProblemCode.ENCODING, f"not UTF-8 at byte {error.start}") from error
        except RowFault as fault:
            raise refusal(name, fault.code, fault.message) from fault
        if is_error_answer(value):
            raise refusal(
                name, ProblemCode.ERROR_PAGE, "an error answer of a server, not rows: fetch the file again"
            )
        assert isinstance(value, dict)  # noqa: S101 - the text begins with a brace
        return value


def is_one_object(source: ByteSource) -> bool:
    """Whether the file is one JSON object and not JSON Lines; reads on until that is certain.

    One object on one line counts as JSON Lines unless it is an envelope or an error answer.
    """
    window = Window(source)
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
