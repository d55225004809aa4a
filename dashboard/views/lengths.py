"""Histograms made ready to lay over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.views.numbers import short
from registry.measurements import Distribution

NAMES: Mapping[str, str] = {
    "response_words": "Words in the response",
    "prompt_words": "Words in the prompt",
    "response_tokens": "Tokens in the response",
    "prompt_tokens": "Tokens in the prompt",
    "turns": "Turns in a row",
    "constraints": "Constraints in the prompt",
}


@dataclass(frozen=True, slots=True)
class Bins:
    """Rows in common bins: `shares[name][i]`, in [0, 1], is the share of rows of `name` in `labels[i]`."""

    labels: tuple[str, ...]
    shares: Mapping[str, tuple[float, ...]]
    rows: Mapping[str, int]
    unit: str


def drawn_bins(distributions: Mapping[str, Distribution]) -> Bins | None:
    """The named histograms without the empty bins at either end; None if their edges differ or no rows are.

    Histograms of unequal edges cannot be laid over each other without inventing numbers.
    """
    held = {name: found for name, found in distributions.items() if found.n_total and sum(found.counts)}
    if not held or len({found.edges for found in held.values()}) > 1:
        return None
    first = next(iter(held.values()))
    used = [
        place for place in range(len(first.counts)) if any(found.counts[place] for found in held.values())
    ]
    low, high = used[0], used[-1] + 1
    return Bins(
        tuple(bin_label(first.edges[place], first.edges[place + 1]) for place in range(low, high)),
        {
            name: tuple(number / sum(found.counts) for number in found.counts[low:high])
            for name, found in held.items()
        },
        {name: found.n_total for name, found in held.items()},
        first.unit,
    )


def bin_label(low: float, high: float) -> str:
    """The whole numbers from `low` up to, but not, `high`.

    >>> bin_label(4, 6), bin_label(3, 4), bin_label(1024, 1536)
    ('4–5', '3', '1.02K–')
    """
    if high - low <= 1:
        return f"{low:.0f}"
    return f"{low:.0f}–{high - 1:.0f}" if high <= 1000 else f"{short(low)}–"


def offered(distributions: Sequence[Distribution]) -> list[str]:
    """The metrics that have a histogram, in reading order."""
    present = {found.metric for found in distributions}
    return [metric for metric in NAMES if metric in present]
