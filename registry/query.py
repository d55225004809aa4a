"""Finding and counting entries: filters -> one statement with bound values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, TypeAlias

from registry.entry import STORED, Entry
from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.search_text import search_phrases
from registry.store import Store, Value
from registry.vocabulary import Category, CommercialUse, Focus, Method, Modality, RowFormat, Term

OneOrMany: TypeAlias = str | Iterable[str] | None

_COLUMNS: Final = ("category", "method", "focus", "license", "commercial_use", "format")
_MULTIPLE: Final[Mapping[str, str]] = {"language": "languages", "teacher": "teacher", "modality": "modality"}
_CLOSED: Final[Mapping[str, type[Term]]] = {
    "category": Category,
    "method": Method,
    "focus": Focus,
    "commercial_use": CommercialUse,
    "modality": Modality,
    "format": RowFormat,
}
_FACET_COLUMNS: Final = (*_COLUMNS, "year", "in_survey", "open")
FACETS: Final = (*_FACET_COLUMNS, "languages", "teacher", "modality")
SORTS: Final[Mapping[str, str]] = {
    "id": "entry.id",
    "-id": "entry.id DESC",
    "name": "entry.name, entry.id",
    "-name": "entry.name DESC, entry.id",
    "catalog": "entry.position",
    "year": "entry.year IS NULL, entry.year, entry.id",
    "-year": "entry.year IS NULL, entry.year DESC, entry.id",
    "size_rows": "entry.size_rows IS NULL, entry.size_rows, entry.id",
    "-size_rows": "entry.size_rows IS NULL, entry.size_rows DESC, entry.id",
    "relevance": (
        "CASE WHEN entry.words LIKE :rank_start THEN 0 "
        "WHEN entry.words LIKE :rank_word THEN 1 ELSE 2 END, entry.id"
    ),
}
"""Every order is total; what has no value comes last."""


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


def find_entries(
    store: Store, filters: Filters, *, sort: str = "id", limit: int | None = None, offset: int = 0
) -> list[Entry]:
    """The datasets that pass `filters`, in a total order.

    Raises:
        InputRefusedError: a closed vocabulary lacks a word, a sort order is not known, a number is negative.
    """
    _check_page(sort, limit, offset)
    where, values = _conditions(store, filters)
    if sort == "relevance":
        first = (search_phrases(filters.search or "") or [""])[0]
        values |= {"rank_start": f" {first}%", "rank_word": f"% {first} %"}
    page = ""
    if limit is not None or offset:
        page = " LIMIT :limit OFFSET :offset"
        values |= {"limit": 2**62 if limit is None else limit, "offset": offset}
    sql = f"SELECT entry.document FROM entry WHERE {where} ORDER BY {SORTS[sort]}{page}"  # noqa: S608  (fixed parts)
    return [entry_from(document) for (document,) in store.rows(sql, values)]


def count_facets(store: Store, filters: Filters) -> dict[str, dict[str, int]]:
    """For each facet, how many datasets that pass `filters` carry each value; most frequent first.

    Datasets without a value are not counted in `year`, `teacher`; a missing licence counts as `unknown`.
    """
    where, values = _conditions(store, filters)
    parts = [_count_of(name) for name in _FACET_COLUMNS]
    parts.append(
        "SELECT field, value, COUNT(*) FROM entry_value JOIN hit ON hit.id = entry_id GROUP BY field, value"
    )
    columns = ", ".join(_FACET_COLUMNS)
    hit = f"SELECT id, {columns} FROM entry WHERE {where}"  # noqa: S608  (names from fixed lists)
    counted: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for field, value, count in store.rows(f"WITH hit AS ({hit}) {' UNION ALL '.join(parts)}", values):
        if value is not None:
            counted[field].append((value, count))
    return {
        name: dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))) for name, pairs in counted.items()
    }


def entry_from(document: str) -> Entry:
    """The entry whose JSON the database keeps."""
    return Entry.model_validate_json(document, context=STORED)


def _count_of(name: str) -> str:
    return f"SELECT '{name}', {_as_text(name)}, COUNT(*) FROM hit GROUP BY {name}"  # noqa: S608  (fixed names)


def _as_text(name: str) -> str:
    if name in ("in_survey", "open"):
        return f"CASE WHEN {name} THEN 'true' ELSE 'false' END"
    return "CAST(year AS VARCHAR(4))" if name == "year" else name


def _check_page(sort: str, limit: int | None, offset: int) -> None:
    if sort not in SORTS:
        _refuse("sort", f"no sort order {sort!r}; known: {', '.join(SORTS)}")
    for name, number in (("limit", limit), ("offset", offset)):
        if number is not None and number < 0:
            _refuse(name, f"{name} is {number}, but counts from 0")


def _refuse(field: str, message: str) -> None:
    raise InputRefusedError(
        [Problem(code=ProblemCode.BAD_VALUE, message=message, file="filters", field=field)]
    )


def _conditions(store: Store, filters: Filters) -> tuple[str, dict[str, Value]]:
    """The WHERE clause and its bound values; every identifier comes from the fixed lists above."""
    values: dict[str, Value] = {"kind": "dataset"}
    clauses = ["entry.kind = :kind"]
    for name in _COLUMNS:
        wanted = _wanted(name, getattr(filters, name))
        if wanted is not None:
            clauses.append(f"LOWER(entry.{name}) IN ({_bind(name, wanted, values)})")
    for name, field in _MULTIPLE.items():
        wanted = _wanted(name, getattr(filters, name))
        if wanted is not None:
            clauses.append(
                f"entry.id IN (SELECT entry_id FROM entry_value WHERE field = '{field}' "  # noqa: S608
                f"AND LOWER(value) IN ({_bind(name, wanted, values)}))"
            )
    clauses += _plain_conditions(filters, values)
    clauses += _search_conditions(store, filters.search, values)
    return " AND ".join(clauses), values


def _plain_conditions(filters: Filters, values: dict[str, Value]) -> Iterator[str]:
    for name in ("open", "in_survey"):
        flag = getattr(filters, name)
        if flag is not None:
            values[name] = bool(flag)
            yield f"entry.{name} = :{name}"
    for name, sign in (("min_rows", ">="), ("max_rows", "<=")):
        number = getattr(filters, name)
        if number is not None:
            if number < 0:
                _refuse(name, f"{name} is {number}, but rows count from 0")
            values[name] = number
            yield f"entry.size_rows {sign} :{name}"


def _search_conditions(store: Store, search: str | None, values: dict[str, Value]) -> Iterator[str]:
    phrases = search_phrases(search or "")
    if phrases is None:
        yield "1 = 0"
    elif phrases and store.is_sqlite:
        values["search"] = " AND ".join(f'"{phrase}" *' for phrase in phrases)
        yield "entry.position IN (SELECT rowid FROM entry_text WHERE entry_text MATCH :search)"
    else:
        for index, phrase in enumerate(phrases):
            values[f"search_{index}"] = f"% {phrase}%"
            yield f"entry.words LIKE :search_{index}"


def _bind(name: str, wanted: list[str], values: dict[str, Value]) -> str:
    names = [f"{name}_{index}" for index in range(len(wanted))]
    values |= dict(zip(names, wanted, strict=True))
    return ", ".join(f":{bound}" for bound in names) or "NULL"


def _wanted(name: str, given: OneOrMany) -> list[str] | None:
    if given is None:
        return None
    texts = [given] if isinstance(given, str) else list(given)
    wanted = [str(text).lower() for text in texts]
    if name in _CLOSED:
        known = [str(term) for term in _CLOSED[name]]
        for text in wanted:
            if text not in known:
                near = get_close_matches(text, known, n=3)
                _refuse(name, f"no {name} {text!r}; did you mean {', '.join(near or known)}?")
    return wanted
