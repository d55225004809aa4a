"""Writing a file so that its final name never holds half of it, and hashing what is stored."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from registry.errors import DiskError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

HASH_CHUNK = 1 << 20
TEMPORARY_PREFIX = ".writing-"


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the name `path`, whole and durable, when the block ends without an error.

    Written under a temporary name in the same folder (made if absent), flushed, fsynced and renamed over
    `path`; the folder is fsynced too. On any error the temporary file goes and an older `path` stays.

    Raises:
        DiskError: the folder, the write or the rename failed.
    """
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    try:
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = _DiskFile(temporary, path)
        with io.BufferedWriter(raw, HASH_CHUNK) as file:
            yield cast("IO[bytes]", file)
            with disk_errors(path):
                file.flush()
                os.fsync(raw.fileno())
        with disk_errors(path):
            temporary.replace(path)
            fsync_folder(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink()


def atomic_write_text(path: Path, text: str) -> None:
    """Put `text` under the name `path` as UTF-8, whole or not at all.

    Raises:
        DiskError: writing failed; an older file stays.
    """
    with atomic_write(path) as file:
        file.write(text.encode())


def sha256_file(path: Path) -> str:
    """SHA-256 of the bytes of `path` as 64 lower-case hex digits; memory does not grow with the file."""
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fsync_folder(folder: Path) -> None:
    """Make a rename inside `folder` survive a power loss; does nothing where folders cannot be opened."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path, *, written: int | None = None) -> Iterator[None]:
    """Turn an OSError of the block into a DiskError that names `path`, what was needed and what is free."""
    try:
        yield
    except DiskError:
        raise
    except OSError as error:
        raise DiskError(_disk_message(path, error, written)) from error


def _disk_message(path: Path, error: OSError, written: int | None) -> str:
    need = "" if written is None else f" after {written:,} bytes"
    free = ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        with suppress(OSError):
            free = f"; {shutil.disk_usage(path.parent).free:,} bytes are free there: make room"
    return f"cannot write {str(path)!r}{need}: {error.strerror or error}{free}; older results are intact"


class _DiskFile(io.FileIO):
    """A new file whose failing writes say which result they were for."""

    def __init__(self, temporary: Path, target: Path) -> None:
        super().__init__(temporary, "xb")
        self._target = target
        self._written = 0

    def write(self, data: ReadableBuffer, /) -> int:
        with disk_errors(self._target, written=self._written):
            count = super().write(data) or 0
        self._written += count
        return count
