from __future__ import annotations

from dataclasses import replace
from typing import Any

from dashboard.views import contamination
from dashboard.views.figures import Origin
from registry.contaminations import Contamination, FormRecall, Leak

PLAIN: dict[str, Any] = {
    "benchmark_form": "rows", "rule": "ngram13", "rule_version": 1, "dataset_rows": 200, "benchmark_rows": 50,
    "benchmark_hits": 4, "benchmark_ci_low": 0.03, "benchmark_ci_high": 0.2, "dataset_hits": 6,
    "dataset_ci_low": 0.01, "dataset_ci_high": 0.06, "question_answer_hits": 3, "answer_only_hits": 1,
    "answers_checked": 30, "short_items": 2, "coverable": 0.8, "coverable_items": 40, "mean_share": 0.1,
    "upper_bound": 0.2, "ignored_grams": 0,
}  # fmt: skip


def result(dataset: str = "one", benchmark: str = "exam", **more: Any) -> Contamination:
    return Contamination(dataset=dataset, benchmark=benchmark, **{**PLAIN, **more})


def found(*results: Contamination) -> list[contamination.Found]:
    return contamination.gathered((), results, {}, {})


def test_what_was_found_here_wins_over_shipped_figures_of_the_same_name() -> None:
    shipped, own = result("old-name"), result("one", benchmark_hits=9)

    both = contamination.gathered([shipped], [own], {"old-name": "one"}, {})

    assert [item.origin for item in both] == [Origin.SHIPPED, Origin.HERE]
    assert contamination.by_pair(both, "ngram13")["one", "exam"].result.benchmark_hits == 9


def test_the_matrix_has_datasets_in_lines_and_benchmarks_in_columns() -> None:
    pairs = contamination.by_pair(
        found(
            result("one"), result("two", "quiz", benchmark_hits=0), result("two", "exam", benchmark_hits=0)
        ),
        "ngram13",
    )

    drawn = contamination.matrix(pairs, ["one", "two"], {"one": "Set one", "two": "A set"})

    assert contamination.affected(pairs) == ["one"]
    assert drawn.chart["yAxis"]["data"] == ["A set", "Set one"]
    assert drawn.chart["xAxis"]["data"] == ["exam", "quiz"]
    assert dict(zip(drawn.pairs, [d["value"] for d in drawn.chart["series"][0]["data"]], strict=True)) == {
        ("two", "exam"): [0, 0, 0.0],
        ("two", "quiz"): [1, 0, 0.0],
        ("one", "exam"): [0, 1, 10.0],
    }
    assert contamination.strongest(pairs) == ("one", "exam")
    assert contamination.ranking(pairs, {})["Share"] == ["10.0 %"]


def test_a_small_share_is_marked_and_none_is_not() -> None:
    pairs = contamination.by_pair(
        found(result("one", benchmark_hits=1, coverable_items=900), result("two", benchmark_hits=0)),
        "ngram13",
    )

    cells = contamination.matrix(pairs, ["one", "two"], {}).chart["series"][0]["data"]

    assert [(cell["label"]["show"], cell["label"]["formatter"]) for cell in cells] == [
        (True, "<1"),
        (False, "<1"),
    ]


def test_a_result_is_told_with_its_limits() -> None:
    told = contamination.sentences(found(result())[0], {"one": "Set one"})
    assert told[0] == (
        "4 of the 40 items of exam that the rule can find stand in 6 of 200 rows of Set one: "
        "10.0 % (3.00 % to 20.00 %)."
    )
    assert told[1].startswith("3 have question and answer in one row; of 1 only the answer")
    assert told[2].endswith("10 of 50 items are too short or common for the rule.")

    nothing = contamination.sentences(found(result(benchmark_hits=0, answers_checked=0))[0], {})
    assert nothing[0] == "None of the 40 items of exam that the rule can find stands in one."
    assert nothing[1] == "No answer of it is long enough to be looked for."

    unchecked = contamination.sentences(found(result(coverable_items=0))[0], {})
    assert unchecked == ["Nothing of exam could be looked for in one: no rows, or no item it can find."]


def test_the_ceiling_draws_what_was_planted_only() -> None:
    none = dict.fromkeys(("recall", "ci_low", "ci_high"), None)
    forms = (
        FormRecall(
            form="hard_wrapped", planted=8, found=6, answer_found=0, recall=0.75, ci_low=0.4, ci_high=0.9
        ),
        FormRecall(form="nothing", planted=8, found=0, answer_found=0, recall=0.0, ci_low=0.0, ci_high=0.3),
        FormRecall(form="paraphrase", planted=0, found=0, answer_found=0, **none),
    )

    chart = contamination.ceiling(replace(result(), ceiling=forms))

    assert chart is not None
    assert chart["yAxis"][0]["data"] == ["hard wrapped", "no item (mistakes)"]
    assert contamination.ceiling(result()) is None


def test_examples_show_the_item_beside_the_row_with_what_both_say_marked() -> None:
    leak = Leak(benchmark_row=3, dataset_row=1200, share=0.5, question="How many red cars pass?",
                text="Well: how many red cars pass? Two.", shared="how many red cars pass")  # fmt: skip

    (shown,) = contamination.pairs_shown(found(result(examples=(leak,)))[0], {})
    (hashed,) = contamination.pairs_shown(found(result(examples=(replace(leak, question=None),)))[0], {})

    assert shown.heading == "exam, item 3  ·  one, row 1,200  ·  50.0 % of the item"
    assert [piece.text for piece in shown.right if piece.is_marked] == ["how many red cars pass"]
    assert "only hashes" in hashed.left[0].text
