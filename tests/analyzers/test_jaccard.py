from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import jaccard as module
from analyzers.compiled import is_compiled
from analyzers.jaccard import jaccard, similar
from analyzers.text import Grams

row_sets = st.lists(st.frozensets(st.integers(0, 15), max_size=10), min_size=1, max_size=12)


@dataclass
class PlainSets:
    rows: list[frozenset[int]]

    @property
    def counts(self) -> np.ndarray:
        return np.array([len(row) for row in self.rows], np.int64)

    def take(self, positions: np.ndarray) -> Grams:
        chosen = [sorted(self.rows[position]) for position in positions]
        offsets = np.cumsum([0, *map(len, chosen)])
        return Grams(offsets, np.array([value for row in chosen for value in row], np.uint64))


def plain(a: frozenset[int], b: frozenset[int]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


@pytest.mark.parametrize(("compiled", "cells"), [(False, 0), (False, 1_000), (is_compiled(), 0)])
@settings(max_examples=40, deadline=None)
@given(rows=row_sets, seed=st.integers(0, 99), block=st.integers(1, 40))
def test_all_ways_of_counting_give_the_plain_value(
    rows: list[frozenset[int]], seed: int, block: int, compiled: bool, cells: int
) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, len(rows), 30), rng.integers(0, len(rows), 30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "is_compiled", lambda: compiled)
        patch.setattr(module, "_GRID_CELLS_PER_PAIR", cells)
        if not cells:
            patch.setattr(module, "_BLOCK_SHINGLES", block)
        values = jaccard(PlainSets(rows), a, b)

    assert values.tolist() == [plain(rows[i], rows[j]) for i, j in zip(a, b, strict=True)]


@pytest.mark.parametrize("compiled", [False, is_compiled()])
@settings(max_examples=40, deadline=None)
@given(rows=row_sets, threshold=st.sampled_from([0.3, 0.5, 0.7, 1.0]))
def test_similar_keeps_all_pairs_that_reach_the_threshold(
    rows: list[frozenset[int]], threshold: float, compiled: bool
) -> None:
    a, b = (side.ravel() for side in np.indices((len(rows), len(rows))))
    sets = PlainSets(rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "is_compiled", lambda: compiled)
        i, j, values = similar(sets, a, b, threshold)

    kept = {(x, y) for x, y in zip(a, b, strict=True) if plain(rows[x], rows[y]) >= threshold}
    assert set(zip(i, j, strict=True)) == kept
    assert (values >= threshold).all()


def test_no_pairs_have_no_values() -> None:
    nothing = np.empty(0, np.int64)

    assert len(jaccard(PlainSets([frozenset()]), nothing, nothing)) == 0
