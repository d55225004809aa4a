from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import distinct, scratch
from analyzers.distinct import count_distinct


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9)), max_size=4), st.integers(1, 5))
def test_values_are_counted_as_a_set_counts_them(parts: list[list[int]], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct, "_BLOCK_VALUES", block)
        patch.setattr(scratch, "FILE_BYTES", 16)
        numbers = [np.array(part, np.uint64) for part in parts]
        digests = [np.repeat(part, 4).astype("<u8").view("V32") for part in numbers]

        assert count_distinct(numbers, np.uint64) == len({value for part in parts for value in part})
        assert count_distinct(digests, "V32") == count_distinct(numbers, np.uint64)
