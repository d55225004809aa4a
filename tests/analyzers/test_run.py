from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from analyzers import row_features as rf
from analyzers.distributions import CONSTRAINT_EDGES, DRAWN, LENGTH_EDGES, TURN_EDGES
from analyzers.run import analyze, analyze_snapshot, choose
from analyzers.table import ANALYZERS, load_analyzer
from analyzers.text import word_list
from registry import row_groups
from registry.errors import UnknownMetricError
from registry.measurements import Distribution, Measurement
from registry.settings import Settings
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]
CHEAP = ["structure", "complexity", "hygiene"]
ROWS = [
    (f"Write {n} words about topic {n % 5}.", f"Topic {n % 5} is number {n}. " + "It is blue. " * (n % 9))
    for n in range(60)
]


class Store:
    """A registry that only remembers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stored: dict[str, list[Measurement]] = {}
        self.histograms: dict[str, list[Distribution]] = {}

    def add_measurements(self, snapshot_id: str, measurements: Iterable[Measurement]) -> None:
        self.stored[snapshot_id] = list(measurements)

    def add_distributions(self, snapshot_id: str, distributions: Iterable[Distribution]) -> None:
        self.histograms[snapshot_id] = list(distributions)


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 5 rows, so that few rows make many."""
    monkeypatch.setattr(row_groups, "BATCH_ROWS", 5)


def with_groups(snapshot: Snapshot, size: int) -> Snapshot:
    import pyarrow.parquet as pq

    table = pq.read_table(snapshot.rows_path)
    pq.write_table(table, snapshot.rows_path, row_group_size=size)
    fields = {**vars(snapshot), "rows_bytes": snapshot.rows_path.stat().st_size}
    fields.pop("_size_checked", None)
    return Snapshot(**fields)


def test_every_analyzer_answers_and_the_figures_are_stored(
    snapshot_of: SnapshotOf, settings: Settings
) -> None:
    snapshot, store = snapshot_of(ROWS, "mine"), Store(settings)
    steps: list[str] = []

    analysis = analyze_snapshot(
        store, snapshot, seed=4, progress=lambda done, total, stage: steps.append(stage)
    )

    metrics = {m.metric for m in analysis.measurements}
    assert metrics == {metric for name in ANALYZERS for metric in load_analyzer(name).metrics}
    assert store.stored == {snapshot.id: list(analysis.measurements)}
    assert store.histograms == {snapshot.id: list(analysis.distributions)}
    assert {(m.dataset, m.n_total) for m in analysis.measurements} == {("mine", 60)}
    assert {m.seed for m in analysis.measurements} == {4, None}
    assert steps == ["features", "analyze"]
    assert rf.has_features(snapshot, settings.features)


def test_batches_processes_and_stored_features_change_no_bit(
    snapshot_of: SnapshotOf, tmp_path: Path, small_groups: None
) -> None:
    snapshot = with_groups(snapshot_of(ROWS), 16)
    whole = analyze(snapshot, features_home=tmp_path / "features")

    again = analyze(snapshot, features_home=tmp_path / "features")

    assert again == whole
    assert analyze(snapshot) == whole


def test_two_processes_find_the_same_figures(
    snapshot_of: SnapshotOf, tmp_path: Path, small_groups: None
) -> None:
    snapshot = with_groups(snapshot_of(ROWS), 16)

    one = analyze(snapshot, features_home=tmp_path / "one")
    two = analyze(snapshot, features_home=tmp_path / "two", workers=2)

    assert two == one
    assert rf.row_features(snapshot, tmp_path / "two").equals(rf.row_features(snapshot, tmp_path / "one"))


def test_rows_cut_into_other_groups_give_the_same_figures(
    snapshot_of: SnapshotOf, request: pytest.FixtureRequest
) -> None:
    whole = analyze(snapshot_of(ROWS, "mine"))

    request.getfixturevalue("small_groups")
    cut = analyze(with_groups(snapshot_of(ROWS, "mine"), 16))

    assert cut == whole


def test_row_groups_may_end_where_long_texts_fill_them(snapshot_of: SnapshotOf) -> None:
    import pyarrow.parquet as pq

    snapshot = snapshot_of(ROWS, "mine")
    whole, limited = analyze(snapshot), analyze(snapshot, limit=10, only=CHEAP)
    table = pq.read_table(snapshot.rows_path)
    with pq.ParquetWriter(snapshot.rows_path, table.schema) as writer:
        for first, count in ((0, 7), (7, 1), (8, 30), (38, 22)):
            writer.write_table(table.slice(first, count))
    cut = Snapshot(**{**vars(snapshot), "rows_bytes": snapshot.rows_path.stat().st_size})

    assert [group.rows for group in row_groups.row_groups(cut.rows_path)] == [7, 1, 30, 22]
    assert [group.rows for group in row_groups.row_groups(cut.rows_path, 10)] == [7, 1, 2]
    assert analyze(cut) == whole
    assert analyze(cut, limit=10, only=CHEAP) == limited


def test_only_names_analyzers_or_metrics(snapshot_of: SnapshotOf) -> None:
    snapshot = snapshot_of(ROWS)

    found = analyze(snapshot, only=["mtld", "complexity", "len_words"]).measurements

    assert [name for name, _ in Counter(m.metric for m in found).items()] == [
        "len_words",
        "mtld",
        "n_constraints",
        "constraint_share",
        "code_ratio",
        "math_ratio",
    ]


