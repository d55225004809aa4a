"""Which shape the rows of a file have."""

from __future__ import annotations

from collections.abc import Sequence

from registry.shapes.base import Fields, Shape
from registry.shapes.chat import CHATS
from registry.shapes.packed import PACKED
from registry.shapes.pairs import PAIRS, PROMPTS_ONLY
from registry.shapes.preference import JUDGED
from registry.shapes.tasks import TASKS
from registry.shapes.trees import BRANCHED

SHAPES: tuple[Shape, ...] = (*JUDGED, *BRANCHED, *TASKS, *CHATS, *PACKED, *PAIRS, *PROMPTS_ONLY)
"""Every shape, those that ask for more before those that ask for less."""


def choose_shape(sample: Sequence[Fields]) -> Shape | None:
    """The first shape that fits at least half of `sample`, else the one that fits most, None where none
    fits any.

    Rows of the file that do not fit the choice are bad rows: one odd row never changes how the others are
    read.
    """
    counts = [sum(shape.matches(fields) for fields in sample) for shape in SHAPES]
    for shape, count in zip(SHAPES, counts, strict=True):
        if count and count * 2 >= len(sample):
            return shape
    most = max(counts, default=0)
    return SHAPES[counts.index(most)] if most else None


def shape_name(names: Sequence[str]) -> str:
    """The name of a snapshot's shape: that of its files, or `mixed:a+b` in alphabetical order.

    >>> shape_name(["messages", "alpaca", "messages"])
    'mixed:alpaca+messages'
    """
    different = sorted(set(names))
    return different[0] if len(different) == 1 else f"mixed:{'+'.join(different)}"
