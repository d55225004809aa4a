"""The licence verdict with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dashboard.views.plain import visible
from registry.licensing import LicenseVerdict

TONE: Mapping[str, str] = MappingProxyType({"allowed": "good", "unclear": "warn", "forbidden": "error"})
BADGE: Mapping[str, Literal["green", "orange", "red"]] = MappingProxyType(
    {"allowed": "green", "unclear": "orange", "forbidden": "red"}
)
_SENTENCE: Mapping[str, str] = MappingProxyType(
    {
        "allowed": "Nothing read speaks against {use}.",
        "unclear": "The facts do not decide on {use}; somebody has to read the terms.",
        "forbidden": "Published terms speak against {use}.",
    }
)
USES: Mapping[str, str] = MappingProxyType(
    {
        "commercial": "commercial use",
        "redistribution": "passing rows on",
        "competing-model": "training a competing model",
        "research": "research use",
    }
)
_GRAVITY = ("forbidden", "unclear", "allowed")


@dataclass(frozen=True, slots=True)
class ShownReason:
    """One fact behind a verdict: what it says, along which line of descent, where it was read."""

    verdict: str
    fact: str
    path: str
    sources: str


def verdict_line(verdict: LicenseVerdict) -> str:
    """The verdict in a sentence."""
    return _SENTENCE[verdict.verdict].format(use=USES[verdict.use])


def proof_lines(verdict: LicenseVerdict) -> list[str]:
    """The proof as indented lines, hidden characters marked; empty where there is none."""
    return [visible(line) for line in verdict.proof.lines()] if verdict.proof else []


def reasons(verdict: LicenseVerdict, title_of: Callable[[str], str]) -> list[ShownReason]:
    """The reasons, the gravest first; `title_of` names a dataset by its id."""
    shown = [
        ShownReason(
            str(reason.verdict),
            visible(reason.fact),
            " ← ".join(title_of(step) for step in reason.path),
            _sources(tuple(dict.fromkeys(item.source for item in reason.evidence))),
        )
        for reason in verdict.reasons
    ]
    return sorted(shown, key=lambda reason: _GRAVITY.index(reason.verdict))


def _sources(sources: tuple[str, ...]) -> str:
    """The first source, and how many more there are."""
    if not sources:
        return "no source"
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return visible(f"{sources[0]}{more}")
