"""Every command on the bundled samples: the promised keys, and the exit codes of bad input."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from instructory.cli import app

runner = CliRunner()
RECIPE = """
name: two
seed: 7
budget: {rows: 40}
parts:
  - {dataset: sample-human, weight: 1}
  - {dataset: sample-distilled, weight: 1}
deduplicate: {threshold: 0.8}
"""


def ask(*words: str | Path, code: int = 0) -> Any:
    done = runner.invoke(app, [*map(str, words), "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def test_list_answers_every_dataset_with_its_facts() -> None:
    answer = ask("list")

    assert len(answer) == 464
    assert set(answer[0]) == {
        "id",
        "name",
        "category",
        "method",
        "focus",
        "size_rows",
        "license",
        "commercial_use",
        "languages",
        "hf_id",
        "derived_from",
        "in_survey",
    }


def test_list_filters_together() -> None:
    answer = ask("list", "--category", "distillation", "--commercial", "yes", "--min-rows", "10000")

    assert answer
    assert all(row["category"] == "distillation" and row["commercial_use"] == "yes" for row in answer)
    assert all(row["size_rows"] >= 10_000 for row in answer)


def test_list_as_csv_has_a_header_and_a_line_a_dataset() -> None:
    done = runner.invoke(app, ["list", "--in-survey", "--csv"])

    lines = done.stdout.splitlines()
    assert lines[0].startswith("id,name,category,method")
    assert len(lines) == 81


def test_evidence_answers_each_fact_with_its_readings() -> None:
    answer = ask("evidence", "ultrachat")
    facts = {fact["fact"]: fact for fact in answer["facts"]}

    assert set(answer) == {"id", "facts", "hub"}
    assert {"fact", "value", "status", "source", "readings"} <= set(facts["license"])
    assert facts["license"]["ruling"]["value"] == "CC-BY-NC-4.0"
    assert "sources differ" in runner.invoke(app, ["evidence", "ultrachat"]).stdout


def test_license_answers_a_verdict_with_reasons_and_proof(recipe: Path, tmp_path: Path) -> None:
    answer = ask("license", "alpagasus", "gsm8k", "--use", "competing-model")

    assert answer["verdict"] == "forbidden"
    assert {"dataset", "path", "fact", "evidence"} <= set(answer["reasons"][0])
    assert answer["proof"]["verdict"] == "forbidden"
    assert [part["dataset"] for part in answer["proof"]["because"]] == ["alpagasus", "gsm8k"]
    assert ask("license", recipe)["datasets"] == ["sample-human", "sample-distilled"]
    ask("mix", recipe, "--to", tmp_path / "built")
    assert ask("license", tmp_path / "built")["datasets"] == ["sample-human", "sample-distilled"]
    assert "proof" not in ask("license", "no-such-dataset", code=2)


def test_audit_answers_declared_beside_measured(tmp_path: Path) -> None:
    rows = "".join(
        json.dumps({"question": f"What is {n} + {n}?", "answer": str(2 * n)}) + "\n" for n in range(9)
    )
    (tmp_path / "gsm8k.jsonl").write_text(rows)
    ask("fetch", "gsm8k", "--from", tmp_path / "gsm8k.jsonl")

    (answer,) = ask("audit", "gsm8k")
    checks = {check["fact"]: check for check in answer["checks"]}

    assert (checks["size_rows"]["declared"], checks["size_rows"]["measured"]) == (7473, 9)
    assert checks["size_rows"]["agrees"] is False
    assert answer["disagreements"] == 1
    assert "7,473" in runner.invoke(app, ["audit"]).stdout
    ask("audit", "no-such-dataset", code=2)


def test_teachers_answers_shares_of_rows() -> None:
    answer = ask("teachers", "sample-human", "sample-distilled")

    assert [found["dataset"] for found in answer] == ["sample-human", "sample-distilled", "together"]
    assert {"model", "rows", "share", "basis", "provider"} == set(answer[0]["models"][0])
    assert sum(share["rows"] for share in answer[2]["models"]) == answer[2]["rows"]
    assert "people" in runner.invoke(app, ["teachers", "sample-human"]).stdout


def test_notices_are_written_once_and_not_replaced_by_accident(tmp_path: Path) -> None:
    target = tmp_path / "NOTICES.md"
    answer = ask("notices", "alpagasus", "--to", target)

    assert answer == {"file": str(target), "text": target.read_text(encoding="utf-8")}
    assert "https://spdx.org/licenses/CC-BY-NC-4.0.html" in answer["text"]
    ask("notices", "gsm8k", "--to", target, code=3)
    assert "gsm8k" not in target.read_text(encoding="utf-8")


def test_lineage_answers_declared_and_measured_steps() -> None:
    answer = ask("lineage", "alpagasus")
    edges = {(edge["child"], edge["parent"]): edge for edge in answer["edges"]}

    assert {"ancestors", "descendants", "edges", "copies", "teachers", "models"} <= set(answer)
    assert edges["alpagasus", "alpaca"]["declared"] is True
    assert edges["alpagasus", "alpaca"]["measured"] == 1.0
    assert {"dataset": "alpaca", "teacher": "text-davinci-003"} in answer["teachers"]


def test_lineage_measures_files_nobody_knows(tmp_path: Path) -> None:
    rows = [
        {"instruction": f"Tell me in one sentence all about the number {n} of my list", "output": str(n)}
        for n in range(60)
    ]
    for name, own in (("whole", rows), ("cut", rows[:30])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in own))

    answer = ask("lineage", "--measure", tmp_path / "whole.jsonl", tmp_path / "cut.jsonl")

    assert answer["descendants"] == ["cut.jsonl"]
    assert [(e["child"], e["parent"], e["declared"], e["measured"]) for e in answer["edges"]] == [
        ("cut.jsonl", "whole.jsonl", False, 1.0)
    ]
    assert runner.invoke(app, ["lineage", "alpaca", "--measure"]).exit_code == 2


def test_a_parent_found_by_rows_reaches_the_licence_of_a_mixture(tmp_path: Path) -> None:
    whole = [
        {"instruction": f"Tell me in one sentence all about the number {n} of my list", "output": str(n)}
        for n in range(60)
    ]
    lines = [json.dumps(row) for row in whole]
    (tmp_path / "alpaca.jsonl").write_text("\n".join(lines))
    (tmp_path / "mine.jsonl").write_text("\n".join(["not JSON", *lines[:30]]))
    ask("fetch", "alpaca", "--from", tmp_path / "alpaca.jsonl")
    ask("lineage", "--measure", "alpaca", tmp_path / "mine.jsonl", code=3)
    ask("lineage", "--measure", "--keep-good", "alpaca", tmp_path / "mine.jsonl")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("name: one\nparts:\n  - {path: mine.jsonl, rows: all}\n")

    answer = ask("license", recipe)

    assert answer["verdict"] == "forbidden"
    assert answer["reasons"][0]["path"] == ["mine.jsonl", "alpaca"]
    assert "not declared, but 100% of the" in json.dumps(answer["proof"])
    assert ask("lineage", "mine.jsonl")["ancestors"][0] == "alpaca"
    assert ask("license", "mine.jsonl", "--use", "redistribution")["verdict"] == "unclear"


def test_show_answers_facts_with_evidence() -> None:
    answer = ask("show", "alpaca")

    assert answer["id"] == "alpaca"
    assert {"evidence", "snapshots", "measurements"} <= set(answer)
    assert all({"source", "status"} <= set(item) for item in answer["evidence"])


def test_lineage_answers_both_directions() -> None:
    answer = ask("lineage", "alpaca")

    assert "self-instruct-seeds" in answer["ancestors"]
    assert "alpagasus" in answer["descendants"]
    assert set(answer["edges"][0]) == {"child", "parent", "declared", "measured"}


def test_license_answers_a_verdict_with_paths() -> None:
    answer = ask("license", "alpagasus", "--use", "commercial")

    assert answer["verdict"] == "forbidden"
    assert {"dataset", "path", "fact", "evidence"} <= set(answer["reasons"][0])


def test_check_finds_nothing_wrong_with_the_shipped_catalogue() -> None:
    answer = ask("check")

    assert answer["entries"] == 464
    assert answer["errors"] == []


def test_check_reports_every_fault_with_its_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("format: 1\ndatasets:\n  - id: Wrong Id\n    nam: x\n    license: no\n", encoding="utf-8")

    answer = ask("check", bad, code=3)

    assert {"file", "line", "entry", "field", "code", "message"} <= set(answer["errors"][0])
    assert {error["line"] for error in answer["errors"]} >= {3, 4, 5}


def test_fetch_accounts_for_every_line(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"prompt": "a", "completion": "b"}\n\nnot json\n{"prompt": "c", "completion": "d"}\n')

    refused = ask("fetch", rows, code=3)
    kept = ask("fetch", rows, "--keep-good", code=8)

    assert refused["errors"][0]["line"] == 3
    assert (kept["rows_read"], kept["rows_kept"], kept["rows_bad"], kept["blank_lines"]) == (3, 2, 1, 1)
    assert {"dataset", "snapshot", "shape", "errors"} <= set(kept)


def test_analyze_answers_records_with_what_made_them() -> None:
    answer = ask("analyze", "sample-human", "--only", "structure,usable_rate")

    assert {
        "dataset",
        "metric",
        "version",
        "view",
        "tokenizer",
        "params",
        "n_total",
        "n_used",
        "seed",
        "value",
        "ci_low",
        "ci_high",
    } <= set(answer[0])
    assert {record["dataset"] for record in answer} == {"sample-human"}
    assert answer[-1]["metric"] == "usable_rate"


def test_analyze_takes_a_file_no_registry_knows(tmp_path: Path) -> None:
    rows = tmp_path / "mine.jsonl"
    rows.write_text('{"instruction": "Name a colour.", "input": "", "output": "Red."}\n', encoding="utf-8")

    answer = ask("analyze", rows, "--only", "structure")

    assert answer[0]["n_total"] == 1


def test_compare_uses_shipped_figures_where_nothing_was_fetched() -> None:
    answer = ask("compare", "alpaca", "gsm8k")

    assert answer["datasets"] == ["alpaca", "gsm8k"]
    empty = [r for r in answer["rows"] if r["metric"] == "empty_output" and r["params"] == {"code": "empty"}]
    assert empty[0]["values"][0] == pytest.approx(28 / 52_002)


def test_overlap_of_three_answers_for_every_two() -> None:
    refs = ("sample-human", "sample-distilled", "sample-selfimproved")
    every = ask("overlap", *refs)
    assert [(found["a"], found["b"]) for found in every] == list(combinations(refs, 2))
    assert every[0] == ask("overlap", *refs[:2])


def test_overlap_answers_both_ways_and_within() -> None:
    both = ask("overlap", "sample-human", "sample-distilled", "--explain", "2")
    within = ask("overlap", "sample-human")

    assert {
        "a",
        "b",
        "view",
        "shingle",
        "threshold",
        "rows_a",
        "rows_b",
        "matched_a",
        "matched_b",
        "share_a",
        "share_b",
        "exact_a",
        "exact_b",
        "pairs",
        "examples",
    } == set(both)
    assert both["exact_a"] == 3
    assert len(both["examples"]) == 2
    assert {"rows", "pairs", "clusters", "duplicate_rows"} <= set(within)


def test_contamination_finds_the_planted_leak_and_nothing_else() -> None:
    (answer,) = ask("contamination", "sample-distilled", "--against", "sample-benchmark")

    assert (answer["benchmark_hits"], answer["dataset_hits"]) == (1, 1)
    assert {"dataset", "benchmark", "rule", "benchmark_rows", "coverable", "upper_bound", "examples"} <= set(
        answer
    )


def test_rows_of_a_benchmark_are_fetched_by_its_own_name(tmp_path: Path) -> None:
    question = "A farmer keeps nineteen geese and twice as many ducks; how many birds eat there?"
    test = tmp_path / "test.jsonl"
    test.write_text(json.dumps({"question": question, "answer": "57"}) + "\n", encoding="utf-8")
    leaky = tmp_path / "leaky.jsonl"
    leaky.write_text(json.dumps({"prompt": question, "completion": "Fifty-seven."}) + "\n", encoding="utf-8")

    fetched = ask("fetch", "gsm8k-test", "--from", test)
    (answer,) = ask("contamination", leaky, "--against", "gsm8k-test")

    assert fetched["dataset"] == "gsm8k-test"
    assert (answer["benchmark"], answer["benchmark_hits"]) == ("gsm8k-test", 1)


def test_a_benchmark_nobody_fetched_is_looked_for_by_its_shipped_hashes() -> None:
    answer = ask("contamination", "sample-human", "--against", "truthfulqa", "--rule", "all", "--ceiling")

    assert {found["benchmark_form"] for found in answer} == {"hashed n-grams, text not at hand"}
    assert [found["rule"] for found in answer][:2] == ["exact", "ngram8_any"]
    assert all(found["ceiling"][0]["form"] == "verbatim" for found in answer)
    assert {found["benchmark_hits"] for found in answer} == {0}


def test_a_certificate_is_written_once_as_json_and_as_markdown(tmp_path: Path) -> None:
    words = ["contamination", "sample-distilled", "--against", "sample-benchmark", "humaneval"]
    paper, page = tmp_path / "out.json", tmp_path / "out.md"

    answer = ask(*words, "--certificate", paper, page)
    again = runner.invoke(app, [*words, "--certificate", str(paper)])
    odd = runner.invoke(app, [*words, "--certificate", str(tmp_path / "out.pdf")])

    document = json.loads(paper.read_text(encoding="utf-8"))
    assert document["kind"] == "contamination certificate"
    assert [r["benchmark_hits"] for r in document["results"]] == [r["benchmark_hits"] for r in answer]
    assert page.read_text(encoding="utf-8").startswith("# Contamination certificate")
    assert (again.exit_code, odd.exit_code) == (3, 3)
    assert "--force" in again.stderr


def test_nothing_checked_is_not_a_pass(tmp_path: Path) -> None:
    blank = tmp_path / "blank.jsonl"
    blank.write_text(json.dumps({"question": " ", "answer": "57"}) + "\n", encoding="utf-8")

    done = runner.invoke(app, ["contamination", "sample-human", "--against", str(blank), "--json"])

    assert done.exit_code == 8
    assert json.loads(done.stdout)[0]["is_checked"] is False
    assert "nothing could be checked" in done.stderr


def test_a_mixture_is_planned_built_verified_compared_and_exported(recipe: Path, tmp_path: Path) -> None:
    plan = ask("mix", recipe, "--plan")
    built = ask("mix", recipe, "--to", tmp_path / "one", "--format", "jsonl")
    ask("mix", recipe, "--to", tmp_path / "two", "--format", "jsonl")

    assert [part["rows"] for part in plan["parts"]] == [20, 20]
    assert {"parts", "totals", "license", "warnings"} <= set(plan)
    assert {"rows", "files", "removed", "lock"} <= set(built)
    assert {"path", "rows", "sha256"} <= set(built["files"][0])
    assert ask("verify", tmp_path / "one")["ok"] is True
    difference = ask("diff", tmp_path / "one", tmp_path / "two")
    assert not any(difference[kind] for kind in ("added", "removed", "changed"))
    exported = ask("export", tmp_path / "one", "--to", "trl", "--folder", tmp_path / "trl")
    assert {"rows_planned", "rows_trained", "dropped"} <= set(exported["fidelity"])


def test_verify_of_a_changed_file_is_an_integrity_error(recipe: Path, tmp_path: Path) -> None:
    ask("mix", recipe, "--to", tmp_path / "one", "--format", "jsonl")
    with (tmp_path / "one" / "train.jsonl").open("ab") as file:
        file.write(b"{}\n")

    assert ask("verify", tmp_path / "one", code=7)["ok"] is False


def test_similar_and_rows_answer_lists() -> None:
    ask("analyze", "sample-human", "--only", "structure")

    assert len(ask("similar", "mathematical reasoning", "--limit", "3")) == 3
    assert {"dataset", "row", "field", "excerpt"} <= set(ask("rows", "the", "--limit", "1")[0])


def test_doctor_finds_this_installation_in_order() -> None:
    assert {finding["state"] for finding in ask("doctor")} <= {"good", "notable"}


BAD_RECIPES = {
    "negative weight": "name: x\nbudget: {rows: 5}\nparts: [{dataset: sample-human, weight: -1}]\n",
    "more rows than there are": "name: x\nparts: [{dataset: sample-human, rows: 100000}]\n",
    "unknown key": "name: x\nbudgte: {rows: 5}\nparts: [{dataset: sample-human, weight: 1}]\n",
    "broken YAML": "name: [x\n",
    "no parts": "name: x\nparts: []\n",
}


@pytest.mark.parametrize("text", BAD_RECIPES.values(), ids=BAD_RECIPES)
def test_a_bad_recipe_is_refused_with_its_place_and_writes_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")

    answer = ask("mix", path, "--to", tmp_path / "out", code=3)

    assert "bad.yaml" in answer["error"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["show", "alpacca"], 2, "did you mean alpaca"),
        (["analyze", "sample-humann"], 2, "sample-human"),
        (["analyze", "no/such/file.jsonl"], 3, "no/such/file.jsonl"),
        (["analyze", "sample-human", "--only", "lexicla"], 2, "lexical"),
        (["fetch", "alpaca", "--from", "missing.json"], 3, "missing.json"),
        (["verify", "missing.lock"], 3, "missing.lock"),
        (["mix", "missing.yaml", "--plan"], 3, "missing.yaml"),
        (["contamination", "sample-human", "--against", "sample-benchmark", "--rule", "ngram99"], 2, "ngram"),
        (["overlap", "sample-human", "--view", "promt"], 2, "prompt"),
        (["license", "alpaca", "--use", "fun"], 3, "commercial"),
        (["list", "--category", "distilation"], 3, "distillation"),
    ],
)
def test_bad_input_gets_one_clear_error_and_its_exit_code(words: list[str], code: int, said: str) -> None:
    done = runner.invoke(app, words)

    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_an_error_in_json_is_one_document_with_its_code() -> None:
    answer = ask("show", "alpacca", code=2)

    assert answer["exit_code"] == 2
    assert "alpaca" in answer["error"]


def test_data_tests_answer_with_an_exit_code_and_a_junit_file(tmp_path: Path) -> None:
    tests = tmp_path / "tests.yaml"
    begin = "version: 1\ndatasets:\n  - dataset: sample-human\n    expect: "
    asked = {
        0: "{rows: '=162', empty_output: '<1%'}",
        8: "{rows: '=162', language_share: {params: {language: xx}, value: '<1'}}",
        9: "{rows: '<162', language_share: {params: {language: xx}, value: '<1'}}",
        3: "{empty_outputs: '<1%'}",
    }
    answers = {}
    for code, expect in asked.items():
        tests.write_text(begin + expect, encoding="utf-8")
        answers[code] = ask("test", tests, "--junit", tmp_path / f"{code}.xml", code=code)

    assert (answers[0]["passed"], answers[0]["tests"]) == (True, 2)
    assert [o["status"] for o in answers[9]["outcomes"]] == ["fail", "undecided"]
    assert answers[3]["errors"][0]["line"] == 4
    assert "<failure" in (tmp_path / "9.xml").read_text(encoding="utf-8")
    assert not (tmp_path / "3.xml").exists()


def test_data_tests_as_a_table_say_why_they_fail(tmp_path: Path) -> None:
    tests = tmp_path / "tests.yaml"
    tests.write_text(
        "version: 1\ndatasets: [{dataset: sample-human, expect: {rows: '<1'}}]\n", encoding="utf-8"
    )

    done = runner.invoke(app, ["test", str(tests)])

    assert done.exit_code == 9
    assert "1 fail" in done.stdout
    assert "sample-human: rows fail: 162 is not <1" in done.stderr


def test_a_fair_comparison_has_ranges_and_random_draws_beside_it() -> None:
    asked = ("compare", "sample-human", "sample-distilled", "--fair", "rows", "--size", "40", "--only", "ttr")
    answer = ask(*asked)

    row = answer["rows"][0]
    assert answer["datasets"] == ["sample-human", "sample-distilled"]
    assert (answer["fair"]["unit"], answer["fair"]["draws"], row["size"]) == ("rows", 20, 40)
    assert all(lo <= v <= hi for v, lo, hi in zip(row["values"], row["ci_low"], row["ci_high"], strict=True))
    assert row["random"]["ci_low"] <= row["random"]["value"] <= row["random"]["ci_high"]
    assert row["n_used"] == [40, 40]
    assert runner.invoke(app, ["compare", "sample-human", "--fair", "rows"]).exit_code == 2
    assert "random" in runner.invoke(app, [*asked]).stdout
    lines = runner.invoke(app, [*asked, "--csv"]).stdout.splitlines()
    assert lines[0].endswith("random,random low,random high")
