from dataclasses import replace

import pytest

from dashboard.views import commands, fair
from registry.comparisons import Drawn, FairComparison, FairFigure


def drawn(value: float, half: float, rows: float = 50) -> Drawn:
    return Drawn(value=value, ci_low=value - half, ci_high=value + half, rows=rows, words=900)


@pytest.fixture
def comparison() -> FairComparison:
    figure = FairFigure(
        metric="mtld",
        version=1,
        view="response",
        size=50,
        drawn=(drawn(90, 5), drawn(60, 4)),
        random=drawn(75, 6),
        params={"threshold": 0.72},
        direction="+",
        evidence="B",
    )
    undefined = replace(figure, metric="hdd", drawn=(drawn(0.8, 0.1), Drawn(value=None, reason="2 words")))
    return FairComparison(
        unit="rows",
        datasets=("a", "b"),
        snapshots=("x", "y"),
        rows=(500, 52),
        draws=20,
        seed=0,
        figures=(undefined, figure),
    )


def test_the_comparison_of_exactly_these_sets_with_most_figures_is_shown(comparison: FairComparison) -> None:
    poorer = replace(comparison, figures=comparison.figures[:1])
    tokens = replace(comparison, unit="tokens")

    found = fair.fitting([poorer, tokens, comparison], ["b", "a"])

    assert found == {"rows": comparison, "tokens": tokens}
    assert list(found) == ["rows", "tokens"]
    assert fair.fitting([comparison], ["a"]) == fair.fitting([comparison], ["a", "b", "c"]) == {}


def test_the_chart_draws_ranges_of_all_sets_and_random_in_one_order(comparison: FairComparison) -> None:
    offered = fair.choices(comparison)
    (name,) = offered

    found = fair.chart(comparison, offered[name], {"a": "A"})

    assert name == "MTLD (response, threshold 0.72)"
    assert found is not None
    lines, points = found[0]["series"]
    assert found[0]["yAxis"]["data"] == ["A", "b", "random"]
    assert [line["coords"] for line in lines["data"]] == [
        [[85, 0], [95, 0]],
        [[56, 1], [64, 1]],
        [[69, 2], [81, 2]],
    ]
    assert [point["value"][0] for point in points["data"]] == [90, 60, 75]
    assert found[0]["xAxis"]["min"] < 56 < 95 < found[0]["xAxis"]["max"]
    assert fair.chart(comparison, comparison.figures[0], {}) is None


def test_the_table_has_ranges_marks_reasons_and_evidence(comparison: FairComparison) -> None:
    table = fair.table(comparison, {"a": "A"})

    assert table["A"][1] == "90 (85 to 95) ▲"
    assert table["b"] == ["– 2 words", "60 (56 to 64) ▼"]
    assert table["Random"][1] == "75 (69 to 81)"
    assert (table["Evidence"][1], table["Drawn (rows)"][1]) == ("B", "50")
    assert "lexical richness" in table["Associated with"][1]
    assert len({len(column) for column in table.values()}) == 1


def test_sets_drawn_nearly_whole_are_named(comparison: FairComparison) -> None:
    assert fair.cautions(comparison) == "Drawn nearly whole, so that their ranges say little: b."
    assert fair.cautions(replace(comparison, rows=(500, 500))) == ""
    assert "20 random draws of equally many rows" in fair.explained(comparison)
    assert commands.fair_command(["a", "my rows"]) == "instructory compare a 'my rows' --fair rows"
