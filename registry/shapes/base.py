"""What a shape is: a way to read turns out of the fields of a source row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from registry.errors import ProblemCode
from registry.readers.strict_json import RowFaultError, exact_text

Fields = Mapping[str, Any]


class Turn(NamedTuple):
    """One turn. `role` is user, assistant, tool or system; `tool_calls` and `label` are JSON text or None."""

    role: str
    content: str
    tool_calls: str | None = None
    label: str | None = None


class Shaped(NamedTuple):
    """A row in the one form all rooms read; `extra` holds every source field that is nowhere else."""

    system: str | None
    turns: Sequence[Turn]
    extra: Mapping[str, Any]


class Shape(Protocol):
    """One source shape."""

    @property
    def name(self) -> str:
        """What docs and manifests call it."""
        ...

    def matches(self, fields: Fields) -> bool:
        """Whether a row with these fields has this shape, by its field names and their types."""
        ...

    def read(self, fields: Fields) -> Shaped:
        """The turns of the row; raises RowFaultError where required text is missing or no text."""
        ...


class Adapter(NamedTuple):
    """A shape made of two functions."""

    name: str
    matches: Callable[[Fields], bool]
    read: Callable[[Fields], Shaped]


def text_of(fields: Fields, name: str) -> str:
    """The text of a required field, exactly as it stands.

    Raises:
        RowFaultError: missing_field, null_field or wrong_type.
    """
    value = fields.get(name)
    if isinstance(value, str):
        return value
    raise field_fault(fields, name, "a text")


def list_of(fields: Fields, name: str) -> list[Any]:
    """The list of a required field; empty is a fault.

    Raises:
        RowFaultError: missing_field, null_field, wrong_type, or bad_value where it is empty.
    """
    value = fields.get(name)
    if not isinstance(value, list):
        raise field_fault(fields, name, "a list")
    if not value:
        raise RowFaultError(ProblemCode.BAD_VALUE, f"{name!r} is an empty list", name)
    return value


def field_fault(fields: Fields, name: str, wanted: str) -> RowFaultError:
    """Why the field `name` is not `wanted`."""
    if name not in fields:
        return RowFaultError(ProblemCode.MISSING_FIELD, f"field {name!r} is missing", name)
    if fields[name] is None:
        return RowFaultError(ProblemCode.NULL_FIELD, f"field {name!r} is null", name)
    return RowFaultError(
        ProblemCode.WRONG_TYPE, f"field {name!r} must be {wanted}, not {kind_of(fields[name])}", name
    )


def kind_of(value: Any) -> str:
    """The JSON name of a value's type."""
    kinds = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def rest(fields: Fields, *used: str) -> dict[str, Any]:
    """The fields that are not `used`, in the order of the source."""
    return {name: value for name, value in fields.items() if name not in used}


def label_text(**label: Any) -> str:
    """A turn's label as JSON text."""
    return exact_text(label)


def is_list_of_objects(value: Any) -> bool:
    """Whether `value` is a list that begins with an object."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
