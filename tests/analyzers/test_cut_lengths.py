"""Answers cut at a common length are told from long answers by their open ends and their number."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.cut_lengths import CutLengths, LengthCounts, cut_length, ends_open

counts = st.dictionaries(st.integers(1, 120), st.tuples(st.integers(1, 40), st.integers(0, 40)), max_size=12)


def lengths_of(plain: dict[int, tuple[int, int]]) -> LengthCounts:
    return LengthCounts({k: max(rows, opened) for k, (rows, opened) in plain.items()},
                        {k: opened for k, (_, opened) in plain.items() if opened})  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(counts)
def test_the_length_is_the_one_the_definition_names(plain: dict[int, tuple[int, int]]) -> None:
    total = lengths_of(plain)

    assert cut_length(total) == slow(total)


def slow(total: LengthCounts) -> tuple[int | None, int]:
    rows, best = sum(total.rows.values()), (None, 0)
    for m in sorted(total.rows):
        longer = sum(n for length, n in total.rows.items() if length > m)
        top, middle, bottom = (math.floor(m * share + 1e-9) for share in (1.0, 0.98, 0.96))
        here = sum(n for length, n in total.open.items() if middle < length <= top)
        before = sum(n for length, n in total.open.items() if bottom < length <= middle)
        if m >= 32 and longer <= 0.01 * rows and here >= 10 and here >= 3 * before and here > best[1]:
            best = (m, here)
    return best


def test_a_pile_of_open_answers_at_the_top_is_found() -> None:
    whole = dict.fromkeys(range(20, 500, 3), 5)
    cut = {512: 40, 510: 3}

    total = LengthCounts(Counter(whole) + Counter(cut), {512: 40, 510: 3, 100: 2})

    assert cut_length(total) == (512, 43)
    share, length = CutLengths().finish(total)
    assert share.value == 43 / sum(total.rows.values())
    assert length.value == 512


def test_long_answers_that_end_well_are_no_pile() -> None:
    total = LengthCounts(dict.fromkeys(range(20, 500), 5) | {512: 60}, {512: 4})

    share, length = CutLengths().finish(total)

    assert (share.value, length.value) == (0, None)
    assert length.reason == "no length at which answers are cut"


def test_open_answers_of_every_length_are_no_pile() -> None:
    plain = dict.fromkeys(range(400, 500), 6)

    assert cut_length(LengthCounts(plain, plain)) == (None, 0)


def test_no_rows_have_no_share() -> None:
    assert {f.value for f in CutLengths().finish(CutLengths().start())} == {None}


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


def test_merging_adds() -> None:
    a, b = LengthCounts({3: 1, 4: 2}, {3: 1}), LengthCounts({4: 1}, {4: 1})

    merged = CutLengths().merge(a, b)

    assert (dict(merged.rows), dict(merged.open)) == ({3: 1, 4: 3}, {3: 1, 4: 1})
    assert np.isfinite(sum(merged.rows.values()))
