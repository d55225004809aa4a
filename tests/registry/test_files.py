from __future__ import annotations

import hashlib
import resource
from pathlib import Path

import pytest

from registry.errors import DiskError, ExitCode
from registry.files import atomic_write, atomic_write_text, sha256_file


def test_a_finished_write_has_the_name_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "new" / "rows.bin"

    with atomic_write(target) as file:
        file.write(b"rows")

    assert target.read_bytes() == b"rows"
    assert [path.name for path in target.parent.iterdir()] == ["rows.bin"]


def test_the_name_is_not_taken_before_the_end(tmp_path: Path) -> None:
    target = tmp_path / "rows.bin"

    with atomic_write(target) as file:
        file.write(b"half")
        file.flush()

        assert not target.exists()


def test_an_error_in_the_block_leaves_the_old_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "rows.bin"
    atomic_write_text(target, "old")

    with pytest.raises(KeyError), atomic_write(target) as file:
        file.write({}[b"new"])

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_an_error_that_names_the_file_and_keeps_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "rows.bin"
    atomic_write_text(target, "old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with (
            pytest.raises(DiskError, match=r"cannot write .*rows\.bin") as caught,
            atomic_write(target) as file,
        ):
            file.write(b"x" * 3_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert caught.value.exit_code is ExitCode.DISK
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_be_made_is_a_disk_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DiskError), atomic_write(tmp_path / "file" / "rows.bin") as file:
        file.write(b"x")


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000
    path = tmp_path / "rows.bin"
    path.write_bytes(content)

    assert sha256_file(path) == hashlib.sha256(content).hexdigest()
