"""What the licences of all parts say together, and what the recipe's policy makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mixtures.lock import LOCK_FILE, read_lock
from mixtures.recipe import MixtureRecipe, Part
from registry.errors import Problem, ProblemCode, UnknownDatasetError
from registry.licensing import LicenseVerdict, Reason
from registry.terms import Verdict

if TYPE_CHECKING:
    from registry.registry import Registry


def part_license(registry: Registry, part: Part) -> str | None:
    """The licence the catalogue states for the part; None where unknown, as for files of one's own."""
    if part.dataset is None:
        return None
    try:
        return registry.entry(part.dataset).license
    except UnknownDatasetError:
        return None


def mixture_terms(registry: Registry, recipe: MixtureRecipe) -> LicenseVerdict:
    """The verdict over all parts for the policy's use (commercial where there is no policy).

    A file, or a name the catalogue does not hold, has no known licence: it is unclear, never permissive.
    """
    use = recipe.policy.use if recipe.policy else "commercial"
    names = list(dict.fromkeys(part_name(registry, part) for part in recipe.parts))
    return registry.license(names, use=use, unknown="unclear")


def terms_of(registry: Registry, refs: Sequence[str], *, use: str | None = None) -> LicenseVerdict:
    """The verdict over `refs`: ids of datasets, recipes (YAML files), locks or folders of built mixtures.

    `use` is what the policy of the first recipe says where it is left out, else commercial.

    Raises:
        InputRefusedError: a recipe or lock with faults, or an unknown use.
        UnknownDatasetError: neither an id, nor rows on this machine, nor a file; parts may be unknown.
    """
    names: dict[str, None] = {}
    wanted = use
    for ref in refs:
        path = Path(ref)
        if path.suffix in (".yaml", ".yml") and path.is_file():
            recipe = MixtureRecipe.load(path)
            wanted = wanted or (recipe.policy.use if recipe.policy else None)
            names |= dict.fromkeys(part_name(registry, part) for part in recipe.parts)
        elif path.name == LOCK_FILE or (path / LOCK_FILE).is_file():
            names |= dict.fromkeys(locked_names(registry, path))
        else:
            registry.require(ref)
            names[ref] = None
    return registry.license(list(names), use=wanted or "commercial", unknown="unclear")


def locked_names(registry: Registry, lock: str | Path) -> list[str]:
    """The dataset of each source of a built mixture, in the order of its lock; a file never passes for one.

    Raises:
        InputRefusedError: the lock cannot be used.
    """
    held, _ = read_lock(lock)
    names = []
    for part, source in zip(held["recipe"]["parts"], held["sources"], strict=True):
        name = str(source["dataset"])
        is_file = not part.get("dataset") and registry.entry_or_none(name) is not None
        names.append(f"{name} (file)" if is_file else name)
    return names


def part_name(registry: Registry, part: Part) -> str:
    """The name under which the terms of a part are looked up; a file never passes for a dataset."""
    is_file = part.dataset is None and registry.entry_or_none(part.name) is not None
    return f"{part.name} (file)" if is_file else part.name


def policy_answer(recipe: MixtureRecipe, terms: LicenseVerdict) -> tuple[list[Problem], list[str]]:
    """What the policy refuses and what it warns of; without a policy nothing is refused."""
    if terms.verdict is Verdict.ALLOWED:
        return [], []
    message = f"{terms.use} use is {terms.verdict}: {_first_reasons(terms.reasons, terms.verdict)}"
    policy = recipe.policy
    if policy and terms.verdict is Verdict.FORBIDDEN:
        return [recipe.problem(ProblemCode.BAD_LICENSE, message, "policy", "use")], []
    if policy and policy.unclear == "forbid":
        return [recipe.problem(ProblemCode.BAD_LICENSE, message, "policy", "unclear")], []
    return [], [] if policy and policy.unclear == "allow" else [message]


def _first_reasons(reasons: Sequence[Reason], verdict: Verdict) -> str:
    facts = [f"{' <- '.join(reason.path)}: {reason.fact}" for reason in reasons if reason.verdict is verdict]
    more = f" (and {len(facts) - 3} more)" if len(facts) > 3 else ""
    return "; ".join(facts[:3]) + more
