import csv
import io
from collections.abc import Callable
from itertools import pairwise

import pytest

from dashboard.selection import FACETS, BrowseSelection
from dashboard.views import browse
from registry.entry import Entry

Maker = Callable[..., Entry]
BY_NAME = {facet.name: facet for facet in FACETS}


@pytest.fixture
def entries(make_entry: Maker) -> list[Entry]:
    return [
        make_entry("a", size_rows=10, year=2023, license="MIT", languages=["en", "zh"]),
        make_entry("b", category="human-crafted", method="manual-annotation", size_rows=None, year=None),
        make_entry("c", size_rows=5000, year=2024, focus="code", method="evol-instruct", open=False),
    ]


def test_counts_of_a_facet_ignore_its_own_choice_and_heed_the_others(entries: list[Entry]) -> None:
    selection = BrowseSelection({"category": ("human-crafted",), "open": ("yes",)})

    counts = browse.counts_under(entries, selection, {"a"})

    assert counts["category"] == {"distillation": 1, "human-crafted": 1}
    assert counts["language"] == {"en": 1}
    assert counts["measured"] == {"no": 1}


def test_values_of_one_facet_are_alternatives_and_facets_add_up(entries: list[Entry]) -> None:
    both = BrowseSelection({"category": ("human-crafted", "distillation"), "language": ("zh",)})

    assert [e.id for e in browse.matching(entries, both, ())] == ["a"]
    assert len(browse.matching(entries, BrowseSelection(), ())) == 3


def test_an_entry_without_licence_is_found_by_saying_so(entries: list[Entry]) -> None:
    found = browse.matching(entries, BrowseSelection({"license": (browse.NO_LICENCE,)}), ())

    assert [e.id for e in found] == ["b", "c"]


@pytest.mark.parametrize(
    ("sort", "ids"),
    [("rows", "cab"), ("fewest", "acb"), ("newest", "cab"), ("oldest", "acb"), ("name", "abc")],
)
def test_unknown_sizes_and_years_come_last(entries: list[Entry], sort: str, ids: str) -> None:
    assert "".join(e.id for e in browse.ordered(entries, sort)) == ids


def test_table_columns_are_equally_long(entries: list[Entry]) -> None:
    table = browse.table(entries, {"a"})

    assert {len(column) for column in table.values()} == {3}
    assert table["Measured"] == [True, False, False]


def test_a_name_that_a_spreadsheet_would_run_is_inert_in_the_csv(make_entry: Maker) -> None:
    text = browse.csv_table([make_entry("x", name="=HYPERLINK(1)")], ())

    assert next(csv.DictReader(io.StringIO(text)))["name"] == "'=HYPERLINK(1)"


def test_sectors_are_numbered_depth_first_with_the_filter_they_mean(entries: list[Entry]) -> None:
    chart, targets = browse.construction(entries)

    def walk(nodes: list[dict[str, object]]) -> list[object]:
        return [name for node in nodes for name in (node["name"], *walk(node.get("children", [])))]  # type: ignore[arg-type]

    names = walk(chart["series"][0]["data"])
    assert len(targets) == len(names) + 1
    assert [next(reversed(target.values()))[0] for target in targets[1:]] == names


def test_a_click_filters_and_a_second_click_opens_again(entries: list[Entry]) -> None:
    _, targets = browse.construction(entries)
    place = next(i for i, target in enumerate(targets) if target.get("method") == ("evol-instruct",))
    click = [{"data_indices": [place]}]

    once = browse.clicked(BrowseSelection(), targets, click)
    twice = browse.clicked(once, targets, click)

    assert once.chosen["method"] == ("evol-instruct",)
    assert once.chosen["category"] == ("distillation",)
    assert twice.is_empty


def test_a_click_beside_every_sector_changes_nothing(entries: list[Entry]) -> None:
    _, targets = browse.construction(entries)

    assert browse.clicked(BrowseSelection(search="x"), targets, [{"data_indices": [999]}]).search == "x"
    assert browse.clicked(BrowseSelection(), targets, []).is_empty


def test_charts_by_year_and_size_count_every_entry(entries: list[Entry]) -> None:
    years = browse.by_year(entries)
    sizes = browse.by_size(entries)

    assert "n = 2" in years["title"]["subtext"]
    assert sum(sum(series["data"]) for series in sizes["series"]) == 3
    labels = years["xAxis"]["data"]
    assert all(a < b for a, b in pairwise(labels))
