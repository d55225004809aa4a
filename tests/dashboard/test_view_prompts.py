from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.views import prompts
from dashboard.views.figures import Figures
from registry.measurements import Measurement

MakeFigures = Callable[..., Figures]
MakeMeasurement = Callable[..., Measurement]


@pytest.fixture
def pairs(make_measurement: MakeMeasurement) -> tuple[Measurement, ...]:
    def share(metric: str, value: float, rule: str = "lexicon", **params: str) -> Measurement:
        return make_measurement(
            metric, value, view="first_prompt", backend="lexicon-1", params={"rule": rule, **params}
        )

    return (
        share("verb_share", 0.3, verb="write"),
        share("verb_noun_share", 0.15, verb="write", noun="poem"),
        share("verb_noun_share", 0.05, verb="write", noun="sto\u202ery"),
        share("verb_share", 0.1, verb="list"),
        share("verb_noun_share", 0.1, verb="list", noun="name"),
        share("verb_share", 0.9, rule="compat", verb="copied"),
    )


def test_the_rings_are_verbs_and_their_nouns_the_largest_first(
    make_figures: MakeFigures, pairs: tuple[Measurement, ...]
) -> None:
    chart = prompts.verb_chart(make_figures(measurements=pairs[::-1]))

    assert chart is not None
    write, listed = chart["series"][0]["data"]
    assert [node["name"] for node in (write, listed)] == ["write", "list"]
    assert [(n["name"], n["value"]) for n in write["children"]] == [
        ("poem", 15.0),
        ("sto⟨U+202E⟩ry", 5.0),
    ]
    assert [n["name"] for n in listed["children"]] == ["name"]
    assert "30.0 %" in chart["title"]["subtext"]
    assert "n = 100 prompts" in chart["title"]["subtext"]


def test_the_full_rule_is_drawn_where_a_parser_read(
    make_figures: MakeFigures, make_measurement: MakeMeasurement, pairs: tuple[Measurement, ...]
) -> None:
    parsed = make_measurement("verb_share", 0.2, backend="spacy", params={"rule": "full", "verb": "make"})
    figures = make_figures(measurements=(*pairs, parsed))

    chart = prompts.verb_chart(figures)

    assert chart is not None
    assert [node["name"] for node in chart["series"][0]["data"]] == ["make"]
    assert prompts.verb_note(figures).startswith("Read by spacy")


def test_tasks_and_domains_are_bars_from_the_largest(
    make_figures: MakeFigures, make_measurement: MakeMeasurement
) -> None:
    shares = [
        make_measurement("task_share", value, params={"task": task})
        for task, value in (("code", 0.2), ("qa_open", 0.7), ("math", 0.0))
    ]
    figures = make_figures(
        measurements=(*shares, make_measurement("domain_share", 1.0, params={"domain": "law"}))
    )

    tasks, domains = prompts.task_chart(figures), prompts.domain_chart(figures)

    assert tasks is not None
    assert tasks["yAxis"]["data"] == ["qa open", "code"]
    assert tasks["series"][0]["data"] == [70.0, 20.0]
    assert domains is not None
    assert domains["yAxis"]["data"] == ["law"]


def test_what_was_not_measured_is_not_drawn(make_figures: MakeFigures) -> None:
    nothing = make_figures()

    assert prompts.verb_chart(nothing) is None
    assert prompts.verb_note(nothing) == ""
    assert prompts.task_chart(nothing) is None
    assert prompts.domain_chart(nothing) is None
