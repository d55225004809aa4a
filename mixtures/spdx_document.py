"""A mixture as an SPDX 2.3 document: the files it consists of, its sources and the licences of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from registry.entry import Entry
from registry.errors import UnknownDatasetError
from registry.spdx_document import (
    UNKNOWN,
    Licence,
    document,
    entry_package,
    expression_of,
    licence_of,
    package_id,
)

if TYPE_CHECKING:
    from registry.registry import Registry


def mixture_spdx(
    registry: Registry, lock: Mapping[str, Any], *, created: datetime, tool: str
) -> dict[str, Any]:
    """The mixture of `lock`: a package that contains its files and descends from every source.

    A source that is no entry of the registry stands with the licence its lock states.
    """
    sources = {source["dataset"]: source for source in lock["sources"]}
    entries = {name: _entry(registry, name) for name in sources}
    licences = [_licence(source, entries[name]) for name, source in sources.items()]
    name = f"mixture-{lock['name']}"
    root = package_id(name)
    packages = [
        _package(name, licence=expression_of(licences), comment=f"recipe {lock['recipe_sha256']}"),
        *(_file(output) for output in lock["outputs"]),
        *(_source(source, entries[key]) for key, source in sources.items()),
    ]
    edges = [(root, "CONTAINS", package_id(f"file-{output['path']}")) for output in lock["outputs"]]
    edges += [(root, "DESCENDANT_OF", package_id(_source_id(key))) for key in sources]
    return document(name, packages, edges, licences, created=created, tool=tool)


def _entry(registry: Registry, name: str) -> Entry | None:
    try:
        return registry.entry(name)
    except UnknownDatasetError:
        return None


def _licence(source: Mapping[str, Any], entry: Entry | None) -> Licence:
    return licence_of(entry) if entry else Licence(expression=source["license"])


def _source_id(name: str) -> str:
    return f"source-{name}"


def _source(source: Mapping[str, Any], entry: Entry | None) -> dict[str, Any]:
    name = _source_id(source["dataset"])
    if entry is None:
        plain = _package(name, licence=_licence(source, None), comment="a file that is no catalogue entry")
    else:
        plain = {**entry_package(entry, revision=source["revision"]), "SPDXID": package_id(name)}
    if len(source["files"]) == 1:
        plain["checksums"] = [_checksum(source["files"][0]["sha256"])]
    return plain


def _file(output: Mapping[str, Any]) -> dict[str, Any]:
    plain = _package(f"file-{output['path']}", licence=Licence(expression=None), comment="a written file")
    return {
        **plain,
        "name": output["path"],
        "packageFileName": output["path"],
        "checksums": [_checksum(output["sha256"])],
    }


def _checksum(sha256: str) -> dict[str, str]:
    return {"algorithm": "SHA256", "checksumValue": sha256}


def _package(name: str, *, licence: Licence, comment: str) -> dict[str, Any]:
    return {
        "SPDXID": package_id(name),
        "name": name,
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": False,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": licence.expression or UNKNOWN,
        "copyrightText": UNKNOWN,
        "supplier": UNKNOWN,
        "primaryPackagePurpose": "OTHER",
        "comment": comment,
    }
