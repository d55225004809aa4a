from __future__ import annotations

import zlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import tag_templates
from analyzers.tag_templates import LETTERS, tag_compression, template_rate


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("PN", max_size=8), min_size=1, max_size=12), st.integers(1, 3), st.integers(1, 4))
def test_the_rate_is_the_share_of_rows_with_a_common_pattern(rows: list[str], n: int, top: int) -> None:
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row[at : at + n] for at in range(len(row) - n + 1))
    common = sorted(counts, key=lambda gram: (-counts[gram], gram))[:top]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tag_templates, "TOP", top)
        found = template_rate(rows, n)

    assert found == sum(any(gram in row for gram in common) for row in rows) / len(rows)


def test_equal_patterns_compress_and_every_tag_has_its_letter() -> None:
    rows = ["ABCDEFGH"] * 200

    assert tag_compression(rows) == pytest.approx(1_799 / len(zlib.compress("\n".join(rows).encode(), 9)))
    assert len(set(LETTERS.values())) == len(LETTERS) == 18
    assert template_rate(rows, 4) == 1


def test_nothing_has_no_pattern() -> None:
    assert template_rate([], 4) is None
    assert tag_compression([]) is None
    assert tag_compression([""]) is None
    assert template_rate(["AB"], 4) == 0
