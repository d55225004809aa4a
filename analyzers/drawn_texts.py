"""The texts of a view that a draw takes first, kept within a budget while batches are merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.text import Hashes


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is kept: so many texts, each cut to `text_bytes`, until together they reach `total_bytes`."""

    texts: int
    text_bytes: int
    total_bytes: int

    def fitting(self, sizes: npt.NDArray[np.int64]) -> int:
        """How many of the first texts of such sizes reach the budget."""
        return min(self.texts, int(np.searchsorted(np.cumsum(sizes), self.total_bytes)) + 1)


@dataclass(frozen=True, slots=True)
class DrawnTexts:
    """The UTF-8 texts with the smallest keys, in the order of their keys, within `budget`.

    What a part of the rows drops stands behind enough of its own texts, so it could never be kept by the
    whole: `+` is associative, and a draw without texts is its neutral element. Each text counts one byte
    more for its line feed.
    """

    budget: Budget
    keys: tuple[int, ...] = ()
    texts: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, texts: pa.LargeStringArray, keys: Hashes, budget: Budget) -> DrawnTexts:
        """The first texts of an array by key."""
        order = np.argsort(keys, kind="stable")[: budget.texts]
        sizes = np.minimum(pc.binary_length(texts).to_numpy()[order], budget.text_bytes) + 1
        order = order[: budget.fitting(sizes)]
        chosen: list[Any] = texts.take(order).cast(pa.large_binary()).to_pylist()
        kept = tuple(bytes(text[: budget.text_bytes]) for text in chosen)
        return cls(budget, tuple(keys[order].tolist()), kept)

    def __add__(self, other: DrawnTexts) -> DrawnTexts:
        keys, texts = self.keys + other.keys, self.texts + other.texts
        order = sorted(range(len(keys)), key=keys.__getitem__)
        sizes = np.array([len(texts[i]) + 1 for i in order], np.int64)
        order = order[: self.budget.fitting(sizes)]
        return DrawnTexts(self.budget, tuple(keys[i] for i in order), tuple(texts[i] for i in order))
