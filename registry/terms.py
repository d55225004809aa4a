"""Uses, verdicts and how verdicts join: the words in which terms are read. No legal advice."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Use(StrEnum):
    """What the data is wanted for.

    `commercial`: in a product or for pay. `redistribution`: passing rows on, alone or in a mixture.
    `competing-model`: training a model that is offered beside those of the teachers' makers.
    `research`: study without profit; looks at licences alone.
    """

    COMMERCIAL = "commercial"
    RESEARCH = "research"
    REDISTRIBUTION = "redistribution"
    COMPETING_MODEL = "competing-model"


class Verdict(StrEnum):
    """What the published terms say of a use; ordered from the strictest."""

    FORBIDDEN = "forbidden"
    UNCLEAR = "unclear"
    ALLOWED = "allowed"

    @property
    def gravity(self) -> int:
        """0 for the strictest; sorts what weighs most first."""
        return list(Verdict).index(self)


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """The strictest of some verdicts; nothing looked at is unclear, never allowed.

    >>> str(strictest([Verdict.ALLOWED, Verdict.FORBIDDEN]))
    'forbidden'
    >>> str(strictest([]))
    'unclear'
    """
    return min(verdicts, key=lambda verdict: verdict.gravity, default=Verdict.UNCLEAR)
