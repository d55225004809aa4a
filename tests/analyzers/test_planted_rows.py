"""What is planted in the sample datasets is found, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from analyzers.clusters import cluster_rows
from analyzers.contamination import RULES, contaminated_rows, contamination
from analyzers.duplicates import near_duplicates
from analyzers.overlap import overlap
from analyzers.removals import RowSet
from registry.registry import Registry
from registry.settings import Settings
from registry.shipped import SAMPLES_FILE
from registry.snapshot import Snapshot, open_snapshot

SETS = ("sample-human", "sample-distilled", "sample-selfimproved")
BENCHMARK = "sample-benchmark"
PLANTED: dict[str, list[dict[str, Any]]] = json.loads(
    SAMPLES_FILE.with_name("planted.json").read_text(encoding="utf-8")
)

Place = tuple[str, int]


@pytest.fixture
def samples(settings: Settings) -> Iterator[dict[str, Snapshot]]:
    with Registry.open(settings) as registry:
        yield {name: open_snapshot(registry, name) for name in (*SETS, BENCHMARK)}


def place(planted: dict[str, Any]) -> Place:
    return planted["dataset"], planted["row"]


def test_the_planted_pairs_across_sets_are_found_with_their_similarity(
    samples: dict[str, Snapshot], tmp_path: Path
) -> None:
    found: dict[frozenset[Place], float] = {}
    for a, b in combinations(SETS, 2):
        pairs = overlap(samples[a], samples[b], folder=tmp_path, explain=100).examples
        found |= {frozenset({(a, pair.row_a), (b, pair.row_b)}): pair.jaccard for pair in pairs}

    exact = {frozenset({place(p["a"]), place(p["b"])}): 1.0 for p in PLANTED["exact_duplicates"]}
    near = {frozenset({place(p["a"]), place(p["b"])}): p["jaccard"] for p in PLANTED["near_duplicates"]}
    assert found == pytest.approx(exact | near, abs=5e-5)


def test_the_planted_pairs_inside_sets_are_found(samples: dict[str, Snapshot], tmp_path: Path) -> None:
    found = {
        (name, frozenset({kept, removed}))
        for name in SETS
        for duplicates in [near_duplicates(samples[name], folder=tmp_path)]
        for kept, removed in zip(duplicates.kept_for.tolist(), duplicates.removed.tolist(), strict=True)
    }

    planted = PLANTED["near_duplicates_within"]
    assert found == {(p["a"]["dataset"], frozenset({p["a"]["row"], p["b"]["row"]})) for p in planted}


def test_one_row_of_every_planted_pair_is_kept_when_the_sets_are_mixed(
    samples: dict[str, Snapshot], tmp_path: Path
) -> None:
    gone = cluster_rows([RowSet(samples[name]) for name in SETS], folder=tmp_path)

    removed = {(SETS[part], row) for part, row in zip(gone.part.tolist(), gone.row.tolist(), strict=True)}
    pairs = [PLANTED[kind] for kind in ("exact_duplicates", "near_duplicates", "near_duplicates_within")]
    for planted in (pair for kind in pairs for pair in kind):
        assert len({place(planted["a"]), place(planted["b"])} & removed) == 1
    assert int(gone.exact.sum()) == 9


# The leak is a question with an answer of its own, which these two leave alone.
@pytest.mark.parametrize("rule", [name for name in RULES if name not in {"ngram12", "idf_cluster"}])
def test_the_planted_leak_is_found_by_the_rules_that_read_questions_and_nothing_else_is(
    rule: str, samples: dict[str, Snapshot]
) -> None:
    (leak,) = PLANTED["benchmark_leaks"]
    for name in SETS:
        found = contamination(samples[name], samples[BENCHMARK], rule=rule)

        expected = [(leak["benchmark"]["row"], leak["row"]["row"])] if name == leak["row"]["dataset"] else []
        assert [(example.benchmark_row, example.dataset_row) for example in found.examples] == expected
        assert found.benchmark_hits == len(expected)
        rows = contaminated_rows(samples[name], samples[BENCHMARK], rule=rule)
        assert rows.tolist() == [row for _, row in expected]
