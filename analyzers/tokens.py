"""Token counts under a named tokeniser, offline."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

TOKENS = "o200k_base"
WORDS = "w1"


def count_tokens(texts: pa.LargeStringArray) -> npt.NDArray[np.int32]:
    """Tokens of each text under `o200k_base`; special tokens written out in a text count as plain text."""
    import toktok

    return np.array(toktok.batch_count(texts.to_pylist(), TOKENS, threads=1), np.int32)
