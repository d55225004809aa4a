"""Loops compiled to machine code where numba is installed (extra `fast`).

Every kernel has a plain twin in numpy that gives the same bits: `is_compiled()` chooses between them, and the
tests hold the two together. numba is imported when the first kernel is called for, never before.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])

SWITCH = "INSTRUCTORY_COMPILED"


@cache
def is_compiled() -> bool:
    """Whether kernels run compiled: numba is there, and `INSTRUCTORY_COMPILED` is not `0`."""
    return os.environ.get(SWITCH, "1") != "0" and find_spec("numba") is not None


def kernel(function: F) -> F:
    """`function` compiled at its first call, free of the interpreter lock, kept on disk for later processes.

    Modules of kernels are imported inside the function that needs them, as numba takes half a second to load.
    """
    from numba import njit

    return cast("F", njit(cache=True, nogil=True)(function))
