"""Every page in its three states: nothing there, something wrong, data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.launch import APP
from dashboard.report.gather import flag_examples
from dashboard.routes import ROUTES
from dashboard.views.rows import flagged_positions

Open = Callable[..., AppTest]


def _texts(app: AppTest) -> str:
    kinds = ("text", "markdown", "caption", "info", "title", "code")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def _open(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    if page != ROUTES[0].name:
        app.run()
        app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception[0].message
    return app


@pytest.fixture(autouse=True)
def routed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages run through the router, as under `launch`, not by themselves for their folder’s name."""
    made = PagesManager.__init__

    def make(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", make)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Nothing cached survives a test that used another home."""
    yield
    data.registry().close()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def open_page(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page over the home in which two samples were measured."""
    monkeypatch.setenv("INSTRUCTORY_HOME", str(shared_home))
    return _open


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that ships no figures."""
    monkeypatch.setattr(data, "measured_sets", lambda: MappingProxyType({}))
    monkeypatch.setattr(data, "measured_overlaps", lambda: ())
    monkeypatch.setattr(data, "measured_contaminations", lambda: ())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_page_of_the_table_opens_with_data(open_page: Open, route: object) -> None:
    app = open_page(route.name)  # type: ignore[attr-defined]

    assert app.title or app.text


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_pages_are_short(route: object) -> None:
    lines = route.file.read_text(encoding="utf-8").splitlines()  # type: ignore[attr-defined]

    assert len(lines) <= 60


def test_browse_shows_the_whole_catalogue_and_its_charts(open_page: Open) -> None:
    app = open_page("browse")

    assert len(app.dataframe[0].value) == 464
    assert len(app.get("echarts_chart")) == 3
    assert "All 464 datasets" in _texts(app)


def test_a_deep_link_filters_and_unknown_words_in_it_are_dropped(open_page: Open) -> None:
    app = open_page("browse", category="human-crafted,nonsense", search="math", sort="name")

    shown = app.dataframe[0].value
    assert 0 < len(shown) < 464
    assert set(shown["Construction"]) == {"human-crafted"}
    assert app.pills(key="browse.category").value == ["human-crafted"]
    assert app.text_input(key="browse.search").value == "math"


def test_choosing_a_value_changes_the_table_the_counts_and_the_address(open_page: Open) -> None:
    app = open_page("browse")

    app.multiselect(key="browse.focus").set_value(["code"]).run()

    assert set(app.dataframe[0].value["Focus"]) == {"code"}
    assert app.query_params["focus"] == "code"
    app.button[0].click().run()
    assert len(app.dataframe[0].value) == 464


def test_a_search_without_hits_says_what_to_do(open_page: Open) -> None:
    app = open_page("browse", search="zzzzqqq")

    assert "Clear all" in app.info[0].value
    assert not app.dataframe


def test_selecting_a_row_opens_its_dataset(open_page: Open) -> None:
    app = open_page("browse", search="gsm8k", sort="name")
    app.session_state["browse.table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}

    app.run()

    assert not app.exception
    assert app.query_params["id"]
    assert "Where this was read" in app.expander[0].label


def test_dataset_without_a_choice_asks_for_one(open_page: Open) -> None:
    assert "Choose a dataset" in open_page("dataset").info[0].value


def test_an_unknown_dataset_is_named_in_plain_text(open_page: Open) -> None:
    app = open_page("dataset", id="![x](http://evil.example/x.png)")

    assert "![x](http://evil.example/x.png)" in "\n".join(element.value for element in app.text)
    assert not any("evil" in str(element.value) for element in app.markdown)


def test_facts_stand_with_their_status(open_page: Open) -> None:
    app = open_page("dataset", id="alpaca")

    shown = _texts(app)
    assert "Sources disagree" in shown
    assert "52,002" in shown
    assert app.get("echarts_chart")


def test_shipped_figures_of_a_dataset_name_their_source(open_page: Open) -> None:
    app = open_page("dataset", id="alpaca", show="figures")

    shown = _texts(app)
    assert "Shipped figures: 52,002 rows" in shown
    assert "tatsu-lab/stanford_alpaca@" in shown
    assert {metric.label for metric in app.metric} >= {"Rows", "Usable rows"}


def test_rows_that_are_not_here_come_with_the_commands_to_fetch_them(open_page: Open) -> None:
    app = open_page("dataset", id="alpaca", show="rows")

    commands = [code.value for code in app.code]
    assert commands[0].startswith("instructory fetch alpaca")
    assert commands[1] == "instructory analyze alpaca"


def test_rows_of_a_sample_are_shown_as_conversations(open_page: Open) -> None:
    app = open_page("dataset", id="sample-human", show="rows")

    spoken = [element.value for element in app.text]
    assert {"user", "assistant"} <= set(spoken)
    assert "Raw row" in app.expander[0].label


def test_rows_can_be_narrowed_to_a_flag(open_page: Open) -> None:
    app = open_page("dataset", id="sample-distilled", show="rows")

    app.pills(key="dataset.flags").set_value(["refusal"]).run()

    assert not app.exception
    assert "1 of 173 rows" in _texts(app)


def test_rows_can_be_narrowed_to_those_a_trainer_refuses(home: Path, tmp_path: Path) -> None:
    from registry.fetch import fetch

    ask, tell = {"role": "user", "content": "Who?"}, {"role": "assistant", "content": "It was me."}
    rows = [[ask, tell], [ask, tell, tell], [tell], [ask, ask, tell], [ask, tell]]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"messages": row}) + "\n" for row in rows))
    fetch(data.registry(), "oasst1", source=str(tmp_path / "rows.jsonl"))
    app = _open("dataset", id="oasst1", show="rows")

    app.pills(key="dataset.trainers").set_value(["llm-foundry"]).run()

    assert not app.exception
    assert app.pills(key="dataset.trainers").options == [
        "llama-factory skips · 3",
        "llm-foundry rejects · 1",
        "torchtune rejects · 2",
    ]
    assert "1 of 5 rows" in _texts(app)
    assert (
        "torchtune rejects the row, llm-foundry rejects the row: there are fewer than two messages"
        in _texts(app)
    )


