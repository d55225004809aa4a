"""Where the faults of a file a person wrote are: file, line and field of everything that is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from registry.errors import Problem, ProblemCode, excerpt

FieldPath = tuple[str | int, ...]

_CODES = {
    "extra_forbidden": ProblemCode.UNKNOWN_KEY,
    "missing": ProblemCode.MISSING_FIELD,
    "string_type": ProblemCode.WRONG_TYPE,
    "int_type": ProblemCode.WRONG_TYPE,
    "float_type": ProblemCode.WRONG_TYPE,
    "bool_type": ProblemCode.WRONG_TYPE,
    "tuple_type": ProblemCode.WRONG_TYPE,
    "model_type": ProblemCode.WRONG_TYPE,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The file something was read from and the line of each of its fields; both may be unknown.

    All origins are equal: where a text was written is no part of what it says.
    """

    file: str = field(default="recipe", compare=False)
    folder: Path | None = field(default=None, compare=False)
    lines: Mapping[FieldPath, int] = field(default_factory=dict, compare=False)

    def with_lines(self, lines: Mapping[FieldPath, int]) -> Origin:
        """The same origin, knowing the line of each field path."""
        return replace(self, lines=lines)

    def line(self, where: FieldPath) -> int | None:
        """The line of the field at `where`, or of the nearest one around it; None where none is known."""
        around = (where[:n] for n in range(len(where), -1, -1))
        return next((self.lines[outer] for outer in around if outer in self.lines), None)

    def problem(self, code: ProblemCode, message: str, where: FieldPath, *, value: object = None) -> Problem:
        """A problem at `where`, on the line of that field or of the nearest one around it."""
        shown = None if value is None else excerpt(str(value))
        name = field_name(where) or None
        return Problem(
            code=code, message=message, file=self.file, line=self.line(where), field=name, excerpt=shown
        )


def field_name(where: FieldPath) -> str:
    """The path as a person writes it.

    >>> field_name(("parts", 0, "weight"))
    'parts[0].weight'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).removeprefix(".")


def problems_of(error: ValidationError, model: type[BaseModel], origin: Origin) -> list[Problem]:
    """Each fault pydantic found in a `model`, located; unknown keys offer the nearest known ones."""
    found: dict[FieldPath, Problem] = {}
    for fault in error.errors(include_url=False):
        where = tuple(_steps(model, fault["loc"]))
        code = _CODES.get(fault["type"], ProblemCode.BAD_VALUE)
        message = fault["msg"].removeprefix("Value error, ")
        if code is ProblemCode.UNKNOWN_KEY:
            message = _unknown_key(str(where[-1]), _model_at(model, where[:-1]))
        shown = fault["input"] if isinstance(fault["input"], str | int | float) else None
        found.setdefault(where, origin.problem(code, message, where, value=shown))
    # A tuple counts only its sound members: "too short" around a faulty member is an echo.
    return [
        p
        for where, p in found.items()
        if not any(len(o) > len(where) and o[: len(where)] == where for o in found)
    ]


def _unknown_key(key: str, model: type[BaseModel] | None) -> str:
    known = list(model.model_fields) if model else []
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    offer = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"unknown key {key!r}; {offer}"


def _steps(model: type[BaseModel], loc: FieldPath) -> Iterator[str | int]:
    """The steps of `loc` that are fields or positions: pydantic adds the names of union members it tried."""
    for n, step in enumerate(loc):
        if isinstance(step, int) or n == len(loc) - 1 or step in _fields_at(model, loc[:n]):
            if isinstance(step, str) and n and not _model_at(model, loc[:n]):
                continue
            yield step


def _fields_at(model: type[BaseModel], where: FieldPath) -> set[str]:
    here = _model_at(model, where)
    return set(here.model_fields) if here else set()


def _model_at(model: type[BaseModel], where: FieldPath) -> type[BaseModel] | None:
    here: type[BaseModel] | None = model
    for step in where:
        if isinstance(step, int):
            continue
        if here is None or step not in here.model_fields:
            return None
        here = _inner_model(here.model_fields[step].annotation)
    return here


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple):
        return next((found for arg in get_args(annotation) if (found := _inner_model(arg))), None)
    return None
