from __future__ import annotations

import numpy as np
import pytest

from analyzers import scratch
from analyzers.scratch import gathered, scratch_array


@pytest.mark.parametrize("limit", [0, 1 << 20])
def test_arrays_in_files_are_arrays(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "FILE_BYTES", limit)

    array = scratch_array((30, 4), np.uint32)
    array[7] = 9

    assert isinstance(array, np.memmap) == (limit == 0)
    assert array.sum() == 36
    assert gathered([np.arange(3), np.arange(5)], np.uint64).tolist() == [0, 1, 2, 0, 1, 2, 3, 4]


def test_nothing_gathered_is_an_empty_array() -> None:
    assert len(gathered([], np.uint64)) == 0
    assert scratch_array(0, np.int64).shape == (0,)
