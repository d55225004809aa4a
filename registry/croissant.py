"""Datasets as Croissant 1.1 JSON-LD: what they are, which files hold them, what stands in a row.

Only what is known is stated; `croissant_gaps` names what the format asks for and nobody told us.
Source: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from registry.addresses import HUB, github_file, hub_file, page_of, pages_of, publisher_of
from registry.bibtex import bibtex
from registry.columns import Column
from registry.entry import Entry
from registry.figures import MeasuredSet
from registry.snapshot import Snapshot, SourceFile
from registry.spdx import components, spelling

VERSION: Final = "http://mlcommons.org/croissant/1.1"
MEDIA_TYPE: Final = f'application/ld+json; profile="{VERSION}"'
REQUIRED: Final = ("name", "description", "license", "url", "creator", "datePublished", "distribution")
"""Properties the specification asks of every dataset, besides those that are always there."""

# Whoever reads a git repository checks it out by commit, so there is no checksum of one file to state.
_NO_CHECKSUM: Final = "https://github.com/mlcommons/croissant/issues/80"
_TERMS: Final = (
    *("annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes"),
    *("extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes", "isArray"),
    *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "readLines", "recordSet"),
    *("references", "regex", "repeated", "replace", "samplingRate", "sdVersion", "separator", "source"),
    *("subField", "transform", "unArchive", "value"),
)
CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _TERMS},
}
_MEDIA_TYPES: Final = {
    "json-lines": "application/jsonlines",
    "json-array": "application/json",
    "json-object": "application/json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "parquet": "application/x-parquet",
}
_PLAIN: Final = ("text", "integer", "number", "boolean")
_DATA_TYPES: Final = {"integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One file of a dataset: its name in the dataset, where its bytes are, and what they are.

    `format` is that of a snapshot's source file; `columns` is empty where they are not known.
    """

    name: str
    url: str
    bytes: int | None
    sha256: str
    format: str
    rows: int | None = None
    columns: tuple[Column, ...] = ()


def entry_croissant(
    entry: Entry,
    *,
    snapshot: Snapshot | None = None,
    measured: MeasuredSet | None = None,
    parents: Sequence[Entry] = (),
) -> dict[str, Any]:
    """The dataset of `entry` as Croissant 1.1.

    Files come with address, size and SHA-256 from the `snapshot` that was read here, else from the shipped
    `measured` set; without both only the repository is named. `parents` are the entries it derives from.
    """
    files = _snapshot_files(snapshot) if snapshot else _measured_files(measured) if measured else []
    publisher = publisher_of(entry)
    return dataset_node(
        name=entry.name,
        description=_description(entry),
        license=license_values(entry.license, name=entry.license_name, url=entry.license_url),
        url=page_of(entry),
        sameAs=[page for page in pages_of(entry) if page != page_of(entry)],
        creator={"@type": "Organization", "name": publisher[0], "url": publisher[1]} if publisher else None,
        datePublished=str(entry.year) if entry.year else None,
        inLanguage=[code for code in entry.languages if code != "multi"],
        keywords=["instruction tuning", entry.category, entry.method, entry.focus],
        citeAs=bibtex(entry, revision=snapshot.source.revision if snapshot else None),
        derived_from=[{"@id": page_of(parent) or f"urn:instructory:{parent.id}"} for parent in parents],
        distribution=[file_node(file) for file in files] or _repository_nodes(entry),
        recordSet=record_sets(files),
    )


def dataset_node(*, derived_from: Sequence[dict[str, str]] = (), **properties: Any) -> dict[str, Any]:
    """A dataset with the context and version of Croissant 1.1; properties without a value are left out."""
    known = {name: value for name, value in properties.items() if value not in (None, [], "")}
    if derived_from:
        known["prov:wasDerivedFrom"] = list(derived_from)
    return {"@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": VERSION, **known}


def croissant_gaps(document: dict[str, Any]) -> list[str]:
    """Required properties that `document` does not state, in the order of the specification."""
    return [name for name in REQUIRED if not document.get(name)]


def license_values(
    expression: str | None, *, name: str | None = None, url: str | None = None
) -> list[str | dict[str, str]]:
    """A licence as Croissant gives it: addresses of SPDX licences, or the work by name where it is none.

    >>> license_values("MIT AND CC-BY-4.0")
    ['https://spdx.org/licenses/MIT', 'https://spdx.org/licenses/CC-BY-4.0']
    """
    if expression is None:
        return []
    if " OR " in expression or " WITH " in expression:
        return [expression]
    found: list[str | dict[str, str]] = []
    for one in components(expression):
        if one == "other" or one.startswith("LicenseRef-") or spelling(one) is None:
            work = {"@type": "sc:CreativeWork", "name": name or one, **({"url": url} if url else {})}
            found.append(work)
        else:
            found.append(f"https://spdx.org/licenses/{one}")
    return found


def file_node(file: DataFile) -> dict[str, Any]:
    """A file as `cr:FileObject` with its checksum."""
    size = {"contentSize": f"{file.bytes} B"} if file.bytes is not None else {}
    return {
        "@type": "cr:FileObject",
        "@id": quote(file.name),
        "name": file.name,
        **size,
        "contentUrl": file.url,
        "encodingFormat": _media_type(file),
        "sha256": file.sha256,
    }


