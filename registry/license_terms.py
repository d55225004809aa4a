"""What licences say of a use: the families we model, each with what it asks for in return.

The table is a cautious summary, not legal advice. A licence that is in no family is unclear for every use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.spdx import components, is_non_commercial, is_permissive, spelling
from registry.terms import Use, Verdict, strictest


@dataclass(frozen=True, slots=True)
class LicenseFamily:
    """Licences that answer alike: `pattern` finds them, `says` answers per use, `asks` is the return."""

    name: str
    pattern: re.Pattern[str]
    says: Mapping[Use, Verdict]
    asks: str


def _answers(commercial: str, redistribution: str, competing: str) -> Mapping[Use, Verdict]:
    named = (Use.COMMERCIAL, Use.REDISTRIBUTION, Use.COMPETING_MODEL)
    found = (commercial, redistribution, competing)
    return {use: Verdict(answer) for use, answer in zip(named, found, strict=True)}


_FREE = _answers("allowed", "allowed", "allowed")
_RESTRICTED = "research or non-commercial terms of the publisher"

FAMILIES: Final[tuple[LicenseFamily, ...]] = (
    LicenseFamily(
        "non-commercial, no derivatives",
        re.compile(r"^CC-BY-NC-ND"),
        _answers("forbidden", "unclear", "unclear"),
        "attribution, no commercial purpose; only unchanged copies may be passed on",
    ),
    LicenseFamily(
        "non-commercial, share-alike",
        re.compile(r"^CC-BY-NC-SA"),
        _answers("forbidden", "allowed", "unclear"),
        "attribution, no commercial purpose, changed copies under the same licence",
    ),
    LicenseFamily(
        "non-commercial",
        re.compile(r"^CC-BY-NC"),
        _answers("forbidden", "allowed", "unclear"),
        "attribution, notice of changes, no commercial purpose",
    ),
    LicenseFamily(
        _RESTRICTED,
        re.compile(r"research|non-?commercial|^LicenseRef-AI2-ImpACT-MR", re.I),
        _answers("forbidden", "unclear", "unclear"),
        "use for research or without commercial purpose; whether copies may be passed on is not said",
    ),
    LicenseFamily(
        "no derivatives",
        re.compile(r"^CC-BY-ND"),
        _answers("allowed", "unclear", "allowed"),
        "attribution; only unchanged copies may be passed on",
    ),
    LicenseFamily(
        "public domain",
        re.compile(r"^(CC0|PDDL|Unlicense|0BSD|WTFPL)"),
        _FREE,
        "nothing; a reference to the source is good manners",
    ),
    LicenseFamily(
        "share-alike data licence",
        re.compile(r"^(CC-BY-SA|ODbL|CDLA-Sharing)"),
        _FREE,
        "attribution, notice of changes, changed copies under the same licence",
    ),
    LicenseFamily(
        "attribution data licence",
        re.compile(r"^(CC-BY-\d|ODC-By|CDLA-Permissive|C-UDA|OGL|etalab)"),
        _FREE,
        "attribution with the licence's name and address, notice of changes",
    ),
    LicenseFamily(
        "permissive software licence",
        re.compile(r"^(Apache|MIT|BSD|ISC|Zlib)"),
        _FREE,
        "copyright notice and licence text with every copy (Apache-2.0: also a notice of changes)",
    ),
    LicenseFamily(
        "copyleft software licence",
        re.compile(r"^((A|L)?GPL-\d|MPL-|EUPL-)"),
        _FREE,
        "copies and changed copies under the same licence, with its text",
    ),
    LicenseFamily(
        "Llama 2 and 3 community licence",
        re.compile(r"^LicenseRef-Llama-[23]-"),
        _answers("unclear", "allowed", "forbidden"),
        "the agreement with every copy, its use policy, a separate licence above 700 million monthly users; "
        "output may not improve language models other than Llama",
    ),
    LicenseFamily(
        "Llama 3.1 to 3.3 community licence",
        re.compile(r"^LicenseRef-Llama-3\.[123]-"),
        _answers("unclear", "allowed", "unclear"),
        "the agreement with every copy, its use policy, a separate licence above 700 million monthly users; "
        "models trained on output carry Llama in their name",
    ),
    LicenseFamily(
        "Gemma terms",
        re.compile(r"^LicenseRef-Gemma"),
        _answers("unclear", "allowed", "unclear"),
        "the terms and their prohibited uses are passed on with every copy",
    ),
)
"""First match wins; every other licence is unclear for every use but research."""


def license_says(text: str, use: Use) -> tuple[Verdict, str]:
    """What a licence, an expression of several or a publisher's words say of `use`, and what is asked for.

    Of alternatives (OR) the mildest counts, of what must be kept together (AND) the strictest.

    >>> license_says("CC-BY-NC-4.0", Use.COMMERCIAL)[0].value
    'forbidden'
    >>> license_says("House terms", Use.REDISTRIBUTION)
    (<Verdict.UNCLEAR: 'unclear'>, 'terms not known to us')
    """
    if use is Use.RESEARCH:
        known = text != "other" and (spelling(text) is not None or family_of(text) is not None)
        return (Verdict.ALLOWED, "research use") if known else (Verdict.UNCLEAR, "terms not known to us")
    expression = spelling(text)
    if expression is None:
        return _words_say(text, use)
    if "(" in expression or (" OR " in expression and " AND " in expression):
        return _nested_says(expression, use)
    answers = [_one_says(part, use) for part in components(expression)]
    verdicts = [verdict for verdict, _ in answers]
    verdict = max(verdicts, key=lambda v: v.gravity) if " OR " in expression else strictest(verdicts)
    return verdict, "; ".join(dict.fromkeys(asks for _, asks in answers))


def family_of(licence: str) -> LicenseFamily | None:
    """The family of a single licence; None where we do not model it."""
    return next((family for family in FAMILIES if family.pattern.search(licence)), None)


def strictest_reading(readings: Sequence[str]) -> int:
    """The place of the strictest of several readings of one licence; of equals the first.

    Strictness is compared use by use: commercial first, then redistribution, then competing models; then
    share-alike weighs more than attribution.
    """

    def weight(place: int) -> tuple[int, ...]:
        text = readings[place]
        uses = (Use.COMMERCIAL, Use.REDISTRIBUTION, Use.COMPETING_MODEL)
        asks = license_says(text, Use.COMMERCIAL)[1]
        return (*(license_says(text, use)[0].gravity for use in uses), -asks.count("same licence"), place)

    return min(range(len(readings)), key=weight)


def _one_says(licence: str, use: Use) -> tuple[Verdict, str]:
    family = family_of(licence)
    if family is None:
        return (Verdict.ALLOWED, "its own conditions") if is_permissive(licence) else _unknown()
    return family.says[use], family.asks


def _words_say(words: str, use: Use) -> tuple[Verdict, str]:
    """What words that are no licence say: they can only restrict."""
    named = [part for part in re.split(r"[\s,;]+", words) if is_non_commercial(part)]
    family = family_of(named[0]) if named else None
    if family is None:
        family = next((f for f in FAMILIES if f.name == _RESTRICTED and f.pattern.search(words)), None)
    if family is None:
        return _unknown()
    verdict = family.says[use]
    return (Verdict.UNCLEAR if verdict is Verdict.ALLOWED else verdict), family.asks


def _nested_says(expression: str, use: Use) -> tuple[Verdict, str]:
    """Mixed AND and OR: the strictest of all parts, which never permits too much."""
    answers = [_one_says(part, use) for part in components(expression) if part not in ("AND", "OR")]
    return strictest(verdict for verdict, _ in answers), "; ".join(dict.fromkeys(a for _, a in answers))


def _unknown() -> tuple[Verdict, str]:
    return Verdict.UNCLEAR, "terms not known to us"
