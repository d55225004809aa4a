"""Shipped figures come back as the records that were written, and hold no rows."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from registry.catalog import load_catalog
from registry.figures import (
    OVERLAPS_FILE,
    MeasuredFile,
    MeasuredSet,
    Origin,
    load_measured_overlaps,
    load_measured_sets,
    measured_origins,
    measured_overlaps,
    measured_sets,
    overlaps_json,
)
from registry.measurements import Distribution, MatchedPair, Measurement, Overlap
from registry.shipped import shipped_catalog

MEASURED = MeasuredSet(
    name="two",
    title="Two rows",
    entry=None,
    part="part",
    licence="MIT",
    shape="alpaca",
    rows_read=3,
    rows_kept=2,
    rows_bad=1,
    files=(MeasuredFile(repository="a/b", path="c.json", commit="d" * 40, sha256="e" * 64, rows=2),),
    measurements=(
        Measurement(
            dataset="two",
            metric="ttr",
            version=1,
            view="all",
            n_total=2,
            n_used=2,
            value=0.5,
            params={"n": 1},
        ),
        Measurement(
            dataset="two",
            metric="hdd",
            version=1,
            view="all",
            n_total=2,
            n_used=2,
            value=None,
            reason="short",
        ),
    ),
    distributions=(
        Distribution(
            dataset="two", metric="len", view="all", unit="words", edges=(0.0, 1.0), counts=(2,), n_total=2
        ),
    ),
)


def overlap(a: str, b: str, matched: int) -> Overlap:
    sizes = {"two": 2, "three": 3, "four": 4}
    return Overlap(
        a=a,
        b=b,
        view="all",
        shingle=5,
        threshold=0.8,
        rows_a=sizes[a],
        rows_b=sizes[b],
        matched_a=matched,
        matched_b=matched,
        exact_a=0,
        exact_b=0,
        pairs=matched,
    )


def test_a_measured_set_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "two.json").write_text(json.dumps(MEASURED.to_json()))

    assert load_measured_sets(tmp_path) == {"two": MEASURED}


def test_overlaps_come_back_with_the_pairs_that_share_nothing(tmp_path: Path) -> None:
    known = (overlap("two", "three", 1), overlap("two", "four", 0), overlap("three", "four", 0))
    (tmp_path / OVERLAPS_FILE).write_text(json.dumps(overlaps_json(known)))

    assert load_measured_overlaps(tmp_path) == known


def test_texts_of_examples_are_never_written() -> None:
    pair = MatchedPair(row_a=0, row_b=0, jaccard=1.0, text_a="secret", text_b="secret", shared="secret")
    shown = Overlap(**{**vars_of(overlap("two", "three", 1)), "examples": (pair,)})

    assert "secret" not in json.dumps(overlaps_json([shown]))


def vars_of(record: Overlap) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__slots__}


def test_no_figures_are_no_figures(tmp_path: Path) -> None:
    assert load_measured_sets(tmp_path) == {}
    assert load_measured_overlaps(tmp_path) == ()


def test_shipped_figures_belong_to_entries_of_the_catalogue() -> None:
    ids = {entry.id for entry in load_catalog(shipped_catalog()).entries}

    assert len(measured_sets()) >= 37
    assert {m.entry for m in measured_sets().values() if m.entry} <= ids


def test_every_shipped_file_is_pinned() -> None:
    files = [file for measured in measured_sets().values() for file in measured.files]

    assert all(len(file.commit) == 40 and len(file.sha256) == 64 for file in files)


def test_the_origins_told_beside_the_kinships_are_those_of_the_measured_sets() -> None:
    assert measured_origins() == {name: Origin(m.entry, m.part) for name, m in measured_sets().items()}


def test_the_shipped_matrix_covers_every_pair_of_measured_sets() -> None:
    pairs = {frozenset((o.a, o.b)) for o in measured_overlaps()}

    assert pairs == {frozenset(pair) for pair in combinations(measured_sets(), 2)}


def test_shipped_figures_know_what_the_files_are() -> None:
    alpaca = measured_sets()["alpaca"]
    empty = next(
        m for m in alpaca.measurements if m.metric == "empty_output" and m.params == {"code": "empty"}
    )
    contained = [
        o
        for o in measured_overlaps()
        if o.a == "alpaca" and o.b.startswith("alpagasus") and o.b != "alpagasus-dolly" and "+" in o.view
    ]

    assert alpaca.rows_kept == 52_002
    assert empty.value == pytest.approx(28 / 52_002)
    assert [m.value for m in alpaca.measurements if m.metric == "dup_row"] == [0.0]
    assert len(contained) == 3
    assert all(o.share_b == 1.0 for o in contained)
