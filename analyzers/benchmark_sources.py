"""A benchmark to look for: its rows where they are at hand, else the hashed n-grams the package ships."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analyzers.benchmark_items import Items, item_texts
from analyzers.benchmark_search import BenchmarkIndex
from analyzers.detection_ceiling import detection_ceiling
from analyzers.hashed_items import HASHED_RULES, hashed_items
from analyzers.leak_rules import RULES, Rule
from registry.contaminations import FormRecall
from registry.errors import NotMeasuredError
from registry.hashed_benchmarks import HashedBenchmark, HashedRecord

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

HASHED = "hashed n-grams, text not at hand"
ROWS = "rows"


@dataclass(frozen=True, eq=False)
class BenchmarkSource:
    """One benchmark taken apart. `rows` None: only hashes are at hand, described by `record`."""

    name: str
    items: Items
    rows: Snapshot | None = None
    record: HashedRecord | None = None
    _texts: tuple[list[str], list[str]] = field(default=([], []), repr=False)

    @classmethod
    def of(cls, benchmark: Snapshot | HashedBenchmark) -> BenchmarkSource:
        """The items of a benchmark, ready to be indexed under any rule it allows."""
        if isinstance(benchmark, HashedBenchmark):
            return cls(benchmark.dataset, hashed_items(benchmark), record=benchmark.record)
        texts = item_texts(benchmark)
        return cls(benchmark.dataset, Items.of_texts(*texts), rows=benchmark, _texts=texts)

    @property
    def form(self) -> str:
        """How the benchmark is at hand, in words."""
        return ROWS if self.record is None else HASHED

    def allows(self, rule: Rule) -> bool:
        """Whether the rule can be applied to what is at hand."""
        return self.record is None or rule.name in HASHED_RULES

    def index(self, rule: Rule) -> BenchmarkIndex:
        """The index under one rule.

        Raises:
            NotMeasuredError: the rule needs words and only hashes are at hand.
        """
        if not self.allows(rule):
            raise NotMeasuredError(
                f"rule {rule.name!r} needs the text of {self.name!r}, and only hashed n-grams are at hand:"
                f" run `instructory fetch {self.name}`, or use one of {', '.join(HASHED_RULES)}"
            )
        return BenchmarkIndex(self.items, rule)

    def ceiling(self, index: BenchmarkIndex) -> tuple[FormRecall, ...]:
        """What the rule sees of planted forms: measured now, or as shipped with the hashes."""
        if self.record is None:
            return detection_ceiling(index, *self._texts)
        shipped = self.record.ceilings.get(index.rule.name, ())
        return tuple(FormRecall(**form) for form in shipped)


def rules_for(source: BenchmarkSource, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules to apply: of `all` those the benchmark allows, else what was asked for by name."""
    if len(rules) < len(RULES):
        return tuple(rules)
    return tuple(rule for rule in rules if source.allows(rule))