def record_sets(files: Sequence[DataFile]) -> list[dict[str, Any]]:
    """One `cr:RecordSet` for each file whose columns are known and which a Croissant reader can open."""
    readable = [file for file in files if file.columns and _is_readable(file)]
    single = len(readable) == 1
    return [_record_set(file, "rows" if single else f"rows/{quote(file.name)}") for file in readable]


def _record_set(file: DataFile, name: str) -> dict[str, Any]:
    shown = f"{file.rows:,} rows of {file.name}." if file.rows is not None else f"Rows of {file.name}."
    fields = [_field(column, file, f"{name}/{quote(column.name, safe='')}") for column in file.columns]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "description": shown, "field": fields}


def _field(column: Column, file: DataFile, name: str) -> dict[str, Any]:
    node: dict[str, Any] = {"@type": "cr:Field", "@id": name, "name": column.name}
    if column.kind == "list":
        node |= {"isArray": True, "arrayShape": "-1"}
    if column.parts:
        parts = [_part(column, part, file, f"{name}/{quote(part.name, safe='')}") for part in column.parts]
        return {**node, "subField": parts}
    return {
        **node,
        "dataType": _DATA_TYPES.get(column.items or column.kind, "sc:Text"),
        "source": _source(file, column.name),
    }


def _part(column: Column, part: Column, file: DataFile, name: str) -> dict[str, Any]:
    source = _source(file, column.name)
    return {
        "@type": "cr:Field",
        "@id": name,
        "name": part.name,
        "dataType": _DATA_TYPES.get(part.kind, "sc:Text"),
        "source": {**source, "transform": {"jsonPath": part.name}},
    }


def _source(file: DataFile, column: str) -> dict[str, Any]:
    extract = {"jsonPath": f"$[*].{column}"} if file.format == "json-array" else {"column": column}
    return {"fileObject": {"@id": quote(file.name)}, "extract": extract}


def _is_readable(file: DataFile) -> bool:
    """Whether a reader finds rows by the names of columns: no archive, no object around the rows."""
    plain = not file.name.endswith((".gz", ".zst", ".xz", ".bz2"))
    steps = file.format != "json-array" or all(column.name.isidentifier() for column in file.columns)
    return plain and steps and file.format in _MEDIA_TYPES and file.format != "json-object"


def _media_type(file: DataFile) -> str:
    if file.name.endswith(".gz"):
        return "application/gzip"
    return _MEDIA_TYPES.get(file.format, "text/plain")


def _snapshot_files(snapshot: Snapshot) -> list[DataFile]:
    source = snapshot.source
    return [
        DataFile(
            name=file.name,
            url=hub_file(source.repository, source.revision, file.name)
            if source.repository and source.revision
            else file.name,  # a path beside the document, as its readers open it
            bytes=file.bytes,
            sha256=file.sha256,
            format=file.format,
            rows=file.rows_read if snapshot.limit is None else None,
            columns=_columns(file),
        )
        for file in source.files
    ]


def _columns(file: SourceFile) -> tuple[Column, ...]:
    """The columns whose values a Croissant reader gives as they are.

    Left out are values of several types and what lies deeper than one level; of a JSON array also whatever
    is no plain value in every row, because its reader joins columns by counting; of a file with bad rows
    everything.
    """
    if file.rows_bad:
        return ()
    found = []
    for column in file.columns:
        parts = tuple(part for part in column.parts if part.kind in _PLAIN and part.name.isidentifier())
        plain = column.kind in (*_PLAIN, "null")
        inner = column.kind in ("list", "object") and (parts or column.items in _PLAIN)
        if plain and not (column.optional and file.format == "json-array"):
            found.append(column)
        elif inner and file.format != "json-array":
            found.append(replace(column, parts=parts))
    return tuple(found)


def _measured_files(measured: MeasuredSet) -> list[DataFile]:
    return [
        DataFile(
            name=file.path,
            url=github_file(file.repository, file.commit, file.path),
            bytes=None,
            sha256=file.sha256,
            format=_format_by_name(file.path),
            rows=file.rows,
        )
        for file in measured.files
    ]


def _format_by_name(name: str) -> str:
    endings = {"jsonl": "json-lines", "json": "json-array", "csv": "csv", "tsv": "tsv", "parquet": "parquet"}
    return endings.get(name.removesuffix(".gz").rpartition(".")[2], "text")


def _repository_nodes(entry: Entry) -> list[dict[str, Any]]:
    """The repository as a whole, where no file of it is known."""
    address = f"{HUB}/{entry.hf_id}" if entry.hf_id else None
    address = address or (f"https://github.com/{entry.github}" if entry.github else None)
    if address is None or not entry.open:
        return []
    node = {
        "@type": "cr:FileObject",
        "@id": "repository",
        "name": "repository",
        "description": "The repository that holds the rows, at no pinned state.",
        "contentUrl": address,
        "encodingFormat": "git+https",
        "sha256": _NO_CHECKSUM,
    }
    return [node]


def _description(entry: Entry) -> str:
    return " ".join(_sentences(entry))


def _sentences(entry: Entry) -> Iterable[str]:
    yield f"{entry.name}: an instruction-tuning dataset."
    yield f"Construction: {entry.category}, {entry.method}: {entry.method.definition}"
    yield f"Focus: {entry.focus.definition}"
    if entry.teacher:
        yield f"Teacher models: {', '.join(entry.teacher)}."
    if entry.size_rows is not None:
        yield f"Published size: {entry.size_rows:,} rows."
    if entry.license_note:
        yield f"Licence: {entry.license_note}"
