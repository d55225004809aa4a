"""The share of answers cut at a common length, and that length."""

from __future__ import annotations

import numpy as np

from analyzers.cut_answers import LengthCounts
from analyzers.cut_lengths import CutLengths


def test_a_pile_of_open_answers_at_the_top_is_found() -> None:
    rows = dict.fromkeys(range(20, 500, 3), 5) | {512: 40, 510: 3}

    share, length = CutLengths().finish(LengthCounts(rows, {512: 40, 510: 3, 100: 2}))

    assert share.value == 43 / sum(rows.values())
    assert length.value == 512


def test_long_answers_that_end_well_are_no_pile() -> None:
    share, length = CutLengths().finish(LengthCounts(dict.fromkeys(range(20, 500), 5) | {512: 60}, {512: 4}))

    assert (share.value, length.value) == (0, None)
    assert length.reason == "no length at which answers are cut"


def test_no_rows_have_no_share() -> None:
    assert {f.value for f in CutLengths().finish(CutLengths().start())} == {None}


def test_merging_adds() -> None:
    a, b = LengthCounts({3: 1, 4: 2}, {3: 1}), LengthCounts({4: 1}, {4: 1})

    merged = CutLengths().merge(a, b)

    assert (dict(merged.rows), dict(merged.open)) == ({3: 1, 4: 3}, {3: 1, 4: 1})
    assert np.isfinite(sum(merged.rows.values()))
