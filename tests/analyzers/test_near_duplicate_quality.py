"""Recall and precision of similar pairs and of star clusters on real rows, against all pairs, exactly."""

from __future__ import annotations

import gzip
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from text_pools import pool_of

from analyzers.clusters import kept_first
from analyzers.matching import similar_within
from analyzers.text import word_list

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
    pool = pool_of(texts, k)
    keys = pool.keys
    found: set[tuple[int, int]] = set()
    for a, b, _ in similar_within(pool, threshold):
        found.update(zip(pool.first[a].tolist(), pool.first[b].tolist(), strict=True))
    for rows in np.split(np.argsort(keys, kind="stable"), np.flatnonzero(np.diff(np.sort(keys))) + 1):
        found.update((int(x), int(y)) for x, y in combinations(sorted(rows.tolist()), 2))
    # A text stands for all rows of the same words.
    groups = {first: np.flatnonzero(keys == keys[first]).tolist() for pair in found for first in pair}
    return {(min(x, y), max(x, y)) for a, b in found for x in groups[a] for y in groups[b] if x != y}


def removed_and_left(
    texts: list[str], k: int, threshold: float, wanted: set[tuple[int, int]]
) -> tuple[int, int]:
    """Rows that star clusters remove, and rows that stay though a kept one before them is similar."""
    owner = kept_first(pool_of(texts, k), threshold).owner
    gone = np.flatnonzero(owner >= 0)
    # Precision 1: every row that goes is truly similar to the one kept for it.
    assert {(int(owner[row]), int(row)) for row in gone} <= wanted, (k, threshold)
    left = {b for a, b in wanted if owner[a] < 0 and owner[b] < 0}
    return len(gone), len(left)


@pytest.mark.real
@pytest.mark.parametrize("name", FILES)
def test_similar_pairs_are_those_of_all_pairs(real_data: Path, name: str) -> None:
    texts = real_texts(real_data, name)
    wanted_in_all, recalled, removed, left = 0, 0, 0, 0
    for k in (1, 3, 5):
        loose = pairs_by_brute_force(texts, k, 0.7)
        for threshold in (0.7, 0.8):
            wanted = loose if threshold == 0.7 else pairs_by_brute_force(texts, k, threshold)
            found = pairs_by_bands(texts, k, threshold)

            assert found <= wanted, (k, threshold)  # precision 1: every pair was decided exactly
            wanted_in_all += len(wanted)
            recalled += len(found)
            gone, missed = removed_and_left(texts, k, threshold, wanted)
            removed, left = removed + gone, left + missed
    assert wanted_in_all > 100
    assert recalled >= 0.99 * wanted_in_all
    assert left <= 0.01 * (removed + left)
