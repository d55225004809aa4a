"""Declared beside measured: what differs is said, what cannot be compared is not called either way."""

from __future__ import annotations

from typing import Any

import pytest

from registry.audit import Audit, Check, MeasuredRows, audit, audits
from registry.entry import Entry
from registry.kinship import Relation
from registry.lineage import Edge, Lineage
from registry.measurements import Measurement
from registry.registry import Registry


def entry(**changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "id": "a",
        "name": "A",
        "category": "distillation",
        "method": "seed-expansion",
        "focus": "general",
        "languages": ["en"],
        "format": "single-turn",
        "size_rows": 1000,
        "commercial_use": "yes",
        "evidence": [{"source": "owner/a README.md", "status": "verified"}],
    }
    return Entry.model_validate(facts | changes)


def figure(metric: str, value: float, **params: str) -> Measurement:
    return Measurement(
        dataset="a",
        metric=metric,
        version=1,
        view="response",
        n_total=10,
        n_used=10,
        value=value,
        params=params,
    )


def rows(*figures: Measurement, **changes: Any) -> MeasuredRows:
    known: dict[str, Any] = {
        "name": "a",
        "source": "a file",
        "is_whole": True,
        "rows": 1000,
        "shape": "alpaca",
    }
    return MeasuredRows(measurements=figures, **(known | changes))


def checked(found: Entry, measured: MeasuredRows, *edges: Edge, copies: tuple[str, ...] = ()) -> Audit:
    return audit(found, [measured], Lineage("a", (), (), edges, copies))


def fact(found: Audit, name: str) -> Check:
    return next(check for check in found.checks if check.fact == name)


@pytest.mark.parametrize(
    ("declared", "counted", "is_whole", "agrees"),
    [
        (1000, 1000, True, True),
        (1000, 1019, True, True),
        (1000, 1021, True, False),
        (1000, 900, True, False),
        (1000, 900, False, None),
        (1000, 1100, False, False),
        (None, 900, True, None),
    ],
)
def test_row_counts(declared: int | None, counted: int, is_whole: bool, agrees: bool | None) -> None:
    found = checked(entry(size_rows=declared), rows(rows=counted, is_whole=is_whole))

    assert fact(found, "size_rows").agrees is agrees


@pytest.mark.parametrize(
    ("declared", "shares", "is_whole", "agrees", "note"),
    [
        (["en"], {"en": 0.9, "und": 0.06, "de": 0.04}, True, True, None),
        (["en"], {"en": 0.9, "de": 0.1}, True, False, "not declared: de"),
        (["en", "zh"], {"en": 1.0}, True, False, "not found: zh"),
        (["en", "zh"], {"en": 1.0}, False, None, "not found: zh; a part was measured"),
        (["zh-Hans"], {"zh": 1.0}, True, True, None),
        (["multi"], {"en": 0.5, "fr": 0.5}, True, None, "many languages are declared without naming them"),
        (["en"], {"und": 1.0}, True, None, "answers too short to tell, or none"),
        (["en"], {}, True, None, "not measured"),
        (["en", "zh"], {"en": 0.96, "zh": 0.04}, True, True, "rare: zh 4.00%"),
        (["en", "zh"], {"en": 0.96, "zh": 0.04}, False, True, "rare: zh 4.00%"),
        (
            ["en", "fr"],
            {"en": 0.9995, "fr": 0.0005},
            True,
            None,
            "in less than 0.1% of the answers, which may be mistakes of detection: fr",
        ),
        (["de", "en", "zh"], {"en": 0.99, "zh": 0.01}, True, False, "rare: zh 1.00%; not found: de"),
        (["de", "en"], {"en": 0.99, "zh": 0.004}, True, None, "not among the most frequent: de"),
    ],
)
def test_languages(
    declared: list[str], shares: dict[str, float], is_whole: bool, agrees: bool | None, note: str | None
) -> None:
    figures = [figure("language_share", share, language=code) for code, share in shares.items()]
    found = checked(entry(languages=declared), rows(*figures, is_whole=is_whole))

    assert (fact(found, "languages").agrees, fact(found, "languages").note) == (agrees, note)


def test_rare_languages_that_are_declared_are_shown_with_their_share() -> None:
    shares = {"en": 0.95, "zh": 0.03, "fr": 0.02}
    figures = [figure("language_share", share, language=code) for code, share in shares.items()]

    found = fact(checked(entry(languages=["en", "zh"]), rows(*figures)), "languages")

    assert found.measured == {"en": 0.95, "zh": 0.03}


@pytest.mark.parametrize(
    ("declared", "shape", "several", "agrees"),
    [
        ("single-turn", "alpaca", 0.0, True),
        ("single-turn", "messages", 0.8, False),
        ("multi-turn", "messages", 0.8, True),
        ("single-turn", "preference", 0.0, False),
        ("preference", "dialogue-preference", 0.7, True),
        ("mixed", "messages", 0.8, None),
        ("single-turn", "messages", None, None),
    ],
)
def test_forms(declared: str, shape: str, several: float | None, agrees: bool | None) -> None:
    figures = [] if several is None else [figure("multi_turn_share", several)]

    assert fact(checked(entry(format=declared), rows(*figures, shape=shape)), "format").agrees is agrees


def test_teachers_named_by_rows_stand_beside_the_declared_ones() -> None:
    fits = checked(entry(teacher=["GPT-4"]), rows(models={"gpt-4-0613": 1.0}))
    differs = checked(entry(teacher=["GPT-4"]), rows(models={"gpt-4": 0.5, "claude-2": 0.5}))

    assert fact(fits, "teacher").agrees is True
    assert fact(differs, "teacher").agrees is False
    assert fact(differs, "teacher").note == "not declared: claude-2"


def relation(parent: str, share: float, found: int, **more: Any) -> Relation:
    return Relation(
        child="a", parent=parent, kind="rows", view="all", share=share, back=0.1, exact=share, found=found,
        direction="containment", **more,
    )  # fmt: skip


def test_parents_declared_and_found() -> None:
    aunt = relation("aunt", 0.7, 700, explained_by="known")
    edges = [
        Edge("a", "known", declared=True, measured=0.9, relation=relation("known", 0.9, 900)),
        Edge("a", "seeds", declared=True, measured=0.0, relation=relation("seeds", 0.0, 0)),
        Edge("a", "unmeasured", declared=True, measured=None),
        Edge("a", "secret", declared=False, measured=0.7, relation=relation("secret", 0.7, 700)),
        Edge("a", "aunt", declared=False, measured=0.7, relation=aunt),
        Edge("child", "a", declared=False, measured=0.7),
    ]
    found = checked(entry(), rows(), *edges, copies=("twin",))

    parents = {
        (c.measured.get("parent") or c.measured["copy"]): c.agrees
        for c in found.checks
        if c.fact == "derived_from"
    }
    assert parents == {"known": True, "seeds": None, "secret": False, "twin": False}
    assert len(found.disagreements) == 2


def test_shipped_figures_are_audited_without_any_rows() -> None:
    with Registry.open() as registry:
        found = {one.id: one for one in audits(registry)}
        (unmeasured,) = audits(registry, ["oasst1"])

    assert unmeasured == Audit(id="oasst1", checks=())
    assert {"alpaca", "gsm8k", "hh-rlhf"} <= set(found)
    assert fact(found["alpaca"], "size_rows").agrees is True
    assert fact(found["hh-rlhf"], "format").agrees is True
