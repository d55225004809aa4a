"""How far the texts of a view compress: redundancy within 32 KiB (zlib) and across 4 MiB (zstd)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import pyarrow as pa

from analyzers.drawn_texts import Budget

DRAW_BYTES = 1 << 20
DRAWS = 4
LEVEL = 9
LONG_BYTES = DRAW_BYTES * DRAWS
LONG_LEVEL = 12
BUDGET = Budget(texts=1 << 20, text_bytes=DRAW_BYTES, total_bytes=DRAWS * DRAW_BYTES + 1)


def compression_ratios(texts: Sequence[bytes]) -> list[float]:
    """Raw bytes / zlib-9 bytes of each draw of 1 MiB from the texts joined by line feeds, 4 at most.

    Texts that do not fill one draw are one draw as they are; no bytes give no ratio. The compressed size
    may differ by a per cent or two between builds of zlib.
    """
    joined = b"\n".join(texts)
    draws = min(max(len(joined) // DRAW_BYTES, 1), DRAWS) if joined else 0
    cuts = [joined[draw * DRAW_BYTES : (draw + 1) * DRAW_BYTES] for draw in range(draws)]
    return [len(cut) / len(zlib.compress(cut, LEVEL)) for cut in cuts]


def long_compression_ratio(texts: Sequence[bytes]) -> float | None:
    """Raw bytes / zstd-12 bytes of the first 4 MiB of the texts joined by line feeds; None without a byte.

    The window spans all of it, so that rows repeated far apart show. Builds of zstd differ a little.
    """
    joined = b"\n".join(texts)[:LONG_BYTES]
    if not joined:
        return None
    return len(joined) / len(pa.Codec("zstd", compression_level=LONG_LEVEL).compress(joined, asbytes=True))
