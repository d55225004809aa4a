"""catalog.yaml -> tables: all or nothing, and nothing at all when the files did not change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.catalog import Catalog, load_catalog
from registry.catalogs import load_layers
from registry.entry import Benchmark, Entry
from registry.facets import FacetSets
from registry.search_text import search_words
from registry.store import CATALOG_KEY, ORIGINS_KEY, Store, Value, write_rows
from registry.vocabulary import Kind

if TYPE_CHECKING:
    from sqlalchemy import Connection


def sync(store: Store, catalogs: Path | Sequence[Path], samples: Path, state: str) -> None:
    """Make the tables hold exactly what the files say, later catalogues over earlier ones, and note `state`.

    A missing `samples` file counts as empty.

    Raises:
        InputRefusedError: a file holds faults; the tables stay as they were.
    """
    loaded = load_layers([catalogs] if isinstance(catalogs, Path) else catalogs)
    bundled = load_catalog(samples, kind=Kind.SAMPLE) if samples.is_file() else Catalog((), (), "")
    with store.writing() as connection:
        _clear(connection)
        _fill(connection, [*loaded.entries, *bundled.entries])
        marks = [
            *((Kind.DATASET, b) for b in loaded.benchmarks),
            *((Kind.SAMPLE, b) for b in bundled.benchmarks),
        ]
        _fill_benchmarks(connection, marks)
        _set_meta(connection, CATALOG_KEY, state)
        _set_meta(connection, ORIGINS_KEY, json.dumps(loaded.origins, sort_keys=True))


def _clear(connection: Connection) -> None:
    from sqlalchemy import delete

    from registry import tables

    for table in (
        tables.EntryParentRecord,
        tables.EntryValueRecord,
        tables.FacetRecord,
        tables.EntryRecord,
        tables.BenchmarkRecord,
    ):
        connection.execute(delete(table))


def _fill(connection: Connection, entries: Sequence[Entry]) -> None:
    places = {entry.id: place for place, entry in enumerate(entries, 1)}
    write_entries(
        connection, ((places[entry.id], entry) for entry in sorted(entries, key=lambda entry: entry.id))
    )


def write_entries(connection: Connection, entries: Iterable[tuple[int, Entry]]) -> None:
    """Fill the empty tables of entries from (place in the catalogue, entry) in order of ids."""
    from registry import tables

    sets = FacetSets()
    position = 0
    for chunk in _chunks(entries):
        rows = [_entry_row(position + at, place, entry) for at, (place, entry) in enumerate(chunk, 1)]
        write_rows(connection, tables.EntryRecord, rows)
        write_rows(
            connection, tables.EntryValueRecord, [row for _, entry in chunk for row in _value_rows(entry)]
        )
        parents: list[dict[str, Value]] = [
            {"child": entry.id, "parent": parent} for _, entry in chunk for parent in entry.derived_from
        ]
        write_rows(connection, tables.EntryParentRecord, parents)
        for at, (_, entry) in enumerate(chunk, 1):
            if entry.kind == Kind.DATASET:
                sets.add(position + at, entry)
        position += len(chunk)
    for row in sets.rows(position):
        write_rows(connection, tables.FacetRecord, [row])
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO entry_text(entry_text) VALUES ('rebuild')")


def _chunks(entries: Iterable[tuple[int, Entry]]) -> Iterator[list[tuple[int, Entry]]]:
    source = iter(entries)
    while chunk := list(islice(source, 10_000)):
        yield chunk


def _fill_benchmarks(connection: Connection, benchmarks: Sequence[tuple[Kind, Benchmark]]) -> None:
    from registry.tables import BenchmarkRecord

    rows: list[dict[str, Value]] = [
        {
            "position": i,
            "kind": str(kind),
            "id": mark.id,
            "document": mark.model_dump_json(exclude_defaults=True),
        }
        for i, (kind, mark) in enumerate(benchmarks, 1)
    ]
    write_rows(connection, BenchmarkRecord, rows)


def _entry_row(position: int, place: int, entry: Entry) -> dict[str, Value]:
    return {
        "position": position,
        "place": place,
        "id": entry.id,
        "kind": str(entry.kind),
        "name": entry.name,
        "hf_id": entry.hf_id,
        "category": str(entry.category),
        "method": str(entry.method),
        "focus": str(entry.focus),
        "format": str(entry.format),
        "license": entry.license or "unknown",
        "commercial_use": str(entry.commercial_use),
        "open": entry.open,
        "in_survey": entry.in_survey,
        "year": entry.year,
        "size_rows": entry.size_rows,
        "words": search_words(searched_texts(entry)),
        "document": entry.model_dump_json(exclude_defaults=True),
    }


def searched_texts(entry: Entry) -> list[str | None]:
    """The texts of an entry in which a search looks."""
    return [
        entry.id,
        entry.name,
        entry.hf_id,
        entry.github,
        entry.category,
        entry.method,
        entry.focus,
        *entry.teacher,
        *entry.models_trained,
        entry.license,
        entry.license_note,
        entry.size_text,
        *entry.modality,
        entry.format,
        *(reading.value for conflict in entry.conflicts for reading in conflict.readings),
    ]


def _value_rows(entry: Entry) -> list[dict[str, Value]]:
    fields: dict[str, Sequence[str]] = {
        "languages": entry.languages,
        "teacher": entry.teacher,
        "modality": entry.modality,
    }
    return [
        {"entry_id": entry.id, "field": field, "value": str(value)}
        for field, values in fields.items()
        for value in values
    ]


def _set_meta(connection: Connection, key: str, value: str) -> None:
    from sqlalchemy import delete

    from registry.tables import MetaRecord

    table: Any = MetaRecord
    connection.execute(delete(table).where(table.key == key))
    write_rows(connection, table, [{"key": key, "value": value}])
