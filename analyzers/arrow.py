"""Arrow's compute functions as the analyzers call them.

The stubs of pyarrow refuse what the library takes (plain Python values as scalars, numpy arrays as
indices), so `pc` goes untyped and results are given their type where they are used.
"""

from __future__ import annotations

from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute


def filled(texts: pa.Array[Any]) -> pa.LargeStringArray:
    """`texts` as large strings, an empty one for each null."""
    strings: Any = texts.cast(pa.large_string())
    # Filling copies every text, so it is left where there is nothing to fill.
    return cast("pa.LargeStringArray", pc.fill_null(strings, "") if strings.null_count else strings)


def joined(*texts: pa.Array[Any], by: str) -> pa.LargeStringArray:
    """The texts of each row joined by `by`; nulls are left out, and a row of nulls is empty."""
    separator = pa.scalar(by, pa.large_string())
    # Arrow drops a row whose every text is null, which would shift all rows behind it.
    first = pc.if_else(pc.is_null(pc.coalesce(*texts)), "", texts[0])
    return filled(pc.binary_join_element_wise(first, *texts[1:], separator, null_handling="skip"))
