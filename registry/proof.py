"""A verdict as a tree: a node is the strictest of what it rests on, a leaf is a fact with its sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from registry.entry import Evidence, evidence_json
from registry.terms import Verdict, strictest

_SOURCES = 2

Rule = Literal["strictest", "fact", "shown above"]


class ProvedFact(Protocol):
    """A fact about one dataset; a `licensing.Reason` is one."""

    @property
    def verdict(self) -> Verdict:
        """What it says of the use."""

    @property
    def fact(self) -> str:
        """The fact in words."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Where it was read."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One step: `claim` has `verdict` by `rule`.

    `strictest`: the verdict is the strictest of those in `because`. `fact`: it is a fact, with `evidence`.
    `shown above`: the dataset has its own node elsewhere in the tree, which holds the same verdict.
    """

    claim: str
    verdict: Verdict
    rule: Rule
    dataset: str | None = None
    evidence: tuple[Evidence, ...] = ()
    because: tuple[Proof, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "claim": self.claim,
            "verdict": str(self.verdict),
            "rule": self.rule,
            "dataset": self.dataset,
            "evidence": evidence_json(self.evidence),
            "because": [proof.to_json() for proof in self.because],
        }

    def lines(self, indent: int = 0) -> list[str]:
        """The tree as indented lines, what weighs most first; of each fact the first sources."""
        found = list(dict.fromkeys(f"{item.source} ({item.status})" for item in self.evidence))
        more = f" and {len(found) - _SOURCES} more" if len(found) > _SOURCES else ""
        sources = ", ".join(found[:_SOURCES]) + more
        shown = [f"{'  ' * indent}[{self.verdict}] {self.claim}{f'  <{sources}>' if sources else ''}"]
        for proof in sorted(self.because, key=lambda proof: proof.verdict.gravity):
            shown += proof.lines(indent + 1)
        return shown


def prove(
    walk: Sequence[tuple[str, ...]],
    facts: Mapping[str, Sequence[ProvedFact]],
    steps_of: Callable[[str], Mapping[str, str]],
) -> Proof:
    """The tree of the first dataset of `walk`, which holds a shortest path to each ancestor, nearest first.

    `steps_of` gives the parents of a dataset, each with what says so. An ancestor stands at its shortest
    path and is referred to elsewhere.
    """
    home = {path[-1]: path for path in walk}
    verdicts = _reached(home, facts, steps_of)
    trees: dict[str, Proof] = {}
    for path in reversed(walk):
        name = path[-1]
        leaves = tuple(Proof(f.fact, f.verdict, "fact", name, f.evidence) for f in facts[name])
        parents = []
        for parent, why in sorted(steps_of(name).items()):
            if home[parent] == (*path, parent):
                parents.append(_said(trees[parent], why))
            elif parent not in path:
                parents.append(Proof(f"{parent} ({why})", verdicts[parent], "shown above", parent))
        # A parent that is also further down leads back here: its facts are counted where it stands.
        trees[name] = Proof(name, verdicts[name], "strictest", name, because=(*leaves, *parents))
    return trees[walk[0][-1]]


def _said(tree: Proof, why: str) -> Proof:
    return Proof(f"{tree.claim} ({why})", tree.verdict, tree.rule, tree.dataset, tree.evidence, tree.because)


def _reached(
    home: Mapping[str, tuple[str, ...]],
    facts: Mapping[str, Sequence[ProvedFact]],
    steps_of: Callable[[str], Mapping[str, str]],
) -> dict[str, Verdict]:
    """The strictest verdict among the facts of each dataset and all its ancestors."""
    verdicts = {name: strictest(fact.verdict for fact in facts[name]) for name in home}
    changed = True
    while changed:
        changed = False
        for name in reversed(list(home)):
            found = strictest([verdicts[name], *(verdicts[parent] for parent in steps_of(name))])
            changed |= found is not verdicts[name]
            verdicts[name] = found
    return verdicts
