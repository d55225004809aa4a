"""How much of a benchmark was found in a dataset, in the form that is kept and travels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from registry.figures import CONTAMINATIONS_FILE, FOLDER


@dataclass(frozen=True, slots=True)
class IgnoredGram:
    """A word n-gram that says nothing of any item, and in how many items it stands.

    `reason`: `frequent` stands in too many items, `template` is a phrase of examinations or of counting.
    """

    text: str
    items: int
    reason: str = "frequent"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRecall:
    """How many items planted in one form a rule finds again, with the Wilson 95 % interval of that share.

    `found` counts what the rule calls a hit, `answer_found` items whose answer was found. Items are drawn
    from all that have text, coverable or not. Under the form `nothing`, which holds no item, both count
    mistakes.
    `planted` 0 and null shares: no item has this form, or it was not planted, which `reason` explains.
    """

    form: str
    planted: int
    found: int
    answer_found: int
    recall: float | None
    ci_low: float | None
    ci_high: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A benchmark item and the first row that holds it, with the longest run of words both share.

    `share` says how much of the item the row holds, in [0, 1], in the measure of the rule. `question` and
    `shared` are None where only hashes of the benchmark are at hand.
    """

    benchmark_row: int
    dataset_row: int
    share: float
    question: str | None
    text: str
    shared: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """How much of a benchmark was found in a dataset under one rule.

    `benchmark_hits` items are found in `dataset_hits` rows, each with its Wilson 95 % interval as a share
    of the coverable items and of the rows. Of all items, `question_answer_hits` have question and answer in
    the same row, `answer_only_hits` have their answer in some row and their question in none. Answers are
    looked for where they have 8 words or more, 12 or 13 where the rule's n-gram has: `answers_checked` items.

    `coverable` is the share of items that the rule can find at all; None for a benchmark without rows.
    `short_items` have fewer words than the rule's n-gram and are looked for as a whole: inside a row from
    5 words on, below that as the whole prompt. `mean_share` is the mean over the coverable items of how much
    of each its best row holds. `ignored` n-grams stand in more than 10 items or in a template, the most
    frequent first (20 at most, of `ignored_grams`). `upper_bound` bounds the share of found items among the
    coverable ones at 95 %: 1 - 0.05^(1/n), near 3/n, where none of n was found, else Wilson's bound; None
    where none is coverable. It speaks of copies in the same words only; `ceiling` says what the rule sees of
    planted forms of the items, and is empty where it was not asked for. `benchmark_form` tells rows from
    hashed n-grams.
    """

    dataset: str
    benchmark: str
    benchmark_form: str
    rule: str
    rule_version: int
    dataset_rows: int
    benchmark_rows: int
    benchmark_hits: int
    benchmark_ci_low: float | None
    benchmark_ci_high: float | None
    dataset_hits: int
    dataset_ci_low: float | None
    dataset_ci_high: float | None
    question_answer_hits: int
    answer_only_hits: int
    answers_checked: int
    short_items: int
    coverable: float | None
    coverable_items: int
    mean_share: float | None
    upper_bound: float | None
    ignored_grams: int
    ignored: tuple[IgnoredGram, ...] = ()
    examples: tuple[Leak, ...] = ()
    ceiling: tuple[FormRecall, ...] = ()

    @property
    def is_checked(self) -> bool:
        """Whether any row was compared with any item; nothing checked is not a pass."""
        return self.dataset_rows > 0 and self.coverable_items > 0

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {**asdict(self), "is_checked": self.is_checked}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Contamination:
        """The record that `to_json` wrote; examples, ignored n-grams and the ceiling may be absent."""
        fields = {name: value for name, value in plain.items() if name != "is_checked"}
        kinds = {"ignored": IgnoredGram, "examples": Leak, "ceiling": FormRecall}
        for name, kind in kinds.items():
            fields[name] = tuple(kind(**held) for held in plain.get(name, ()))
        return cls(**fields)


def contaminations_json(found: Iterable[Contamination]) -> dict[str, Any]:
    """Results as `load_measured_contaminations` reads them: figures alone, no word of any row or item."""
    texts = ("examples", "ignored", "ceiling", "is_checked")
    return {
        "found": [{k: v for k, v in result.to_json().items() if k not in texts} for result in found],
    }


def load_measured_contaminations(folder: Path) -> tuple[Contamination, ...]:
    """What of each benchmark stands in each of the sets in `folder`, as far as it was looked for."""
    path = folder / CONTAMINATIONS_FILE
    if not path.is_file():
        return ()
    plain = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Contamination.from_json(found) for found in plain["found"])


@cache
def measured_contaminations() -> tuple[Contamination, ...]:
    """What of benchmarks stands in the shipped sets; `dataset` is a name of `figures.measured_sets()`."""
    return load_measured_contaminations(FOLDER)
