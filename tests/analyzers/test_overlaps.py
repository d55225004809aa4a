from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzers import overlaps as module
from analyzers.overlap import overlap
from analyzers.overlaps import overlaps
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

# Few words, so that equal texts, similar texts and texts held by several datasets are all common.
texts = st.lists(st.sampled_from("abcd"), max_size=7).map(" ".join)
datasets = st.lists(st.lists(st.tuples(texts, st.sampled_from(["", "x", "x y"])), max_size=9), max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=datasets, shingle=st.integers(1, 3), threshold=st.sampled_from([0.5, 0.8]), block=st.integers(1, 9)
)
def test_one_sweep_says_what_every_two_alone_say(
    rows: list[list[tuple[str, str]]],
    shingle: int,
    threshold: float,
    block: int,
    snapshot_of: SnapshotOf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BLOCK_PAIRS", block)
    snapshots = [snapshot_of(own, f"d{number}") for number, own in enumerate(rows)]
    how = {"folder": tmp_path, "shingle": shingle, "threshold": threshold, "explain": 2}

    assert overlaps(snapshots, **how) == [overlap(a, b, **how) for a, b in combinations(snapshots, 2)]  # type: ignore[arg-type]


def test_a_dataset_given_twice_overlaps_itself(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = snapshot_of([("Name a fruit.", "Pear."), ("Name a fruit.", "Pear."), ("", "")])

    (found,) = overlaps([rows, rows], folder=tmp_path)

    assert (found.matched_a, found.matched_b, found.exact_a, found.pairs) == (2, 2, 2, 4)


@pytest.mark.real
def test_real_sets_share_in_one_sweep_what_they_share_two_by_two(
    real_data: Path, snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    snapshots = []
    for name in ("claude_t45", "helpfulness_t45", "random_9k"):
        with gzip.open(real_data / "alpagasus" / f"{name}.json.gz", "rt", encoding="utf-8") as file:
            rows = json.load(file)
        sides = [(f"{row['instruction']}\n{row['input']}", row["output"]) for row in rows]
        snapshots.append(snapshot_of(sides, name))

    found = overlaps(snapshots, folder=tmp_path, explain=3)

    assert found == [overlap(a, b, folder=tmp_path, explain=3) for a, b in combinations(snapshots, 2)]
    assert all(result.matched_a >= result.exact_a > 0 for result in found)
