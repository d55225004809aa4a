"""How fast the main paths are, beside the plain way to do the same, in one process.

    python -m benchmarks.speed ../shared/data

Prints CPU seconds, the ratio, and peak memory, on Stanford Alpaca.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from analyzers.base import Batch, View
from analyzers.minhash import signatures
from analyzers.run import analyze
from analyzers.text import Grams, shingles, word_list, words
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import Snapshot
from registry.sources import path_source

FILE = Path("stanford-alpaca") / "alpaca_data.json.gz"
PEER_ROWS = 5_000
R = TypeVar("R")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run every path once, print a table."""
    parser = argparse.ArgumentParser(description="Time the main paths on public files.")
    parser.add_argument("data", type=Path, help="folder with the public files")
    data = parser.parse_args(arguments).data
    with TemporaryDirectory() as home:
        source = path_source("alpaca", [data / FILE])
        snapshot, spent = _timed(lambda: read_source(source, home=Path(home), limits=Limits()))
        print(f"{'path':<34}{'rows':>8}{'CPU s':>9}{'peer CPU s':>12}{'ratio':>8}")
        _print("fetch: read, check, hash, write", snapshot.rows_kept, spent, None)
        for name, rows, ours, peer in _pairs(snapshot):
            _print(name, rows, ours, peer)
        _, spent = _timed(lambda: analyze(snapshot, features_home=Path(home)))
        _print("analyze: every default analyzer", snapshot.rows_kept, spent, None)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def _pairs(snapshot: Snapshot) -> Iterator[tuple[str, int, float, float]]:
    """Name, rows, our CPU seconds and the peer's, on the same rows."""
    batch = Batch(next(snapshot.batches(size=PEER_ROWS)))
    texts = batch.view(View.ALL)
    plain = texts.to_pylist()
    words(texts)  # the class table is built once a process
    tokens, ours = _timed(lambda: words(texts))
    _, peer = _timed(lambda: [word_list(text) for text in plain])
    yield "words, against re.findall", batch.num_rows, ours, peer
    grams = shingles(tokens, 5)
    signatures(grams)  # imports datasketch, whose permutations both use
    _, ours = _timed(lambda: signatures(grams))
    _, peer = _timed(lambda: _datasketch(grams))
    yield "signatures, against datasketch bulk", batch.num_rows, ours, peer


def _datasketch(grams: Grams) -> object:
    from datasketch import MinHash

    low = (grams.hashes & np.uint64(0xFFFFFFFF)).tolist()
    rows = [low[a:b] for a, b in zip(grams.offsets[:-1].tolist(), grams.offsets[1:].tolist(), strict=True)]
    return MinHash.bulk(rows, num_perm=128, seed=1, hashfunc=lambda value: value)


def _timed(run: Callable[[], R]) -> tuple[R, float]:
    begun = time.process_time()
    found = run()
    return found, time.process_time() - begun


def _print(name: str, rows: int, ours: float, peer: float | None) -> None:
    beside = "" if peer is None else f"{peer:>12.2f}{peer / ours:>7.1f}x"
    print(f"{name:<34}{rows:>8,}{ours:>9.2f}{beside}")


if __name__ == "__main__":
    main()
