"""Who comes from whom, read from shared rows: the figures of each pair, and the rules that make them edges.

A text tells something where it is long enough and no boilerplate (see `analyzers.kinships`). All shares are
of different telling texts, matched one to one, so that a template met a thousand times counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

LEAST_FOUND: Final = 20
"""Fewer texts in common are chance."""

PARENT_SHARE: Final = 0.5
"""From this share of a child's texts on the other side is its parent."""

SAME_SHARE: Final = 0.95
"""From this share both ways two datasets hold the same texts."""

CLEAR_DIFFERENCE: Final = 0.05
"""Shares both ways that differ by less contain neither side in the other."""

_TOLERANCE: Final = 0.02
_WORDS: Final[Mapping[str, str]] = {"all": "rows", "prompt": "prompts", "response": "answers"}

Direction = Literal["declared", "part", "year", "containment", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTexts:
    """Different telling texts of one view of two datasets; `found` stand in both, `exact` word for word."""

    view: str
    telling_a: int
    telling_b: int
    found: int
    exact: int

    @property
    def share_a(self) -> float:
        """Share of the texts of `a` that stand in `b`, in [0, 1]; 0 where `a` has none."""
        return self.found / self.telling_a if self.telling_a else 0.0

    @property
    def share_b(self) -> float:
        """Share of the texts of `b` that stand in `a`, in [0, 1]; 0 where `b` has none."""
        return self.found / self.telling_b if self.telling_b else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPart:
    """Rows whose own `field` (or file) says `value`: `texts` telling texts, `found` of them in the other."""

    field: str
    value: str
    texts: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """What two datasets share, view by view.

    `part_a` is the part of `a` that says where it comes from and is just what `a` shares with `b`; None
    where no label of the rows fits. A match has exact Jaccard >= `threshold` on word `shingle`-grams.
    """

    a: str
    b: str
    shingle: int
    threshold: float
    views: tuple[SharedTexts, ...]
    part_a: LabelledPart | None = None
    part_b: LabelledPart | None = None

    def best(self) -> SharedTexts:
        """The view that shares most; whole rows before prompts before answers where they are equal."""
        return max(self.views, key=lambda shared: max(shared.share_a, shared.share_b))

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self) | {"views": [asdict(shared) for shared in self.views]}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Kinship:
        """The record that `to_json` wrote."""
        fields = dict(plain)
        fields["views"] = tuple(SharedTexts(**shared) for shared in plain["views"])
        for side in ("part_a", "part_b"):
            fields[side] = LabelledPart(**plain[side]) if plain.get(side) else None
        return cls(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One step of descent with its figures.

    `share` of the child's telling texts stand in the parent, `back` the other way round; `exact` of the
    child's word for word. `kind` says what is shared: `rows`, `prompts`, `answers`, with `same` in front
    where both hold the same. `direction` says what told child from parent; with `none` their order means
    nothing. `explained_by` names the parent through which this relation is already told.
    """

    child: str
    parent: str
    kind: str
    view: str
    share: float
    back: float
    exact: float
    found: int
    direction: Direction
    part: LabelledPart | None = None
    explained_by: str | None = None

    @property
    def is_directed(self) -> bool:
        """Whether it is known which of the two is the child."""
        return self.direction != "none"

    @property
    def is_copy(self) -> bool:
        """Whether both hold the same texts and nothing tells which was first."""
        return not self.is_directed and self.kind.startswith("same ")

    @property
    def is_shown(self) -> bool:
        """Whether it stands for itself: not explained by another parent."""
        return self.explained_by is None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


def relations(
    kinships: Iterable[Kinship],
    *,
    parents_of: Callable[[str], Sequence[str]] = lambda _: (),
    year_of: Callable[[str], int | None] = lambda _: None,
) -> list[Relation]:
    """The relations that shared texts tell, in order of child and parent.

    Two datasets are related where at least `LEAST_FOUND` texts of one view stand in both, and they are at
    least `PARENT_SHARE` of the texts of one side, or are just one labelled part of it. Which is the child
    is told by, in this order: what the catalogue declares; a part whose rows say that they come from
    elsewhere; the years of publication; containment (the side of which more is found, by at least
    `CLEAR_DIFFERENCE`). Datasets of the same texts that none of the first three tells apart are copies. A
    parent that is itself a child or copy of another parent is set aside (`explained_by`) where that other
    one holds as much of the child, and so are two that merely come from the same parent; what is declared
    is never set aside.
    """
    found = [r for kinship in kinships if (r := _relation(kinship, parents_of, year_of)) is not None]
    return sorted(_explained(found, parents_of), key=lambda r: (r.child, r.parent))


def declared_relation(kinship: Kinship, child: str, parent: str) -> Relation:
    """What was measured on a declared step, however little it is."""
    return _of(kinship, kinship.best(), child=child, parent=parent, direction="declared", part=None)


def _relation(
    kinship: Kinship, parents_of: Callable[[str], Sequence[str]], year_of: Callable[[str], int | None]
) -> Relation | None:
    best = kinship.best()
    part = kinship.part_a or kinship.part_b
    is_near = best.found >= LEAST_FOUND and max(best.share_a, best.share_b) >= PARENT_SHARE
    if not is_near and part is None:
        return None
    a, b = kinship.a, kinship.b
    years = year_of(a), year_of(b)
    is_same = min(best.share_a, best.share_b) >= SAME_SHARE
    direction: Direction
    if b in parents_of(a) or a in parents_of(b):
        direction, a_is_child = "declared", b in parents_of(a)
    elif (kinship.part_a is None) != (kinship.part_b is None):
        direction, a_is_child = "part", kinship.part_a is not None
    elif years[0] is not None and years[1] is not None and years[0] != years[1]:
        direction, a_is_child = "year", years[0] > years[1]
    elif is_same or abs(best.share_a - best.share_b) < CLEAR_DIFFERENCE:
        direction, a_is_child = "none", a > b
    else:
        direction, a_is_child = "containment", (best.share_a, a) > (best.share_b, b)
    child, parent = (a, b) if a_is_child else (b, a)
    return _of(kinship, best, child=child, parent=parent, direction=direction, part=part)


def _of(
    kinship: Kinship,
    shared: SharedTexts,
    *,
    child: str,
    parent: str,
    direction: Direction,
    part: LabelledPart | None,
) -> Relation:
    shares = (shared.share_a, shared.share_b)
    telling = (shared.telling_a, shared.telling_b)
    mine = 0 if child == kinship.a else 1
    word = _WORDS.get(shared.view, shared.view)
    return Relation(
        child=child,
        parent=parent,
        kind=f"same {word}" if min(shares) >= SAME_SHARE else word,
        view=shared.view,
        share=shares[mine],
        back=shares[1 - mine],
        exact=shared.exact / telling[mine] if telling[mine] else 0.0,
        found=shared.found,
        direction=direction,
        part=part if direction == "part" else None,
    )


def _explained(found: Sequence[Relation], parents_of: Callable[[str], Sequence[str]]) -> Iterable[Relation]:
    above: dict[str, set[str]] = {}
    copies: set[frozenset[str]] = set()
    for relation in found:
        if relation.is_directed:
            above.setdefault(relation.child, set()).add(relation.parent)
        elif relation.is_copy:
            copies.add(frozenset((relation.child, relation.parent)))
    by_child: dict[str, list[Relation]] = {}
    for relation in found:
        by_child.setdefault(relation.child, []).append(relation)
    for relation in found:
        if relation.is_copy or relation.direction == "declared":
            yield relation
            continue
        if not relation.is_directed:
            shared = _common_parents(relation, by_child)
            yield replace(relation, explained_by=min(shared)) if shared else relation
            continue
        better = [
            other.parent
            for other in by_child[relation.child]
            if other.is_directed
            and other.parent != relation.parent
            and other.share >= relation.share - _TOLERANCE
            and _stands_before(other.parent, relation.parent, above, copies, parents_of)
        ]
        yield replace(relation, explained_by=min(better)) if better else relation


def _common_parents(relation: Relation, by_child: Mapping[str, Sequence[Relation]]) -> set[str]:
    """The parents of both that hold at least as much of each: what the two share comes from there."""
    holders = [
        {
            other.parent
            for other in by_child.get(name, ())
            if other.is_directed and other.share >= share - _TOLERANCE
        }
        for name, share in ((relation.child, relation.share), (relation.parent, relation.back))
    ]
    return holders[0] & holders[1]


def _stands_before(
    one: str,
    other: str,
    above: Mapping[str, set[str]],
    copies: set[frozenset[str]],
    parents_of: Callable[[str], Sequence[str]],
) -> bool:
    """Whether `other` comes from `one`; of two copies the one that the catalogue knows, else the first."""
    if one in above.get(other, ()) and other not in above.get(one, ()):
        return True
    if frozenset((one, other)) not in copies:
        return False
    known = bool(parents_of(one)), bool(parents_of(other))
    return one < other if known[0] == known[1] else known[0]
