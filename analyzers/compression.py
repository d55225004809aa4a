"""How far the texts of a view compress: redundancy that zlib's window of 32 KiB can see."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from analyzers.drawn_texts import Budget

DRAW_BYTES = 1 << 20
DRAWS = 4
LEVEL = 9
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
