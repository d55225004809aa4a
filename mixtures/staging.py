"""A folder of results that appears whole or not at all, its manifest last."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from registry.errors import BusyError, InputRefusedError, Problem, ProblemCode
from registry.files import disk_errors, fsync_folder

if sys.platform != "win32":
    import fcntl

STAGING = ".building"


@contextmanager
def staging(folder: Path, *, force: bool) -> Iterator[Path]:
    """A scratch folder inside `folder` for one build at a time; it is gone when the block ends.

    What a killed build left there is swept first.

    Raises:
        InputRefusedError: `folder` is a file, or holds something and `force` is off.
        BusyError: another build is at work there.
        DiskError: the folder cannot be made.
    """
    _refuse_occupied(folder, force=force)
    existed = folder.exists()
    scratch = folder / STAGING
    with disk_errors(folder):
        scratch.mkdir(parents=True, exist_ok=True)
        owner = (scratch / "owner").open("w")
    try:
        _own(owner.fileno(), folder)
        _sweep(scratch)
        yield scratch
    finally:
        owner.close()
        shutil.rmtree(scratch, ignore_errors=True)
        if not existed:
            with suppress(OSError):  # a finished build is in it
                folder.rmdir()


def publish(scratch: Path, names: Sequence[str], *, replaced: Sequence[str] = ()) -> None:
    """Move finished files out of the scratch folder, the last name last; `replaced` go first.

    Readers trust only what the last file lists, so an older one goes before anything else changes.
    """
    folder = scratch.parent
    with disk_errors(folder):
        (folder / names[-1]).unlink(missing_ok=True)
        for name in replaced:
            (folder / name).unlink(missing_ok=True)
        fsync_folder(folder)
        for name in names[:-1]:
            (scratch / name).replace(folder / name)
        fsync_folder(folder)
        (scratch / names[-1]).replace(folder / names[-1])
        fsync_folder(folder)


def _refuse_occupied(folder: Path, *, force: bool) -> None:
    def refused(message: str) -> InputRefusedError:
        return InputRefusedError([Problem(code=ProblemCode.BAD_VALUE, message=message, file=str(folder))])

    if folder.exists() and not folder.is_dir():
        raise refused("is a file; a mixture needs a folder")
    if folder.is_dir() and not force and any(item.name != STAGING for item in folder.iterdir()):
        raise refused("holds files already; choose another folder, or replace them with force")


def _own(descriptor: int, folder: Path) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise BusyError(
            f"another build is writing to {str(folder)!r}; wait for it or choose another"
        ) from error


def _sweep(scratch: Path) -> None:
    for left_over in scratch.iterdir():
        if left_over.name != "owner":
            shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
