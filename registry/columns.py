"""The fields of source rows and the types of their values, over all rows of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

MIXED: Final = "mixed"
_WORDS: Final = {
    dict: "object",
    list: "list",
    str: "text",
    bool: "boolean",
    int: "integer",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One field of the rows of a file.

    `kind` is text, integer, number, boolean, list or object; null where no row has a value, mixed where rows
    disagree. `parts` are the fields of an object, or of the objects in a list; `items` is the kind of the
    values in a list of plain values: both from the first row that tells. `optional` columns are missing from
    some rows.
    """

    name: str
    kind: str
    parts: tuple[Column, ...] = ()
    items: str | None = None
    optional: bool = False

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Column:
        """The record that `dataclasses.asdict` wrote."""
        return cls(**{**plain, "parts": tuple(cls.from_json(part) for part in plain["parts"])})


class ColumnTally:
    """Looks at rows one by one; a row like the one before costs a look at the type of each value."""

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}
        self._types: dict[str, type] = {}
        self._rows = 0

    def __len__(self) -> int:
        return len(self._columns)

    def see(self, fields: Mapping[str, Any]) -> None:
        """Take one row into account."""
        types = self._types
        for name, value in fields.items():
            if types.get(name) is not type(value):
                self._look(name, value)
        if len(fields) != len(self._columns):
            for name in self._columns.keys() - fields.keys():
                if not self._columns[name].optional:
                    self._columns[name] = replace(self._columns[name], optional=True)
        self._rows += 1

    def columns(self) -> tuple[Column, ...]:
        """What the rows have, in order of appearance."""
        return tuple(self._columns.values())

    def _look(self, name: str, value: Any) -> None:
        """Join what is known of a column with one more value."""
        here, known = column_of(name, value), self._columns.get(name)
        if known is None:
            known = replace(here, optional=self._rows > 0)
        else:
            told = here if known.kind == "null" or not (known.parts or known.items) else known
            kind = _joined(known.kind, here.kind)
            known = Column(name, kind, told.parts, told.items, known.optional)
        self._columns[name] = known
        # Lists and objects are looked at until one tells what is inside.
        if known.kind not in ("list", "object") or known.parts or known.items:
            self._types[name] = type(value)


def column_of(name: str, value: Any) -> Column:
    """The column that `value` stands in, as far as this one value tells.

    >>> [(part.name, part.kind) for part in column_of("turns", [{"role": "user"}]).parts]
    [('role', 'text')]
    >>> column_of("tags", ["a", "b"]).items
    'text'
    """
    kind = kind_word(value)
    if kind == "object":
        return Column(name, kind, _parts(value))
    if kind == "list" and value:
        if all(isinstance(item, dict) for item in value):
            return Column(name, kind, _parts({key: item[key] for item in value for key in item}))
        kinds = {kind_word(item) for item in value}
        plain = len(kinds) == 1 and not kinds & {"list", "object", "null"}
        return Column(name, kind, items=kinds.pop() if plain else MIXED)
    return Column(name, kind)


def kind_word(value: Any) -> str:
    """The type of a value in one word.

    >>> kind_word(True), kind_word(3), kind_word([]), kind_word(None)
    ('boolean', 'integer', 'list', 'null')
    """
    return _WORDS.get(type(value), "number")


def _joined(a: str, b: str) -> str:
    """The kind of a column that holds values of both."""
    if b in (a, "null"):
        return a
    if a == "null":
        return b
    return "number" if {a, b} == {"integer", "number"} else MIXED


def _parts(value: Mapping[str, Any]) -> tuple[Column, ...]:
    """Its fields with their kinds, one level deep."""
    return tuple(Column(name, kind_word(part)) for name, part in value.items())