def test_answers_cut_at_one_length_are_shown_with_what_their_dataset_says(home: Path, tmp_path: Path) -> None:
    from registry.fetch import fetch

    words = [60 if n % 4 == 0 else 8 + n % 40 for n in range(60)]
    rows = [{"prompt": f"Tell {n}.", "completion": " ".join(["hill"] * w)} for n, w in enumerate(words)]
    for row, w in zip(rows, words, strict=True):
        row["completion"] += "" if w == 60 else "."
    (tmp_path / "cut.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    held = fetch(data.registry(), str(tmp_path / "cut.jsonl"))

    bits, _ = data.row_bits(held.id, held.dataset)
    positions = flagged_positions(bits, ["truncated"], held.rows_kept).tolist()

    assert positions == [n for n, w in enumerate(words) if w == 60]
    for _, evidence, _ in data.explained_rows(held.id, held.dataset, tuple(positions[:2])):
        assert [(e.flag, e.code) for e in evidence if e.flag == "truncated"] == [
            ("truncated", "cut_at_length")
        ]
    told = [e for e in flag_examples(data.registry(), held) if e.flag == "truncated"]
    assert [(e.code, e.row in positions) for e in told] == [("cut_at_length", True)] * 2
    assert "(cut_at_length; 60 tokens; 15 answers of 59 to 61 tokens end open" in told[0].title


def test_rows_that_vanished_from_the_disk_are_an_error_in_words(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open("dataset", id="sample-human", show="rows")
    for path in home.glob("snapshots/**/rows.parquet"):
        path.unlink()
    st.cache_data.clear()

    app = _open("dataset", id="sample-human", show="rows")

    assert any("gone" in element.value for element in app.text)


def test_a_sample_is_measured_from_the_page(home: Path, unmeasured: None) -> None:
    app = _open("dataset", id="sample-human", show="figures")
    assert "nobody measured" in app.info[0].value

    app.button(key="dataset.measure").click().run()

    assert not app.exception
    assert "Measured here: 162 rows" in _texts(app)


def test_compare_without_figures_says_how_to_get_some(home: Path, unmeasured: None) -> None:
    app = _open("compare")

    assert "Fewer than two" in app.info[0].value
    assert app.code[0].value == "instructory analyze sample-human sample-distilled"


def test_compare_shows_shipped_and_own_figures_side_by_side(open_page: Open) -> None:
    app = open_page("compare", ids="alpaca,sample-human,nonsense")

    table = app.dataframe[0].value
    assert table["Metric"].iloc[0] == "Rows measured"
    assert "52,002" in set(table.iloc[0])
    assert "162" in set(table.iloc[0])
    assert app.get("echarts_chart")
    assert "measured here" in _texts(app)


def test_compare_shows_equal_draws_or_the_command_that_makes_them(open_page: Open, shared_home: Path) -> None:
    from instructory.verdicts import compare_fair

    names = ["sample-human", "sample-distilled"]
    before = open_page("compare", ids=",".join(names))
    compare_fair(data.registry(), names, size=30, only=["ttr"])
    after = open_page("compare", ids=",".join(reversed(names)))

    assert before.code[0].value == "instructory compare sample-human sample-distilled --fair rows"
    assert "20 random draws of equally many rows" in _texts(after)
    table = after.dataframe[-1].value
    assert set(table["Metric"]) == {"Type-token ratio"}
    assert "to" in table["Random"].iloc[0]
    assert after.get("download_button")
    page = data.report(["sample-human", "alpaca"]).decode()
    assert "Compared fairly" in page
    assert "52,002 rows measured" in page


def test_one_dataset_cannot_be_compared(open_page: Open) -> None:
    app = open_page("compare", ids="alpaca,gsm8k")

    app.multiselect(key="compare.ids").set_value(["alpaca"]).run()

    assert "Choose 2 to 6" in app.info[0].value


def test_overlap_without_figures_offers_to_measure_a_pair(home: Path, unmeasured: None) -> None:
    app = _open("overlap", a="sample-human", b="sample-distilled")
    assert "No two datasets were compared" in app.info[0].value

    app.button(key="overlap.measure").click().run()

    assert not app.exception
    assert "word for word" in _texts(app)


def test_overlap_shows_the_matrix_both_ways_and_the_rows_of_own_pairs(open_page: Open) -> None:
    app = open_page("overlap", a="sample-human", b="sample-distilled")

    shown = _texts(app)
    assert app.get("echarts_chart")
    assert "is found in Sample, distillation" in shown
    assert "is found in Sample, human-crafted" in shown
    assert "Jaccard" in shown


def test_a_dataset_is_not_compared_with_itself(open_page: Open) -> None:
    app = open_page("overlap", a="sample-human", b="sample-human")

    assert "two different" in app.info[0].value


def test_shipped_overlaps_show_figures_and_the_command_to_see_rows(open_page: Open) -> None:
    app = open_page("overlap", a="alpagasus", b="alpaca")

    assert "is found in Stanford Alpaca" in _texts(app)
    assert app.code[0].value == "instructory overlap PATH-TO-FILE alpaca"


def test_leaks_without_figures_offers_to_look_and_then_shows_what_was_found(
    home: Path, unmeasured: None
) -> None:
    app = _open("contamination", dataset="sample-distilled", benchmark="sample-benchmark")
    assert "No benchmark was looked for" in app.info[0].value

    app.button(key="contamination.look").click().run()

    assert not app.exception
    shown = _texts(app)
    assert "1 of the 32 items of sample-benchmark that the rule can find stand in 1 of 173 rows" in shown
    assert "bakes fourteen trays" in shown
    assert len(app.get("echarts_chart")) == 2
    assert "contamination.look" not in {button.key for button in app.button}


def test_shipped_leaks_show_figures_and_the_command_to_look(open_page: Open) -> None:
    app = open_page("contamination", dataset="gsm8k-socratic", benchmark="gsm8k-test")

    assert "1,319 of the 1,319 items of gsm8k-test" in _texts(app)
    assert app.code[0].value == "instructory contamination PATH-TO-FILE --against gsm8k-test"


def test_a_certificate_of_rows_that_are_here_is_written(open_page: Open) -> None:
    open_page("contamination")

    held = data.snapshot("sample-distilled")
    assert held is not None
    assert "sample-benchmark" in data.certificate(held, ["sample-benchmark"])
    assert data.has_benchmark("gsm8k-test")
    assert not data.has_benchmark("gpqa")


def test_mix_without_a_dataset_asks_for_one(open_page: Open) -> None:
    app = open_page("mix")

    app.multiselect(key="mix.names").set_value([]).run()

    assert "at least one" in app.info[0].value


def test_moving_a_slider_changes_the_totals_and_the_recipe(open_page: Open) -> None:
    app = open_page("mix", parts="sample-human:1,sample-distilled:1")
    before = {metric.label: metric.value for metric in app.metric}

    app.slider(key="mix.weight.sample-human").set_value(4.0).run()

    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric} != before
    assert "weight: 4.0" in app.code[0].value
    assert app.query_params["parts"] == "sample-human:4,sample-distilled:1"


def test_a_recipe_that_cannot_be_is_an_error_in_words(open_page: Open) -> None:
    app = open_page("mix", parts="sample-human:1")

    app.text_input(key="mix.name").set_value("No Good").run()

    assert not app.exception
    assert "name" in _texts(app)
    assert not app.metric


def test_more_rows_than_there_are_is_an_error_in_words(open_page: Open) -> None:
    app = open_page("mix", parts="sample-human:1")

    app.segmented_control(key="mix.unit").set_value("rows").run()
    app.number_input(key="mix.rows").set_value(100_000).run()

    assert not app.exception
    assert not app.metric


def test_a_mixture_is_built_and_offered_for_download(home: Path) -> None:
    app = _open("mix", parts="sample-human:1,sample-distilled:1")

    app.button(key="mix.build").click().run()

    assert not app.exception
    assert "rows written to" in _texts(app)
    assert app.get("download_button")
    assert list(home.glob("mixtures/my-mixture-*/mixture.lock"))
    assert list(home.glob("mixtures/my-mixture-*.zip"))


def test_a_catalogue_that_cannot_be_read_is_said_on_every_page(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("datasets: [", encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setenv("INSTRUCTORY_CATALOG", str(broken))
        app = AppTest.from_file(str(APP), default_timeout=60).run()

    assert not app.exception
    assert any("broken.yaml" in element.value for element in app.text)


def test_the_audit_page_shows_what_was_compared_and_what_sources_say() -> None:
    app = _open("audit")

    assert "facts differ between what is declared and what was measured" in _texts(app)
    assert len(app.dataframe[0].value) > 20
    disputed = _open("audit", show="sources").dataframe[0].value
    assert len(disputed) > 60
    assert "CC-BY-NC-4.0 (Data Provenance audit" in " ".join(disputed["Readings"])
