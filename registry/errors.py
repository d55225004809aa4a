"""Every error this project raises on purpose, in one tree, with its exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum, StrEnum
from typing import Literal, TypeAlias

EXCERPT_CHARS = 120


class ExitCode(IntEnum):
    """What the command line answers to the shell."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    NETWORK = 4
    BUSY = 5
    DISK = 6
    INTEGRITY = 7
    WITH_FAULTS = 8
    TEST_FAILED = 9
    INTERRUPTED = 130


class ProblemCode(StrEnum):
    """The closed list of things that can be wrong with an input."""

    ENCODING = "encoding"
    SYNTAX = "syntax"
    NOT_OBJECT = "not_object"
    MISSING_FIELD = "missing_field"
    NULL_FIELD = "null_field"
    WRONG_TYPE = "wrong_type"
    DUPLICATE_KEY = "duplicate_key"
    NUMBER = "number"
    SURROGATE = "surrogate"
    TOO_DEEP = "too_deep"
    TOO_BIG = "too_big"
    TOO_MANY_FIELDS = "too_many_fields"
    RAGGED = "ragged"
    SCHEMA = "schema"
    NO_ROWS = "no_rows"
    TRUNCATED = "truncated"
    BOMB = "bomb"
    UNSUPPORTED = "unsupported"
    POINTER = "pointer"
    ERROR_PAGE = "error_page"
    LINK = "link"
    SPECIAL_FILE = "special_file"
    NO_ACCESS = "no_access"
    TAG = "tag"
    ALIAS = "alias"
    UNKNOWN_KEY = "unknown_key"
    DUPLICATE_ID = "duplicate_id"
    BAD_ID = "bad_id"
    BAD_URL = "bad_url"
    BAD_LICENSE = "bad_license"
    BAD_VALUE = "bad_value"
    INTEGRITY = "integrity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of one input: what, where, and an escaped excerpt.

    `line` is the physical line, counted from 1; `row` is the position in an array or Parquet file,
    counted from 0. Each is None where it means nothing.
    """

    code: ProblemCode
    message: str
    file: str
    line: int | None = None
    row: int | None = None
    entry: str | None = None
    field: str | None = None
    excerpt: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
        elif self.row is not None:
            place += f" row {self.row}"
        inside = ", ".join(
            f"{name} {value!r}" for name, value in (("entry", self.entry), ("field", self.field)) if value
        )
        return f"{place}: {f'({inside}) ' if inside else ''}{self.code}: {self.message}"


def escaped(text: str) -> str:
    """`text` with control characters as escapes: fit for terminals and logs, one line whatever it holds."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def excerpt(text: str) -> str:
    """`escaped(text)`, cut to 120 characters."""
    shown = escaped(text[: EXCERPT_CHARS + 1])
    return shown if len(shown) <= EXCERPT_CHARS else shown[: EXCERPT_CHARS - 1] + "…"


class InstructoryError(Exception):
    """Base class: catch this to catch all of ours."""

    exit_code: ExitCode = ExitCode.FAILED


class UnknownNameError(InstructoryError, KeyError):
    """A name that nothing carries; the message offers the nearest known ones."""

    exit_code = ExitCode.USAGE
    kind = "name"

    def __init__(self, name: str, known: Iterable[str], *, hint: str = "") -> None:
        near = get_close_matches(name, list(known), n=3)
        offer = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"no {self.kind} {name!r}{offer}{f' {hint}' if hint else ''}")
        self.name = name
        self.near = tuple(near)

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0])


class UnknownDatasetError(UnknownNameError):
    """No entry, sample or file carries the requested name."""

    kind = "dataset"


class UnknownMetricError(UnknownNameError):
    """No analyzer or metric carries the requested name."""

    kind = "analyzer"


class UnknownEngineError(UnknownNameError):
    """No engine of that name runs jobs."""

    kind = "engine"


class EngineError(InstructoryError):
    """An engine that cannot be had, or one of whose workers died; says which job and what to do."""


class UnknownEmbeddingError(UnknownNameError):
    """No embedding of that name, and no folder with a model at that path."""

    kind = "embedding"


class UnknownParserError(UnknownNameError):
    """No parser of that name finds the structure of prompts."""

    kind = "parser"


class MissingExtraError(InstructoryError, ImportError):
    """What was asked for takes a package that is not installed; the message says which extra brings it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an extra: pip install 'instructory[{extra}]'")
        self.extra = extra


class MissingModelError(InstructoryError):
    """A model that a measure takes is not on this machine; the message says how to get it."""


class UnknownViewError(UnknownNameError, ValueError):
    """No view of a row has the requested name."""

    kind = "view"


class InputRefusedError(InstructoryError, ValueError):
    """An input that is not taken, with every fault found in it; nothing was changed."""

    exit_code = ExitCode.REFUSED

    def __init__(self, problems: Sequence[Problem], *, summary: str | None = None) -> None:
        shown = "\n".join(f"  {p}" for p in problems[:10])
        more = f"\n  … and {len(problems) - 10} more" if len(problems) > 10 else ""
        if summary is None and len(problems) == 1:
            super().__init__(str(problems[0]))
        else:
            super().__init__(f"{summary or f'{len(problems)} problems'}:\n{shown}{more}")
        self.problems = tuple(problems)


class NotMeasuredError(InstructoryError):
    """Rows or figures are asked for that nobody fetched or measured yet; the message says how to."""

    exit_code = ExitCode.REFUSED


class IntegrityError(InstructoryError):
    """Stored bytes are not what their hash says."""

    exit_code = ExitCode.INTEGRITY


NetworkReason: TypeAlias = Literal[
    "gone", "gated", "refused", "revision", "changed", "busy", "down", "offline", "unreachable"
]


class NetworkError(InstructoryError, ConnectionError):
    """The other side could not be reached or refused; `reason` says in one word why."""

    exit_code = ExitCode.NETWORK

    def __init__(self, message: str, *, reason: NetworkReason = "unreachable") -> None:
        super().__init__(message)
        self.reason: NetworkReason = reason


class BusyError(InstructoryError):
    """Another process holds what is needed."""

    exit_code = ExitCode.BUSY


class DiskError(InstructoryError, OSError):
    """Writing failed; older results are intact."""

    exit_code = ExitCode.DISK
