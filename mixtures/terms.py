"""What the licences of all parts say together, and what the recipe's policy makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mixtures.recipe import MixtureRecipe, Part
from registry.errors import Problem, ProblemCode, UnknownDatasetError
from registry.licensing import LicenseVerdict, Reason
from registry.terms import Use, Verdict

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
    names = list(dict.fromkeys((part.name, part.path is None) for part in recipe.parts))
    known = [name for name, is_id in names if is_id and _is_known(registry, name)]
    unknown = list(dict.fromkeys(name for name, _ in names if name not in known))
    verdict = registry.license(known, use=use) if known else None
    own = [_unknown_reason(name) for name in unknown]
    if verdict is None:
        return LicenseVerdict(Use(use), tuple(unknown), Verdict.UNCLEAR, tuple(own))
    if not own:
        return verdict
    order = list(Verdict)
    worst = min(verdict.verdict, Verdict.UNCLEAR, key=order.index)
    reasons = sorted((*verdict.reasons, *own), key=lambda reason: order.index(reason.verdict))
    ids = (*verdict.ids, *unknown)
    return replace(verdict, ids=ids, verdict=worst, reasons=tuple(reasons))


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


def _is_known(registry: Registry, dataset: str) -> bool:
    return dataset in registry or dataset in registry.samples


def _unknown_reason(name: str) -> Reason:
    return Reason(name, (name,), Verdict.UNCLEAR, "no catalogue entry: its licence is not known to us", ())
