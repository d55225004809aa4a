"""Recipes: what is taken, what is refused, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzers.views import View
from mixtures.recipe import Deduplicate, MixtureRecipe, Part
from registry.errors import ExitCode, InputRefusedError, ProblemCode

DESIGN = """\
name: small-general
seed: 7
budget: {tokens: 20000000}          # or rows
parts:
  - {dataset: alpaca, weight: 2, where: {min_words: 3, flags_none: [refusal, truncated]}}
  - {dataset: gsm8k, rows: all, epochs: 2}
  - {path: my_rows.jsonl, weight: 1}
deduplicate: {threshold: 0.8, view: prompt, keep: [gsm8k, alpaca]}
decontaminate: {against: [gsm8k-test, humaneval], rule: ngram13}
policy: {use: commercial, unclear: warn}
output: {format: [parquet, jsonl], shape: messages}
"""


def refused(text: str) -> list[tuple[ProblemCode, int | None, str | None, str]]:
    with pytest.raises(InputRefusedError) as caught:
        MixtureRecipe.from_text(text, file="mix.yaml")
    assert caught.value.exit_code == ExitCode.REFUSED
    assert all(problem.file == "mix.yaml" for problem in caught.value.problems)
    return [(p.code, p.line, p.field, p.message) for p in caught.value.problems]


def test_the_recipe_of_the_design_is_read_field_by_field() -> None:
    recipe = MixtureRecipe.from_text(DESIGN)

    assert recipe.seed == 7
    assert recipe.budget is not None
    assert recipe.budget.tokens == 20_000_000
    assert [part.ref for part in recipe.parts] == ["alpaca", "gsm8k", "my_rows.jsonl"]
    assert recipe.parts[0].where.flags_none == ("refusal", "truncated")
    assert recipe.parts[1].rows == "all"
    assert recipe.deduplicate == Deduplicate(view="prompt", keep=["gsm8k", "alpaca"])
    assert recipe.output.format == ("parquet", "jsonl")


def test_yaml_round_trip_gives_an_equal_recipe_and_hash() -> None:
    recipe = MixtureRecipe.from_text(DESIGN)

    again = MixtureRecipe.from_text(recipe.to_yaml())

    assert again == recipe
    assert again.sha256 == recipe.sha256


def test_order_of_keys_and_written_defaults_do_not_change_the_hash() -> None:
    short = MixtureRecipe.from_text("parts: [{dataset: alpaca, weight: 2}]\nseed: 3\n")
    long = MixtureRecipe.from_text(
        "seed: 3\nname: mixture\nparts: [{epochs: 1, weight: 2.0, dataset: alpaca}]\n"
    )

    assert short.sha256 == long.sha256
    assert short.sha256 != MixtureRecipe(seed=4, parts=short.parts).sha256


def test_the_folder_of_an_absolute_path_is_no_part_of_what_travels(tmp_path: Path) -> None:
    here = MixtureRecipe(parts=[Part(path=str(tmp_path / "rows.jsonl"))])
    there = MixtureRecipe(parts=[Part(path="/elsewhere/rows.jsonl")])

    assert here.sha256 == there.sha256
    assert str(tmp_path) not in str(here.portable())


def test_relative_paths_start_at_the_folder_of_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n")
    (tmp_path / "mix.yaml").write_text("parts: [{path: rows.jsonl}]")

    recipe = MixtureRecipe.load(tmp_path / "mix.yaml")

    assert recipe.resolve("rows.jsonl") == str(tmp_path / "rows.jsonl")
    assert recipe.resolve("alpaca") == "alpaca"


@pytest.mark.parametrize(
    ("text", "code", "line", "field", "words"),
    [
        (
            "parts:\n  - dataset: alpaca\n    wieght: 2\n",
            ProblemCode.UNKNOWN_KEY,
            3,
            "parts[0].wieght",
            "'weight'",
        ),
        ("parts: [{dataset: a}]\nbudgt: {rows: 3}\n", ProblemCode.UNKNOWN_KEY, 2, "budgt", "'budget'"),
        (
            "parts:\n- dataset: a\n  where:\n    min_word: 3\n",
            ProblemCode.UNKNOWN_KEY,
            4,
            "parts[0].where.min_word",
            "'min_words'",
        ),
        (
            "parts:\n- dataset: a\n  weight: -1\n",
            ProblemCode.BAD_VALUE,
            3,
            "parts[0].weight",
            "greater than or equal",
        ),
        ("parts:\n- {dataset: a, rows: 0}\n", ProblemCode.BAD_VALUE, 2, "parts[0].rows", "greater than"),
        ("name: x\nparts: []\n", ProblemCode.BAD_VALUE, 2, "parts", "at least 1"),
        ("name: x\n", ProblemCode.MISSING_FIELD, 1, "parts", "required"),
        ("parts:\n- weight: 2\n", ProblemCode.BAD_VALUE, 2, "parts[0]", "dataset or a path"),
        ("parts:\n- {dataset: a, path: b}\n", ProblemCode.BAD_VALUE, 2, "parts[0]", "dataset or a path"),
        ("parts:\n- {dataset: a, rows: 3, weight: 1}\n", ProblemCode.BAD_VALUE, 2, "parts[0]", "exclude"),
        (
            "parts: [{dataset: a}]\nbudget: {rows: 1, tokens: 2}\n",
            ProblemCode.BAD_VALUE,
            2,
            "budget",
            "either",
        ),
        (
            "parts: [{dataset: a}]\nbudget: {rows: many}\n",
            ProblemCode.WRONG_TYPE,
            2,
            "budget.rows",
            "integer",
        ),
        ("parts: [{dataset: a}]\nbudget: {rows: 2.5}\n", ProblemCode.WRONG_TYPE, 2, "budget.rows", "integer"),
        ("parts: [{dataset: a, weight: yes}]\n", ProblemCode.WRONG_TYPE, 1, "parts[0].weight", "number"),
        ("parts: [{dataset: a, weight: .nan}]\n", ProblemCode.WRONG_TYPE, 1, "parts[0].weight", "number"),
        ("parts: [{dataset: a, weight: 0}]\n", ProblemCode.BAD_VALUE, 1, None, "weight 0"),
        ("parts: [{dataset: a, max_share: 0.5}]\n", ProblemCode.BAD_VALUE, 1, None, "no budget"),
        (
            "parts: [{dataset: a}]\ndeduplicate: {keep: [b]}\n",
            ProblemCode.BAD_VALUE,
            1,
            None,
            "no part of the mixture",
        ),
        (
            "parts: [{dataset: a}]\npolicy: {unclear: maybe}\n",
            ProblemCode.BAD_VALUE,
            2,
            "policy.unclear",
            "'warn'",
        ),
        (
            "parts: [{dataset: a, where: {min_words: 9, max_words: 3}}]\n",
            ProblemCode.BAD_VALUE,
            1,
            "parts[0].where",
            "no row",
        ),
        ("parts: [{dataset: a}]\nname: ../up\n", ProblemCode.BAD_VALUE, 2, "name", "pattern"),
        ("parts: [\n", ProblemCode.SYNTAX, 2, None, ""),
        ("", ProblemCode.SYNTAX, 1, None, "empty"),
        ("- a\n", ProblemCode.SYNTAX, 1, None, "mapping"),
        ("parts: [{dataset: &x a}, {dataset: *x}]\n", ProblemCode.ALIAS, 1, None, "anchor"),
    ],
)
def test_each_fault_is_refused_with_its_place(
    text: str, code: ProblemCode, line: int, field: str | None, words: str
) -> None:
    found = refused(text)

    assert any((c, ln, f) == (code, line, field) and words in m for c, ln, f, m in found), found


def test_all_faults_are_reported_at_once() -> None:
    found = refused("sed: 1\nparts:\n- {dataset: a, weight: -1}\n- {rows: 3}\n")

    assert {field for _, _, field, _ in found} == {"sed", "parts[0].weight", "parts[1]"}


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match=r"no-such\.yaml.*cannot read"):
        MixtureRecipe.load(tmp_path / "no-such.yaml")


def test_the_views_of_deduplication_are_those_of_the_analyzers() -> None:
    for view in View:
        assert Deduplicate(view=str(view)).view == view
