"""Looking for benchmarks in training rows: `contamination` and its `certificate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from instructory.verbs import open_snapshot
from registry.hashed_benchmarks import open_benchmark

if TYPE_CHECKING:
    from analyzers.contamination_certificate import Certificate
    from registry.contaminations import Contamination
    from registry.registry import Registry


def contamination(
    registry: Registry,
    ref: str,
    *,
    against: Sequence[str],
    rule: str = "ngram13",
    explain: int = 5,
    ceiling: bool = False,
) -> list[Contamination]:
    """What of each benchmark in `against` stands in the rows of `ref`, one result a benchmark and rule.

    `rule` names one rule, several with commas, or `all`. A benchmark whose rows were not fetched is looked
    for by the hashed n-grams the package ships, where it ships any. `ceiling` adds which planted forms of the
    items each rule finds. The registry keeps what was found.

    Raises:
        UnknownNameError: no such rule.
        NotMeasuredError: neither rows nor hashed n-grams of a benchmark are at hand, or a rule needs rows.
    """
    from analyzers.contamination import contaminations

    rows = open_snapshot(registry, ref)
    benchmarks = [open_benchmark(registry, name) for name in against]
    found = contaminations(rows, benchmarks, rule=rule, explain=explain, ceiling=ceiling)
    registry.add_contaminations(rows.id, found)
    return found


def certificate(
    registry: Registry, refs: Sequence[str], *, against: Sequence[str], rule: str = "all"
) -> Certificate:
    """What was looked for in the rows of `refs`, with what result, and what was not, as one document.

    Rules are as in `contamination`; known forms of the items are planted always. Benchmarks of the catalogue
    that are not among `against` are listed as not looked for.

    Raises:
        UnknownNameError, NotMeasuredError: as `contamination`.
    """
    from analyzers.contamination_certificate import certificate as certify

    rows = [open_snapshot(registry, ref) for ref in refs]
    benchmarks = [open_benchmark(registry, name) for name in against]
    made = certify(rows, benchmarks, rule=rule, catalogue=list(registry.evaluations))
    for snapshot in rows:
        registry.add_contaminations(snapshot.id, [r for r in made.results if r.dataset == snapshot.dataset])
    return made
