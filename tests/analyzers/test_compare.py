"""Figures side by side: joined where they may be read against each other, apart where not."""

from __future__ import annotations

from analyzers.compare import comparison
from registry.measurements import Measurement


def figure(dataset: str, value: float | None, **changes: object) -> Measurement:
    facts = {
        "dataset": dataset,
        "metric": "ttr",
        "version": 1,
        "view": "response",
        "n_total": 10,
        "n_used": 10,
        "value": value,
        "tokenizer": "w1",
    }
    return Measurement(**(facts | changes))


def test_a_dataset_without_a_figure_has_none_in_its_place() -> None:
    table = comparison({"a": [figure("a", 0.5)], "b": []})

    assert [row.values for row in table.rows] == [(0.5, None)]


def test_figures_of_different_tokenizers_or_parameters_never_share_a_row() -> None:
    table = comparison(
        {
            "a": [figure("a", 0.5), figure("a", 0.1, params={"n": 2})],
            "b": [figure("b", 0.6, tokenizer="other"), figure("b", 0.2, params={"n": 2})],
        }
    )

    assert [row.values for row in table.rows] == [(0.5, None), (0.1, 0.2), (None, 0.6)]


def test_figures_of_different_versions_share_a_row_that_says_so() -> None:
    table = comparison({"a": [figure("a", 0.5)], "b": [figure("b", 0.6, version=2)]})

    assert [row.comparable for row in table.rows] == [False]


def test_the_json_names_datasets_once_and_values_in_their_order() -> None:
    plain = comparison({"a": [figure("a", 0.5)], "b": [figure("b", None)]}).to_json()

    assert plain["datasets"] == ["a", "b"]
    assert plain["rows"][0]["values"] == [0.5, None]
    assert {"metric", "view", "values"} <= set(plain["rows"][0])
