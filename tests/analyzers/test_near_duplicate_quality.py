"""Recall and precision of similar pairs on real rows, against exact Jaccard over all pairs."""

from __future__ import annotations

import gzip
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from analyzers.matching import similar_within
from analyzers.minhash import signatures
from analyzers.row_pool import RowPool
from analyzers.signature_store import Scheme, Signatures, row_keys
from analyzers.text import shingles, word_list, words

ROWS = 1_500
FILES = {
    "templated": "gpteacher-toolformer/toolformer-dedupe-only-dataset.json.gz",
    "code": "codealpaca-new/new_codealpaca.json.gz",
}


def real_texts(real_data: Path, name: str) -> list[str]:
    with gzip.open(real_data / FILES[name], "rt", encoding="utf-8") as file:
        rows = json.load(file)
    texts = {" ".join(str(value) for value in row.values()): None for row in rows}
    return list(texts)[:ROWS]


def pairs_by_brute_force(texts: list[str], k: int, threshold: float) -> set[tuple[int, int]]:
    """All pairs of texts, each pair's shingle sets compared as Python sets of word tuples."""
    sets = []
    for text in texts:
        tokens = word_list(text)
        grams = {tuple(tokens[i : i + k]) for i in range(max(len(tokens) - k + 1, 1))} if tokens else set()
        sets.append(frozenset(hash(gram) for gram in grams))
    found = set()
    order = sorted(range(len(texts)), key=lambda i: len(sets[i]))
    for x, y in combinations(order, 2):
        a, b = sets[x], sets[y]
        if len(a) < threshold * len(b) or not a:
            continue
        shared = len(a & b)
        if shared / (len(a) + len(b) - shared) >= threshold:
            found.add((min(x, y), max(x, y)))
    return found


def pairs_by_bands(texts: list[str], k: int, threshold: float) -> set[tuple[int, int]]:
    column = pa.array(texts, pa.large_string())
    tokens = words(column)
    grams = shingles(tokens, k)
    scheme = Scheme(view="all", shingle=k)
    keys = row_keys(tokens, column)
    pool = RowPool.of([(Signatures(scheme, signatures(grams), grams.offsets, grams.hashes, keys), None)])
    found: set[tuple[int, int]] = set()
    for a, b, _ in similar_within(pool, threshold):
        found.update(zip(pool.first[a].tolist(), pool.first[b].tolist(), strict=True))
    for rows in np.split(np.argsort(keys, kind="stable"), np.flatnonzero(np.diff(np.sort(keys))) + 1):
        found.update((int(x), int(y)) for x, y in combinations(sorted(rows.tolist()), 2))
    # A text stands for all rows of the same words.
    groups = {first: np.flatnonzero(keys == keys[first]).tolist() for pair in found for first in pair}
    return {(min(x, y), max(x, y)) for a, b in found for x in groups[a] for y in groups[b] if x != y}


@pytest.mark.real
@pytest.mark.parametrize("name", FILES)
def test_similar_pairs_are_those_of_all_pairs(real_data: Path, name: str) -> None:
    texts = real_texts(real_data, name)
    wanted_in_all, recalled = 0, 0
    for k in (1, 3, 5):
        loose = pairs_by_brute_force(texts, k, 0.7)
        for threshold in (0.7, 0.8):
            wanted = loose if threshold == 0.7 else pairs_by_brute_force(texts, k, threshold)
            found = pairs_by_bands(texts, k, threshold)

            assert found <= wanted, (k, threshold)  # precision 1: every pair was decided exactly
            wanted_in_all += len(wanted)
            recalled += len(found)
    assert wanted_in_all > 100
    assert recalled >= 0.99 * wanted_in_all
