"""Entries like another one: by what is said of them, and by what was measured on their rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from registry.entry import Entry
from registry.measurements import Measurement
from registry.similar import similar_entries
from registry.sync import searched_texts

SHARED: Final = 5
"""Figures that two profiles must share to be compared at all."""

_FAR: Final = 3.0
Profile = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Like:
    """One entry beside the one asked for.

    `text` is the cosine of the two descriptions, `profile` the likeness of the two measured profiles (None
    where one was not measured), both in [0, 1]. `similarity` joins them: the mean share of the other entries
    that are less alike by each; an entry that was not measured counts as middling by its profile.
    """

    entry: Entry
    similarity: float
    text: float
    profile: float | None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            **self.entry.summary(),
            "similarity": self.similarity,
            "text": self.text,
            "profile": self.profile,
        }


def entries_like(
    wanted: Entry,
    entries: Sequence[Entry],
    profiles: Mapping[str, Profile],
    *,
    limit: int = 10,
) -> list[Like]:
    """The entries most like `wanted` by text and by measured profile, best first; ties in order of id.

    `profiles` are figures by (metric, view) of each entry that was measured.
    """
    others = [entry for entry in entries if entry.id != wanted.id]
    told = " ".join(text for text in searched_texts(wanted) if text)
    cosines = {entry.id: score for entry, score in similar_entries(told, others, limit=len(others))}
    near = _profile_likeness(wanted.id, profiles)
    by_text, by_profile = sorted(cosines.get(entry.id, 0.0) for entry in others), sorted(near.values())
    found = []
    for entry in others:
        text, profile = cosines.get(entry.id, 0.0), near.get(entry.id)
        joined = _share_below(by_text, text)
        if near:
            joined = (joined + (0.5 if profile is None else _share_below(by_profile, profile))) / 2
        found.append(Like(entry, round(joined, 6), text, profile))
    found.sort(key=lambda like: (-like.similarity, -like.text, like.entry.id))
    return found[:limit]


def profiles_of(measurements: Iterable[tuple[str, Measurement]]) -> dict[str, dict[tuple[str, str], float]]:
    """The profile of each entry from (entry, figure); a later one replaces one of equal metric and view."""
    found: dict[str, dict[tuple[str, str], float]] = {}
    for name, figure in measurements:
        if isinstance(figure.value, int | float) and not isinstance(figure.value, bool):
            found.setdefault(name, {})[figure.metric, figure.view or ""] = float(figure.value)
    return found


def _profile_likeness(wanted: str, profiles: Mapping[str, Profile]) -> dict[str, float]:
    """1 for equal profiles down to 0 for ones that lie far apart in every figure.

    Figures are brought to one scale by median and median deviation over all profiles, cut at 3 deviations.
    """
    if wanted not in profiles:
        return {}
    scaled = _scaled(profiles)
    mine = scaled[wanted]
    found = {}
    for name, theirs in scaled.items():
        shared = mine.keys() & theirs.keys()
        if name != wanted and len(shared) >= SHARED:
            gaps = sum(abs(mine[key] - theirs[key]) for key in sorted(shared)) / len(shared)
            found[name] = 1 - gaps / (2 * _FAR)
    return found


def _scaled(profiles: Mapping[str, Profile]) -> dict[str, dict[tuple[str, str], float]]:
    figures: dict[tuple[str, str], list[float]] = {}
    for profile in profiles.values():
        for key, value in profile.items():
            figures.setdefault(key, []).append(value)
    middles = {key: median(values) for key, values in figures.items()}
    spreads = {key: median(abs(value - middles[key]) for value in values) for key, values in figures.items()}
    return {
        name: {
            key: max(-_FAR, min(_FAR, (value - middles[key]) / spreads[key]))
            for key, value in profile.items()
            if spreads[key] > 0
        }
        for name, profile in profiles.items()
    }


def _share_below(ordered: Sequence[float], value: float) -> float:
    """The share of `ordered` that is smaller, ties counting as not; 1 where there is nothing else."""
    return bisect_left(ordered, value) / (len(ordered) - 1) if len(ordered) > 1 else 1.0
