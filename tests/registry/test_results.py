"""What was fetched and measured is kept with its snapshot, and only the latest speaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from registry.contaminations import (
    Contamination,
    FormRecall,
    IgnoredGram,
    Leak,
    contaminations_json,
    load_measured_contaminations,
)
from registry.errors import IntegrityError, NotMeasuredError
from registry.fetch import fetch
from registry.measurements import Distribution, MatchedPair, Measurement, Overlap
from registry.registry import Registry
from registry.settings import Settings
from registry.snapshot import Snapshot


@pytest.fixture
def settings(settings: Settings, database_url: str) -> Settings:
    """A fresh home, its database of each kind."""
    return settings.model_copy(update={"database": database_url})


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with Registry.open(settings) as opened:
        yield opened


def rows_file(folder: Path, name: str, *answers: str) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps({"prompt": "Say it.", "completion": text}) + "\n" for text in answers))
    return path


def snapshot_of(registry: Registry, folder: Path, dataset: str, *answers: str) -> Snapshot:
    return fetch(registry, dataset, source=rows_file(folder, f"{dataset}.jsonl", *answers))


def measurement(**changes: object) -> Measurement:
    plain = Measurement(
        dataset="alpaca", metric="mean_words", version=1, view="response", n_total=2, n_used=2, value=3.5
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def overlap(**changes: object) -> Overlap:
    pair = MatchedPair(row_a=0, row_b=1, jaccard=1.0, text_a="a\x00", text_b="a\x00", shared="a")
    plain = Overlap(
        a="alpaca",
        b="dolly-15k",
        view="prompt",
        shingle=5,
        threshold=0.8,
        rows_a=2,
        rows_b=2,
        matched_a=1,
        matched_b=1,
        exact_a=1,
        exact_b=1,
        pairs=1,
        examples=(pair,),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_snapshot_is_remembered_and_can_be_opened(registry: Registry, tmp_path: Path) -> None:
    made = snapshot_of(registry, tmp_path, "alpaca", "one", "two")

    assert registry.latest_snapshot("alpaca") == made
    assert registry.snapshots() == registry.snapshots("alpaca") == [made]
    assert registry.latest_snapshot("dolly-15k") is None
    assert registry.describe("alpaca")["snapshots"][0]["rows_kept"] == 2


def test_the_snapshot_added_last_is_the_latest_also_when_it_was_known(
    registry: Registry, tmp_path: Path
) -> None:
    first = snapshot_of(registry, tmp_path, "alpaca", "one")
    second = snapshot_of(registry, tmp_path, "alpaca", "two")
    assert registry.latest_snapshot("alpaca") == second

    registry.add_snapshot(first)
    registry.add_snapshot(first)

    assert registry.latest_snapshot("alpaca") == first
    assert registry.snapshots("alpaca") == [second, first]


def test_a_home_may_move(registry: Registry, settings: Settings, tmp_path: Path) -> None:
    made = snapshot_of(registry, tmp_path, "alpaca", "one")
    registry.close()
    moved = tmp_path / "moved"
    settings.home.rename(moved)

    with Registry.open(settings.model_copy(update={"home": moved})) as again:
        found = again.latest_snapshot("alpaca")

    assert found is not None
    assert found.id == made.id
    assert found.folder.is_relative_to(moved)


def test_rows_that_are_gone_are_an_integrity_error(registry: Registry, tmp_path: Path) -> None:
    made = snapshot_of(registry, tmp_path, "alpaca", "one")
    for path in made.folder.iterdir():
        path.unlink()

    with pytest.raises(IntegrityError):
        registry.latest_snapshot("alpaca")


def test_equal_settings_replace_and_other_settings_stay(registry: Registry, tmp_path: Path) -> None:
    made = snapshot_of(registry, tmp_path, "alpaca", "one")
    registry.add_measurements(
        made.id, [measurement(), measurement(params={"n": 2}), measurement(tokenizer="w1")]
    )

    registry.add_measurements(made.id, [measurement(value=4.0, version=2)])

    found = registry.measurements("alpaca")
    assert len(found) == 3
    assert [m.value for m in found if not m.params and m.tokenizer is None] == [4.0]
    assert registry.measurements(metric="mean_words") == found
    assert registry.measurements(metric="other") == registry.measurements("dolly-15k") == []


def test_only_the_latest_snapshot_speaks(registry: Registry, tmp_path: Path) -> None:
    old = snapshot_of(registry, tmp_path, "alpaca", "one")
    registry.add_measurements(old.id, [measurement()])
    new = snapshot_of(registry, tmp_path, "alpaca", "two")
    assert registry.measurements("alpaca") == []

    registry.add_measurements(new.id, [measurement(value=9.0)])

    assert [m.value for m in registry.measurements()] == [9.0]
    assert registry.describe("alpaca")["measurements"][0]["value"] == 9.0


def test_results_of_an_unknown_snapshot_are_refused(registry: Registry) -> None:
    with pytest.raises(NotMeasuredError, match="fetch"):
        registry.add_measurements("0" * 64, [measurement()])
    with pytest.raises(NotMeasuredError):
        registry.add_overlap("0" * 64, "1" * 64, overlap())
    assert registry.measurements() == []


def test_histograms_come_back_as_they_were(registry: Registry, tmp_path: Path) -> None:
    made = snapshot_of(registry, tmp_path, "alpaca", "one")
    plain = Distribution(
        dataset="alpaca",
        metric="words",
        view="response",
        unit="words",
        edges=(0.0, 1.0, 2.5),
        counts=(1, 1),
        n_total=2,
    )

    registry.add_distributions(made.id, [plain, plain])

    assert registry.distributions("alpaca", metric="words") == [plain]


def test_overlaps_are_kept_once_for_each_rule_and_side(registry: Registry, tmp_path: Path) -> None:
    a = snapshot_of(registry, tmp_path, "alpaca", "one")
    b = snapshot_of(registry, tmp_path, "dolly-15k", "one")
    registry.add_overlap(a.id, b.id, overlap(matched_a=0))

    registry.add_overlap(a.id, b.id, overlap())
    registry.add_overlap(a.id, b.id, overlap(threshold=0.7))

    assert len(registry.overlaps()) == 2
    assert registry.overlaps("dolly-15k") == registry.overlaps("alpaca")
    assert overlap() in registry.overlaps("alpaca")
    assert registry.overlaps("lima") == []


def test_an_overlap_with_an_old_snapshot_is_not_shown(registry: Registry, tmp_path: Path) -> None:
    a = snapshot_of(registry, tmp_path, "alpaca", "one")
    b = snapshot_of(registry, tmp_path, "dolly-15k", "one")
    registry.add_overlap(a.id, b.id, overlap())

    snapshot_of(registry, tmp_path, "alpaca", "two")

    assert registry.overlaps() == []


def test_results_survive_a_change_of_the_catalogue(
    registry: Registry, settings: Settings, tmp_path: Path
) -> None:
    made = snapshot_of(registry, tmp_path, "alpaca", "one")
    registry.add_measurements(made.id, [measurement()])
    text = Path(__file__).parents[2].joinpath("catalog.yaml").read_text(encoding="utf-8")
    changed = tmp_path / "catalog.yaml"
    changed.write_text(text + "# edited\n", encoding="utf-8")

    with Registry.open(settings.model_copy(update={"catalog": changed})) as again:
        assert again.measurements("alpaca") == [measurement()]


def test_any_parameters_survive(settings: Settings, tmp_path: Path) -> None:
    values = (
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
    )
    with Registry.open(settings) as registry:
        made = snapshot_of(registry, tmp_path, "alpaca", "one")

        @budget(max_examples=20, deadline=None)
        @given(st.dictionaries(st.text(max_size=5), values | st.text(max_size=5), max_size=3))
        def check(params: dict[str, object]) -> None:
            wanted = measurement(params=params, metric="any")
            registry.add_measurements(made.id, [wanted])

            assert wanted in registry.measurements("alpaca", metric="any")

        check()


def leaks(**changes: object) -> Contamination:
    leak = Leak(benchmark_row=1, dataset_row=0, share=1.0, question="Why?", text="Why? So.", shared="why")
    form = FormRecall(
        form="verbatim", planted=2, found=2, answer_found=0, recall=1.0, ci_low=0.34, ci_high=1.0
    )
    plain = Contamination(
        dataset="alpaca", benchmark="exam", benchmark_form="rows", rule="ngram13", rule_version=1,
        dataset_rows=1, benchmark_rows=2, benchmark_hits=1, benchmark_ci_low=0.1, benchmark_ci_high=0.9,
        dataset_hits=1, dataset_ci_low=0.2, dataset_ci_high=1.0, question_answer_hits=0, answer_only_hits=0,
        answers_checked=0, short_items=0, coverable=1.0, coverable_items=2, mean_share=0.5, upper_bound=0.9,
        ignored_grams=1, ignored=(IgnoredGram("so it is", 3),), examples=(leak,), ceiling=(form,),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_what_was_found_of_a_benchmark_replaces_what_the_same_rule_found_before(
    registry: Registry, tmp_path: Path
) -> None:
    held = snapshot_of(registry, tmp_path, "alpaca", "So.")

    registry.add_contaminations(held.id, [leaks(), leaks(rule="ngram8_any"), leaks(benchmark="quiz")])
    registry.add_contaminations(held.id, [leaks(benchmark_hits=0, examples=())])

    found = registry.contaminations("alpaca")
    assert found == [
        leaks(benchmark_hits=0, examples=()), leaks(rule="ngram8_any"), leaks(benchmark="quiz"),
    ]  # fmt: skip
    assert registry.contaminations() == found
    assert registry.contaminations("dolly") == []
    with pytest.raises(NotMeasuredError, match="fetch the dataset first"):
        registry.add_contaminations("0" * 64, [leaks()])


def test_shipped_results_hold_figures_and_no_texts(tmp_path: Path) -> None:
    plain = contaminations_json([leaks()])
    (tmp_path / "contaminations.json").write_text(json.dumps(plain))

    assert "Why" not in json.dumps(plain)
    assert load_measured_contaminations(tmp_path) == (leaks(ignored=(), examples=(), ceiling=()),)
    assert load_measured_contaminations(tmp_path / "nowhere") == ()
