"""The files of one source, found and listed before the first is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.readers.raw import refusal

ROW_ENDINGS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")
LEFTOVER_ENDINGS = (
    "~",
    ".tmp",
    ".part",
    ".partial",
    ".crdownload",
    ".incomplete",
    ".swp",
    ".bak",
    ".lock",
    ".orig",
)
Kind = Literal["file", "folder", "hub", "sample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """What is to be read: files with the names errors and manifests call them by, in reading order."""

    dataset: str
    kind: Kind
    files: tuple[tuple[str, Path], ...]
    skipped: tuple[tuple[str, str], ...] = ()
    repository: str | None = None
    revision: str | None = None


def path_source(dataset: str, paths: Sequence[str | Path], *, kind: Kind | None = None) -> RowSource:
    """The files at `paths`: each a file, or a folder whose row files are read in byte order of their
    relative path.

    Raises:
        InputRefusedError: a path is missing, is no regular file, leaves its folder, or a folder has no row
            files.
    """
    files: list[tuple[str, Path]] = []
    skipped: list[tuple[str, str]] = []
    problems: list[Problem] = []
    found_kind: Kind = "file" if len(paths) == 1 and not Path(paths[0]).expanduser().is_dir() else "folder"
    for given in paths:
        path = Path(given).expanduser()
        try:
            if not os.path.lexists(path):
                raise refusal(str(given), ProblemCode.NO_ACCESS, "there is no such file or folder")
            if path.is_dir():
                inside, left_out = folder_files(path)
                files += inside
                skipped += left_out
            else:
                files.append((text_name(path.name), path))
        except InputRefusedError as error:
            problems += error.problems
    if problems:
        raise InputRefusedError(problems)
    return RowSource(dataset=dataset, kind=kind or found_kind, files=tuple(files), skipped=tuple(skipped))


def folder_files(folder: Path) -> tuple[list[tuple[str, Path]], list[tuple[str, str]]]:
    """Row files of `folder` with their relative names in byte order, and what is skipped with the reason.

    Raises:
        InputRefusedError: links out of the folder, pipes, sockets, devices, a folder that cannot be listed,
            or nothing that holds rows.
    """
    files: list[tuple[str, Path]] = []
    skipped: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for name, path in sorted(_walk(folder), key=lambda item: os.fsencode(item[1])):
        reason = skip_reason(name)
        if reason is None and path.is_symlink():
            reason = "a link" if path.resolve().is_relative_to(folder.resolve()) else None
        if reason is not None:
            skipped.append((name, reason))
        elif path.is_symlink():
            problems.append(
                Problem(code=ProblemCode.LINK, message="a link that leaves the folder", file=name)
            )
        elif not path.is_file():
            message = "a pipe, socket or device, not a regular file"
            problems.append(Problem(code=ProblemCode.SPECIAL_FILE, message=message, file=name))
        else:
            files.append((name, path))
    if not files and not problems:
        endings = ", ".join(ROW_ENDINGS)
        raise refusal(
            folder.name, ProblemCode.NO_ROWS, f"the folder has no files of rows ({endings}, also .gz)"
        )
    if problems:
        raise InputRefusedError(problems)
    return files, skipped


def skip_reason(name: str) -> str | None:
    """Why a file of a folder is not read, None for one that may hold rows.

    >>> skip_reason("data/train.jsonl.gz"), skip_reason("README.md"), skip_reason(".git/config.json")
    (None, 'not named like a file of rows', 'hidden')
    """
    parts = PurePosixPath(name).parts
    if any(part.startswith(".") for part in parts):
        return "hidden"
    if name.lower().endswith(LEFTOVER_ENDINGS) or any("checkpoint" in part.lower() for part in parts[:-1]):
        return "left over by an editor, a download or a run"
    if not name.lower().removesuffix(".gz").endswith(ROW_ENDINGS):
        return "not named like a file of rows"
    return None


def text_name(name: str) -> str:
    r"""`name` as text; bytes of a file name that are no UTF-8 come as `\xff`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    def refuse(error: OSError) -> None:
        raise refusal(folder.name, ProblemCode.NO_ACCESS, f"cannot list: {error.strerror}") from error

    for place, folders, names in os.walk(folder, onerror=refuse, followlinks=False):
        links = [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = [name for name in folders if name not in links and not name.startswith(".")]
        for name in (*names, *links):
            path = Path(place, name)
            yield text_name(path.relative_to(folder).as_posix()), path
