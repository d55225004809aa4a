"""Fair comparison: equal draws, the same whatever the order of rows, datasets and processes."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.fair.compare import fair_comparison
from analyzers.fair.draws import Pool, drawn_batch, first_words, view_words
from analyzers.fair.gathered import gathered
from analyzers.fair.jobs import measured, row_jobs
from analyzers.text import words
from registry.comparisons import Drawn, FairComparison, FairFigure
from registry.errors import NotMeasuredError
from registry.registry import Registry
from registry.settings import Settings
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]
WORDS = ["sea", "sky", "salt", "wind", "sand", "rock", "tide", "gull", "foam", "wave"]
MANY = [f"{word}{n}" for word in WORDS for n in range(500)]


def rows_of(count: int, seed: int, *, vocabulary: Sequence[str] = WORDS) -> list[tuple[str, str]]:
    dice = random.Random(seed)
    return [
        (
            f"{n} " + " ".join(dice.choices(vocabulary, k=dice.randint(1, 9))),
            " ".join(dice.choices(vocabulary, k=dice.randint(0, 30))),
        )
        for n in range(count)
    ]


def figure(found: FairComparison, metric: str, view: str = "response") -> FairFigure:
    (one,) = [f for f in found.figures if (f.metric, f.view) == (metric, view)]
    return one


@pytest.fixture
def pair(snapshot_of: SnapshotOf) -> tuple[Snapshot, Snapshot]:
    return snapshot_of(rows_of(30, 1), "a"), snapshot_of(rows_of(50, 2, vocabulary=MANY), "b")


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with Registry.open(settings) as opened:
        yield opened


def slow_ratios(snapshots: Sequence[Snapshot], size: int, *, by_words: bool) -> list[float]:
    """TTR of the responses of 20 draws, row by row, with sets."""
    rows = [row for s in snapshots for row in s.take(range(s.rows_kept)).to_pylist()]
    pool = Pool.of(snapshots, 0)
    ratios = []
    for draw in range(20):
        said: list[str] = []
        for place, row in enumerate(pool.order(draw)):
            more = rows[row]["response"].split()
            if (len(said) + len(more) > size) if by_words else place == size:
                break
            said += more
        ratios.append(len(set(said)) / len(said))
    return ratios


@pytest.mark.parametrize("unit", ["rows", "tokens"])
def test_figures_are_those_of_draws_made_row_by_row(pair: tuple[Snapshot, Snapshot], unit: str) -> None:
    size = 12 if unit == "rows" else 150

    found = figure(fair_comparison(pair, unit=unit, size=size, only=["ttr"]), "ttr")

    for drawn, held in zip((*found.drawn, found.random), ([pair[0]], [pair[1]], pair), strict=True):
        ratios = sorted(slow_ratios(held, size, by_words=unit == "tokens"))
        assert drawn.value == pytest.approx(fmean(ratios), abs=1e-12)
        assert drawn.ci_low == pytest.approx(ratios[0] + 0.475 * (ratios[1] - ratios[0]), abs=1e-12)
        assert drawn.ci_high == pytest.approx(ratios[18] + 0.525 * (ratios[19] - ratios[18]), abs=1e-12)
        assert (drawn.rows == size) if unit == "rows" else (drawn.words is not None and drawn.words <= size)
    assert found.place(1) == "above"


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.integers(1, 200), st.randoms())
def test_rows_stay_whole_and_the_next_would_pass_the_budget(
    sizes: list[int], budget: int, dice: random.Random
) -> None:
    order = list(range(len(sizes)))
    dice.shuffle(order)

    chosen = first_words(np.array(order), np.array(sizes), budget).tolist()

    assert chosen == order[: len(chosen)]
    assert sum(sizes[row] for row in chosen) <= budget
    if len(chosen) < len(order):
        assert sum(sizes[row] for row in order[: len(chosen) + 1]) > budget


def test_neither_the_order_of_rows_nor_of_datasets_nor_the_processes_change_a_bit(
    pair: tuple[Snapshot, Snapshot], snapshot_of: SnapshotOf
) -> None:
    a, b = pair
    rows = rows_of(30, 1)
    mixed = snapshot_of([*rows[11:], *rows[:11]], "a")
    only = ["ttr", "mtld"]  # the second depends on the order of words

    plain = fair_comparison([a, b], only=only)

    assert fair_comparison([mixed, b], only=only).figures == plain.figures
    turned = fair_comparison([b, a], only=only, workers=2)
    assert [(f.drawn[::-1], f.random) for f in turned.figures] == [(f.drawn, f.random) for f in plain.figures]


def test_a_job_travels_and_answers_alone(pair: tuple[Snapshot, Snapshot]) -> None:
    pools = [Pool.of([pair[0]], 0), Pool.of([pair[1]], 0), Pool.of(pair, 0)]
    job = row_jobs(pools, 20, 10)[47]

    there = measured(["lexical"], 0, pickle.loads(pickle.dumps(job)))

    assert there == measured(["lexical"], 0, job)
    assert (job.pool, job.draw) == (2, 7)
    assert sum(len(picked.positions) for picked in job.picked) == 10


def test_draws_read_alike_from_the_dataset_and_from_the_rows_gathered_of_it(
    snapshot_of: SnapshotOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = [snapshot_of(rows_of(9_000, 5), "a"), snapshot_of(rows_of(30, 6), "b")]
    with gathered(row_jobs([Pool.of([s], 0) for s in pair] + [Pool.of(pair, 0)], 20, 25)) as ready:
        paths = {picked.path for job in ready for picked in job.picked}
    small = fair_comparison(pair, size=25, only=["mtld"])
    monkeypatch.setattr("analyzers.fair.gathered.GATHERED_SHARE", 0.0)
    large = fair_comparison(pair, size=25, only=["mtld"])

    assert small == large
    assert pair[1].rows_path in paths
    assert pair[0].rows_path not in paths
    assert not any(path.exists() for path in paths - {pair[1].rows_path})


def test_a_draw_holds_each_row_once_in_its_order(pair: tuple[Snapshot, Snapshot]) -> None:
    pool = Pool.of(pair, 3)
    order = pool.order(4)

    batch = drawn_batch(pool.picked(order))

    texts = [row["response"] for s in pair for row in s.take(range(s.rows_kept)).to_pylist()]
    assert sorted(order.tolist()) == list(range(80))
    assert batch.view("response").to_pylist() == [texts[row] for row in order]
    assert order.tolist() != pool.order(5).tolist()


def test_a_set_smaller_than_a_draw_has_null_figures_with_the_reason(
    pair: tuple[Snapshot, Snapshot],
) -> None:
    found = figure(fair_comparison(pair, size=40, only=["ttr"]), "ttr")
    none = figure(fair_comparison(pair, unit="tokens", size=10**6, only=["ttr"]), "ttr")

    assert (found.drawn[0].value, found.drawn[0].reason) == (None, "30 rows, fewer than a draw of 40")
    assert found.drawn[1].value is not None
    assert found.place(0) is None
    assert all("words in the view response, fewer than" in str(d.reason) for d in (*none.drawn, none.random))
    assert none.version == 0


def test_what_is_undefined_in_a_draw_is_null(snapshot_of: SnapshotOf) -> None:
    blank = snapshot_of([("", ""), ("", "")], "blank")

    found = fair_comparison([blank, snapshot_of(rows_of(4, 1), "a")], only=["ttr"])

    assert "undefined in 20 of 20 draws: 0 words in all" in str(figure(found, "ttr").drawn[0].reason)
    with pytest.raises(ValueError, match="two datasets"):
        fair_comparison([blank], only=["ttr"])


def test_figures_that_name_their_rows_are_one_figure_over_all_draws(pair: tuple[Snapshot, Snapshot]) -> None:
    found = fair_comparison(pair, unit="tokens", size=120, only=["self_bleu"])

    assert [f.view for f in found.figures] == ["first_prompt", "response"]
    assert all("rows" not in f.params for f in found.figures)
    assert all(drawn.value is not None for f in found.figures for drawn in (*f.drawn, f.random))
    assert len({drawn.rows for f in found.figures for drawn in f.drawn}) > 1


def test_words_of_a_view_are_counted_row_by_row(pair: tuple[Snapshot, Snapshot]) -> None:
    counted = view_words(pair[0], ["first_prompt", "response"])

    rows = pair[0].take(range(30))
    assert counted["response"].tolist() == words(rows.column("response").combine_chunks()).counts.tolist()
    assert counted["first_prompt"].sum() == sum(
        len(text.split()) for text in rows.column("prompt").to_pylist()
    )


def test_a_comparison_is_kept_until_one_of_its_sets_changes(
    pair: tuple[Snapshot, Snapshot], snapshot_of: SnapshotOf, registry: Registry
) -> None:
    found = fair_comparison(pair, only=["ttr"])
    with pytest.raises(NotMeasuredError, match="fetch the dataset first"):
        registry.add_comparison(found)
    write_manifests(pair)
    for snapshot in pair:
        registry.add_snapshot(snapshot)

    registry.add_comparison(found)
    registry.add_comparison(found)

    assert registry.comparisons() == registry.comparisons("b") == [found]
    assert registry.comparisons("c") == []
    assert registry.measurements("a") == []
    later = snapshot_of(rows_of(3, 9), "b")
    write_manifests([later])
    registry.add_snapshot(later)
    assert registry.comparisons() == []


def test_places_beside_random_need_ranges_that_do_not_meet() -> None:
    def drawn(low: float, high: float) -> Drawn:
        return Drawn(value=(low + high) / 2, ci_low=low, ci_high=high)

    found = FairFigure(
        metric="ttr",
        version=1,
        view=None,
        size=1,
        drawn=(drawn(0.5, 0.6), drawn(0.1, 0.2), drawn(0.2, 0.4), Drawn(value=None)),
        random=drawn(0.3, 0.4),
    )

    assert [found.place(n) for n in range(4)] == ["above", "below", "within", None]


def write_manifests(snapshots: Sequence[Snapshot]) -> None:
    from registry.snapshot import MANIFEST_FILE, manifest_of

    for snapshot in snapshots:
        (snapshot.folder / MANIFEST_FILE).write_text(json.dumps(manifest_of(snapshot)), encoding="utf-8")
