"""`conflicts`: the same question with answers that disagree, within and across datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from instructory.verbs import open_snapshot

if TYPE_CHECKING:
    from analyzers.conflicts import Conflicts
    from registry.registry import Registry


def conflicts(registry: Registry, refs: Sequence[str], *, explain: int = 5) -> Conflicts:
    """Questions of `refs` that get final answers that disagree: numbers, options, yes or no, told by rule."""
    from analyzers.conflicts import conflicts as conflicts_among

    return conflicts_among([open_snapshot(registry, ref) for ref in refs], explain=explain)
