"""Near-duplicates from text to flagged rows, beside datasketch, rensa and daft, in one process.

    python -m benchmarks.near_duplicates ../shared/data

128 permutations, word 5-grams, Jaccard 0.7. CPU seconds are the median of three runs after a warm one. Recall
and precision compare the flagged rows (those similar to an earlier row) with exact Jaccard over all pairs of
a sample. Peers answer with what their index proposes, as their own guides do; ours decides on the shingles.
Peers that are not installed are said to be missing: pip install rensa daft FastSketchLSH
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from analyzers.matching import similar_within
from analyzers.minhash import NUM_PERM, signatures
from analyzers.row_pool import RowPool
from analyzers.signature_store import Scheme, Signatures, row_keys
from analyzers.text import shingles, word_list, words
from benchmarks.beside import OURS, Engine, megabytes, print_beside, texts_of

SHINGLE, THRESHOLD, BANDS = 5, 0.7, 25
BLOCK_ROWS = 16_384
Flags = set[int]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run the engines on all rows, judge them on a sample, print the table."""
    parser = argparse.ArgumentParser(description="Time near-duplicate search beside its peers.")
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--sample", type=int, default=4_000, help="rows compared with all pairs")
    options = parser.parse_args(arguments)
    texts = texts_of(options.data, options.rows)
    sample = texts[:: max(len(texts) // options.sample, 1)]
    exact = _exact(sample)
    print(
        f"{len(texts):,} rows, {megabytes(texts):.1f} MB; {len(exact):,} of {len(sample):,} sampled repeat\n"
    )

    def judge(found: Flags) -> list[str]:
        recall = len(found & exact) / len(exact) if exact else float("nan")
        precision = len(found & exact) / len(found) if found else float("nan")
        return [f"{recall:.3f}", f"{precision:.3f}"]

    columns = ("recall", "precision")
    print_beside(ENGINES, texts, rows=len(texts), judge=judge, columns=columns, trial=sample)


def _word_sets(texts: list[str]) -> list[set[str]]:
    sets = []
    for text in texts:
        tokens = word_list(text)
        sets.append({" ".join(tokens[i : i + SHINGLE]) for i in range(max(len(tokens) - SHINGLE + 1, 1))})
    return sets


def _exact(texts: list[str]) -> Flags:
    """Rows of exact Jaccard at the threshold or above with an earlier row: all pairs, by a matrix product."""
    from scipy.sparse import csr_array

    sets = _word_sets(texts)
    column: dict[str, int] = {}
    columns = [column.setdefault(gram, len(column)) for grams in sets for gram in grams]
    offsets = np.cumsum([0, *map(len, sets)])
    matrix = csr_array((np.ones(len(columns)), columns, offsets), shape=(len(sets), len(column)))
    sizes = np.diff(offsets)
    shared = (matrix @ matrix.T).tocoo()
    alike = shared.data / (sizes[shared.row] + sizes[shared.col] - shared.data) >= THRESHOLD
    return set(shared.row[alike & (shared.col < shared.row)].tolist())


def _ours(texts: list[str]) -> Flags:
    parts = []
    for low in range(0, len(texts), BLOCK_ROWS):
        column = pa.array(texts[low : low + BLOCK_ROWS], pa.large_string())
        tokens = words(column)
        grams = shingles(tokens, SHINGLE)
        parts.append((signatures(grams), grams.counts, grams.hashes, row_keys(tokens, column)))
    values, counts, hashes, keys = (np.concatenate(side) for side in zip(*parts, strict=True))
    offsets = np.concatenate(([0], np.cumsum(counts)))
    store = Signatures(Scheme(view="all", shingle=SHINGLE), values, offsets, hashes, keys)
    pool = RowPool.of([(store, None)])
    later = [pool.first[b] for _, b, _ in similar_within(pool, THRESHOLD)]
    repeats = np.flatnonzero(pool.first[pool.text_of] != np.arange(len(pool)))
    return set(np.concatenate([repeats, *later]).tolist())


def _datasketch(texts: list[str]) -> Flags:
    import xxhash
    from datasketch import MinHash, MinHashLSH

    sets = [[gram.encode() for gram in grams] for grams in _word_sets(texts)]
    sketches = MinHash.bulk(sets, num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest)
    index = MinHashLSH(threshold=THRESHOLD, num_perm=NUM_PERM, params=(BANDS, NUM_PERM // BANDS))
    flagged = set()
    for row, sketch in enumerate(sketches):
        if index.query(sketch):
            flagged.add(row)
        index.insert(row, sketch)
    return flagged


def _rensa(texts: list[str]) -> Flags:
    from rensa import RMinHash, RMinHashLSH

    matrix = RMinHash.digest_matrix_from_token_sets(_word_sets(texts), NUM_PERM, 42)
    index = RMinHashLSH(THRESHOLD, NUM_PERM, 32)
    flags = index.query_duplicate_flags_matrix_one_shot(matrix)
    # A row and its earlier twin are both marked; which came first is what a filter would go by.
    return {row for row, flag in enumerate(flags) if flag}


def _fast_sketch(texts: list[str]) -> Flags:
    from FastSketchLSH import LSH, FastSimilaritySketch

    sketches = FastSimilaritySketch(NUM_PERM, 42).batch([list(grams) for grams in _word_sets(texts)])
    flags = LSH(NUM_PERM, 32).insert_and_query_duplicates(sketches)
    return set(np.flatnonzero(flags).tolist())


def _daft(texts: list[str]) -> Flags:
    import daft
    from daft import col

    width = NUM_PERM // BANDS
    frame = daft.from_pydict({"text": texts}).with_column(
        "signature",
        col("text")
        .normalize(remove_punct=True, lowercase=True, white_space=True)
        .minhash(num_hashes=NUM_PERM, ngram_size=SHINGLE, hash_function="xxhash3_64"),
    )
    stacked = np.array(frame.to_pydict()["signature"], np.uint32)
    flagged: Flags = set()
    for band in range(BANDS):
        part = np.ascontiguousarray(stacked[:, band * width : (band + 1) * width]).view(f"V{4 * width}")
        _, first, group = np.unique(part.ravel(), return_index=True, return_inverse=True)
        flagged.update(np.flatnonzero(first[group] < np.arange(len(group))).tolist())
    return flagged


ENGINES = (
    Engine(OURS, None, _ours),
    Engine("daft `minhash` + bands", "daft", _daft),
    Engine("rensa matrix + LSH", "rensa", _rensa),
    Engine("FastSketchLSH", "FastSketchLSH", _fast_sketch),
    Engine("datasketch 2 `bulk` + LSH", "datasketch", _datasketch),
)


if __name__ == "__main__":
    main()
