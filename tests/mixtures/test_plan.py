"""Plans: exact arithmetic on what is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe, Part
from registry.errors import InputRefusedError, NotMeasuredError, ProblemCode
from registry.fetch import fetch
from registry.registry import Registry
from registry.snapshot import open_snapshot

MakeRows = Callable[..., Path]


def recipe_of(text: str, folder: Path) -> MixtureRecipe:
    (folder / "mix.yaml").write_text(text)
    return MixtureRecipe.load(folder / "mix.yaml")


def refused(registry: Registry, recipe: MixtureRecipe) -> tuple[ProblemCode, int | None, str | None, str]:
    with pytest.raises(InputRefusedError) as caught:
        plan(registry, recipe)
    problem = caught.value.problems[0]
    return problem.code, problem.line, problem.field, problem.message


def test_weights_become_whole_numbers_that_sum_to_the_budget(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        rows_file(name, 40)
    recipe = recipe_of(
        "budget: {rows: 50}\n"
        "parts: [{path: a.jsonl, weight: 3}, {path: b.jsonl}, {path: c.jsonl, rows: 7}]\n",
        tmp_path,
    )

    found = plan(registry, recipe).to_json()

    assert [part["rows"] for part in found["parts"]] == [32, 11, 7]
    assert sum(part["share"] for part in found["parts"]) == pytest.approx(1)
    assert found["totals"]["rows"] == 50


def test_token_budgets_end_with_the_row_that_reaches_the_share(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    rows_file("a", 60)
    rows_file("b", 60)
    recipe = recipe_of(
        "budget: {tokens: 2000}\nparts:\n- {path: a.jsonl, weight: 3}\n- {path: b.jsonl, weight: 1}\n",
        tmp_path,
    )

    found = plan(registry, recipe)

    for part, share in zip(found.parts, (1500, 500), strict=True):
        longest = int((part.stock.tokens[1:] - part.stock.tokens[:-1]).max())
        assert share <= part.tokens < share + longest
    assert found.to_json()["totals"]["tokens"] == sum(part.tokens for part in found.parts)


def test_without_a_budget_the_mixture_is_the_largest_the_weights_permit(
    registry: Registry, rows_file: MakeRows
) -> None:
    parts = [Part(path=str(rows_file("a", 30)), weight=2), Part(path=str(rows_file("b", 10)), weight=1)]

    found = plan(registry, MixtureRecipe(parts=parts))

    assert [part.rows for part in found.parts] == [20, 10]


def test_epochs_repeat_whole_rows_and_count_less_than_new_ones(
    registry: Registry, rows_file: MakeRows
) -> None:
    recipe = MixtureRecipe(parts=[Part(path=str(rows_file("a", 10)), rows="all", epochs=2.5)])

    part = plan(registry, recipe).to_json()["parts"][0]

    assert (part["rows"], part["distinct_rows"], part["epochs"]) == (25, 10, 2.5)
    assert part["loss_tokens"] > part["effective_tokens"]


def test_more_rows_than_there_are_is_refused_with_their_number_and_line(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    rows_file("a", 10)
    recipe = recipe_of("parts:\n- path: a.jsonl\n  rows: 25\n", tmp_path)

    code, line, field, message = refused(registry, recipe)

    assert (code, line, field) == (ProblemCode.BAD_VALUE, 3, "parts[0].rows")
    assert "a.jsonl has 10 that pass" in message
    assert "epochs: 3" in message


def test_a_budget_above_the_supply_is_refused_with_the_supply(
    registry: Registry, rows_file: MakeRows
) -> None:
    path = str(rows_file("a", 10))
    recipe = MixtureRecipe.from_text(f"budget: {{rows: 11}}\nparts: [{{path: {path}}}]\n")

    code, line, field, message = refused(registry, recipe)

    assert (code, line, field) == (ProblemCode.BAD_VALUE, 1, "budget.rows")
    assert "there are 10" in message


def test_what_one_part_lacks_the_others_give_with_a_warning(registry: Registry, rows_file: MakeRows) -> None:
    parts = [Part(path=str(rows_file("a", 5)), weight=1), Part(path=str(rows_file("b", 50)), weight=1)]
    recipe = MixtureRecipe(parts=parts, budget={"rows": 40})

    found = plan(registry, recipe)

    assert [part.rows for part in found.parts] == [5, 35]
    assert any("a.jsonl" in warning and "asks for 20" in warning for warning in found.warnings)


def test_caps_hold_and_what_they_cut_goes_to_the_others(registry: Registry, rows_file: MakeRows) -> None:
    parts = [
        Part(path=str(rows_file("a", 50)), weight=8, max_share=0.25),
        Part(path=str(rows_file("b", 50)), weight=1, max_rows=4),
        Part(path=str(rows_file("c", 50)), weight=1),
    ]

    found = plan(registry, MixtureRecipe(parts=parts, budget={"rows": 40}))

    assert [part.rows for part in found.parts] == [10, 4, 26]


def test_filters_count_each_row_once_under_the_first_rule_it_breaks(
    registry: Registry, rows_file: MakeRows
) -> None:
    rows = [
        {"instruction": "Say yes.", "output": "yes"},
        {"instruction": "Say nothing.", "output": ""},
        {"instruction": "Say more.", "output": "one two three four five six"},
    ]
    where = {"min_words": 1, "max_words": 5, "flags_none": ["empty_output"]}
    recipe = MixtureRecipe(parts=[Part(path=str(rows_file("a", rows)), where=where)])

    part = plan(registry, recipe).to_json()["parts"][0]

    assert part["filtered"] == {"min_words": 1, "max_words": 1}
    assert (part["available"], part["rows_in_source"]) == (1, 3)


def test_answers_cut_at_one_length_are_told_from_the_whole_source(
    registry: Registry, rows_file: MakeRows
) -> None:
    long, whole = ["river"] * 100, ["hill"] * 60
    rows = [
        {"instruction": f"Tell of {n} rivers.", "output": " ".join(long[n % 2 :]) if n < 14 else text}
        for n in range(200)
        for text in [" ".join(whole[: 8 + n % 50]) + "."]
    ]
    path = str(rows_file("cut", rows))

    def source_rows(name: str, rows: int | str) -> dict[str, Any]:
        where = {name: ["truncated"]}
        recipe = MixtureRecipe(parts=[Part(path=path, where=where, rows=rows)])
        return plan(registry, recipe).to_json()["parts"][0]

    assert source_rows("flags_any", "all")["rows"] == 14
    drawn = source_rows("flags_none", 5)
    assert (drawn["rows"], drawn["available"], drawn["filtered"]) == (5, 186, {"flags_none": 14})


def test_unknown_flags_and_datasets_offer_the_nearest(
    registry: Registry, rows_file: MakeRows, tmp_path: Path
) -> None:
    rows_file("a", 3)
    flags = recipe_of("parts:\n- path: a.jsonl\n  where: {flags_none: [empty_outpt]}\n", tmp_path)
    ids = recipe_of("parts:\n- dataset: sample-humman\n- path: gone.jsonl\n", tmp_path)

    assert refused(registry, flags)[1:] == (
        3,
        "parts[0].where.flags_none",
        refused(registry, flags)[3],
    )
    assert "empty_output" in refused(registry, flags)[3]
    code, line, field, message = refused(registry, ids)
    assert (code, line, field) == (ProblemCode.BAD_ID, 2, "parts[0].dataset")
    assert "sample-human" in message


def test_all_names_that_cannot_be_opened_are_reported_at_once(registry: Registry, tmp_path: Path) -> None:
    recipe = recipe_of("parts:\n- dataset: sample-humman\n- path: gone.jsonl\n", tmp_path)

    with pytest.raises(InputRefusedError) as caught:
        plan(registry, recipe)

    assert [p.line for p in caught.value.problems] == [2, 3]


def test_rows_nobody_fetched_name_the_command_to_run(registry: Registry) -> None:
    recipe = MixtureRecipe(parts=[Part(dataset="free-set")])

    with pytest.raises(NotMeasuredError, match="instructory fetch free-set"):
        plan(registry, recipe)


def test_filters_that_leave_nothing_are_refused(registry: Registry, rows_file: MakeRows) -> None:
    recipe = MixtureRecipe(parts=[Part(path=str(rows_file("a", 3)), rows="all", where={"min_words": 1000})])

    assert refused(registry, recipe)[0] == ProblemCode.NO_ROWS


def test_a_forbidden_licence_refuses_only_under_a_policy(registry: Registry, rows_file: MakeRows) -> None:
    fetch(registry, "closed-set", source=rows_file("a", 5))
    parts = [Part(dataset="closed-set")]

    free = plan(registry, MixtureRecipe(parts=parts))
    bound = plan(registry, MixtureRecipe(parts=parts, policy={"use": "commercial"}))
    research = plan(registry, MixtureRecipe(parts=parts, policy={"use": "research"}))

    assert free.license.verdict == bound.license.verdict == "forbidden"
    assert not free.refusals
    assert any("CC-BY-NC-4.0" in warning for warning in free.warnings)
    assert "closed-set" in str(bound.refusals[0])
    assert not research.refusals


def test_a_file_of_ones_own_has_an_unknown_licence(registry: Registry, rows_file: MakeRows) -> None:
    parts = [Part(path=str(rows_file("a", 5)))]
    verdicts = {
        unclear: plan(registry, MixtureRecipe(parts=parts, policy={"unclear": unclear}))
        for unclear in ("allow", "warn", "forbid")
    }

    assert all(found.license.verdict == "unclear" for found in verdicts.values())
    assert not verdicts["allow"].warnings
    assert verdicts["warn"].warnings
    assert verdicts["forbid"].refusals


def test_measured_overlaps_and_declared_descent_become_warnings(
    registry: Registry, rows_file: MakeRows
) -> None:
    from analyzers.overlap import overlap

    path = rows_file("a", 20)
    fetch(registry, "free-set", source=path)
    fetch(registry, "closed-set", source=path)
    recipe = MixtureRecipe(parts=[Part(dataset="free-set"), Part(dataset="closed-set")])

    before = plan(registry, recipe).warnings
    a, b = open_snapshot(registry, "free-set"), open_snapshot(registry, "closed-set")
    registry.add_overlap(a.id, b.id, overlap(a, b, folder=registry.settings.signatures))
    after = plan(registry, recipe).warnings

    assert any("declared to come from" in warning for warning in before)
    assert any("100.0% of" in warning and "deduplicate" in warning for warning in after)


def test_items_of_benchmarks_found_in_a_part_become_warnings_until_they_are_removed(
    registry: Registry, tmp_path: Path
) -> None:
    from instructory.benchmark_checks import contamination

    leaky = "parts: [{dataset: sample-distilled}]\n"
    before = plan(registry, recipe_of(leaky, tmp_path)).warnings
    contamination(registry, "sample-distilled", against=["sample-benchmark"], rule="ngram13,ngram8_any")
    after = plan(registry, recipe_of(leaky, tmp_path)).warnings
    clean = f"{leaky}decontaminate: {{against: [sample-benchmark]}}\n"

    assert not any("sample-benchmark" in warning for warning in before)
    (told,) = [warning for warning in after if "sample-benchmark" in warning]
    assert "1 of 32 items of sample-benchmark stand in 1 rows of sample-distilled" in told
    assert not any("items of" in warning for warning in plan(registry, recipe_of(clean, tmp_path)).warnings)


def test_shipped_figures_warn_of_benchmarks_in_a_whole_dataset(
    registry: Registry, rows_file: MakeRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mixtures import leak_notes
    from registry.contaminations import Contamination
    from registry.figures import Origin

    found = Contamination(
        dataset="set", benchmark="exam", benchmark_form="rows", rule="ngram13", rule_version=1,
        dataset_rows=20, benchmark_rows=9, benchmark_hits=3, benchmark_ci_low=0.1, benchmark_ci_high=0.9,
        dataset_hits=4, dataset_ci_low=0.2, dataset_ci_high=1.0, question_answer_hits=0, answer_only_hits=0,
        answers_checked=0, short_items=0, coverable=1.0, coverable_items=9, mean_share=0.5, upper_bound=0.9,
        ignored_grams=0,
    )  # fmt: skip
    monkeypatch.setattr(leak_notes, "measured_contaminations", lambda: (found,))
    origins = {"set": Origin("free-set", "whole")}
    monkeypatch.setattr(leak_notes, "measured_origins", lambda: origins)
    fetch(registry, "free-set", source=rows_file("a", 20))
    recipe = MixtureRecipe(parts=[Part(dataset="free-set")])

    whole = leak_notes.leak_notes(registry, recipe)
    origins["set"] = Origin("free-set", "part")

    assert whole == [
        "3 of 9 items of exam stand in 4 rows of free-set; `decontaminate` by ngram13 would remove these rows"
    ]
    assert leak_notes.leak_notes(registry, recipe) == []


def test_a_plan_is_plain_json_and_repeats_itself(registry: Registry) -> None:
    recipe = MixtureRecipe(parts=[Part(dataset="sample-human"), Part(dataset="sample-human", weight=2)])

    first, second = (json.dumps(plan(registry, recipe).to_json()) for _ in range(2))

    assert first == second
    assert [part["dataset"] for part in json.loads(first)["parts"]] == ["sample-human", "sample-human#2"]


def test_benchmarks_are_opened_early_and_may_not_be_a_part(registry: Registry, tmp_path: Path) -> None:
    unknown = recipe_of(
        "parts: [{dataset: sample-human}]\ndecontaminate: {against: [sample-benchmrk]}\n", tmp_path
    )
    own = recipe_of("parts: [{dataset: sample-human}]\ndecontaminate: {against: [sample-human]}\n", tmp_path)

    assert refused(registry, unknown)[:3] == (ProblemCode.BAD_ID, 2, "decontaminate.against[0]")
    assert "every row of it would leave" in refused(registry, own)[3]


def test_the_example_recipes_name_datasets_of_the_catalogue() -> None:
    folder = Path(__file__).parents[2] / "examples" / "recipes"
    catalogue = (folder.parents[1] / "catalog.yaml").read_text(encoding="utf-8")
    samples = {f"sample-{kind}" for kind in ("human", "distilled", "selfimproved", "benchmark")}

    for path in sorted(folder.glob("*.yaml")):
        recipe = MixtureRecipe.load(path)
        against = recipe.decontaminate.against if recipe.decontaminate else ()
        for name in {part.ref for part in recipe.parts}.union(against) - samples:
            assert f"  - id: {name}\n" in catalogue, (path.name, name)
