"""How much two datasets share, counted both ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analyzers.base import View
from analyzers.clusters import DEFAULT_SHINGLE, DEFAULT_THRESHOLD, DEFAULT_VIEW
from analyzers.overlaps import overlaps
from registry.measurements import Overlap

if TYPE_CHECKING:
    from registry.snapshot import Snapshot


def overlap(
    a: Snapshot,
    b: Snapshot,
    *,
    folder: Path,
    view: View | str = DEFAULT_VIEW,
    shingle: int = DEFAULT_SHINGLE,
    threshold: float = DEFAULT_THRESHOLD,
    explain: int = 5,
) -> Overlap:
    """Rows of `a` that have a match in `b`, and the other way round.

    A match has exact Jaccard >= `threshold` on the distinct word `shingle`-grams of `view`, or the same
    words. Rows whose view has no text match nothing, so a dataset of rows with text overlaps itself
    wholly. `pairs` counts pairs of rows; where rows are so much alike that not all pairs were compared
    (`bands.BAND_PAIRS`), it is a lower bound. Signatures are kept in `folder`; memory does not grow with
    the number of pairs. Source: METRICS 7, `overlap(A->B)`.

    Raises:
        ValueError: a threshold outside (0, 1] or an unknown view.
    """
    (found,) = overlaps(
        [a, b], folder=folder, view=view, shingle=shingle, threshold=threshold, explain=explain
    )
    return found
