"""A run that is killed, and what the next one makes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analyzers import one_pass, row_features
from analyzers.run import analyze
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]
ROOT = Path(__file__).parents[2]
ROWS = [(f"Name {n % 7} things that float.", f"Ice, cork and boat number {n % 40}.") for n in range(60)]
ONLY = ["structure", "lexical", "duplicates"]

# The child kills itself when it is to measure (or to take features of) row group 2.
KILLED = """
import os, signal, sys
from pathlib import Path
from analyzers import one_pass, row_features
from analyzers.run import analyze
from registry.snapshot import load_snapshot

def dying(function, group_of):
    def call(*arguments):
        if group_of(arguments[-1]).number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments)
    return call

if sys.argv[3] == "features":
    row_features._write_group = dying(row_features._write_group, lambda group: group)
else:
    one_pass._measure_group = dying(one_pass._measure_group, lambda job: job.group)
analyze(load_snapshot(Path(sys.argv[1])), only=sys.argv[4].split(","), features_home=Path(sys.argv[2]))
"""


def cut(snapshot: Snapshot, size: int) -> Snapshot:
    """The snapshot in row groups of `size` rows, with its manifest."""
    import json

    from registry.snapshot import MANIFEST_FILE, manifest_of

    table = pq.read_table(snapshot.rows_path)
    pq.write_table(table, snapshot.rows_path, row_group_size=size)
    found = Snapshot(**{**vars(snapshot), "rows_bytes": snapshot.rows_path.stat().st_size})
    (snapshot.folder / MANIFEST_FILE).write_text(json.dumps(manifest_of(found)))
    return found


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a word of POSIX")
@pytest.mark.parametrize("step", ["features", "measuring"])
def test_a_killed_run_costs_only_what_was_not_finished(
    step: str, snapshot_of: SnapshotOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = cut(snapshot_of(ROWS), 12)
    undisturbed = analyze(snapshot, only=ONLY, features_home=tmp_path / "undisturbed")
    command = [sys.executable, "-c", KILLED, snapshot.folder, tmp_path / "home", step, ",".join(ONLY)]
    killed = subprocess.run(command, cwd=ROOT, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    measured: dict[str, list[int]] = {"features": [], "measuring": []}
    features, groups = row_features._write_group, one_pass._measure_group
    monkeypatch.setattr(
        row_features,
        "_write_group",
        lambda *job: [measured["features"].append(job[-1].number), features(*job)],
    )
    monkeypatch.setattr(
        one_pass,
        "_measure_group",
        lambda shared, folder, job: [
            measured["measuring"].append(job.group.number),
            groups(shared, folder, job),
        ],
    )

    again = analyze(snapshot, only=ONLY, features_home=tmp_path / "home")

    expected = {"features": [2, 3, 4], "measuring": [0, 1, 2, 3, 4]}
    if step == "measuring":
        expected = {"features": [], "measuring": [2, 3, 4]}
    assert measured == expected
    assert again == undisturbed
    kept = [sorted(path.name for path in (tmp_path / home).iterdir()) for home in ("home", "undisturbed")]
    assert kept[0] == kept[1] == [f"{snapshot.id}-v{row_features.VERSION}.parquet"]
    files = [(tmp_path / home / kept[0][0]).read_bytes() for home in ("home", "undisturbed")]
    assert files[0] == files[1]
