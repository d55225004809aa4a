"""What trainers do with the rows of a dataset, and with one row, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analyzers.trainers import (
    CONDITIONS,
    LENGTH_LIMITS,
    VARYING_ARGUMENTS,
    Bits,
    RowVerdict,
    condition_bits,
    refusing_trainers,
)
from dashboard.views.numbers import count, interval_percent, percent
from registry.measurements import Measurement

METRICS = ("trainer_refuses", "trainer_cuts")
CAPTION = (
    "Facts read in the trainers' sources; lengths in the tokens named, without a chat template. A trainer "
    "that is not listed may refuse rows too: nothing was read of it."
)
TABLE = ("Trainer", "Does", "Where", "Rate", "95 % interval", "Rows")
VERDICTS = {each.trainer: each.verdict for each in refusing_trainers()}
"""What each trainer does with the rows it refuses."""

_TEXTS = {condition.id: condition.text for condition in (*CONDITIONS, VARYING_ARGUMENTS)}
_DOES = {
    "skips": "skips the row",
    "rejects": "stops at the row",
    "fails or fills nulls": "fails, or fills nulls",
}
_REFUSED = {each.trainer: condition_bits(*ids) for each, ids in refusing_trainers().items()}
_DEFAULTS = {limit.trainer: limit.default for limit in LENGTH_LIMITS}


@dataclass(frozen=True, slots=True)
class TrainerLine:
    """What one trainer does with some rows, which rows, and their share with its interval."""

    trainer: str
    does: str
    rows_where: str
    rate: str
    interval: str
    rows: str

    def cells(self) -> tuple[str, ...]:
        """The line under `TABLE`."""
        return self.trainer, self.does, self.rows_where, self.rate, self.interval, self.rows


def trainer_lines(measurements: Iterable[Measurement]) -> list[TrainerLine]:
    """One line a trainer and condition that some rows meet, by trainer; refusals before cuts."""
    held = [m for m in measurements if m.metric in METRICS and m.value]
    detailed = {m.params.get("trainer") for m in held if "code" in m.params}
    shown = [
        m
        for m in held
        if m.metric == "trainer_cuts" or "code" in m.params or m.params.get("trainer") not in detailed
    ]
    ranked = sorted(shown, key=lambda m: (str(m.params.get("trainer")), METRICS.index(m.metric)))
    return [_line(m) for m in ranked]


def trainer_table(lines: Sequence[TrainerLine]) -> dict[str, list[Any]]:
    """The lines as the columns of a table."""
    columns = zip(*(line.cells() for line in lines), strict=True)
    return {name: list(cells) for name, cells in zip(TABLE, columns, strict=True)} if lines else {}


def untroubled(measurements: Iterable[Measurement]) -> str:
    """The trainers that refuse no row, in a sentence with the bound of the zero; empty where all do."""
    whole = [m for m in measurements if m.metric == "trainer_refuses" and "code" not in m.params]
    names = sorted(str(m.params.get("trainer")) for m in whole if m.value == 0)
    if not names:
        return ""
    most = max((m.ci_high or 0.0) for m in whole if m.value == 0)
    return f"Refused in no row (up to {percent(most, digits=2)} at 95 %): {', '.join(names)}."


def refusal_counts(bits: Bits) -> dict[str, int]:
    """How many rows each trainer refuses; trainers that refuse none are left out."""
    counts = {name: int(np.count_nonzero(bits & wanted)) for name, wanted in _REFUSED.items()}
    return {name: rows for name, rows in counts.items() if rows}


def refused_positions(
    positions: npt.NDArray[np.int64], bits: Bits, chosen: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Those of `positions` whose rows any of the chosen trainers refuses; all where none is chosen."""
    if not chosen:
        return positions
    wanted = np.bitwise_or.reduce([_REFUSED[name] for name in chosen])
    kept: npt.NDArray[np.int64] = positions[bits[positions] & wanted != 0]
    return kept


def row_lines(verdicts: Sequence[RowVerdict]) -> tuple[str, ...]:
    """Why trainers do not take a row, a line a condition."""
    return tuple(
        f"{_who(verdict)}: {verdict.condition.text}"
        + (f" (turn {count(verdict.turn + 1)})" if verdict.turn is not None else "")
        for verdict in verdicts
    )


def _who(verdict: RowVerdict) -> str:
    return ", ".join(f"{each.trainer} {each.verdict} the row" for each in verdict.condition.verdicts)


def _line(m: Measurement) -> TrainerLine:
    trainer, verdict = str(m.params.get("trainer")), str(m.params.get("verdict"))
    if m.metric == "trainer_cuts":
        length = m.params.get("max_length")
        is_default = _DEFAULTS.get(trainer) == length
        does = f"{verdict} at {m.params.get('setting')}{', its default' if is_default else ''}"
        where = f"it has more than {count(int(str(length)))} tokens ({m.tokenizer})"
    else:
        does = _DOES.get(verdict, verdict)
        where = _TEXTS.get(str(m.params.get("code")), "its roles stand in an order it does not take")
    rate = percent(m.value, digits=2)
    return TrainerLine(trainer, does, where, rate, interval_percent(m.ci_low, m.ci_high), count(m.n_used))
