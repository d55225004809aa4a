"""Sources met before: the snapshot that holds their rows, as long as no file of theirs has changed since.

Reading, hashing and shaping the files of a source again answers the same every time. What a source was is
told by the state of its files as the system keeps it: device, number, size and both times. `fetch` always
reads; only who opens a source by its path to work on its rows (a plan, an analysis) asks here first.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from registry.errors import DiskError, IntegrityError
from registry.files import atomic_write_text
from registry.snapshot import READER_VERSION, Snapshot, load_snapshot
from registry.sources import RowSource

MEMORY_FOLDER = ".met"
SETTLED_NS = 2_000_000_000
"""A file that changed less than two seconds before it was read is not remembered: it may change again within
one tick of the clock of its file system, and look the same."""

States = Mapping[str, list[int]]


def file_states(source: RowSource) -> States:
    """Device, number, size, time of change of the bytes and of the record of each file, by its name.

    Raises:
        OSError: a file cannot be looked at.
    """
    found = ((name, path.stat()) for name, path in source.files)
    return {name: [s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns] for name, s in found}


def recalled(source: RowSource, home: Path) -> Snapshot | None:
    """The snapshot of `source` under `home`; None where it must be read: new, changed, or its rows gone."""
    try:
        known = json.loads(_place(source, home).read_bytes())
        if known["files"] != file_states(source):
            return None
        snapshot = load_snapshot(home / known["snapshot"])
        snapshot.check_size()
    except (OSError, ValueError, KeyError, TypeError, IntegrityError):
        return None
    return snapshot


def remember(
    source: RowSource, home: Path, states: States | None, snapshot: Snapshot, *, now_ns: int
) -> None:
    """Keep that `snapshot` holds the rows of `source`; its files were in `states` at `now_ns`, unread.

    Nothing is kept of files that are in another state since, or changed shortly before. Where it cannot be
    written the source is read again the next time.
    """
    try:
        if states is None or states != file_states(source):
            return
        if any(max(state[3:]) > now_ns - SETTLED_NS for state in states.values()):
            return
        atomic_write_text(_place(source, home), json.dumps({"files": states, "snapshot": snapshot.id}))
    except (OSError, DiskError):
        return


def _place(source: RowSource, home: Path) -> Path:
    """The file that says what is known of a source, for this version of the reading code."""
    try:
        ours = version("instructory")
    except PackageNotFoundError:  # run from a source tree that is not installed
        ours = "source"
    files = [[name, os.fsdecode(os.path.abspath(path))] for name, path in source.files]
    told = [READER_VERSION, ours, source.dataset, source.kind, files, [list(s) for s in source.skipped]]
    key = hashlib.sha256(json.dumps(told).encode("utf-8", "surrogatepass")).hexdigest()
    return home / MEMORY_FOLDER / f"{key[:32]}.json"
