"""Where rows and facts come from: lineage measured on rows, audits, teacher footprints."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from instructory.verbs import fetch, open_snapshot
from registry.errors import InputRefusedError

if TYPE_CHECKING:
    from analyzers.teachers import TeacherFootprint
    from registry.audit import Audit
    from registry.lineage import Lineage
    from registry.registry import Registry
    from registry.snapshot import Snapshot


def measure_lineage(registry: Registry, refs: Sequence[str], *, keep_good: bool = False) -> Lineage:
    """Who of `refs` comes from whom, told by the rows they share; the family is that of the first.

    All pairs are compared whole, by prompts and by answers, exactly and nearly, in both directions, by the
    rules of `registry.kinship`. What is found is kept, so that `Registry.lineage` knows it from then on
    (unless two of `refs` go by one name). With `keep_good` files with bad rows are read without these.
    """
    from analyzers.kinships import kinships
    from registry.descent import lineage_among

    opened = {ref: _opened(registry, ref, keep_good=keep_good) for ref in refs}
    snapshots = list(opened.values())
    titles = [snapshot.dataset for snapshot in snapshots]
    names = [title if titles.count(title) == 1 else ref for ref, title in zip(opened, titles, strict=True)]
    found = kinships(snapshots, folder=registry.settings.signatures, names=names)
    if names == titles:
        for (a, b), kinship in zip(combinations(snapshots, 2), found, strict=True):
            registry.add_kinship(a.id, b.id, kinship)
    return lineage_among(registry, names, found)


def audit(registry: Registry, ids: Sequence[str] | None = None) -> list[Audit]:
    """Declared beside measured (rows, languages, form, parents, teachers) of `ids`, or of all measured.

    Rows on this machine are asked for the models their fields name; shipped figures speak for the rest.

    Raises:
        UnknownDatasetError: an id is not known.
    """
    from analyzers.teachers import named_models
    from registry.audit import audits

    return audits(registry, ids, models_of=named_models)


def teachers(registry: Registry, refs: Sequence[str]) -> list[TeacherFootprint]:
    """Share of rows by generating model of each of `refs`, then of all together where they are several."""
    from analyzers.teachers import teacher_footprint, together

    snapshots = [open_snapshot(registry, ref) for ref in refs]
    found = [teacher_footprint(s, registry.entry_or_none(s.dataset)) for s in snapshots]
    return [*found, together(found, "together")] if len(found) > 1 else found


def _opened(registry: Registry, ref: str, *, keep_good: bool) -> Snapshot:
    try:
        return open_snapshot(registry, ref)
    except InputRefusedError:
        if not keep_good:
            raise
        return fetch(registry, ref, keep_good=True)
