"""Where clauses decided on row features, and the rule that let each refused row go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analyzers.arrow import pc, texts, to_numpy
from mixtures.recipe import Where
from registry.errors import UnknownNameError

Mask = NDArray[np.bool_]

FEATURE_COLUMNS = (
    "prompt_tokens",
    "response_tokens",
    "response_words",
    "turns",
    "constraints",
    "language",
    "flags",
)
"""The columns of row features that filters and plans read, as far as the rows have them."""


def is_told_by_lengths(where: Where) -> bool:
    """Whether lengths alone (`row_lengths.LENGTHS`) tell which rows pass."""
    return where.min_constraints is None and not (where.languages or where.flags_none or where.flags_any)


class UnknownFlagError(UnknownNameError):
    """A where clause names a flag that no hygiene rule raises."""

    kind = "flag"


class Verdicts(NamedTuple):
    """For each row 0 where it passes, else 1 + the position in `rules` of the first rule that refused it."""

    rule: NDArray[np.uint8]
    rules: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Rows refused by each rule that refused any, in the order of the rules."""
        found = np.bincount(self.rule, minlength=len(self.rules) + 1)[1:]
        return {rule: int(count) for rule, count in zip(self.rules, found, strict=True) if count}


def judge(features: pa.Table, where: Where) -> Verdicts:
    """Every row of `features` against every rule of `where`; a row is charged to the first rule it breaks.

    Raises:
        UnknownFlagError: `flags_none` or `flags_any` names no flag.
    """
    refused = np.zeros(features.num_rows, np.uint8)
    rules: list[str] = []
    for name, passes in _rules(where):
        rules.append(name)
        refused[(refused == 0) & ~passes(features)] = len(rules)
    return Verdicts(refused, tuple(rules))


def flag_bits_of(names: tuple[str, ...]) -> int:
    """The bits of the named hygiene flags, or-ed.

    Raises:
        UnknownFlagError: with the nearest flags.
    """
    if not names:
        return 0
    from analyzers.hygiene import FLAGS

    positions = {flag.id: position for position, flag in enumerate(FLAGS)}
    for name in names:
        if name not in positions:
            raise UnknownFlagError(name, positions)
    return sum(1 << positions[name] for name in set(names))


def _rules(where: Where) -> Iterator[tuple[str, Callable[[pa.Table], Mask]]]:
    for unit in ("words", "tokens", "turns", "constraints"):
        least, most = getattr(where, f"min_{unit}"), getattr(where, f"max_{unit}", None)
        if least is not None:
            yield f"min_{unit}", partial(_is_at_least, unit, least)
        if most is not None:
            yield f"max_{unit}", partial(_is_at_most, unit, most)
    if where.languages:
        yield "languages", lambda t: _is_in(t, where.languages)
    if where.flags_none:
        bits = np.uint64(flag_bits_of(where.flags_none))
        yield "flags_none", lambda t: (_numbers(t, "flags") & bits) == 0
    if where.flags_any:
        any_bits = np.uint64(flag_bits_of(where.flags_any))
        yield "flags_any", lambda t: (_numbers(t, "flags") & any_bits) != 0


def _is_at_least(unit: str, least: int, features: pa.Table) -> Mask:
    mask: Mask = _amount(features, unit) >= least
    return mask


def _is_at_most(unit: str, most: int, features: pa.Table) -> Mask:
    mask: Mask = _amount(features, unit) <= most
    return mask


def _amount(features: pa.Table, unit: str) -> NDArray[Any]:
    if unit == "words":
        return _numbers(features, "response_words")
    if unit == "tokens":
        return row_tokens(features)
    return _numbers(features, unit)


def row_tokens(features: pa.Table) -> NDArray[np.int64]:
    """Tokens of prompt and response of each row."""
    prompts, responses = _numbers(features, "prompt_tokens"), _numbers(features, "response_tokens")
    total: NDArray[np.int64] = prompts.astype(np.int64) + responses
    return total


def _numbers(features: pa.Table, column: str) -> NDArray[Any]:
    return to_numpy(features.column(column))


def _is_in(features: pa.Table, languages: tuple[str, ...]) -> Mask:
    mask: Mask = to_numpy(pc.is_in(features.column("language"), texts(languages, pa.string())))
    return mask
