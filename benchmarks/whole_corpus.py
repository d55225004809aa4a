"""Near-duplicates over every public file at once: each pair decided exactly, beside the signatures' time.

    python -m benchmarks.whole_corpus ../shared/data

Star clusters of the prompts alone, which is the worst kind: whole tasks share one long definition. Signatures
are made first, so that the second figure is what bands, decisions and clusters cost.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from analyzers.clusters import cluster_rows
from analyzers.removals import RowSet
from analyzers.signature_store import signature_store
from benchmarks.public_sets import snapshots_of

VIEW, SHINGLE, THRESHOLD = "prompt", 5, 0.7


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the public files")
    data = parser.parse_args(arguments).data
    with TemporaryDirectory() as folder:
        snapshots = snapshots_of(data, Path(folder))
        store = Path(folder) / "signatures"
        begun = time.process_time()
        for snapshot in snapshots:
            signature_store(snapshot, view=VIEW, shingle=SHINGLE, folder=store)
        signed = time.process_time()
        gone = cluster_rows(
            [RowSet(snapshot) for snapshot in snapshots],
            folder=store, view=VIEW, shingle=SHINGLE, threshold=THRESHOLD,
        )  # fmt: skip
        done = time.process_time()
    rows = sum(snapshot.rows_kept for snapshot in snapshots)
    made, searched = signed - begun, done - signed
    print(f"{rows:,} rows of {len(snapshots)} sets, view `{VIEW}`, {SHINGLE}-shingles, {THRESHOLD}\n")
    print("| step | CPU s | against signatures |")
    print("| --- | --- | --- |")
    print(f"| signatures, from the snapshots | {made:.1f} | 1.0x |")
    print(f"| bands, exact decisions, star clusters | {searched:.1f} | {searched / made:.1f}x |")
    near = int(np.count_nonzero(~gone.exact))
    print(f"\n{len(gone):,} rows would go, {near:,} of them near; bands cut short: {gone.limited_bands}.")
    print(f"Peak resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB.")


if __name__ == "__main__":
    main()
