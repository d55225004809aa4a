"""What an installation can do: versions with known fixes, folders that can be written, optional parts."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from registry.settings import Settings

NEEDED = {
    "alembic": "1.20",
    "datasets": "5.2",
    "datasketch": "2.0",
    "huggingface-hub": "2.4",
    "pyarrow": "23.0.1",
    "scikit-learn": "1.9.1",
    "sqlmodel": "0.0.50",
    "streamlit": "1.67",
}
# Two writers and a checkpoint could lose a commit before this release.
SAFE_SQLITE = (3, 51, 3)
IN_MEMORY = {"tmpfs", "ramfs"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `advice` is empty where nothing need be done."""

    what: str
    state: Literal["good", "notable", "broken"]
    advice: str = ""

    def to_json(self) -> dict[str, str]:
        """The record as plain JSON types."""
        return asdict(self)


def examine(settings: Settings | None = None) -> list[Finding]:
    """Look at packages, SQLite and the home folder; changes nothing."""
    settings = settings or Settings()
    packages = map(_package, NEEDED, NEEDED.values())
    return [*packages, _sqlite(), _home(settings), _scratch(), *_unfinished(settings)]


def _package(name: str, floor: str) -> Finding:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(name, "broken", f"not installed; needs {floor} or newer")
    if _release(found) < _release(floor):
        return Finding(f"{name} {found}", "broken", f"needs {floor} or newer")
    return Finding(f"{name} {found}", "good")


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())


def _sqlite() -> Finding:
    what = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        wanted = ".".join(map(str, SAFE_SQLITE))
        return Finding(what, "notable", f"{wanted} or newer is safer where several processes write at once")
    return Finding(what, "good")


def _home(settings: Settings) -> Finding:
    nearest = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        return Finding(f"home {settings.home}", "broken", "cannot be written; set INSTRUCTORY_HOME")
    return Finding(f"home {settings.home}", "good")


def _scratch() -> Finding:
    from analyzers.scratch import folder

    what = f"scratch files in {folder()}"
    if _file_system(folder()) in IN_MEMORY:
        return Finding(
            what, "notable", "these lie in memory; set TMPDIR to a folder on a disk for large datasets"
        )
    return Finding(what, "good")


def _file_system(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system `path` lies on, empty where the system does not say."""
    if not mounts.exists():
        return ""
    lines = [line.split() for line in mounts.read_text().splitlines()]
    holding = {point: kind for _, point, kind, *_ in lines if path.resolve().is_relative_to(point)}
    return holding[max(holding, key=len)] if holding else ""


def _unfinished(settings: Settings) -> list[Finding]:
    """Shards of runs that were broken off, which the same command given again would use."""
    found = []
    for home in (settings.features, settings.signatures):
        for folder in sorted({*home.glob(".*"), *home.glob("*/.*")}):
            if folder.is_dir():
                size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
                what = f"{size:,} bytes of an unfinished run in {folder}"
                advice = "the same command goes on from there; remove the folder to give it up"
                found.append(Finding(what, "notable", advice))
    return found
