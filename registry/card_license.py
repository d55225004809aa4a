"""The licence a dataset card states, in our spelling and in the Hub's."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from registry.card_front import FrontMatter
from registry.spdx import components, is_non_commercial, spelling

HUB_IDS: Final = frozenset(
    (
        *("apache-2.0", "mit", "openrail", "bigscience-openrail-m", "creativeml-openrail-m"),
        *("bigscience-bloom-rail-1.0", "bigcode-openrail-m", "afl-3.0", "artistic-2.0", "bsl-1.0", "bsd"),
        *("bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "c-uda", "cc", "cc0-1.0", "cc-by-2.0"),
        *("cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-2.0"),
        *("cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0"),
        *("cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cdla-sharing-1.0", "cdla-permissive-1.0"),
        *("cdla-permissive-2.0", "wtfpl", "ecl-2.0", "epl-1.0", "epl-2.0", "etalab-2.0", "eupl-1.1"),
        *("eupl-1.2", "agpl-3.0", "gfdl", "gpl", "gpl-2.0", "gpl-3.0", "lgpl", "lgpl-2.1", "lgpl-3.0", "isc"),
        *("intel-research", "lppl-1.3c", "ms-pl", "apple-ascl", "mpl-2.0", "odc-by", "odbl", "openrail++"),
        *("osl-3.0", "postgresql", "ofl-1.1", "ncsa", "unlicense", "zlib", "pddl", "lgpl-lr", "gemma"),
        *("llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "unknown", "other"),
    )
)
"""Identifiers the Hub takes in the front matter. Source: docs/hub/repositories-licenses.md of hub-docs."""

_NOTE_CARD: Final = "As the front matter of the dataset card states it."
_NOTE_SEVERAL: Final = "The card lists several licences; read as all of them together."


def license_facts(front: FrontMatter) -> tuple[dict[str, Any], list[str]]:
    """The fields of an entry that the card's licence decides, and hints where it decides nothing.

    A licence that forbids commercial use gives `no`; every other is `unclear` until a curator has looked at
    teachers and parts.
    """
    named = front.texts("license")
    if not named or named == ["unknown"]:
        return {"commercial_use": "unclear"}, ["the card states no licence"]
    if named == ["other"]:
        return _other(front)
    spelled = [spelling(name) for name in named]
    unread = [name for name, found in zip(named, spelled, strict=True) if found is None]
    if unread:
        return {"commercial_use": "unclear"}, [
            f"licence {name!r} is none we know: give license, license_name and license_url by hand"
            for name in unread
        ]
    expression = " AND ".join(f"({one})" if " OR " in str(one) else str(one) for one in spelled)
    return {
        "license": expression,
        "commercial_use": "no" if is_non_commercial(expression) else "unclear",
        "license_note": _NOTE_SEVERAL if len(named) > 1 else _NOTE_CARD,
    }, []


def _other(front: FrontMatter) -> tuple[dict[str, Any], list[str]]:
    name, link = front.text("license_name"), front.text("license_link")
    known = spelling(name) if name else None
    if known is not None:
        use = "no" if is_non_commercial(known) else "unclear"
        return {"license": known, "commercial_use": use, "license_note": _NOTE_CARD}, []
    if name and link and _is_https(link):
        use = "no" if is_non_commercial(name) else "unclear"
        return {
            "license": "other",
            "license_name": name,
            "license_url": link,
            "commercial_use": use,
            "license_note": _NOTE_CARD,
        }, []
    said = f"name {name!r}, link {link!r}"
    return {"commercial_use": "unclear"}, [f"licence other without a name and an https address ({said})"]


def _is_https(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and link.isprintable()


def hub_license(
    expression: str | None, *, name: str | None = None, url: str | None = None
) -> dict[str, str | list[str]]:
    """`license` of a card's front matter for one of our licences, with name and address where it is `other`.

    Alternatives and exceptions have no form on the Hub: they become `other` under their expression.

    >>> hub_license("CC-BY-NC-4.0")
    {'license': 'cc-by-nc-4.0'}
    >>> hub_license("MIT AND Apache-2.0")
    {'license': ['mit', 'apache-2.0']}
    >>> hub_license("LicenseRef-research-only")
    {'license': 'other', 'license_name': 'LicenseRef-research-only'}
    """
    if expression is None:
        return {"license": "unknown"}
    single = components(expression)
    plain = " OR " not in expression and " WITH " not in expression
    found = [_hub_ids()[one] for one in single if one in _hub_ids()] if plain else []
    if found and len(found) == len(single):
        return {"license": found if len(found) > 1 else found[0]}
    shown = {"license": "other", "license_name": (name or expression)}
    return {**shown, **({"license_link": url} if url else {})}


@lru_cache(maxsize=1)
def _hub_ids() -> dict[str, str]:
    """The Hub's identifier for each licence in our spelling."""
    return {known: name for name in sorted(HUB_IDS) if (known := spelling(name)) is not None}
