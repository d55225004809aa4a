"""MinHash signatures of shingle sets, equal bit for bit to those of datasketch 2.

A signature row is what `datasketch.MinHash(num_perm, seed, scheme="affine32")` holds after it was fed
the low 32 bits of the row's shingle hashes: it opens there as it is, and works with its LSH and its
lean form. Signatures only propose pairs; `analyzers.jaccard` decides them on the shingles themselves.

Source: A. Broder, "On the resemblance and containment of documents", 1997; datasketch 2.0, `minhash.py`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzers.compiled import is_compiled
from analyzers.text import Grams

if TYPE_CHECKING:
    from datasketch import LeanMinHash, MinHash

SCHEME = "affine32"
NUM_PERM = 128
SEED = 1
EMPTY = np.uint32(0xFFFFFFFF)

# 64K shingles of 4 bytes and their permuted copy stay in the second-level cache.
_BLOCK_SHINGLES = 1 << 16

Values = npt.NDArray[np.uint32]


def signatures(grams: Grams, *, num_perm: int = NUM_PERM, seed: int = SEED) -> Values:
    """Signatures of the rows of `grams`, uint32 of shape (rows, num_perm).

    Two rows agree in one column with probability equal to their Jaccard similarity J; the share of
    agreeing columns estimates J with standard error sqrt(J (1 - J) / num_perm). A row without shingles
    holds 4294967295 throughout, datasketch's mark of an empty set. Memory beyond the result does not grow
    with the rows.

    Raises:
        ValueError: `num_perm` is less than 1.
    """
    if is_compiled():
        from analyzers import compiled_words

        numbers = permutations(num_perm, seed)
        return compiled_words.signatures(grams.hashes, grams.offsets, *numbers, empty=EMPTY)
    return plain_signatures(grams, num_perm=num_perm, seed=seed)


def plain_signatures(grams: Grams, *, num_perm: int = NUM_PERM, seed: int = SEED) -> Values:
    """`signatures` in numpy, one permutation at a time over blocks of 65,536 shingles."""
    factors, addends = permutations(num_perm, seed)
    filled = np.flatnonzero(np.diff(grams.offsets))
    result = np.full((len(grams.offsets) - 1, num_perm), EMPTY, np.uint32)
    starts = grams.offsets[filled]
    ends = grams.offsets[filled + 1]
    for low, high in _blocks(starts, ends):
        begin, stop = int(starts[low]), int(ends[high - 1])
        mixed = _premixed(grams.hashes[begin:stop])
        minima = _minima(mixed, starts[low:high] - begin, factors, addends)
        result[filled[low:high]] = minima.T
    return result


@lru_cache(maxsize=8)
def permutations(num_perm: int, seed: int) -> tuple[Values, Values]:
    """Odd factors and addends of the permutations h -> a h + b (mod 2^32).

    The numbers of `datasketch.MinHash(num_perm, seed, scheme="affine32").permutations`, drawn as it draws
    them: its import brings scipy's integration along, half a second for 256 numbers.

    Raises:
        ValueError: `num_perm` is less than 1.
    """
    if num_perm < 1:
        raise ValueError(f"num_perm is at least 1, got {num_perm}")
    draw = np.random.RandomState(seed)
    factors = draw.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, draw.randint(0, 1 << 32, num_perm, dtype=np.uint32)


def as_minhash(row: Values, *, seed: int = SEED) -> MinHash:
    """One signature row as a datasketch MinHash, ready to compare, update or put into its LSH."""
    from datasketch import MinHash

    shared = np.array(permutations(len(row), seed))
    return MinHash(seed=seed, hashvalues=np.array(row), permutations=shared, scheme=SCHEME)


def as_lean_minhash(row: Values, *, seed: int = SEED) -> LeanMinHash:
    """One signature row as a datasketch LeanMinHash: frozen, serialisable, 4 bytes a permutation."""
    from datasketch import LeanMinHash

    return LeanMinHash(seed=seed, hashvalues=np.array(row), scheme=SCHEME)


def _blocks(starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of rows of about `_BLOCK_SHINGLES` shingles; a longer row is a range of its own."""
    cuts = [0]
    while cuts[-1] < len(starts):
        full = int(np.searchsorted(ends, starts[cuts[-1]] + _BLOCK_SHINGLES, side="right"))
        cuts.append(max(full, cuts[-1] + 1))
    return list(pairwise(cuts))


def _premixed(hashes: npt.NDArray[np.uint64]) -> Values:
    """MurmurHash3's 32-bit finaliser of the low 32 bits, datasketch's step before all permutations."""
    mixed = hashes.astype(np.uint32)
    mixed ^= mixed >> np.uint32(16)
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def _minima(mixed: Values, starts: npt.NDArray[np.int64], factors: Values, addends: Values) -> Values:
    """Smallest permuted hash of each row, shape (permutations, rows): one permutation at a time."""
    minima = np.empty((len(factors), len(starts)), np.uint32)
    permuted = np.empty_like(mixed)
    for place, (factor, addend) in enumerate(zip(factors, addends, strict=True)):
        np.multiply(mixed, factor, out=permuted)
        np.add(permuted, addend, out=permuted)
        np.minimum.reduceat(permuted, starts, out=minima[place])
    return minima
