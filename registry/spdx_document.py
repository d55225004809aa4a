"""Datasets as an SPDX 2.3 document: names, places, licences, and what was made from what.

Source: https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from registry.addresses import HUB, page_of, publisher_of
from registry.entry import Entry
from registry.errors import escaped
from registry.spdx import components

UNKNOWN: Final = "NOASSERTION"
_ID_SIGN = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence expression, None where it is not known, and the texts of what SPDX has no licence for."""

    expression: str | None
    extracted: tuple[Mapping[str, Any], ...] = ()


def licence_of(entry: Entry) -> Licence:
    """The licence of an entry; `other` becomes a reference of its own that tells name and address."""
    if entry.license is None:
        return Licence(expression=None)
    expression = f"LicenseRef-{entry.id}" if entry.license == "other" else entry.license
    own = [one for one in components(expression) if one.startswith("LicenseRef-")]
    return Licence(expression=expression, extracted=tuple(_extracted(one, entry) for one in own))


def expression_of(licences: Iterable[Licence]) -> Licence:
    """What holds for all of `licences` together: each must be kept; None where one is not known."""
    found = list(licences)
    parts = list(dict.fromkeys(one.expression for one in found))
    if not parts or None in parts:
        return Licence(expression=None)
    texts = [f"({part})" if len(parts) > 1 and part and " OR " in part else str(part) for part in parts]
    extracted = {item["licenseId"]: item for one in found for item in one.extracted}
    return Licence(expression=" AND ".join(texts), extracted=tuple(extracted.values()))


def entry_package(entry: Entry, *, revision: str | None = None) -> dict[str, Any]:
    """An entry as an SPDX package."""
    publisher, page = publisher_of(entry), page_of(entry)
    note = [entry.license_note] if entry.license_note else []
    status = entry.status_of("license")
    package: dict[str, Any] = {
        "SPDXID": package_id(entry.id),
        "name": escaped(entry.name),
        "downloadLocation": _location(entry, revision),
        "filesAnalyzed": False,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": licence_of(entry).expression or UNKNOWN,
        "licenseComments": escaped(" ".join([*note, f"Evidence: {status or 'none'}."])),
        "copyrightText": UNKNOWN,
        "supplier": f"Organization: {publisher[0]}" if publisher else UNKNOWN,
        "primaryPackagePurpose": "OTHER",
        "comment": f"Dataset for instruction tuning; {entry.category}, {entry.method}.",
    }
    if revision:
        package["versionInfo"] = revision
    if page:
        package["homepage"] = page
    return package


def entry_spdx(
    entry: Entry, ancestors: Sequence[Entry], *, created: datetime, tool: str, revision: str | None = None
) -> dict[str, Any]:
    """`entry` and all it derives from as one document; `tool` is who made it, as name-version."""
    every = (entry, *ancestors)
    known = {one.id for one in every}
    edges = [
        (package_id(child.id), "DESCENDANT_OF", package_id(parent))
        for child in every
        for parent in child.derived_from
        if parent in known
    ]
    return document(
        entry.id,
        [entry_package(entry, revision=revision), *(entry_package(one) for one in ancestors)],
        edges,
        [licence_of(one) for one in every],
        created=created,
        tool=tool,
    )


def document(
    name: str,
    packages: Sequence[Mapping[str, Any]],
    edges: Iterable[tuple[str, str, str]],
    licences: Iterable[Licence],
    *,
    created: datetime,
    tool: str,
) -> dict[str, Any]:
    """An SPDX document that describes the first of `packages`; equal contents have equal namespaces."""
    extracted = {item["licenseId"]: dict(item) for one in licences for item in one.extracted}
    relationships = [("SPDXRef-DOCUMENT", "DESCRIBES", packages[0]["SPDXID"]), *edges]
    body = {
        "packages": [dict(package) for package in packages],
        "hasExtractedLicensingInfos": list(extracted.values()),
        "relationships": [
            {"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b}
            for a, kind, b in relationships
        ],
    }
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"https://spdx.org/spdxdocs/instructory-{_ID_SIGN.sub('-', name)}-{digest}",
        "creationInfo": {
            "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: {tool}"],
        },
        **{part: value for part, value in body.items() if value},
    }


def package_id(name: str) -> str:
    """The id of a package in its document.

    >>> package_id("my_rows.jsonl")
    'SPDXRef-my-rows.jsonl'
    """
    return f"SPDXRef-{_ID_SIGN.sub('-', name)}"


def _location(entry: Entry, revision: str | None) -> str:
    at = f"@{revision}" if revision else ""
    if entry.hf_id:
        return f"git+{HUB}/{entry.hf_id}{at}"
    return f"git+https://github.com/{entry.github}.git" if entry.github else UNKNOWN


def _extracted(reference: str, entry: Entry) -> dict[str, Any]:
    """What we know of a licence that is none of SPDX's: name and address, never a text we did not read."""
    shown = escaped(entry.license_name or reference.removeprefix("LicenseRef-"))
    where = f" Its text is at {entry.license_url}." if entry.license_url else ""
    info: dict[str, Any] = {
        "licenseId": reference,
        "name": shown,
        "extractedText": f"{shown}: terms that are no SPDX licence; the text is not kept here.{where}",
    }
    if entry.license_url:
        info["seeAlsos"] = [entry.license_url]
    return info
