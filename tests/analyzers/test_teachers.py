"""Who wrote the rows: fields first, then what is declared, then nobody knows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzers.teachers import SELF_NAMES, named_models, teacher_footprint, together
from registry.entry import Entry
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import Snapshot
from registry.sources import path_source


def snapshot(folder: Path, rows: list[dict[str, Any]], name: str = "rows.jsonl") -> Snapshot:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return read_source(path_source(name, [path]), home=folder / "home", limits=Limits())


def row(answer: str = "Yes.", **more: Any) -> dict[str, Any]:
    return {"instruction": "Is it?", "input": "", "output": answer, **more}


def entry(**changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "id": "a",
        "name": "A",
        "kind": "sample",
        "category": "distillation",
        "method": "seed-expansion",
        "focus": "general",
        "languages": ["en"],
        "format": "single-turn",
        "commercial_use": "yes",
    }
    return Entry.model_validate(facts | changes)


def shares(found: Any) -> list[tuple[str | None, int, str]]:
    return [(share.model, share.rows, share.basis) for share in found.models]


def test_rows_that_say_nothing_count_for_what_is_declared(tmp_path: Path) -> None:
    rows = snapshot(tmp_path, [row(generator="gpt-4"), row(generator="gpt-4"), row(), row(generator=None)])

    assert shares(teacher_footprint(rows, entry(teacher=["GPT-3.5"]))) == [
        *(("GPT-3.5", 2, "declared"), ("gpt-4", 2, "field"))
    ]
    assert shares(teacher_footprint(rows))[0] == (None, 2, "unknown")
    assert named_models(rows) == {"gpt-4": 0.5}


def test_several_declared_teachers_share_the_rows_nobody_split(tmp_path: Path) -> None:
    rows = snapshot(tmp_path, [row()])

    assert shares(teacher_footprint(rows, entry(teacher=["GPT-4", "Claude"]))) == [
        ("GPT-4 or Claude", 1, "declared")
    ]


def test_people_are_no_model(tmp_path: Path) -> None:
    rows = snapshot(tmp_path, [row()])
    by_hand = entry(category="human-crafted", method="manual-annotation")

    assert shares(teacher_footprint(rows, by_hand)) == [(None, 1, "people")]


def test_a_source_counts_only_where_it_is_a_model_we_know(tmp_path: Path) -> None:
    rows = snapshot(tmp_path, [row(source="gpt_4"), row(source="wikipedia"), row(source="text_davinci_003")])
    found = teacher_footprint(rows)

    assert shares(found) == [(None, 1, "unknown"), *((m, 1, "field") for m in ("gpt_4", "text_davinci_003"))]
    assert [share.provider for share in found.models] == [None, "OpenAI", "OpenAI"]
    assert found.fields == ("source",)


@pytest.mark.parametrize(
    ("answer", "provider"),
    [
        ("I am ChatGPT, here to help.", "OpenAI"),
        ("I'm an assistant developed by OpenAI.", "OpenAI"),
        ("I'm Claude.", "Anthropic"),
        ("As an AI language model, I cannot.", "some model"),
        ("I was trained by researchers from Large Model Systems Organization.", "LMSYS"),
        ("Go was created by Google in 2009.", None),
        ("OpenAI and Anthropic are companies.", None),
    ],
)
def test_models_that_name_themselves_are_a_hint(answer: str, provider: str | None, tmp_path: Path) -> None:
    found = teacher_footprint(snapshot(tmp_path, [row(answer), row()]))

    assert [(hint.provider, hint.rows, hint.share) for hint in found.hints] == (
        [(provider, 1, 0.5)] if provider else []
    )
    assert provider is None or provider in SELF_NAMES


values = st.sampled_from(["gpt-4", "claude-2", "", None, 7, "x" * 200])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(models=st.lists(values, min_size=1, max_size=12))
def test_shares_are_what_a_counter_says(models: list[Any], tmp_path: Path) -> None:
    found = teacher_footprint(snapshot(tmp_path, [row(f"{n}", model=m) for n, m in enumerate(models)]))
    named = Counter(m for m in models if m in ("gpt-4", "claude-2"))

    assert {s.model: s.rows for s in found.models if s.basis == "field"} == dict(named)
    assert sum(s.rows for s in found.models) == len(models)
    assert sum(s.share for s in found.models) == pytest.approx(1.0)


def test_together_counts_every_row_once(tmp_path: Path) -> None:
    parts = [
        teacher_footprint(snapshot(tmp_path, [row(model="gpt-4")] * 3, "one.jsonl")),
        teacher_footprint(snapshot(tmp_path, [row("I'm Claude."), row(model="gpt-4")], "two.jsonl")),
    ]
    found = together(parts, "all")

    assert found.rows == 5
    assert shares(found) == [("gpt-4", 4, "field"), (None, 1, "unknown")]
    assert [(hint.provider, hint.share) for hint in found.hints] == [("Anthropic", 0.2)]


@pytest.mark.real
def test_alpaca_eval_says_who_wrote_it(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "alpaca-eval" / "model_outputs.json.gz"
    found = teacher_footprint(read_source(path_source("alpaca-eval", [path]), home=tmp_path, limits=Limits()))

    assert shares(found) == [("text_davinci_003", 805, "field")]
    assert found.fields == ("generator",)
