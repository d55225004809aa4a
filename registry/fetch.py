"""From a source to a registered snapshot: every row read, hashed, shaped, and every fault accounted for."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from registry.errors import NotMeasuredError, ProblemCode, UnknownDatasetError
from registry.limits import Limits
from registry.readers.raw import refusal
from registry.recall import file_states, recalled, remember
from registry.snapshot import Snapshot, SnapshotIndex
from registry.sources import RowSource, path_source, text_name

if TYPE_CHECKING:
    from registry.readers.byte_source import Progress

HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
BUNDLED = re.compile(r"sample-[a-z0-9-]{1,60}")
Paths = str | Path | Sequence[str | Path]


def fetch(
    registry: SnapshotIndex,
    ref: str,
    *,
    source: Paths | None = None,
    limit: int | None = None,
    keep_good: bool = False,
    revision: str | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """Read rows, write them as a snapshot, register it and return it.

    `ref` is a catalogue or sample id, a path of a file or folder, or `owner/name` on the Hub. `source`
    gives the files of an id; without it the id's Hub repository is downloaded at `revision` (default: its
    newest commit). `limit` reads the first rows only. One bad row refuses the whole input unless
    `keep_good`, which sets bad rows aside in the snapshot's folder. `progress` is told bytes read and bytes
    in all. Fetching the same bytes again changes nothing.

    Raises:
        InputRefusedError: something is wrong with the input; all that is wrong is listed, nothing was
            registered.
        UnknownDatasetError: `ref` is neither an id nor a path.
        NetworkError: the Hub could not be reached or refused.
        DiskError: writing failed.
        ValueError: `limit` is not positive.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    from registry.reading import read_source

    rows = _source_of(registry, ref, source, revision)
    home, now_ns, states = registry.settings.snapshots, time.time_ns(), None
    with suppress(OSError):  # what cannot be looked at is refused where it is read
        states = file_states(rows)
    snapshot = read_source(
        rows, home=home, limits=Limits(), limit=limit, keep_good=keep_good, progress=progress
    )
    registry.add_snapshot(snapshot)
    if rows.kind in ("file", "folder") and limit is None and not keep_good:
        remember(rows, home, states, snapshot, now_ns=now_ns)
    return snapshot


def open_reference(registry: SnapshotIndex, ref: str) -> Snapshot:
    """What `registry.snapshot.open_snapshot` answers."""
    if _means_path(ref):
        return _of_path(registry, ref)
    known = registry.latest_snapshot(ref)
    if known is not None:
        return known
    if is_bundled(ref) or _is_present(ref):
        return fetch(registry, ref)
    if not HUB_ID.fullmatch(ref):
        registry.declared(ref)
    raise NotMeasuredError(f"rows of {ref!r} were not fetched yet: run `instructory fetch {ref}`")


def _of_path(registry: SnapshotIndex, ref: str) -> Snapshot:
    """The rows of the files at a path: those read before where no file has changed since."""
    known = recalled(_source_of(registry, ref, None, None), registry.settings.snapshots)
    if known is None:
        return fetch(registry, ref)
    registry.add_snapshot(known)
    return known


def is_bundled(name: str) -> bool:
    """Whether `name` is a sample dataset or sample benchmark whose rows ship with the package."""
    return BUNDLED.fullmatch(name) is not None and sample_path(name).is_file()


def sample_path(name: str) -> Path:
    """Where the rows of the bundled sample `name` lie."""
    return Path(__file__).with_name("samples") / f"{name}.jsonl"


def _source_of(
    registry: SnapshotIndex,
    ref: str,
    source: Paths | None,
    revision: str | None,
) -> RowSource:
    if source is not None:
        registry.declared(ref)
        return path_source(ref, [source] if isinstance(source, (str, Path)) else list(source))
    if _means_path(ref):
        return path_source(_name_of(ref), [ref])
    if is_bundled(ref):
        return path_source(ref, [sample_path(ref)], kind="sample")
    if HUB_ID.fullmatch(ref) and not _is_present(ref):
        return _hub_source(registry, ref, ref, revision)
    try:
        entry = registry.declared(ref)
    except UnknownDatasetError:
        if _is_present(ref):
            return path_source(_name_of(ref), [ref])
        raise
    if not entry.hf_id:
        message = f"{ref!r} has no repository on the Hub: give its files with `--from`"
        raise refusal(ref, ProblemCode.NO_ACCESS, message)
    return _hub_source(registry, ref, entry.hf_id, revision)


def _hub_source(registry: SnapshotIndex, dataset: str, repository: str, revision: str | None) -> RowSource:
    from registry.hub import download_rows

    return download_rows(dataset, repository, revision=revision, offline=registry.settings.offline)


def _means_path(ref: str) -> bool:
    """A path is what looks like one; `owner/name` and bare words may be ids and are tried as those first."""
    if HUB_ID.fullmatch(ref) or not re.search(r"[/\\]|^[.~]", ref):
        return bool(Path(ref).suffix) and _is_present(ref)
    return True


def _is_present(ref: str) -> bool:
    return Path(ref).expanduser().exists()


def _name_of(ref: str) -> str:
    return text_name(Path(ref).expanduser().resolve().name)
