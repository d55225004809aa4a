"""Near-duplicates from text to the rows that go, beside datasketch, rensa and daft, in one process.

    python -m benchmarks.near_duplicates ../shared/data

128 permutations, word 5-grams, Jaccard 0.7; rows drawn from all public files, and rows half of which are of
one template. CPU seconds are the median of three runs after a warm one. Quality is judged by exact Jaccard
over all pairs of a sample. Precision: of the rows that would go, those similar to an earlier row. Recall: of
those and of the rows that stay though they are similar to an earlier one that stays, those that go. Peers
answer with what their index proposes, as their own guides do; ours decides on the shingles and makes star
clusters. Peers that are not installed are said to be missing: pip install rensa daft FastSketchLSH
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.base import View
from analyzers.clusters import kept_first
from analyzers.minhash import NUM_PERM, signatures
from analyzers.row_pool import RowPool
from analyzers.signature_store import Scheme, Signatures, row_keys
from analyzers.text import shingles, word_list, words
from analyzers.views import view_texts
from benchmarks.beside import OURS, Engine, megabytes, print_beside, texts_of
from benchmarks.public_sets import snapshots_of

SHINGLE, THRESHOLD, BANDS = 5, 0.7, 25
BLOCK_ROWS = 16_384
SCHEME = Scheme(view="all", shingle=SHINGLE)
Flags = set[int]
Ints = npt.NDArray[np.int64]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run the engines on both kinds of rows, print the tables."""
    parser = argparse.ArgumentParser(description="Time near-duplicate search beside its peers.")
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--sample", type=int, default=4_000, help="rows compared with all pairs")
    options = parser.parse_args(arguments)
    for kind, texts in (
        ("drawn from all public files", _drawn(options.data, options.rows)),
        ("half of one template", texts_of(options.data, options.rows)),
    ):
        _print_table(kind, texts, texts[:: max(len(texts) // options.sample, 1)])


def _drawn(data: Path, rows: int) -> list[str]:
    """Whole conversations of all public files, drawn with a seed, in their order."""
    with TemporaryDirectory() as folder:
        found = [
            pa.array(view_texts(batch, View.ALL), pa.large_string())
            for snapshot in snapshots_of(data, Path(folder))
            for batch in snapshot.batches()
        ]
    whole = pa.concat_arrays(found)
    drawn = np.random.default_rng(0).permutation(len(whole))[:rows]
    return whole.take(pa.array(np.sort(drawn))).to_pylist()


def _print_table(kind: str, texts: list[str], sample: list[str]) -> None:
    first, second = _similar_pairs(sample)
    repeated = set(second.tolist())

    def judge(gone: Flags) -> list[str]:
        is_kept = np.ones(len(sample), bool)
        is_kept[list(gone)] = False
        left = set(second[is_kept[first] & is_kept[second]].tolist())
        right = len(gone & repeated)
        recall = right / (right + len(left)) if right + len(left) else float("nan")
        precision = right / len(gone) if gone else float("nan")
        return [f"{recall:.3f}", f"{precision:.3f}"]

    print(
        f"\n{len(texts):,} rows {kind}, {megabytes(texts):.1f} MB; "
        f"{len(repeated):,} of {len(sample):,} sampled are similar to an earlier one\n"
    )
    print_beside(ENGINES, texts, rows=len(texts), judge=judge, columns=("recall", "precision"), trial=sample)


def _word_sets(texts: list[str]) -> list[set[str]]:
    sets = []
    for text in texts:
        tokens = word_list(text)
        sets.append({" ".join(tokens[i : i + SHINGLE]) for i in range(max(len(tokens) - SHINGLE + 1, 1))})
    return sets


def _similar_pairs(texts: list[str]) -> tuple[Ints, Ints]:
    """All pairs (earlier, later) of exact Jaccard at the threshold or above, by a matrix product."""
    from scipy.sparse import csr_array

    sets = _word_sets(texts)
    column: dict[str, int] = {}
    columns = [column.setdefault(gram, len(column)) for grams in sets for gram in grams]
    offsets = np.cumsum([0, *map(len, sets)])
    matrix = csr_array((np.ones(len(columns)), columns, offsets), shape=(len(sets), len(column)))
    sizes = np.diff(offsets)
    shared = (matrix @ matrix.T).tocoo()
    alike = shared.data / (sizes[shared.row] + sizes[shared.col] - shared.data) >= THRESHOLD
    alike &= shared.row < shared.col
    return shared.row[alike], shared.col[alike]


def _ours(texts: list[str]) -> Flags:
    parts = []
    for low in range(0, len(texts), BLOCK_ROWS):
        column = pa.array(texts[low : low + BLOCK_ROWS], pa.large_string())
        tokens = words(column)
        grams = shingles(tokens, SHINGLE)
        keys = row_keys(tokens, column)
        parts.append(Signatures(SCHEME, signatures(grams), grams.offsets, grams.hashes, keys))
    stars = kept_first(RowPool.of([(part, None) for part in parts]), THRESHOLD)
    return set(np.flatnonzero(stars.owner >= 0).tolist())


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
