"""JSON as RFC 8259 has it and nothing more: every liberty the standard library takes is a fault here."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from registry.errors import ProblemCode

MAX_INTEGER_CHARS = 20
DEPTH = 64
WHITESPACE = " \t\n\r"


class RowFaultError(Exception):
    """What is wrong with one row; the reader adds file and place and goes on with the next row."""

    def __init__(self, code: ProblemCode, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


def decode(text: str, *, depth: int = DEPTH) -> Any:
    """The value that `text` holds, white space around it allowed.

    Raises:
        RowFaultError: not strict JSON: syntax, duplicate_key, number or too_deep.
    """
    start = len(text) - len(text.lstrip(WHITESPACE))
    try:
        value, end = scan_strict(text, start)
    except json.JSONDecodeError as error:
        raise RowFaultError(ProblemCode.SYNTAX, f"{error.msg} at character {error.pos}") from None
    except StopIteration as stop:
        raise RowFaultError(ProblemCode.SYNTAX, f"Expecting value at character {stop.value}") from None
    except RecursionError:
        raise RowFaultError(ProblemCode.TOO_DEEP, f"nested over {depth} levels") from None
    if text[end:].strip(WHITESPACE):
        raise RowFaultError(ProblemCode.SYNTAX, f"something follows the value at character {end}")
    check_depth(value, text, start, end, depth)
    return value


def check_depth(value: Any, text: str, start: int, end: int, depth: int) -> None:
    """Refuse nesting over `depth`; costs two counts of characters unless there are many brackets.

    Raises:
        RowFaultError: too_deep.
    """
    if text.count("{", start, end) + text.count("[", start, end) > depth and _is_deeper(value, depth):
        raise RowFaultError(ProblemCode.TOO_DEEP, f"nested over {depth} levels")


def canonical(value: Any) -> bytes:
    """`value` as canonical JSON: sorted keys, no spaces, UTF-8, texts as they are (RELIABILITY B2).

    Raises:
        UnicodeEncodeError: a text has a lone surrogate.
        ValueError: a number is not finite.
    """
    return canonical_text(value).encode()


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RowFaultError(
            ProblemCode.DUPLICATE_KEY, f"key {twice!r} stands more than once in one object", twice
        )
    return fields


def _integer(digits: str) -> int:
    value = int(digits) if len(digits) <= MAX_INTEGER_CHARS else 1 << 64
    if not -(1 << 63) <= value < 1 << 63:
        raise RowFaultError(
            ProblemCode.NUMBER, f"whole number {digits[:40]} does not fit a signed 64-bit integer"
        )
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise RowFaultError(ProblemCode.NUMBER, f"number {digits[:40]} does not fit a finite double")
    return value


def _constant(name: str) -> Any:
    raise RowFaultError(ProblemCode.NUMBER, f"{name} is not a JSON number")


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for parent in level
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
    return any(isinstance(value, (dict, list)) for value in level)


Scan = Callable[[str, int], tuple[Any, int]]

scan_strict: Scan = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_float, parse_constant=_constant
).scan_once  # type: ignore[attr-defined]  # not in the stubs
"""Value and end of the JSON value at an index; raises as the C scanner of json does, and RowFaultError."""

scan_lenient: Scan = json.JSONDecoder(parse_int=lambda _: 0, parse_float=lambda _: 0.0).scan_once  # type: ignore
"""Only where a value ends: what a strict reading refuses inside the value does not matter."""

canonical_text: Callable[[Any], str] = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode
"""`canonical` as text."""

exact_text: Callable[[Any], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode
"""JSON of a value with the keys in the order of the source."""
