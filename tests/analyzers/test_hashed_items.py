"""A benchmark of which only hashes are at hand is found wherever its text would be found."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_leak_rules import batch_of, items_of, rows_of

from analyzers.benchmark_items import Items, TextField
from analyzers.benchmark_search import BenchmarkIndex
from analyzers.benchmark_sources import HASHED
from analyzers.contamination import contamination, contaminations
from analyzers.hashed_items import HASHED_RULES, HashedField, hashed_items, hashed_texts, unmix64
from analyzers.leak_rules import RULES
from analyzers.text import mix64
from registry import hashed_benchmarks
from registry.errors import IntegrityError, NotMeasuredError
from registry.hashed_benchmarks import (
    FOLDER,
    HashedBenchmark,
    HashedRecord,
    HashedTexts,
    arrays_of,
    content_sha256,
    hashed_records,
    load_hashed,
)
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

QUESTION = (
    "A lamplighter has forty-two lamps on the quay and eleven on the hill; how many does he light on a night"
    " when the hill is under snow?"
)
ANSWER = "He lights the lamps on the quay only, so forty-two lamps burn on such a night."


@settings(max_examples=40, deadline=None)
@given(items_of, rows_of, st.data())
@pytest.mark.parametrize("rule", HASHED_RULES)
def test_hashes_find_what_texts_find(
    rule: str, items: list[tuple[str, str]], rows: list[tuple[str, str]], data: st.DataObject
) -> None:
    rows += data.draw(st.lists(st.sampled_from(items), max_size=3))
    questions, answers = zip(*items, strict=True)
    batch = batch_of(rows)

    texts = BenchmarkIndex(Items.of_texts(questions, answers), RULES[rule])
    hashes = BenchmarkIndex(hashed_items(hashed(questions, answers)), RULES[rule])

    one, other = texts.find(batch), hashes.find(batch)
    for side in ("every", "answer"):
        for name in ("rows", "items", "shares", "hits"):
            assert np.array_equal(getattr(getattr(one, side), name), getattr(getattr(other, side), name))
    assert np.array_equal(one.items_with_both, other.items_with_both)
    assert np.array_equal(texts.coverable, hashes.coverable)
    assert texts.questions.ignored_grams == hashes.questions.ignored_grams


def hashed(questions: tuple[str, ...], answers: tuple[str, ...]) -> HashedBenchmark:
    """A hashed benchmark that went through its file's arrays."""
    arrays = arrays_of(hashed_texts(questions), hashed_texts(answers))
    sides = [hashed_benchmarks._texts(arrays, side) for side in ("questions", "answers")]
    return HashedBenchmark(record(len(questions), content_sha256(arrays)), *sides)


def record(rows: int, sha256: str) -> HashedRecord:
    return HashedRecord(
        name="bench",
        title="Bench",
        licence="MIT",
        version=1,
        date="2026-01-01",
        tokenizer="w1",
        rows=rows,
        sha256=sha256,
        bytes=0,
        files=(),
        ceilings={"exact": ()},
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=30).map(" ".join), max_size=6))
def test_thirteen_grams_follow_from_eight_and_five(texts: list[str]) -> None:
    joined, direct = HashedField(hashed_texts(texts)).grams(13), TextField(texts).grams(13)

    assert np.array_equal(joined.hashes, direct.hashes)
    assert np.array_equal(joined.offsets, direct.offsets)


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_mixing_can_be_undone(values: list[int]) -> None:
    hashes = np.array(values, np.uint64)

    assert np.array_equal(unmix64(mix64(hashes)), hashes)


def test_a_hashed_benchmark_says_so_and_shows_rows_only(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([("Hello.", "Hi."), (QUESTION, ANSWER)], "rows")
    bench = hashed((QUESTION, "Name a lake."), (ANSWER, "Onega"))

    found = contamination(rows, bench, rule="ngram13")

    assert (found.benchmark_form, found.benchmark_hits, found.question_answer_hits) == (HASHED, 1, 1)
    (leak,) = found.examples
    assert (leak.benchmark_row, leak.dataset_row, leak.question, leak.shared) == (0, 1, None, None)
    assert leak.text.startswith("A lamplighter")


def test_rules_that_need_words_are_left_out_of_all_and_refused_by_name(snapshot_of: SnapshotOf) -> None:
    rows, bench = snapshot_of([(QUESTION, "")], "rows"), hashed((QUESTION,), (ANSWER,))

    assert [found.rule for found in contaminations(rows, [bench], rule="all")] == list(HASHED_RULES)
    with pytest.raises(NotMeasuredError, match="instructory fetch bench"):
        contamination(rows, bench, rule="ngram12")


def test_ignored_grams_are_listed_by_their_hash(snapshot_of: SnapshotOf) -> None:
    stem = "the lamps on the quay burn longer than the lamps on the hill do"
    questions = tuple(f"{stem} {letter}" for letter in "abcdefghijkl")

    found = contamination(snapshot_of([(QUESTION, "")], "rows"), hashed(questions, ("",) * 12))

    assert found.ignored_grams == 2
    assert found.ignored[0].text.startswith("#")


@pytest.mark.parametrize("name", hashed_records())
def test_the_shipped_hashes_are_those_of_the_manifest(name: str) -> None:
    bench = load_hashed(name)

    assert len(bench.questions.counts) == len(bench.answers.counts) == bench.record.rows
    assert (FOLDER / f"{name}.npz").stat().st_size == bench.record.bytes
    assert set(bench.record.ceilings) == set(HASHED_RULES)
    assert all(len(file.commit) == 40 and len(file.sha256) == 64 for file in bench.record.files)


def test_the_shipped_hashes_stay_small_and_hold_no_words() -> None:
    assert sum(record.bytes for record in hashed_records().values()) < 6.5e6
    for name in hashed_records():
        with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as stored:
            assert all(stored[key].dtype.kind in "iu" for key in stored.files)


def test_hashes_that_were_touched_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = arrays_of(hashed_texts([QUESTION]), hashed_texts([ANSWER]))
    known = {"bench": record(1, content_sha256(arrays))}
    monkeypatch.setattr(hashed_benchmarks, "hashed_records", lambda: known)
    np.savez(tmp_path / "bench.npz", **arrays)
    assert load_hashed("bench", tmp_path).record.rows == 1

    arrays["questions_keys"] += np.uint64(1)
    np.savez(tmp_path / "bench.npz", **arrays)

    with pytest.raises(IntegrityError, match="manifest"):
        load_hashed("bench", tmp_path)
    (tmp_path / "bench.npz").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(IntegrityError, match="cannot be read"):
        load_hashed("bench", tmp_path)


def test_the_manifest_is_plain_json() -> None:
    for name, found in hashed_records().items():
        assert json.loads(json.dumps(found.to_json()))["name"] == name
        assert dataclasses.replace(found) == found


@pytest.mark.real
def test_the_shipped_hashes_are_made_again_from_the_public_file(
    real_data: Path, snapshot_of: SnapshotOf
) -> None:
    from test_contamination import gsm8k_rows

    questions, answers = zip(*gsm8k_rows(real_data / "gsm8k" / "test.jsonl.gz"), strict=True)

    made = content_sha256(arrays_of(hashed_texts(questions), hashed_texts(answers)))

    assert made == hashed_records()["gsm8k-test"].sha256


def test_texts_of_one_field_keep_their_counts() -> None:
    texts: HashedTexts = hashed_texts(["", "one two", " ".join("abcdefghijklmn")])

    assert texts.counts.tolist() == [0, 2, 14]
    assert [bool(whole) for whole in texts.wholes] == [False, True, False]
    assert int(texts.keys[0]) == 0
