"""Which shape the rows of a file have."""

from __future__ import annotations

from collections.abc import Sequence

from registry.shapes.base import Fields, Shape
from registry.shapes.pairs import PAIRS, PROMPTS_ONLY

SHAPES: tuple[Shape, ...] = (*PAIRS, *PROMPTS_ONLY)
"""Every shape; where several fit equally many rows the first one counts."""


def choose_shape(sample: Sequence[Fields]) -> Shape | None:
    """The shape that fits most rows of `sample`, None where none fits any.

    Rows of the file that do not fit the choice are bad rows, so one odd row never changes how the others are read.
    """
    best: Shape | None = None
    most = 0
    for shape in SHAPES:
        fitting = sum(shape.matches(fields) for fields in sample)
        if fitting > most:
            best, most = shape, fitting
    return best


def shape_name(names: Sequence[str]) -> str:
    """The name of a snapshot's shape: that of its files, or `mixed:a+b` in alphabetical order.

    >>> shape_name(["messages", "alpaca", "messages"])
    'mixed:alpaca+messages'
    """
    different = sorted(set(names))
    return different[0] if len(different) == 1 else f"mixed:{'+'.join(different)}"