def test_an_unknown_name_is_refused_with_its_neighbours() -> None:
    with pytest.raises(UnknownMetricError, match="did you mean lexical") as caught:
        choose(["lexicla"])

    assert caught.value.exit_code == 2
    with pytest.raises(UnknownMetricError, match="mtld"):
        choose(["mtdl"])
    assert choose([]).names == ()


def test_a_limit_looks_at_the_first_rows_and_stores_nothing(
    snapshot_of: SnapshotOf, settings: Settings
) -> None:
    snapshot, store = snapshot_of(ROWS), Store(settings)

    limited = analyze_snapshot(store, snapshot, only=CHEAP, limit=10)

    assert store.stored == {}
    assert not rf.has_features(snapshot, settings.features)
    assert {(m.n_used, m.n_total) for m in limited.measurements} == {(10, 60)}
    first = {
        (m.metric, m.view, str(m.params)): m.value
        for m in analyze(snapshot_of(ROWS[:10]), only=CHEAP).measurements
    }
    assert {(m.metric, m.view, str(m.params)): m.value for m in limited.measurements} == first
    assert limited.distributions[0].n_total == sum(limited.distributions[0].counts) == 10
    analyze_snapshot(store, snapshot, only=CHEAP, limit=60)
    assert analyze_snapshot(store, snapshot, only=CHEAP, limit=10).measurements == limited.measurements
    assert list(store.stored) == [snapshot.id]


def test_a_negative_limit_is_refused(snapshot_of: SnapshotOf) -> None:
    with pytest.raises(ValueError, match="-1"):
        analyze(snapshot_of(ROWS), limit=-1)


@pytest.mark.parametrize("limit", [None, 0])
def test_no_rows_give_nulls_with_reasons(snapshot_of: SnapshotOf, limit: int | None) -> None:
    analysis = analyze(snapshot_of(ROWS if limit == 0 else []), limit=limit)

    assert {m.metric for m in analysis.measurements} >= {
        "ttr",
        "len_words",
        "usable_rate",
        "dup_near",
        "vendi_q",
    }
    assert all(m.value is None and m.reason and m.n_used == 0 for m in analysis.measurements)
    assert all(sum(d.counts) == 0 for d in analysis.distributions)


def test_distributions_have_the_same_edges_for_all_and_count_every_row(snapshot_of: SnapshotOf) -> None:
    drawn = {d.metric: d for d in analyze(snapshot_of(ROWS), only=["structure"]).distributions}

    assert list(drawn) == list(DRAWN)
    assert drawn["prompt_words"].edges == LENGTH_EDGES
    assert {d.n_total for d in drawn.values()} == {sum(d.counts) for d in drawn.values()} == {60}
    words = [len(word_list(answer)) for _, answer in ROWS]
    found = drawn["response_words"]
    for low, high, count in zip(found.edges, found.edges[1:], found.counts, strict=False):
        assert count == sum(low <= n < high for n in words)


@pytest.mark.parametrize("edges", [LENGTH_EDGES, TURN_EDGES, CONSTRAINT_EDGES])
def test_edges_rise_from_zero(edges: tuple[float, ...]) -> None:
    assert edges[0] == 0
    assert list(edges) == sorted(set(edges))


def test_beyond_50000_rows_pairs_and_words_are_sampled_and_counts_are_not(
    snapshot_of: SnapshotOf, monkeypatch: pytest.MonkeyPatch, small_groups: None
) -> None:
    monkeypatch.setattr("analyzers.sampling.EXACT_ROWS", 50)
    monkeypatch.setattr("analyzers.sampling.SAMPLE_ROWS", 20)
    snapshot = with_groups(snapshot_of(ROWS), 16)

    first, second, other = (analyze(snapshot, seed=seed) for seed in (1, 1, 2))

    used = {m.metric: m.n_used for m in first.measurements}
    assert used["ttr"] == used["vendi_q"] == 20
    assert used["len_words"] == used["usable_rate"] == used["dup_near"] == used["n_constraints"] == 60
    assert first == second
    assert first.measurements != other.measurements


@pytest.mark.real
def test_the_figures_of_real_rows_equal_counting_by_hand(
    snapshot_of: SnapshotOf, real_data: Path, tmp_path: Path
) -> None:
    with gzip.open(real_data / "stanford-alpaca" / "alpaca_data.json.gz", "rt") as file:
        rows = json.load(file)[:3000]
    pairs = [(f"{row['instruction']}\n{row['input']}", row["output"]) for row in rows]

    found = analyze(snapshot_of(pairs), only=["structure", "lexical"], features_home=tmp_path).measurements

    values = {(m.metric, m.view, *m.params.values()): m.value for m in found}
    words = [word_list(answer) for _, answer in pairs]
    assert values["len_words", "response", "mean"] == sum(map(len, words)) / len(words)
    assert values["len_chars", "prompt", "mean"] == sum(len(prompt) for prompt, _ in pairs) / len(pairs)
    for n in range(1, 5):
        grams = [tuple(row[i : i + n]) for row in words for i in range(len(row) - n + 1)]
        assert values["distinct_n", "response", n] == len(set(grams)) / len(grams)
