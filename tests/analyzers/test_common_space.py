from __future__ import annotations

from collections.abc import Callable

import pytest

from analyzers.common_space import diversity
from analyzers.reference_pool import reference_prompts
from registry.errors import NotMeasuredError
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

VARIED = [(prompt, "an answer") for prompt in reference_prompts()[::9]]
NARROW = [(f"Write a poem about the colour of flower number {n}.", "an answer") for n in range(60)]


def values(found: object, metric: str, **params: object) -> list[float | None]:
    rows = [
        row
        for row in found.rows  # type: ignore[attr-defined]
        if row.metric == metric and params.items() <= dict(row.params).items()
    ]
    assert len(rows) == 1
    return list(rows[0].values)


def test_varied_rows_are_more_diverse_by_every_measure(snapshot_of: SnapshotOf) -> None:
    found = diversity({"varied": snapshot_of(VARIED), "narrow": snapshot_of(NARROW, "narrow")})

    assert found.datasets == ("varied", "narrow")
    assert all(row.measurements[0] is not None and row.measurements[0].n_used == 60 for row in found.rows)
    for metric, params in (
        ("novelsum", {}),
        ("vendi_q", {"q": 1}),
        ("cluster_entropy", {"normalised": False}),
        ("facility_coverage", {}),
        ("knn_distance", {"k": 5}),
    ):
        varied, narrow = values(found, metric, **params)
        assert varied > narrow, metric  # type: ignore[operator]
    near, far = values(found, "mean_pairwise_cosine")
    assert near < far  # type: ignore[operator]


def test_one_dataset_alone_has_the_cosine_of_its_own_space(snapshot_of: SnapshotOf) -> None:
    found = diversity({"varied": snapshot_of(VARIED)}, rows=50)
    again = diversity({"varied": snapshot_of(VARIED)}, rows=50)

    (cosine,) = values(found, "mean_pairwise_cosine")
    assert found == again
    assert cosine is not None
    assert 0 < cosine < 0.5


def test_the_order_of_the_datasets_changes_no_figure_of_theirs(snapshot_of: SnapshotOf) -> None:
    both = {"varied": snapshot_of(VARIED), "narrow": snapshot_of(NARROW, "narrow")}

    there = values(diversity(both), "novelsum")
    back = values(diversity(dict(reversed(both.items()))), "novelsum")

    assert there == pytest.approx(back[::-1], rel=1e-9)


def test_a_dataset_of_a_few_rows_is_refused_by_name(snapshot_of: SnapshotOf) -> None:
    small = snapshot_of([("Hello", "Hi"), ("", "Hi")] * 10, "small")

    with pytest.raises(NotMeasuredError, match="'small' has 10 rows with text in 'first_prompt'"):
        diversity({"varied": snapshot_of(VARIED), "small": small})


def test_without_datasets_there_is_nothing_to_lay_side_by_side() -> None:
    with pytest.raises(ValueError, match="at least one dataset"):
        diversity({})
