"""Memory that was freed, given back to the system."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

import pyarrow as pa


def give_back() -> None:
    """Let Arrow's pool and the C library return what they keep of freed memory; costs milliseconds.

    Without it a step that held much leaves less room for those after it. Does nothing where the C library
    has no such call.
    """
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    """glibc's `malloc_trim`, None elsewhere."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
