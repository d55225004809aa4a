from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import key_ranges, scratch
from analyzers.bands import band_keys, banding
from analyzers.key_ranges import NO_TEXT
from analyzers.minhash import signatures
from analyzers.row_pool import RowPool
from analyzers.signature_store import Scheme, Signatures
from analyzers.text import Grams, mix64

NAMES = st.lists(st.integers(0, 6), max_size=12)


def store(names: list[int]) -> Signatures:
    """Rows of one shingle each, its name; a name of 0 has no text."""
    counts = [int(name > 0) for name in names]
    hashes = np.array([name for name in names if name], np.uint64)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    keys = mix64(np.array(names, np.uint64))
    keys[np.array(names) == 0] = NO_TEXT
    values = signatures(Grams(offsets, hashes))
    return Signatures(Scheme(view="prompt", shingle=1), values, offsets, hashes, keys)


@settings(max_examples=80, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=3), st.integers(1, 5), st.integers(1, 4))
def test_equal_rows_are_one_text_however_the_rows_are_cut(
    parts: list[list[int]], block: int, slice_rows: int
) -> None:
    names = [name for part in parts for name in part]
    firsts = [names.index(name) for name in names]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_ranges, "BLOCK_PLACES", block)
        patch.setattr(key_ranges, "RANGE_PLACES", slice_rows)
        patch.setattr(scratch, "FILE_BYTES", 32)
        stores = [store(part) for part in parts]
        pool = RowPool.of([(stores[0], None), *((part, np.arange(part.rows)) for part in stores[1:])])

        distinct = sorted(set(firsts))
        assert pool.first.tolist() == distinct
        assert pool.text_of.tolist() == [
            distinct.index(first) if name else -1 for first, name in zip(firsts, names, strict=True)
        ]
        assert pool.sizes.tolist() == [names.count(names[row]) * bool(names[row]) for row in distinct]
        assert pool.counts.tolist() == [int(names[row] > 0) for row in distinct]
        assert pool.source.tolist() == [n for n, part in enumerate(parts) for _ in part]
        texts, keys = pool.band_keys(banding(0.8, 128))
        assert texts.tolist() == [text for text, row in enumerate(distinct) if names[row]]
        whole = store([names[row] for row in distinct])
        assert (keys == band_keys(whole.values, texts, banding(0.8, 128))).all()
        assert (pool.signatures(texts) == whole.values[texts]).all()
