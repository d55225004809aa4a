"""From what a person sets on the page to a recipe, and from its plan to what the page shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from analyzers.hygiene import FLAGS
from dashboard import charts
from dashboard.views.measured import Card
from dashboard.views.numbers import count, percent, short
from dashboard.views.plain import one_line, visible
from mixtures.build import Build
from mixtures.plan import Plan
from mixtures.recipe import MixtureRecipe

MOST_WEIGHT = 10.0
STEP = 0.5
USUAL_FILTERS = ("empty_output", "empty_prompt", "rejected_answer", "template_leak", "truncated")
Unit = Literal["as much as fits", "rows", "tokens"]
UNITS: tuple[Unit, ...] = ("as much as fits", "rows", "tokens")
FORMATS = ("jsonl", "parquet")
SHAPES = ("messages", "alpaca", "sharegpt", "prompt-completion")
UNCLEAR = ("allow", "warn", "forbid")
VIEWS = ("first_prompt+final_answer", "first_prompt", "response")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the widgets of the Mix page hold; `weights` by dataset, 0 leaves a set out."""

    name: str
    weights: Mapping[str, float]
    unit: Unit = "as much as fits"
    amount: int = 10_000
    epochs: float = 1.0
    min_words: int = 0
    flags_none: Sequence[str] = ()
    deduplicates: bool = True
    threshold: float = 0.8
    view: str = VIEWS[0]
    use: str = "commercial"
    unclear: str = "warn"
    formats: Sequence[str] = ("jsonl",)
    shape: str = "messages"
    seed: int = 0


def recipe_of(wish: Wish) -> MixtureRecipe:
    """The recipe of a wish.

    Raises:
        InputRefusedError: the wish is no recipe; the message names the field.
    """
    document: dict[str, Any] = {
        "name": wish.name,
        "seed": wish.seed,
        "parts": [_part(wish, name, weight) for name, weight in wish.weights.items() if weight > 0],
        "policy": {"use": wish.use, "unclear": wish.unclear},
        "output": {"format": list(wish.formats), "shape": wish.shape},
    }
    if wish.unit != "as much as fits":
        document["budget"] = {wish.unit: wish.amount}
    if wish.deduplicates:
        document["deduplicate"] = {"threshold": wish.threshold, "view": wish.view}
    return MixtureRecipe.from_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), file="page")


def usual_filters() -> list[str]:
    """The flags left out at first: those that make a row useless for training."""
    return [flag.id for flag in FLAGS if flag.id in USUAL_FILTERS]


def weights_from(text: str, known: Collection[str]) -> dict[str, float]:
    """The weights an address asks for, `alpaca:2,gsm8k:1`; what is not known or no weight is dropped.

    >>> weights_from("a:2,b,c:x,d:99", {"a", "b", "c"})
    {'a': 2.0, 'b': 1.0, 'c': 1.0}
    """
    asked = {}
    for word in text.split(","):
        name, _, weight = word.rpartition(":") if ":" in word else (word, "", "")
        if name in known:
            asked[name] = _weight(weight)
    return asked


def weights_text(weights: Mapping[str, float]) -> str:
    """Weights as an address holds them; `weights_from` reads them back."""
    return ",".join(f"{name}:{weight:g}" for name, weight in weights.items())


def cards(plan: Plan) -> list[Card]:
    """The totals of a plan."""
    totals = plan.totals
    return [
        Card("Rows", count(totals["rows"]), "rows before duplicates leave, repetitions counted"),
        Card("Tokens", short(totals["tokens"]), "prompts and responses, o200k_base"),
        Card("Tokens to learn", short(totals["loss_tokens"]), "responses only"),
        Card("Effective tokens", short(totals["effective_tokens"]), totals["effective_tokens_note"]),
    ]


def parts_table(plan: Plan, titles: Mapping[str, str]) -> dict[str, list[Any]]:
    """One line a part: rows, tokens, share, what its filters left."""
    parts = [part.to_json() for part in plan.parts]
    return {
        "Part": [one_line(_title(part.label, titles), 50) for part in plan.parts],
        "Share": [percent(part["share"]) for part in parts],
        "Rows": [part["rows"] for part in parts],
        "Tokens": [part["tokens"] for part in parts],
        "Epochs": [round(part["epochs"], 2) for part in parts],
        "Rows that pass": [part["available"] for part in parts],
        "Of": [part["rows_in_source"] for part in parts],
        "Licence": [one_line(part["license"] or "none stated", 40) for part in parts],
    }


def share_chart(plan: Plan, titles: Mapping[str, str]) -> dict[str, Any]:
    """Each part's share of the rows as the sets are, and of the mixture."""
    whole = sum(part.snapshot.rows_kept for part in plan.parts) or 1
    names = [one_line(_title(part.label, titles), 28) for part in plan.parts]
    before = [part.snapshot.rows_kept / whole for part in plan.parts]
    heading = charts.title("Shares", f"of {plan.unit} · {count(plan.rows)} rows in the mixture")
    shares = {"all rows of the sets": before, "in the mixture": [part.share for part in plan.parts]}
    return charts.paired_bars(heading, names, shares)


def chart_height(plan: Plan) -> int:
    """Pixels that the chart of shares takes."""
    return 130 + 46 * len(plan.parts)


def warnings(plan: Plan) -> list[str]:
    """What the plan warns of."""
    return [visible(warning) for warning in plan.warnings]


def refusals(plan: Plan) -> list[str]:
    """Why the plan may not be built."""
    return [visible(problem.message) for problem in plan.refusals]


def built_line(built: Build) -> str:
    """What was written and what left."""
    removed = ", ".join(f"{count(number)} {reason}" for reason, number in built.removed.items() if number)
    return f"{count(built.rows)} rows written to {built.folder}. Removed: {removed or 'nothing'}."


def files_table(built: Build) -> dict[str, list[Any]]:
    """The files of a built mixture."""
    files = [file.to_json() for file in built.files]
    return {
        "File": [file["path"] for file in files],
        "Rows": [file.get("rows") for file in files],
        "SHA-256": [file["sha256"] for file in files],
    }


def folder_name(recipe: MixtureRecipe) -> str:
    """The folder a recipe is built into: equal recipes share it."""
    return f"{recipe.name}-{recipe.sha256[:12]}"


def _part(wish: Wish, name: str, weight: float) -> dict[str, Any]:
    where = {"min_words": wish.min_words, "flags_none": list(wish.flags_none)}
    asked = {
        "epochs": wish.epochs if wish.epochs != 1 else None,
        "where": {k: v for k, v in where.items() if v},
    }
    return {"dataset": name, "weight": weight, **{key: value for key, value in asked.items() if value}}


def _title(label: str, titles: Mapping[str, str]) -> str:
    name, _, number = label.partition("#")
    return f"{titles.get(name, name)} #{number}" if number else titles.get(name, name)


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 1.0
    return min(max(weight, 0.0), MOST_WEIGHT) if weight == weight else 1.0  # noqa: PLR0124  (not a number)
