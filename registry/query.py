"""Finding and counting entries: filters -> one statement with bound values, or the bit sets of the facets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.entry import STORED, Entry
from registry.facets import Counts, facet_index, kept_counts
from registry.filters import COLUMNS, FACETS, FLAGS, Filters, OneOrMany, Wanted, refuse, wanted
from registry.search_text import search_phrases
from registry.store import Store, Value

SORTS: Final[Mapping[str, str]] = {
    "id": "entry.position",
    "-id": "entry.position DESC",
    "name": "entry.name, entry.position",
    "-name": "entry.name DESC, entry.position",
    "catalog": "entry.place",
    "year": "entry.year IS NULL, entry.year, entry.position",
    "-year": "entry.year IS NULL, entry.year DESC, entry.position",
    "size_rows": "entry.size_rows IS NULL, entry.size_rows, entry.position",
    "-size_rows": "entry.size_rows IS NULL, entry.size_rows DESC, entry.position",
    "relevance": (
        "CASE WHEN entry.words LIKE :rank_start THEN 0 "
        "WHEN entry.words LIKE :rank_word THEN 1 ELSE 2 END, entry.position"
    ),
}
"""Every order is total; what has no value comes last. Positions are in the order of ids."""

MANY: Final = 20_000
"""From so many datasets on, filters are answered from the bit sets; below, SQL is as quick and loads less."""

_TEXT_INDEX: Final = "array_to_tsvector(string_to_array(btrim(entry.words), ' '))"
_AT_ONCE: Final = 500

__all__ = ["FACETS", "MANY", "SORTS", "Filters", "OneOrMany", "count_facets", "entry_from", "find_entries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Which stretch of what is found: after an entry or an offset, at most `limit` long."""

    limit: int | None
    offset: int
    after: str | None

    def of(self, found: list[int]) -> list[int]:
        """The stretch of all that was found."""
        return found[self.offset : None if self.limit is None else self.offset + self.limit]


def find_entries(
    store: Store,
    filters: Filters,
    *,
    sort: str = "id",
    limit: int | None = None,
    offset: int = 0,
    after: str | None = None,
) -> list[Entry]:
    """The datasets that pass `filters`, in a total order.

    A page is named by `after`, the id of the last entry of the page before: its cost does not grow with the
    number of pages before it, as that of `offset` does.

    Raises:
        InputRefusedError: a closed vocabulary lacks a word, a sort order is not known, a number is negative,
            or `after` is no dataset that passes the filters.
    """
    asked = wanted(filters)
    page = _Page(limit=limit, offset=offset, after=after)
    _check(sort, page)
    by_id = sort in ("id", "-id")
    if by_id and not (asked.values and asked.search is None and _is_large(store)):
        return _walked(store, asked, sort, page)
    found = _positions(store, asked, sort)
    if after is not None:
        last = _position_of(store, after)
        if last not in found:
            refuse("after", f"no dataset {after!r} passes these filters")
        found = found[found.index(last) + 1 :]
    return _entries_at(store, page.of(found))


def count_facets(store: Store, filters: Filters) -> Counts:
    """For each facet, how many datasets that pass `filters` carry each value; most frequent first.

    Datasets without a value are not counted in `year`, `teacher`; a missing licence counts as `unknown`.
    """
    asked = wanted(filters)
    if asked.is_everything:
        return kept_counts(store)
    index = facet_index(store)
    return index.counts(index.mask(asked, _matches(store, asked.search)))


def entry_from(document: str) -> Entry:
    """The entry whose JSON the database keeps."""
    return Entry.model_validate_json(document, context=STORED)


def _walked(store: Store, asked: Wanted, sort: str, page: _Page) -> list[Entry]:
    """A page in order of ids, which the database finds without seeing what lies before or behind it."""
    table, where, values = _statement(store, asked)
    if page.after is not None:
        where += f" AND entry.position {'>' if sort == 'id' else '<'} :last"
        values["last"] = _position_of(store, page.after)
    # The rowid of the word index is the position: SQLite walks it in order and stops at the end of the page.
    place = "entry_text.rowid" if "entry_text" in table else "entry.position"
    order = place if sort == "id" else f"{place} DESC"
    sql = f"SELECT entry.document FROM {table} WHERE {where} ORDER BY {order}"  # noqa: S608  (fixed parts)
    if page.limit is not None or page.offset:
        sql += " LIMIT :limit OFFSET :offset"
        values |= {"limit": 2**62 if page.limit is None else page.limit, "offset": page.offset}
    return [entry_from(document) for (document,) in store.rows(sql, values)]


def _positions(store: Store, asked: Wanted, sort: str) -> list[int]:
    """Where the datasets that pass stand, in the order of `sort`."""
    if sort != "relevance" and asked.search is None and _is_large(store):
        index = facet_index(store)
        found: list[int] = index.positions(index.mask(asked), SORTS[sort]).tolist()
        return found
    table, where, values = _statement(store, asked)
    if sort == "relevance":
        first = (search_phrases(asked.search or "") or [""])[0]
        values |= {"rank_start": f" {first}%", "rank_word": f"% {first} %"}
    sql = f"SELECT entry.position FROM {table} WHERE {where} ORDER BY {SORTS[sort]}"  # noqa: S608  (fixed parts)
    return [position for (position,) in store.rows(sql, values)]


