"""The catalogue as a table, as counts and as charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboard import charts, diagrams
from dashboard.selection import FACETS, YES_NO, BrowseSelection, Facet
from dashboard.views.languages import language_name
from dashboard.views.numbers import count, short
from dashboard.views.plain import csv_text, one_line
from registry.entry import Entry

NO_LICENCE = "none stated"
CSV_COLUMNS = (
    "id",
    "name",
    "category",
    "method",
    "focus",
    "size_rows",
    "license",
    "commercial_use",
    "languages",
    "format",
    "modality",
    "teacher",
    "year",
    "hf_id",
    "github",
    "in_survey",
    "open",
    "measured",
)
_SIZES = ((1e3, "< 1K"), (1e4, "1K–10K"), (1e5, "10K–100K"), (1e6, "100K–1M"), (float("inf"), "≥ 1M"))
UNSIZED = "unknown"

Measured = Collection[str]


def facet_values(entry: Entry, facet: Facet, measured: Measured) -> tuple[str, ...]:
    """The words by which `facet` knows an entry."""
    if facet.name == "measured":
        return ("yes" if entry.id in measured else "no",)
    value = getattr(entry, facet.field)
    if facet.is_flag:
        return ("yes" if value else "no",)
    if isinstance(value, tuple):
        return tuple(str(item) for item in value)
    return (NO_LICENCE if value is None else str(value),)


def known_values(entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """The values of each facet, the most frequent first."""
    held = list(entries)
    known = {facet.name: tuple(facet_counts(held, facet, ())) for facet in FACETS if not facet.is_flag}
    return {**known, **{facet.name: YES_NO for facet in FACETS if facet.is_flag}}


def facet_counts(entries: Iterable[Entry], facet: Facet, measured: Measured) -> dict[str, int]:
    """How many entries carry each value of `facet`, the most frequent first, ties by name."""
    counts = Counter(value for entry in entries for value in facet_values(entry, facet, measured))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def matching(entries: Iterable[Entry], selection: BrowseSelection, measured: Measured) -> list[Entry]:
    """The entries that carry one of the chosen values in every facet that has any; search words aside."""
    asked = [
        (facet, set(selection.chosen[facet.name])) for facet in FACETS if selection.chosen.get(facet.name)
    ]
    return [
        entry
        for entry in entries
        if all(not wanted.isdisjoint(facet_values(entry, facet, measured)) for facet, wanted in asked)
    ]


def counts_under(
    entries: Sequence[Entry], selection: BrowseSelection, measured: Measured
) -> dict[str, dict[str, int]]:
    """For each facet, how many entries each value would show, the other facets being as chosen."""
    return {
        facet.name: facet_counts(matching(entries, selection.without(facet.name), measured), facet, measured)
        for facet in FACETS
    }


def option_label(facet: Facet, value: str, counts: Mapping[str, int]) -> str:
    """A value of a facet with the number of entries it would show."""
    named = language_name(value) if facet.name == "language" else value.removeprefix("domain:")
    return f"{named} · {counts.get(value, 0)}"


def ordered(entries: Iterable[Entry], sort: str) -> list[Entry]:
    """The entries in the order `sort` names; unknown sizes and years come last, ties go by name."""
    named = sorted(entries, key=lambda entry: (entry.name.casefold(), entry.id))
    match sort:
        case "rows":
            return sorted(
                named, key=lambda entry: -1 if entry.size_rows is None else entry.size_rows, reverse=True
            )
        case "fewest":
            return sorted(named, key=lambda entry: (entry.size_rows is None, entry.size_rows or 0))
        case "newest":
            return sorted(named, key=lambda entry: entry.year or 0, reverse=True)
        case "oldest":
            return sorted(named, key=lambda entry: entry.year or 9999)
    return named


def table(entries: Iterable[Entry], measured: Measured) -> dict[str, list[Any]]:
    """The columns of the table, ready to show."""
    held = list(entries)
    return {
        "Name": [one_line(entry.name, 60) for entry in held],
        "Rows": [entry.size_rows for entry in held],
        "Construction": [str(entry.category) for entry in held],
        "Method": [str(entry.method) for entry in held],
        "Focus": [entry.focus.removeprefix("domain:") for entry in held],
        "Licence": [one_line(entry.license or NO_LICENCE, 40) for entry in held],
        "Commercial": [str(entry.commercial_use) for entry in held],
        "Languages": [", ".join(entry.languages) for entry in held],
        "Year": [entry.year for entry in held],
        "Measured": [entry.id in measured for entry in held],
    }


def csv_table(entries: Iterable[Entry], measured: Measured) -> str:
    """The entries as CSV, every fact a spreadsheet can hold; no cell starts a formula."""
    rows = (
        {
            **entry.model_dump(mode="json"),
            "languages": " ".join(entry.languages),
            "modality": " ".join(entry.modality),
            "teacher": "; ".join(entry.teacher),
            "measured": entry.id in measured,
        }
        for entry in entries
    )
    return csv_text(CSV_COLUMNS, rows)


def headline(shown: int, total: int) -> str:
    """How much of the catalogue is shown."""
    return f"All {count(total)} datasets" if shown == total else f"{count(shown)} of {count(total)} datasets"


def construction(entries: Iterable[Entry]) -> tuple[dict[str, Any], list[dict[str, tuple[str, ...]]]]:
    """The sunburst of construction and, for each of its sectors, the filter a click means.

    Rings from the inside: category, method, focus. Sectors are numbered as ECharts numbers them: depth
    first, the invisible centre being number 0.
    """
    tree = Counter((str(entry.category), str(entry.method), str(entry.focus)) for entry in entries)
    targets: list[dict[str, tuple[str, ...]]] = [{}]
    nodes = []
    for category in _by_count(tree, 0, ()):
        colour = charts.CATEGORY.get(category, charts.OTHER)
        targets.append({"category": (category,)})
        methods = []
        for method in _by_count(tree, 1, (category,)):
            targets.append({"category": (category,), "method": (method,)})
            focuses = _by_count(tree, 2, (category, method))
            targets += [
                {"category": (category,), "method": (method,), "focus": (focus,)} for focus in focuses
            ]
            leaves = [
                _sector(focus, charts.tint(colour, 0.55), tree[category, method, focus]) for focus in focuses
            ]
            methods.append({**_sector(method, charts.tint(colour, 0.3)), "children": leaves})
        nodes.append({**_sector(category, colour), "children": methods})
    heading = charts.title("Construction", f"category, method, focus · {count(tree.total())} datasets")
    return diagrams.sunburst(heading, nodes), targets


def clicked(
    selection: BrowseSelection,
    targets: Sequence[Mapping[str, tuple[str, ...]]],
    selected: Sequence[Mapping[str, Any]],
) -> BrowseSelection:
    """The filter after a click on a sector; a click on what is already chosen opens it again."""
    place = next((i for group in selected for i in group["data_indices"]), 0)
    target = targets[place] if 0 < place < len(targets) else {}
    is_again = all(selection.chosen.get(name) == values for name, values in target.items())
    picked: dict[str, tuple[str, ...]] = dict.fromkeys(target, ()) if is_again else dict(target)
    return replace(selection, chosen={**selection.chosen, **picked})


def by_year(entries: Iterable[Entry]) -> dict[str, Any]:
    """How many datasets appeared each year, by category."""
    held = [entry for entry in entries if entry.year is not None]
    years = [str(year) for year in sorted({entry.year for entry in held if entry.year is not None})]
    counts = Counter((str(entry.category), str(entry.year)) for entry in held)
    heading = charts.title("By year", f"datasets first published · n = {count(len(held))}")
    return _stacked(heading, years, counts)


def by_size(entries: Iterable[Entry]) -> dict[str, Any]:
    """How many datasets have so many declared rows, by category."""
    held = list(entries)
    counts = Counter((str(entry.category), size_class(entry.size_rows)) for entry in held)
    heading = charts.title("By size", f"declared rows · n = {count(len(held))} datasets")
    return _stacked(heading, [*(label for _, label in _SIZES), UNSIZED], counts)


def size_class(rows: int | None) -> str:
    """The size class of a declared number of rows.

    >>> size_class(999), size_class(52002), size_class(None)
    ('< 1K', '10K–100K', 'unknown')
    """
    return UNSIZED if rows is None else next(label for limit, label in _SIZES if rows < limit)


def summary(entries: Sequence[Entry], measured_sets: int, measured_rows: int) -> str:
    """The numbers at the head of the page, in one line of Markdown."""
    parts = (
        (count(len(entries)), "datasets"),
        (count(len({entry.method for entry in entries})), "methods of construction"),
        (count(measured_sets), "sets measured"),
        (short(measured_rows), "rows measured"),
    )
    return " · ".join(f"**{number}** {noun}" for number, noun in parts)


def _sector(name: str, colour: str, value: int | None = None) -> dict[str, Any]:
    return {"name": name, "itemStyle": {"color": colour}, **({} if value is None else {"value": value})}


def _by_count(tree: Counter[tuple[str, str, str]], depth: int, path: tuple[str, ...]) -> list[str]:
    counts: Counter[str] = Counter()
    for key, number in tree.items():
        if key[:depth] == path:
            counts[key[depth]] += number
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def _stacked(heading: dict[str, Any], labels: list[str], counts: Counter[tuple[str, str]]) -> dict[str, Any]:
    stacks = {category: [counts[category, label] for label in labels] for category in charts.CATEGORY}
    return charts.category_bars(heading, labels, stacks, x_name="", y_name="")
