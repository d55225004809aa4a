"""What a page shows, as plain words in its address; what an address holds that we do not know is dropped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

YES_NO = ("yes", "no")
MAX_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow the catalogue: its word in the address, its label, the field counted."""

    name: str
    label: str
    field: str
    is_flag: bool = False


FACETS: tuple[Facet, ...] = (
    Facet("category", "Construction", "category"),
    Facet("method", "Method", "method"),
    Facet("focus", "Focus", "focus"),
    Facet("commercial", "Commercial use", "commercial_use"),
    Facet("license", "Licence", "license"),
    Facet("language", "Language", "languages"),
    Facet("format", "Format", "format"),
    Facet("modality", "Modality", "modality"),
    Facet("open", "Data public", "open", is_flag=True),
    Facet("survey", "In the survey", "in_survey", is_flag=True),
    Facet("measured", "Measured", "measured", is_flag=True),
)
SORTS: Mapping[str, str] = MappingProxyType(
    {"rows": "Most rows", "name": "Name", "newest": "Newest", "oldest": "Oldest", "fewest": "Fewest rows"}
)

SECTIONS: Mapping[str, str] = MappingProxyType({"facts": "Facts", "figures": "Figures", "rows": "Rows"})


@dataclass(frozen=True, slots=True)
class BrowseSelection:
    """The filter of the Browse page: chosen values a facet, search words, order."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    search: str = ""
    sort: str = "rows"

    @property
    def is_empty(self) -> bool:
        """Whether the whole catalogue is shown."""
        return not self.search and not any(self.chosen.values())

    def without(self, facet: str) -> BrowseSelection:
        """The same filter with `facet` left open."""
        return replace(self, chosen={name: v for name, v in self.chosen.items() if name != facet})


def browse_from(query: Mapping[str, str], known: Mapping[str, Collection[str]]) -> BrowseSelection:
    """The filter an address asks for; `known` holds the values each facet can take."""
    chosen = {}
    for facet in FACETS:
        wanted = words(query.get(facet.name, ""), known.get(facet.name, ()))
        if wanted:
            chosen[facet.name] = wanted
    sort = query.get("sort", "rows")
    return BrowseSelection(chosen, query.get("search", "")[:MAX_SEARCH], sort if sort in SORTS else "rows")


def browse_query(selection: BrowseSelection) -> dict[str, str]:
    """The address of a filter; `browse_from` reads it back."""
    query = {facet.name: ",".join(selection.chosen.get(facet.name, ())) for facet in FACETS}
    query["search"] = selection.search
    query["sort"] = "" if selection.sort == "rows" else selection.sort
    return {name: value for name, value in query.items() if value}


def words(text: str, known: Collection[str], *, limit: int | None = None) -> tuple[str, ...]:
    """The comma-separated words of `text` that are in `known`, each once, in order, at most `limit`.

    >>> words("b,a,b,c", {"a", "b"})
    ('b', 'a')
    """
    found = tuple(dict.fromkeys(word for word in text.split(",") if word in known))
    return found if limit is None else found[:limit]


def word(text: str, known: Collection[str], otherwise: str) -> str:
    """`text` where it is known, else `otherwise`."""
    return text if text in known else otherwise


def whole_number(text: str, *, least: int, most: int, otherwise: int) -> int:
    """The number `text` writes, held between `least` and `most`; `otherwise` where it writes none.

    >>> whole_number("12", least=1, most=10, otherwise=1), whole_number("x", least=1, most=9, otherwise=3)
    (10, 3)
    """
    is_number = text.isascii() and text.isdigit() and len(text) < 12
    return min(max(int(text), least), most) if is_number else otherwise
