"""A mixture as Croissant 1.1: the files with their SHA-256, their columns, and what they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mixtures.json_lines import RAW_JSON
from registry.addresses import HUB
from registry.columns import Column
from registry.croissant import DataFile, dataset_node, file_node, license_values, record_sets

if TYPE_CHECKING:
    from mixtures.writers import WrittenFile

CROISSANT_FILE: Final = "croissant.json"
_FORMATS: Final = {"jsonl": "json-lines", "parquet": "parquet"}


def mixture_croissant(
    name: str, sources: Sequence[Mapping[str, Any]], files: Sequence[WrittenFile], schema: pa.Schema
) -> dict[str, Any]:
    """The mixture `name` as Croissant 1.1; `sources` are those of its lock, `schema` that of its rows.

    Says nothing of address, creator and date: they are given by whoever publishes it. Equal mixtures have
    equal documents.
    """
    described = [
        DataFile(
            name=file.path,
            url=file.path,
            bytes=file.bytes,
            sha256=file.sha256,
            format=_FORMATS[file.path.rpartition(".")[2]],
            rows=file.rows,
            columns=_columns(schema, json_text=file.path.endswith(".parquet")),
        )
        for file in files
    ]
    licences = sorted({source["license"] for source in sources if source["license"]})
    return dataset_node(
        name=name,
        description=_description(name, sources, files),
        license=[value for licence in licences for value in license_values(licence)],
        keywords=["instruction tuning", "mixture"],
        derived_from=[{"@id": _address(source)} for source in sources],
        distribution=[file_node(file) for file in described],
        recordSet=record_sets(described),
    )


def _description(name: str, sources: Sequence[Mapping[str, Any]], files: Sequence[WrittenFile]) -> str:
    unknown = [source["part"] for source in sources if not source["license"]]
    parts = ", ".join(source["part"] for source in sources)
    texts = [
        f"{name}: {files[0].rows:,} rows of {parts}, mixed by Instructory.",
        "mixture.lock pins every source and every file.",
    ]
    if len({source["license"] for source in sources}) > 1:
        texts.append("Each source keeps its own licence; NOTICES.md says which.")
    if unknown:
        texts.append(f"Licence not known: {', '.join(unknown)}.")
    return " ".join(texts)


def _address(source: Mapping[str, Any]) -> str:
    if source["repository"] and source["revision"]:
        return f"{HUB}/{source['repository']}/tree/{source['revision']}"
    return f"urn:sha256:{source['rows_sha256']}"


def _columns(fields: Iterable[pa.Field[Any]], *, json_text: bool) -> tuple[Column, ...]:
    """The columns; what is nested JSON in the file, and no text of it, has no type in Croissant."""
    return tuple(
        _column(field, json_text=json_text) for field in fields if json_text or field.metadata != RAW_JSON
    )


def _column(field: pa.Field[Any], *, json_text: bool) -> Column:
    kind: Any = field.type
    if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
        return Column(field.name, "list", _columns(kind.value_type, json_text=json_text))
    return Column(field.name, "integer" if pa.types.is_integer(kind) else "text")
