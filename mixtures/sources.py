"""Opening what a recipe names, with every name that cannot be opened in one located error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analyzers.row_lengths import stored_lengths
from mixtures.filters import UnknownFlagError, is_told_by_lengths
from mixtures.recipe import MixtureRecipe
from mixtures.stock import PartStock, part_stock
from registry.errors import (
    InputRefusedError,
    NotMeasuredError,
    Problem,
    ProblemCode,
    UnknownDatasetError,
)
from registry.field_faults import FieldPath
from registry.snapshot import Snapshot, open_snapshot

if TYPE_CHECKING:
    from registry.registry import Registry

Progress = Callable[[int, int | None, str], None]


def open_parts(
    registry: Registry, recipe: MixtureRecipe, *, progress: Progress | None = None
) -> list[PartStock]:
    """The stock of each part; row features are computed and stored where they are missing.

    Raises:
        InputRefusedError: unknown ids (with the nearest), paths that are not there, unknown flags.
        NotMeasuredError: ids whose rows nobody fetched yet; names the commands to run.
    """
    refs: list[tuple[FieldPath, str]] = []
    for n, part in enumerate(recipe.parts):
        field = "dataset" if part.dataset is not None else "path"
        refs.append((("parts", n, field), part.ref))
    snapshots = open_all(registry, recipe, refs)
    return [_stock(registry, recipe, n, snapshot, progress) for n, snapshot in enumerate(snapshots)]


def open_benchmarks(
    registry: Registry, recipe: MixtureRecipe, parts: Sequence[PartStock]
) -> tuple[Snapshot, ...]:
    """The benchmarks the recipe decontaminates against; none where it does not.

    Raises:
        InputRefusedError, NotMeasuredError: as `open_parts`; also where a benchmark is a part of the mixture.
    """
    if recipe.decontaminate is None:
        return ()
    against = [recipe.resolve(ref) for ref in recipe.decontaminate.against]
    places: list[FieldPath] = [("decontaminate", "against", n) for n in range(len(against))]
    opened = open_all(registry, recipe, list(zip(places, against, strict=True)))
    own = {stock.snapshot.id for stock in parts}
    problems = [
        recipe.problem(
            ProblemCode.BAD_VALUE,
            f"{found.dataset} is a part of the mixture: every row of it would leave; name its test rows",
            *place,
        )
        for place, found in zip(places, opened, strict=True)
        if found.id in own
    ]
    if problems:
        raise InputRefusedError(problems)
    return tuple(opened)


def open_all(
    registry: Registry, recipe: MixtureRecipe, refs: Sequence[tuple[FieldPath, str]]
) -> list[Snapshot]:
    """The snapshots of `refs`, each with the field of the recipe that names it.

    Raises:
        InputRefusedError, NotMeasuredError: as `open_parts`, after all refs were tried.
    """
    opened: list[Snapshot] = []
    problems: list[Problem] = []
    unfetched: list[str] = []
    for where, ref in refs:
        is_path = where[-1] == "path"
        target = recipe.resolve(ref) if is_path else ref
        if is_path and not Path(target).exists():
            problems.append(recipe.problem(ProblemCode.NO_ACCESS, f"no file or folder {ref!r}", *where))
            continue
        try:
            opened.append(open_snapshot(registry, target))
        except UnknownDatasetError as error:
            problems.append(recipe.problem(ProblemCode.BAD_ID, str(error), *where))
        except NotMeasuredError as error:
            unfetched.append(str(error))
    if problems:
        raise InputRefusedError(problems)
    if unfetched:
        raise NotMeasuredError("\n".join(dict.fromkeys(unfetched)))
    return opened


def _stock(
    registry: Registry, recipe: MixtureRecipe, n: int, snapshot: Snapshot, progress: Progress | None
) -> PartStock:
    part = recipe.parts[n]
    home = registry.settings.features
    if is_told_by_lengths(part.where):
        features = stored_lengths(snapshot, home, progress=progress)
    else:
        from analyzers.row_features import stored_features

        features = stored_features(snapshot, home, progress=progress)
    try:
        seed = None if part.gives_all else recipe.seed
        return part_stock(snapshot, features, part.where, recipe.output.shape, seed)
    except UnknownFlagError as error:
        field = "flags_none" if error.name in part.where.flags_none else "flags_any"
        problem = recipe.problem(ProblemCode.BAD_VALUE, str(error), "parts", n, "where", field)
        raise InputRefusedError([problem]) from error
