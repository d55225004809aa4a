"""Errors as people read them on a page: without the place in a file that they never saw."""

from __future__ import annotations

from dashboard.views.plain import visible
from registry.errors import InputRefusedError, InstructoryError

MOST = 10


def said(error: InstructoryError) -> str:
    """The message of an error; of a refused input one line a fault, the field first."""
    if not isinstance(error, InputRefusedError):
        return visible(str(error))
    lines = [f"{p.field}: {p.message}" if p.field else p.message for p in error.problems[:MOST]]
    more = len(error.problems) - MOST
    return visible("\n".join([*lines, f"… and {more} more"] if more > 0 else lines))
