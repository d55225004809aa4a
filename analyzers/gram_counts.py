"""How many distinct word n-grams there are, and how often each occurs: exact, over arrays of any length."""

from __future__ import annotations

import numpy as np

from analyzers.compiled import is_compiled
from analyzers.key_ranges import blocks
from analyzers.scratch import gathered
from analyzers.text import GRAM_BASE, Grams, Hashes, Ints, Words, plain_ngrams


def distinct_grams(tokens: Words | Grams, n: int = 1) -> int:
    """How many distinct `n`-grams the texts hold; none crosses a text border."""
    if is_compiled():
        from analyzers import compiled_counts

        found = compiled_counts.distinct(tokens.hashes, tokens.offsets, n, GRAM_BASE)
        if found is not None:
            return found
    return len(plain_gram_counts(tokens, n))


def gram_counts(tokens: Words | Grams, n: int = 1) -> Ints:
    """How often each distinct `n`-gram of the texts occurs, in no order that means anything."""
    if is_compiled():
        from analyzers import compiled_counts

        found = compiled_counts.counts(tokens.hashes, tokens.offsets, n, GRAM_BASE)
        if found is not None:
            return found
    return plain_gram_counts(tokens, n)


def all_grams(tokens: Words | Grams, n: int) -> int:
    """How many `n`-grams the texts hold, with multiplicity."""
    return int(np.maximum(tokens.counts - (n - 1), 0).sum())


def plain_gram_counts(tokens: Words | Grams, n: int) -> Ints:
    """`gram_counts` in numpy, in the order of the hashes."""
    ordered = gathered([tokens.hashes if n == 1 else plain_ngrams(tokens, n).hashes], np.uint64)
    ordered.sort()
    begins = gathered(
        (
            block.start + np.flatnonzero(ordered[block] != _shifted(ordered, block))
            for block in blocks(len(ordered))
        ),
        np.int64,
    )
    sizes: Ints = gathered(
        (np.diff(_with_next(begins, block, len(ordered))) for block in blocks(len(begins))), np.int64
    )
    return sizes


def _shifted(ordered: Hashes, block: slice) -> Hashes:
    """The value before each of a block of sorted values; before the first of all, another one."""
    if block.start:
        return ordered[block.start - 1 : block.stop - 1]
    return np.append(~ordered[:1], ordered[: block.stop - 1])


def _with_next(begins: Ints, block: slice, end: int) -> Ints:
    """A block of rising places and the one that follows it, `end` after the last."""
    return np.append(begins[block], begins[block.stop] if block.stop < len(begins) else end)
