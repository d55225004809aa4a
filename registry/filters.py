"""What entries are asked for: the filters of a search, checked and in one normal form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from string import ascii_lowercase, ascii_uppercase
from typing import Final, NoReturn, TypeAlias

from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.vocabulary import Category, CommercialUse, Focus, Method, Modality, RowFormat, Term

OneOrMany: TypeAlias = str | Iterable[str] | None

COLUMNS: Final = ("category", "method", "focus", "license", "commercial_use", "format")
"""Filters that name a column of `entry` and a facet alike."""

SEVERAL: Final[Mapping[str, str]] = {"language": "languages", "teacher": "teacher", "modality": "modality"}
"""Filters on fields that hold several values: filter -> field."""

FLAGS: Final = ("open", "in_survey")
FACETS: Final = (*COLUMNS, "year", "in_survey", "open", *SEVERAL.values())

_CLOSED: Final[Mapping[str, type[Term]]] = {
    "category": Category,
    "method": Method,
    "focus": Focus,
    "commercial_use": CommercialUse,
    "modality": Modality,
    "format": RowFormat,
}
_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What entries must be. None asks for nothing; several values of one field are alternatives.

    `license` takes SPDX ids or `unknown`; `teacher` and `language` match a whole value; case does not count.
    `min_rows` and `max_rows` leave out entries without a published count.
    """

    category: OneOrMany = None
    method: OneOrMany = None
    focus: OneOrMany = None
    language: OneOrMany = None
    license: OneOrMany = None
    commercial_use: OneOrMany = None
    teacher: OneOrMany = None
    modality: OneOrMany = None
    format: OneOrMany = None
    open: bool | None = None
    in_survey: bool | None = None
    min_rows: int | None = None
    max_rows: int | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters that were checked: alternatives by facet (folded), row bounds, words to look for."""

    values: Mapping[str, tuple[str, ...]]
    min_rows: int | None
    max_rows: int | None
    search: str | None

    @property
    def is_everything(self) -> bool:
        """Whether every dataset passes."""
        return not self.values and self.min_rows is None and self.max_rows is None and not self.search


def wanted(filters: Filters) -> Wanted:
    """`filters` in normal form.

    Raises:
        InputRefusedError: a closed vocabulary lacks a word, or a number of rows is negative.
    """
    values = {}
    for name in (*COLUMNS, *SEVERAL):
        given: OneOrMany = getattr(filters, name)
        if given is not None:
            values[SEVERAL.get(name, name)] = _alternatives(name, given)
    for name in FLAGS:
        flag = getattr(filters, name)
        if flag is not None:
            values[name] = ("true" if flag else "false",)
    for name in ("min_rows", "max_rows"):
        number = getattr(filters, name)
        if number is not None and number < 0:
            refuse(name, f"{name} is {number}, but rows count from 0")
    search = filters.search if filters.search and filters.search.strip() else None
    return Wanted(values, filters.min_rows, filters.max_rows, search)


def folded(text: str) -> str:
    """`text` with A-Z as a-z and nothing else changed, as LOWER() does on every database we use."""
    return text.translate(_LOWER)


def refuse(field: str, message: str) -> NoReturn:
    """Raise the error for a filter that cannot be taken."""
    raise InputRefusedError(
        [Problem(code=ProblemCode.BAD_VALUE, message=message, file="filters", field=field)]
    )


def _alternatives(name: str, given: str | Iterable[str]) -> tuple[str, ...]:
    texts = [given] if isinstance(given, str) else list(given)
    found = [folded(str(text)) for text in texts]
    if name in _CLOSED:
        known = [str(term) for term in _CLOSED[name]]
        for text in found:
            if text not in known:
                near = get_close_matches(text, known, n=3)
                refuse(name, f"no {name} {text!r}; did you mean {', '.join(near or known)}?")
    return tuple(dict.fromkeys(found))
