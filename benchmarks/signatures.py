"""Signatures from text, warm: MB a CPU second on one thread, and the gain of a second one.

    python -m benchmarks.signatures ../shared/data

Words, sorted distinct 5-shingles and 128 permutations, as the signature store keeps them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pyarrow as pa
from pyarrow import feather

from analyzers.minhash import NUM_PERM, signatures
from analyzers.text import shingles, word_list, words
from benchmarks.beside import OURS, Engine, megabytes, print_beside, texts_of

SHINGLE = 5
BLOCK_ROWS = 4_096
Texts = pa.LargeStringArray


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run the engines, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--rows", type=int, default=50_000)
    options = parser.parse_args(arguments)
    texts = pa.array(texts_of(options.data, options.rows), pa.large_string())
    size = megabytes(texts.to_pylist())
    print(f"{len(texts):,} rows, {size:.1f} MB\n")
    print_beside(ENGINES, texts, rows=len(texts), judge=lambda rows: [f"{rows:,} signatures"])
    print()
    _print_steps(texts, size)
    _print_cores(texts, size)


def _blocks(texts: Texts) -> list[Texts]:
    return [texts[low : low + BLOCK_ROWS] for low in range(0, len(texts), BLOCK_ROWS)]


def _ours(texts: Texts) -> int:
    return sum(_signed(block) for block in _blocks(texts))


def _signed(block: Texts) -> int:
    return len(signatures(shingles(words(block), SHINGLE)))


def _datasketch(texts: Texts) -> int:
    import xxhash
    from datasketch import MinHash

    return len(MinHash.bulk(_grams(texts), num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest))


def _rensa(texts: Texts) -> int:
    from rensa import RMinHash

    grams = [[gram.decode() for gram in row] for row in _grams(texts)]
    RMinHash.digest_matrix_from_token_sets(grams, NUM_PERM, 42)
    return len(grams)


def _fast_sketch(texts: Texts) -> int:
    from FastSketchLSH import FastSimilaritySketch

    return len(FastSimilaritySketch(NUM_PERM, 42).batch(_grams(texts)))


def _daft(texts: Texts) -> int:
    import daft
    from daft import col

    cleaned = col("text").normalize(remove_punct=True, lowercase=True, white_space=True)
    signed = cleaned.minhash(num_hashes=NUM_PERM, ngram_size=SHINGLE, hash_function="xxhash3_64")
    return len(daft.from_arrow(pa.table({"text": texts})).select(signed).collect())


def _grams(texts: Texts) -> list[list[bytes]]:
    found = []
    for text in texts.to_pylist():
        tokens = word_list(text)
        ends = range(max(len(tokens) - SHINGLE + 1, 1))
        found.append([" ".join(tokens[at : at + SHINGLE]).encode() for at in ends])
    return found


def _print_steps(texts: Texts, size: float) -> None:
    """CPU seconds of each step, the median of five warm runs."""
    runs = [_step_seconds(texts) for _ in range(6)][1:]
    spent = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    parts = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in spent.items())
    print(f"{parts}: {size / sum(spent.values()):.0f} MB a CPU second on one thread.")


def _step_seconds(texts: Texts) -> dict[str, float]:
    spent = {"words": 0.0, "shingles": 0.0, "permutations": 0.0}
    for block in _blocks(texts):
        begun = time.thread_time()
        tokens = words(block)
        cut = time.thread_time()
        grams = shingles(tokens, SHINGLE)
        shingled = time.thread_time()
        signatures(grams)
        done = time.thread_time()
        for name, seconds in zip(spent, (cut - begun, shingled - cut, done - shingled), strict=True):
            spent[name] += seconds
    return spent


def _print_cores(texts: Texts, size: float) -> None:
    """Wall time of one warm worker and of two: threads, as no loop holds the lock, and processes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "texts.arrow"
        feather.write_feather(pa.table({"text": texts}), path, compression="uncompressed")
        for kind, pool_of in (("threads", ThreadPoolExecutor), ("processes", _processes)):
            walls = {}
            for workers in (1, 2):
                with pool_of(workers) as pool:
                    walls[workers] = statistics.median(_wall(pool, path, len(texts)) for _ in range(9))
            gain = walls[1] / walls[2]
            speeds = f"one {size / walls[1]:.0f} MB/s, two {size / walls[2]:.0f} MB/s ({gain:.2f}x)"
            print(f"Wall, {kind}: {speeds}.")


def _processes(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def _wall(pool: Executor, path: Path, rows: int) -> float:
    begun = time.perf_counter()
    sum(pool.map(_signed_rows, repeat(path), range(0, rows, BLOCK_ROWS)))
    return time.perf_counter() - begun


def _signed_rows(path: Path, low: int) -> int:
    return _signed(_mapped(path).slice(low, BLOCK_ROWS))


@cache
def _mapped(path: Path) -> Texts:
    column: Any = feather.read_table(path, memory_map=True).column("text").combine_chunks()
    return cast("Texts", column)


ENGINES = (
    Engine(OURS, None, _ours),
    Engine("daft `minhash`", "daft", _daft),
    Engine("rensa", "rensa", _rensa),
    Engine("FastSketchLSH", "FastSketchLSH", _fast_sketch),
    Engine("datasketch `bulk`", "datasketch", _datasketch),
)

if __name__ == "__main__":
    main()
