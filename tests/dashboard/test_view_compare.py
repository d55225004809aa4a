from collections.abc import Callable
from dataclasses import replace

import pytest

from dashboard.views import compare, lengths
from dashboard.views.figures import Figures
from registry.measurements import Measurement

MakeFigures = Callable[..., Figures]
MakeMeasurement = Callable[..., Measurement]


@pytest.fixture
def pair(make_figures: MakeFigures, make_measurement: MakeMeasurement) -> list[Figures]:
    def measured(mtld: float, usable: float) -> tuple[Measurement, ...]:
        return (
            make_measurement("mtld", mtld, direction="+", tokenizer="w1", n_used=50),
            make_measurement("usable_rate", usable, view="all", direction="+"),
        )

    return [make_figures("a", measured(80.0, 0.9)), make_figures("b", measured(40.0, 1.0))]


def test_the_table_has_a_column_a_dataset_and_names_view_direction_and_rows(pair: list[Figures]) -> None:
    table = compare.headline_table(pair, ["A", "B"])

    line = table["Metric"].index("Response diversity (MTLD)")
    assert (table["A"][line], table["B"][line]) == ("80", "40")
    assert (table["View"][line], table["Direction"][line], table["Rows used"][line]) == (
        "response",
        "↑ richer, cleaner",
        "50 / 50",
    )


def test_sets_of_unequal_size_parts_and_versions_are_cautioned(pair: list[Figures]) -> None:
    other = replace(
        pair[1],
        rows=1000,
        is_whole=False,
        measurements=tuple(replace(m, version=2) for m in pair[1].measurements),
    )

    said = compare.cautions([pair[0], other], compare.compared([pair[0], other]))

    assert len(said) == 3
    assert "versions" in said[0]
    assert "100 to 1,000" in said[1]
    assert compare.cautions(pair, compare.compared(pair)) == []


def test_other_tokenizers_are_cautioned_and_never_share_a_line(pair: list[Figures]) -> None:
    other = replace(pair[1], measurements=tuple(replace(m, tokenizer="x") for m in pair[1].measurements))

    found = compare.compared([pair[0], other])

    assert any("tokenizer" in line for line in compare.cautions([pair[0], other], found))
    assert all(None in row.values for row in found.rows)


def test_profiles_draw_only_what_all_sets_have_on_axes_of_all_measured_sets(
    pair: list[Figures], make_figures: MakeFigures
) -> None:
    found = compare.profile_chart(pair, ["A", "B"], pair)

    assert found is not None
    axis = found[0]["parallelAxis"][0]
    assert axis["min"] < 40 < 80 < axis["max"]
    assert compare.profile_chart([pair[0], make_figures("c")], ["A", "C"], pair) is None


def test_distributions_are_laid_over_each_other_as_shares(pair: list[Figures]) -> None:
    chart = compare.length_chart(pair, ["A", "B"], "response_words")

    assert chart is not None
    assert [series["data"] for series in chart["series"]] == [[25.0, 75.0]] * 2
    assert chart["xAxis"]["data"] == ["1", "2–3"]
    assert "n = 100, 100" in chart["title"]["subtext"]
    assert compare.length_chart(pair, ["A", "B"], "turns") is None


def test_histograms_of_unequal_bins_are_not_mixed(pair: list[Figures]) -> None:
    first = pair[0].distributions[0]

    assert lengths.drawn_bins({"a": first, "b": replace(first, edges=(0.0, 1.0, 3.0, 9.0))}) is None
    assert lengths.drawn_bins({"a": replace(first, counts=(0, 0, 0), n_total=0)}) is None


def test_equal_titles_are_told_apart(pair: list[Figures]) -> None:
    assert compare.distinct_titles([pair[0], replace(pair[1], title="A")]) == ["A (a)", "A (b)"]


def test_the_first_choice_takes_the_largest_of_each_category(make_figures: MakeFigures) -> None:
    held = {n: make_figures(n, rows=r) for n, r in (("d1", 10), ("d2", 90), ("h1", 5), ("d3", 80))}

    chosen = compare.suggested(held, {"d1": "d", "d2": "d", "d3": "d", "h1": "h"}.get)

    assert chosen == ["d2", "h1", "d3"]