def _entries_at(store: Store, positions: Sequence[int]) -> list[Entry]:
    documents: dict[int, str] = {}
    for begin in range(0, len(positions), _AT_ONCE):
        values: dict[str, Value] = {
            f"p{index}": position for index, position in enumerate(positions[begin : begin + _AT_ONCE])
        }
        names = ", ".join(f":{name}" for name in values)
        sql = f"SELECT position, document FROM entry WHERE position IN ({names})"  # noqa: S608  (bound)
        documents |= dict(store.rows(sql, values))
    return [entry_from(documents[position]) for position in positions]


def _position_of(store: Store, dataset_id: str) -> int:
    sql = "SELECT position FROM entry WHERE kind = 'dataset' AND id = :id"
    found = store.rows(sql, {"id": dataset_id})
    if not found:
        refuse("after", f"no dataset {dataset_id!r} to go on after")
    return int(found[0][0])


def _is_large(store: Store) -> bool:
    return (store.rows("SELECT SUM(entries) FROM facet WHERE field = 'open'")[0][0] or 0) >= MANY


def _check(sort: str, page: _Page) -> None:
    if sort not in SORTS:
        refuse("sort", f"no sort order {sort!r}; known: {', '.join(SORTS)}")
    for name, number in (("limit", page.limit), ("offset", page.offset)):
        if number is not None and number < 0:
            refuse(name, f"{name} is {number}, but counts from 0")
    if page.after is not None and page.offset:
        refuse("offset", "a page is named by after or by offset, not by both")


def _statement(store: Store, asked: Wanted) -> tuple[str, str, dict[str, Value]]:
    """FROM, WHERE and the bound values; every identifier comes from fixed lists."""
    values: dict[str, Value] = {}
    clauses = ["entry.kind = 'dataset'", *_facet_conditions(asked, values)]
    for name, number, sign in (("min_rows", asked.min_rows, ">="), ("max_rows", asked.max_rows, "<=")):
        if number is not None:
            values[name] = number
            clauses.append(f"entry.size_rows {sign} :{name}")
    table = "entry"
    if asked.search is not None:
        phrases = search_phrases(asked.search)
        if phrases and store.text_index == "fts5":
            # A cross join keeps SQLite from turning the two round.
            table = "entry_text CROSS JOIN entry ON entry.position = entry_text.rowid"
        clauses += _word_conditions(store, phrases, values)
    return table, " AND ".join(clauses), values


def _facet_conditions(asked: Wanted, values: dict[str, Value]) -> Iterator[str]:
    for field, texts in asked.values.items():
        if field in FLAGS:
            values[field] = texts == ("true",)
            yield f"entry.{field} = :{field}"
            continue
        bound = {f"{field}_{index}": text for index, text in enumerate(texts)}
        values |= bound
        names = ", ".join(f":{name}" for name in bound) or "NULL"
        if field in COLUMNS:
            yield f"LOWER(entry.{field}) IN ({names})"
        else:
            yield (
                f"entry.id IN (SELECT entry_id FROM entry_value WHERE field = '{field}' "  # noqa: S608
                f"AND LOWER(value) IN ({names}))"
            )


def _word_conditions(store: Store, phrases: list[str] | None, values: dict[str, Value]) -> Iterator[str]:
    """Conditions for entries that hold all `phrases`, the last word of each being a beginning."""
    if phrases is None:
        yield "1 = 0"
    elif phrases and store.text_index == "fts5":
        values["search"] = " AND ".join(f'"{phrase}" *' for phrase in phrases)
        yield "entry_text MATCH :search"
    else:
        indexed = bool(phrases) and store.text_index == "tsvector"
        if indexed:
            values["search"] = " & ".join(
                " & ".join(f"'{word}'" for word in phrase.split()) + ":*" for phrase in phrases
            )
            yield f"{_TEXT_INDEX} @@ CAST(:search AS tsquery)"
        for index, phrase in enumerate(phrases):
            # The index knows words, not their order: phrases of several are looked at once more.
            if " " in phrase or not indexed:
                values[f"search_{index}"] = f"% {phrase}%"
                yield f"entry.words LIKE :search_{index}"


def _matches(store: Store, search: str | None) -> list[int] | None:
    """The positions that hold the words of `search`; None where it asks for nothing."""
    phrases = search_phrases(search or "")
    if phrases == []:
        return None
    values: dict[str, Value] = {}
    where = " AND ".join(_word_conditions(store, phrases, values))
    table, place = (
        ("entry_text", "rowid") if phrases and store.text_index == "fts5" else ("entry", "position")
    )
    return [at for (at,) in store.rows(f"SELECT {place} FROM {table} WHERE {where}", values)]  # noqa: S608
