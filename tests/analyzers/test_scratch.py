from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import numpy as np
import pytest

from analyzers import scratch
from analyzers.scratch import gathered, scratch_array
from registry.errors import DiskError


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


def test_a_full_disk_is_an_error_that_names_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(scratch, "FILE_BYTES", 0)
    monkeypatch.setattr(scratch.os, "posix_fallocate", full, raising=False)

    with pytest.raises(DiskError, match="no space left"):
        scratch_array(9, np.int64)


def test_the_folder_is_the_one_the_user_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)

    assert scratch.folder() == tmp_path
