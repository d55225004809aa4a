"""Rates of all that counts as a flag: what single rows show, and what only all rows of a dataset tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analyzers.hygiene import FLAGS
from registry.measurements import Measurement

_SET_FLAGS: Mapping[str, str] = {
    "answer_conflict": "another row asks the same and has another final answer",
    "dup_exact": "an earlier row has the same words in first question and final answer",
    "dup_near": "an earlier row is nearly equal in first question and final answer, or equal",
}
_ROW_FLAGS = {flag.id: flag for flag in FLAGS}
SEVERITY: Mapping[str, str] = {
    **{flag.id: str(flag.severity) for flag in FLAGS},
    **dict.fromkeys(_SET_FLAGS, "warn"),
}
"""How grave each flag is: error, warn or info."""


def flag_rates(measurements: Iterable[Measurement]) -> list[Measurement]:
    """The rate of each flag over all its kinds, zeros included, in the order measured."""
    return [
        m for m in measurements if m.metric in SEVERITY and "code" not in m.params and m.value is not None
    ]


def finds(rate: Measurement) -> str:
    """What a flag finds, in words."""
    flag = _ROW_FLAGS.get(rate.metric)
    return flag.text if flag else _SET_FLAGS[rate.metric]


def rule(rate: Measurement) -> str:
    """The version of the rule that found it, which for flags of single rows is their own."""
    flag = _ROW_FLAGS.get(rate.metric)
    return f"v{flag.version if flag else rate.version}"
