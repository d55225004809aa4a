"""What of benchmarks stands in datasets: a matrix, one pair in words, and what the search cannot see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard import charts, diagrams
from dashboard.views.figures import Figures, Origin
from dashboard.views.numbers import count, interval_percent, percent
from dashboard.views.overlap import Matrix, ShownPair, marked
from dashboard.views.plain import distinct, one_line
from registry.contaminations import Contamination, FormRecall

CELL = 26
LEAST_HEIGHT = 420
MOST_RANKED = 10
NOTHING = "nothing"

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A result with where it was measured; its dataset goes by the name of `Figures`."""

    result: Contamination
    origin: Origin


def gathered(
    shipped: Iterable[Contamination],
    own: Iterable[Contamination],
    other_names: Mapping[str, str],
    figures: Mapping[str, Figures],
) -> list[Found]:
    """All results under the names that figures have; what was measured here comes last, so that it wins.

    Shipped results of a set that has other rows here are left out: they are about something else.
    """
    held = [
        *(Found(result, Origin.SHIPPED) for result in shipped),
        *(Found(result, Origin.HERE) for result in own),
    ]
    named = [
        replace(
            item,
            result=replace(item.result, dataset=other_names.get(item.result.dataset, item.result.dataset)),
        )
        for item in held
    ]
    return [
        item
        for item in named
        if item.origin is Origin.HERE
        or item.result.dataset not in figures
        or figures[item.result.dataset].rows == item.result.dataset_rows
    ]


def rules(found: Sequence[Found]) -> list[str]:
    """The rules that were used, the most frequent first."""
    names = [item.result.rule for item in found]
    return sorted(set(names), key=lambda rule: (-names.count(rule), rule))


def by_pair(found: Iterable[Found], rule: str) -> dict[Pair, Found]:
    """The results of one rule by dataset and benchmark."""
    return {(item.result.dataset, item.result.benchmark): item for item in found if item.result.rule == rule}


def share(result: Contamination) -> float:
    """Share of the items that the rule can find that were found, in [0, 1]; 0 where it can find none."""
    return result.benchmark_hits / result.coverable_items if result.coverable_items else 0.0


def affected(pairs: Mapping[Pair, Found]) -> list[str]:
    """The datasets in which items of any benchmark were found."""
    return sorted({dataset for (dataset, _), item in pairs.items() if item.result.benchmark_hits})


def matrix(pairs: Mapping[Pair, Found], datasets: Sequence[str], titles: Mapping[str, str]) -> Matrix:
    """Shares of the items of each benchmark (columns) that were found in each dataset (lines)."""
    lines = sorted(datasets, key=lambda name: (titles.get(name, name).casefold(), name))
    columns = sorted({benchmark for dataset, benchmark in pairs if dataset in set(datasets)})
    cells, keys = [], []
    for y, dataset in enumerate(lines):
        for x, benchmark in enumerate(columns):
            if (dataset, benchmark) in pairs:
                cells.append((x, y, share(pairs[dataset, benchmark].result)))
                keys.append((dataset, benchmark))
    heading = charts.title(
        "Share of the benchmark’s items found in the dataset",
        f"in per cent of the items the rule can find · {count(len(lines))} sets",
    )
    labels = [one_line(titles.get(name, name), 26) for name in lines]
    chart = diagrams.heatmap(heading, distinct(labels), cells, columns=columns, least=0.0)
    return Matrix(chart, tuple(keys), max(LEAST_HEIGHT, 240 + CELL * len(lines)), is_wide=False)


def ranking(pairs: Mapping[Pair, Found], titles: Mapping[str, str]) -> dict[str, list[str]]:
    """Where most items of a benchmark were found, as the columns of a table, at most `MOST_RANKED`."""
    held = sorted(
        (item.result for item in pairs.values() if item.result.benchmark_hits),
        key=lambda r: (-share(r), -r.benchmark_hits, r.dataset, r.benchmark),
    )[:MOST_RANKED]
    return {
        "Benchmark": [one_line(r.benchmark, 40) for r in held],
        "in": [one_line(titles.get(r.dataset, r.dataset), 40) for r in held],
        "Share": [percent(share(r)) for r in held],
        "Items": [count(r.benchmark_hits) for r in held],
        "Rows": [count(r.dataset_hits) for r in held],
    }


def strongest(pairs: Mapping[Pair, Found]) -> Pair | None:
    """The pair with the greatest share of items found; None where nothing was looked for."""
    ranked = sorted(pairs, key=lambda p: (-share(pairs[p].result), -pairs[p].result.benchmark_hits, p))
    return ranked[0] if ranked else None


def sentences(found: Found, titles: Mapping[str, str]) -> list[str]:
    """What was found, how sure that is and what could not be looked for, in words."""
    r = found.result
    name = one_line(titles.get(r.dataset, r.dataset), 60)
    if not r.is_checked:
        return [f"Nothing of {r.benchmark} could be looked for in {name}: no rows, or no item it can find."]
    sought = count(r.coverable_items)
    if not r.benchmark_hits:
        told = f"None of the {sought} items of {r.benchmark} that the rule can find stands in {name}."
    else:
        inside = interval_percent(r.benchmark_ci_low, r.benchmark_ci_high)
        told = (
            f"{count(r.benchmark_hits)} of the {sought} items of {r.benchmark} that the rule can find stand "
            f"in {count(r.dataset_hits)} of {count(r.dataset_rows)} rows of {name}: {percent(share(r))} "
            f"({inside})."
        )
    answers = "No answer of it is long enough to be looked for."
    if r.answers_checked:
        answers = (
            f"{count(r.question_answer_hits)} have question and answer in one row; of "
            f"{count(r.answer_only_hits)} only the answer was found ({count(r.answers_checked)} answers are "
            "long enough to be looked for)."
        )
    missed = r.benchmark_rows - r.coverable_items
    limits = f"At most {percent(r.upper_bound)} of these items may stand there in the same words (95 %)."
    if missed:
        limits += f" {count(missed)} of {count(r.benchmark_rows)} items are too short or common for the rule."
    return [told, answers, limits]


def ceiling(result: Contamination) -> dict[str, Any] | None:
    """Which planted forms of the items the rule finds, as bars; None where that was not asked."""
    forms = [form for form in result.ceiling if form.recall is not None]
    if not forms:
        return None
    most = count(max(form.planted for form in forms))
    heading = charts.title(
        "What the rule finds of planted items",
        f"share found of up to {most} items planted in each form · {result.rule}",
    )
    values = [(form.ci_low or 0.0, form.recall or 0.0, form.ci_high or 0.0) for form in forms]
    colours = [charts.OTHER if form.form == NOTHING else charts.SERIES[0] for form in forms]
    chart = charts.interval_bars(heading, [_form(form) for form in forms], values, colours)
    chart["xAxis"]["max"] = 100
    return chart


def pairs_shown(found: Found, titles: Mapping[str, str]) -> list[ShownPair]:
    """Items beside the first row that holds each; none where only figures or hashes are known."""
    r = found.result
    name = titles.get(r.dataset, r.dataset)
    return [
        ShownPair(
            f"{r.benchmark}, item {count(leak.benchmark_row)}  ·  {name}, row {count(leak.dataset_row)}  ·  "
            f"{percent(leak.share)} of the item",
            *marked(leak.question or "(only hashes of this benchmark are at hand)", leak.text),
        )
        for leak in r.examples
    ]


def _form(form: FormRecall) -> str:
    return "no item (mistakes)" if form.form == NOTHING else form.form.replace("_", " ")
