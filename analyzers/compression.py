"""How far the texts of a view compress: redundancy that zlib's window of 32 KiB can see."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.text import Hashes

DRAW_BYTES = 1 << 20
DRAWS = 4
LEVEL = 9


@dataclass(frozen=True, slots=True)
class DrawnTexts:
    """The texts with the smallest keys, in the order of their keys, as many as fill all draws.

    `DrawnTexts()` is the neutral element of `+`. A text counts with its first 1 MiB and one line feed.
    """

    keys: tuple[int, ...] = ()
    texts: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, texts: pa.LargeStringArray, keys: Hashes) -> DrawnTexts:
        """The first texts of an array by key."""
        order = np.argsort(keys, kind="stable")
        sizes = np.minimum(pc.binary_length(texts).to_numpy()[order], DRAW_BYTES) + 1
        order = order[: _enough(sizes)]
        chosen: list[Any] = texts.take(order).cast(pa.large_binary()).to_pylist()
        return cls(tuple(keys[order].tolist()), tuple(bytes(text[:DRAW_BYTES]) for text in chosen))

    def __add__(self, other: DrawnTexts) -> DrawnTexts:
        keys = self.keys + other.keys
        texts = self.texts + other.texts
        order = sorted(range(len(keys)), key=keys.__getitem__)
        order = order[: _enough(np.array([len(texts[i]) + 1 for i in order], np.int64))]
        return DrawnTexts(tuple(keys[i] for i in order), tuple(texts[i] for i in order))


def compression_ratios(texts: Sequence[bytes]) -> list[float]:
    """Raw bytes / zlib-9 bytes of each draw of 1 MiB from the texts joined by line feeds, 4 at most.

    Texts that do not fill one draw are one draw as they are; no bytes give no ratio. The compressed size
    may differ by a per cent or two between builds of zlib.
    """
    joined = b"\n".join(texts)
    draws = min(max(len(joined) // DRAW_BYTES, 1), DRAWS) if joined else 0
    cuts = [joined[draw * DRAW_BYTES : (draw + 1) * DRAW_BYTES] for draw in range(draws)]
    return [len(cut) / len(zlib.compress(cut, LEVEL)) for cut in cuts]


def _enough(sizes: np.ndarray) -> int:
    """How many of the first sizes reach the size of all draws."""
    return int(np.searchsorted(np.cumsum(sizes), DRAWS * DRAW_BYTES + 1)) + 1
