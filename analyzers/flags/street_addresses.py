"""Street addresses as they are written of people: with a postal code, or told as where somebody lives."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KINDS = (
    "Street St Avenue Ave Road Rd Lane Ln Drive Dr Boulevard Blvd Court Ct Terrace Crescent Close Parkway "
    "Pkwy Highway Hwy Square Way Place"
)
_KIND = rf"(?:{_KINDS.replace(' ', '|')})"
_ENGLISH = re.compile(
    r"(?<![\w.,$€£/-])(?P<number>[1-9]\d{0,4})[A-Za-z]?,? (?:[NSEW]\.? |(?:North|South|East|West) )?"
    rf"(?P<name>(?:(?:[A-Z][\w'’-]{{0,30}}[a-z]|\d{{1,3}}(?:st|nd|rd|th)) ){{1,3}}){_KIND}(?!\w)\.?"
)
# Between the street and its postal code, American, British or Canadian, a flat and a place may stand.
_CODE_FOLLOWS = re.compile(
    r",?\s+(?:(?:Apt|Apartment|Flat|Unit|Suite|Ste)\.? ?#?\w{1,6},?\s+|#\w{1,6},?\s+)?"
    r"(?:[A-Z][\w.'’-]{0,30},?\s+){1,4}"
    r"(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?!\w)"
)
_LIVES = re.compile(
    r"(?:\b(?:liv(?:e|es|ed|ing)|resid(?:e|es|ed|ing))\s+(?:at|on)|"
    r"\b(?:my|his|her|their|home)\s+(?:home\s+|street\s+|mailing\s+)?address(?:\s+is|:)?)\s+\Z",
    re.IGNORECASE,
)
_CONTINENTAL = re.compile(
    r"(?<!\w)(?:[A-ZÄÖÜ][\wäöüß-]{1,30}(?:straße|strasse|str\.|weg|platz|gasse|allee) \d{1,4}[a-z]?"
    r"|\d{1,4}(?: ?bis)?,? (?:rue|avenue|boulevard|place|chemin|impasse|quai) [^\W\d][\w’' -]{1,40}?)"
    r",\s+(?:[A-Z]{1,2}-)?\d{5}\s+[A-ZÀ-Ý]\w+"
)
_CHINESE = re.compile(
    r"(?:住在|家住|住址|家庭地址|我的地址)[^\n。]{0,24}?(?:路|街|大道|巷|弄)\d{1,5}(?:号|號|弄)"
)

# Names and numbers that texts invent, and doors that everybody knows.
_INVENTED_NAMES = frozenset(
    {
        *("main", "elm", "oak", "maple", "any", "anywhere", "example", "sample", "fake", "your", "some"),
        *("sesame", "privet", "baker", "downing", "evergreen", "pennsylvania"),
    }
)
_INVENTED_NUMBERS = frozenset({"123", "1234", "12345"})
_INVENTED_PLACE = re.compile(r",?\s+(?:Any|Some|Your)\s?(?:town|city|where)", re.IGNORECASE)

CANDIDATES = (
    rf"[a-z] {_KIND}\b|(?:straße|strasse|str\.|weg|platz|gasse|allee) \d|\d,? (?:bis )?"
    r"(?:rue|avenue|boulevard|place|chemin|impasse|quai) |(?:路|街|大道|巷|弄)\d"
)
"""RE2: texts without a match hold no address."""


def street_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses of somebody stand: `14 Rosehill Lane, Bristol BS6 5QT`, `lives at 390 Windsor St`.

    A street and a number alone are a place in a story, so a postal code has to follow, or words for living
    there to stand before. English, German and French forms with a code; Chinese ones where somebody lives.
    """
    for found in _ENGLISH.finditer(text):
        if not _is_invented(found):
            follows = _CODE_FOLLOWS.match(text, found.end())
            if follows or _LIVES.search(text[max(found.start() - 40, 0) : found.start()]):
                yield found.start(), follows.end() if follows else found.end()
    for pattern in (_CONTINENTAL, _CHINESE):
        yield from (found.span() for found in pattern.finditer(text))


def _is_invented(found: re.Match[str]) -> bool:
    name = found["name"].split()[0].lower()
    is_nowhere = _INVENTED_PLACE.match(found.string, found.end())
    return found["number"] in _INVENTED_NUMBERS or name in _INVENTED_NAMES or bool(is_nowhere)
