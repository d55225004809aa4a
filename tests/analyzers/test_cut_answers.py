"""Answers cut at a common length are told from long answers by their open ends and their number; and the
rows so told are the same wherever flags are read."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import row_features as rf
from analyzers.cut_answers import Cut, LengthCounts, ends_open, find_cut
from analyzers.hygiene import FLAGS, explain
from analyzers.run import analyze
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import Snapshot
from registry.sources import path_source

SnapshotOf = Callable[..., Snapshot]
TRUNCATED = next(place for place, flag in enumerate(FLAGS) if flag.id == "truncated")

counts = st.dictionaries(st.integers(1, 120), st.tuples(st.integers(1, 40), st.integers(0, 40)), max_size=12)


@settings(max_examples=300, deadline=None)
@given(counts, st.integers(0, 60))
def test_the_cut_is_the_one_the_definition_names(plain: dict[int, tuple[int, int]], pile: int) -> None:
    total = LengthCounts({length: max(rows, opened) for length, (rows, opened) in plain.items()},
                         {length: opened for length, (_, opened) in plain.items() if opened})  # fmt: skip
    total += LengthCounts({121: pile}, {121: pile})

    assert find_cut(total) == slow(total)


def slow(total: LengthCounts) -> Cut | None:
    rows, best = sum(total.rows.values()), (0, 0)
    for m in sorted(length for length, number in total.rows.items() if number):
        top, middle, bottom = (math.floor(m * share + 1e-9) for share in (1.0, 0.98, 0.96))
        longer = sum(n for length, n in total.rows.items() if length > m)
        here, before = between(total.open, middle, top), between(total.open, bottom, middle)
        rows_here = between(total.rows, middle, top)
        others = between(total.rows, 31, 999) - rows_here
        open_others = between(total.open, 31, 999) - here
        is_unusual = not others or here / rows_here >= 2 * open_others / others - 1e-12
        is_pile = here >= 10 and here >= 3 * before and longer <= min(0.01 * rows, here)
        if m >= 32 and is_pile and is_unusual and here > best[1]:
            best = (m, here)
    length = best[0]
    around = math.ceil(length * 0.98 - 1e-9) - 1, math.floor(length * 1.02 + 1e-9)
    return Cut(length, between(total.open, *around)) if length else None


def between(counted: object, low: int, high: int) -> int:
    return sum(n for length, n in counted.items() if low < length <= high)  # type: ignore[attr-defined]


def test_open_answers_of_every_length_are_no_cut() -> None:
    plain = dict.fromkeys(range(400, 500), 6)

    assert find_cut(LengthCounts(plain, plain)) is None


def test_a_pile_below_many_longer_answers_is_a_form_and_no_cut() -> None:
    """Lists of twelve labels, all of one length, far below the longest answers."""
    plain = dict.fromkeys(range(20, 50), 100) | {59: 20} | dict.fromkeys(range(100, 125), 1)

    assert find_cut(LengthCounts(plain, {59: 20})) is None
    assert find_cut(LengthCounts(plain | {59: 30}, {59: 30})) == Cut(59, 30)


def test_open_ends_say_nothing_where_most_answers_have_them() -> None:
    plain = dict.fromkeys(range(40, 90), 20) | {100: 60}
    half = dict.fromkeys(plain, 11) | {100: 60}

    assert find_cut(LengthCounts(plain, half)) is None
    assert find_cut(LengthCounts(plain, {100: 60})) == Cut(100, 60)


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("He went to the", True), ("and then,", True), ("a list of 3", True), ("die Straße", True),
        ("于是他", True),
        ("He went.", False), ("Really?", False), ("(so)", False), ("\"Yes\"", False), ("```\nx\n```", False),
        ("完了。", False), ("Fine 🙂", False), ("", False), (" \n", False), ("Done. \n\n", False),
        ("**bold**", False),
    ],
)  # fmt: skip
def test_ends_are_told_by_their_last_mark(text: str, is_open: bool) -> None:
    assert ends_open(pa.array([text], pa.large_string())).tolist() == [is_open]


def answer(tokens: int, *, is_cut: bool) -> str:
    """An answer of so many tokens: each word is one, and so is the full stop."""
    return " ".join(["river"] * (tokens if is_cut else tokens - 1)) + ("" if is_cut else ".")


WHOLE = [("Tell of rivers.", answer(n, is_cut=False)) for n in range(8, 88, 2)]
PLANTED = [("Tell more.", answer(100, is_cut=True)), ("And more.", answer(99, is_cut=True))] * 7
ROWS = [row for pair in zip(WHOLE, PLANTED, strict=False) for row in pair] + WHOLE[len(PLANTED) :]


def flagged(features: pa.Table) -> list[int]:
    bits = features.column("flags").to_numpy()
    return np.flatnonzero(bits >> np.uint64(TRUNCATED) & np.uint64(1)).tolist()


def test_planted_answers_are_flagged_with_the_length_and_how_many_lie_there(
    snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    snapshot = snapshot_of([*ROWS, ("Open.", answer(50, is_cut=True))])

    features = rf.row_features(snapshot, tmp_path)

    cut = rf.stored_cut(rf.stored_features(snapshot, tmp_path))
    assert cut == Cut(100, 14)
    planted = [row for row, pair in enumerate(ROWS) if pair in PLANTED]
    assert flagged(features) == planted
    evidence = explain(snapshot.take(range(snapshot.rows_kept)), cut)
    shown = {row: each for row, found in enumerate(evidence) for each in found if each.flag == "truncated"}
    assert list(shown) == planted
    first = shown[planted[0]]
    assert (first.code, first.turn, first.end) == ("cut_at_length", 1, len(PLANTED[0][1]))
    assert first.excerpt == PLANTED[0][1][-32:]
    assert first.note == "100 tokens; 14 answers of 98 to 102 tokens end open, which is where they were cut"


def test_rates_count_the_rows_that_are_flagged(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    fence = ("Show code.", "```\n" + answer(96, is_cut=True))
    snapshot = snapshot_of([*ROWS, fence])

    features = rf.row_features(snapshot, tmp_path)
    found = analyze(snapshot, only=["truncated", "cut_lengths"], features_home=tmp_path).measurements

    rates = {(m.metric, m.params.get("code")): m for m in found}
    assert features.column("answer_tokens").to_pylist()[-1] == 98
    assert rates["truncated", None].value == len(flagged(features)) / len(features) == 15 / len(features)
    assert rates["truncated", "cut_at_length"].value == rates["cut_at_length", None].value
    assert rates["truncated", "cut_at_length"].value == 15 / len(features)
    assert rates["truncated", "odd_fences"].value == 1 / len(features)
    assert rates["cut_length", None].value == 100
    assert rates["truncated", None].version == 3


@pytest.mark.parametrize("seed", [1, 2])
def test_cuts_do_not_depend_on_groups_or_order(snapshot_of: SnapshotOf, tmp_path: Path, seed: int) -> None:
    order = random.Random(seed).sample(range(len(ROWS)), len(ROWS))
    straight = rf.row_features(snapshot_of(ROWS), tmp_path)
    snapshot = snapshot_of([ROWS[row] for row in order], "shuffled")
    pq.write_table(pq.read_table(snapshot.rows_path), snapshot.rows_path, row_group_size=7)

    shuffled = rf.row_features(snapshot, tmp_path)

    assert sorted(order[row] for row in flagged(shuffled)) == flagged(straight)
    assert len(flagged(straight)) == 14


def test_the_first_rows_alone_decide_figures_of_the_first_rows(
    snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    snapshot = snapshot_of([*WHOLE[:20], *PLANTED])
    before = analyze(snapshot, only=["truncated"], limit=25, features_home=tmp_path)

    rf.row_features(snapshot, tmp_path)

    assert analyze(snapshot, only=["truncated"], limit=25, features_home=tmp_path) == before
    assert before.measurements[0].value == 0


def test_of_several_answers_the_last_is_the_one_that_was_cut() -> None:
    from flag_rows import conversations

    from analyzers.base import Batch

    said = [("user", "a?"), ("assistant", answer(40, is_cut=True)), ("user", "b?")]
    rows = conversations([*said, ("assistant", answer(12, is_cut=False))], [*said], [("user", "a?")])

    features = rf.feature_batch(Batch(rows))

    assert features.column("answer_tokens").to_pylist() == [12, 40, 0]
    assert features.column("open_end").to_pylist() == [False, True, False]


@pytest.mark.real
def test_real_answers_that_we_cut_are_found_and_whole_ones_are_not(
    snapshot_of: SnapshotOf, real_data: Path, tmp_path: Path
) -> None:
    source = path_source("roleplay", [real_data / "gpteacher-roleplay"])
    whole = read_source(source, home=tmp_path, limits=Limits(), keep_good=True)
    rows = whole.take(range(whole.rows_kept)).to_pylist()
    texts = [" ".join(row["response"].split()) for row in rows]
    tokens = rf.row_features(whole, tmp_path / "whole").column("answer_tokens").to_numpy()
    cut_texts = [
        text if long <= 128 else first_tokens(text, 128) for text, long in zip(texts, tokens, strict=True)
    ]

    assert rf.stored_cut(rf.stored_features(whole, tmp_path / "whole")) is None
    cut_rows = snapshot_of([(row["prompt"], text) for row, text in zip(rows, cut_texts, strict=True)])
    found = rf.stored_cut(rf.stored_features(cut_rows, tmp_path / "cut"))
    assert found is not None
    marked = set(flagged(rf.row_features(cut_rows, tmp_path / "cut")))
    planted = {row for row, text in enumerate(cut_texts) if text != texts[row] and not text.endswith(ENDS)}
    assert found.length in range(120, 130)
    assert len(planted) > 100
    assert len(planted & marked) / len(planted) > 0.95


ENDS = tuple(".!?:;…)]}>\"'”’»*`~|")


def first_tokens(text: str, tokens: int) -> str:
    """The longest opening of `text`, cut between characters, of at most so many tokens."""
    from analyzers.tokens import count_tokens

    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = count_tokens(pa.array([text[:middle]], pa.large_string()))[0] <= tokens
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip()
