"""Licences: one spelling for each, and what a licence by itself permits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from pydantic_core import PydanticCustomError

from registry.errors import ProblemCode

ALIASES: Final[Mapping[str, str]] = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache2": "Apache-2.0",
    "bigcode-openrail-m": "LicenseRef-BigCode-OpenRAIL-M",
    "bigscience-openrail-m": "LicenseRef-BigScience-OpenRAIL-M",
    "bsd": "LicenseRef-BSD-unspecified-version",
    "cc": "LicenseRef-CC-unspecified-version",
    "c-uda": "C-UDA-1.0",
    "cc0": "CC0-1.0",
    "creativeml-openrail-m": "LicenseRef-CreativeML-OpenRAIL-M",
    "gemma": "LicenseRef-Gemma-Terms",
    "gpl": "LicenseRef-GPL-unspecified-version",
    "lgpl": "LicenseRef-LGPL-unspecified-version",
    "llama2": "LicenseRef-Llama-2-Community",
    "llama3": "LicenseRef-Llama-3-Community",
    "llama3.1": "LicenseRef-Llama-3.1-Community",
    "llama3.2": "LicenseRef-Llama-3.2-Community",
    "llama3.3": "LicenseRef-Llama-3.3-Community",
    "llama4": "LicenseRef-Llama-4-Community",
    "odbl": "ODbL-1.0",
    "odc-by": "ODC-By-1.0",
    "openrail": "LicenseRef-OpenRAIL",
    "pddl": "PDDL-1.0",
}
"""Names found on the Hub and in READMEs that are not SPDX, and what we call them."""

MAX_TOKENS: Final = 64
_TOKEN = re.compile(r"[()]|[^\s()]+")
_LICENSE_REF = re.compile(r"licenseref-[a-z0-9.-]{1,80}", re.IGNORECASE)
_NON_COMMERCIAL = re.compile(
    r"(^|-)NC(-|$)|non-?commercial|research-only|^LicenseRef-AI2-ImpACT-MR", re.IGNORECASE
)
_PERMISSIVE = frozenset(
    {
        *(
            "Apache-2.0",
            "MIT",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "ISC",
            "Unlicense",
            "WTFPL",
            "Zlib",
            "MIT-0",
            "0BSD",
        ),
        *(
            "CC0-1.0",
            "CC-BY-1.0",
            "CC-BY-2.0",
            "CC-BY-2.5",
            "CC-BY-3.0",
            "CC-BY-4.0",
            "PDDL-1.0",
            "ODC-By-1.0",
        ),
        *("CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "C-UDA-1.0", "OGL-UK-3.0", "etalab-2.0"),
        *("CC-BY-SA-2.0", "CC-BY-SA-2.5", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "ODbL-1.0", "CDLA-Sharing-1.0"),
        *("CC-BY-ND-4.0", "CC-BY-ND-3.0"),
    }
)
_COPYLEFT = re.compile(r"^(A|L)?GPL-\d|^MPL-|^EUPL-")


def normalise_license(text: str) -> str | None:
    """The one spelling of a licence: SPDX expression, `LicenseRef-...` or `other`; None for `unknown`.

    Case is ignored and Hub names are understood.

    >>> normalise_license("apache-2.0"), normalise_license("llama3.1"), normalise_license("mit or gpl-3.0")
    ('Apache-2.0', 'LicenseRef-Llama-3.1-Community', 'MIT OR GPL-3.0-only')

    Raises:
        PydanticCustomError: of type `bad_license`, with the nearest known ids.
    """
    lowered = text.strip().lower()
    if lowered in ("unknown", "other"):
        return None if lowered == "unknown" else "other"
    known = spelling(text)
    if known is not None:
        return known
    names = _names()
    near = [names[name] for name in get_close_matches(lowered[:80], names, n=3)]
    offer = f"; did you mean {', '.join(dict.fromkeys(near))}?" if near else ""
    message = f"{text[:80]!r} is no SPDX licence{offer}; else write LicenseRef-<name>, or leave it out"
    raise PydanticCustomError(ProblemCode.BAD_LICENSE.value, "{message}", {"message": message})


@lru_cache(maxsize=1024)
def spelling(text: str) -> str | None:
    """The one spelling of a licence or an expression of several; None where `text` is none we know."""
    whole = ALIASES.get(text.strip().lower())
    if whole is not None:
        return whole
    tokens = _TOKEN.findall(text)
    if not tokens or len(tokens) > MAX_TOKENS:
        return None
    spelled = _expression(tokens)
    return spelled if spelled is not None and not tokens else None


def _expression(tokens: list[str]) -> str | None:
    """Take one expression off the front of `tokens` and spell it; None where none stands there."""
    spelled = _term(tokens)
    while spelled is not None and tokens and tokens[0].upper() in ("AND", "OR"):
        operator = tokens.pop(0).upper()
        right = _term(tokens)
        spelled = None if right is None else f"{spelled} {operator} {right}"
    return spelled


def _term(tokens: list[str]) -> str | None:
    if not tokens:
        return None
    token = tokens.pop(0)
    if token == "(":  # noqa: S105  (a bracket, no password)
        inner = _expression(tokens)
        closed = bool(tokens) and tokens.pop(0) == ")"
        return f"({inner})" if inner is not None and closed else None
    name = _single(token)
    if name is not None and len(tokens) > 1 and tokens[0].upper() == "WITH":
        exception = _names(exceptions=True).get(tokens[1].lower())
        del tokens[:2]
        return f"{name} WITH {exception}" if exception else None
    return name


def _single(name: str) -> str | None:
    if _LICENSE_REF.fullmatch(name):
        return "LicenseRef-" + name[len("LicenseRef-") :]
    return ALIASES.get(name.lower()) or _names().get(name.lower())


@lru_cache(maxsize=2)
def _names(*, exceptions: bool = False) -> dict[str, str]:
    """Every SPDX id and old spelling in lower case, and the id it stands for."""
    from license_expression import get_spdx_licensing

    names: dict[str, str] = {}
    for key, symbol in get_spdx_licensing().known_symbols.items():
        if bool(symbol.is_exception) is exceptions and not _LICENSE_REF.fullmatch(key):
            names |= {alias.lower(): key for alias in symbol.aliases if not _LICENSE_REF.fullmatch(alias)}
            names[key.lower()] = key
    return names


def components(expression: str) -> list[str]:
    """The single licences an expression names, in order."""
    return [part for part in re.split(r"\s+(?:AND|OR|WITH)\s+|[()\s]+", expression) if part]


def is_non_commercial(expression: str) -> bool:
    """Whether a licence that must be kept forbids commercial use; alternatives (OR) need all to forbid it."""
    verdicts = [bool(_NON_COMMERCIAL.search(part)) for part in components(expression)]
    return all(verdicts) if " OR " in expression else any(verdicts)


def is_permissive(expression: str) -> bool:
    """Whether every licence named is known to allow commercial use, share-alike and copyleft included."""
    return all(part in _PERMISSIVE or _COPYLEFT.search(part) for part in components(expression))
