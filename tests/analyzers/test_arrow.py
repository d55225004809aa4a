"""Arrow's own functions, where they would lose rows."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.arrow import joined

texts = st.none() | st.text(max_size=4)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(texts, texts), max_size=8))
def test_joining_gives_one_text_a_row_and_leaves_nulls_out(rows: list[tuple[str | None, str | None]]) -> None:
    columns = [pa.array([row[i] for row in rows], pa.large_string()) for i in (0, 1)]

    found = joined(*columns, by="|").to_pylist()

    assert found == ["|".join(text for text in row if text is not None) for row in rows]
