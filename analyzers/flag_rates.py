"""Rates of the row flags over a dataset, the share of rows that can be used, and what trainers refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from analyzers.base import Batch, Finding
from analyzers.cut_answers import LengthCounts, find_cut
from analyzers.flags.truncation import CUT_AT_LENGTH, TRUNCATED
from analyzers.flags.turns import Turns
from analyzers.hygiene import (
    CODE_COLUMNS,
    CODES,
    FLAG_BITS,
    FLAG_FIELDS,
    FLAGS,
    WORD_BITS,
    Bits,
    Severity,
    without_cut,
)
from analyzers.intervals import wilson_interval
from analyzers.tool_arguments import ArgumentTypes, argument_types
from analyzers.trainers import (
    CONDITIONS,
    VARYING_ARGUMENTS,
    TrainerVerdict,
    condition_bits,
    refusing_trainers,
)
from analyzers.views import View

_ERRORS = np.bitwise_or.reduce([FLAG_BITS[flag.id] for flag in FLAGS if flag.severity is Severity.ERROR])
_TRAINERS = refusing_trainers()


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """Rows: all, without errors, of each flag, code and condition of trainers, refused by each trainer.

    `FlagCounts()` is empty. They count what each row shows alone. `lengths` tell where answers were cut, and
    `fresh` how many rows of a length end open and are not truncated otherwise.
    """

    rows: int = 0
    usable: int = 0
    flagged: tuple[int, ...] = (0,) * len(FLAGS)
    coded: tuple[int, ...] = (0,) * len(CODES)
    met: tuple[int, ...] = (0,) * len(CONDITIONS)
    refused: tuple[int, ...] = (0,) * len(_TRAINERS)
    arguments: ArgumentTypes = field(default_factory=ArgumentTypes)
    lengths: LengthCounts = field(default_factory=LengthCounts)
    fresh: Mapping[int, int] = field(default_factory=dict)


class Hygiene:
    """The rate of each flag and code, the share of rows without any error, and what trainers refuse.

    All with Wilson 95 % intervals. Answers cut at one length are told from the rows measured, be they all of
    a dataset or its first. `trainer_refuses` counts the rows that a trainer skips or stops at (`params`:
    which trainer, and which of the two), followed by those of each of its conditions (`code`).
    """

    name = "hygiene"
    version = 3
    metrics = (*(flag.id for flag in FLAGS), "trainer_refuses", "usable_rate")
    columns = ("turns",)

    def start(self) -> FlagCounts:
        """No rows."""
        return FlagCounts()

    def measure(self, batch: Batch) -> FlagCounts:
        """Counts over one batch, read from its row features; turns are read where tools are called."""
        columns = without_cut(
            {field.name: batch.features.column(field.name).to_numpy() for field in FLAG_FIELDS}
        )
        tokens = batch.features.column("answer_tokens").to_numpy()
        is_open = batch.features.column("open_end").to_numpy(zero_copy_only=False)
        refusals = batch.features.column("refusals").to_numpy()
        truncated = columns["flags"] & FLAG_BITS[TRUNCATED.flag.id] != 0
        return FlagCounts(
            rows=batch.num_rows,
            usable=int(np.count_nonzero(columns["flags"] & _ERRORS == 0)),
            flagged=_bit_counts(columns["flags"], len(FLAGS)),
            coded=sum((_bit_counts(columns[name], WORD_BITS) for name in CODE_COLUMNS), ())[: len(CODES)],
            met=_bit_counts(refusals, len(CONDITIONS)),
            refused=tuple(
                int(np.count_nonzero(refusals & condition_bits(*ids))) for ids in _TRAINERS.values()
            ),
            arguments=argument_types(Turns(batch.rows)),
            lengths=LengthCounts.of(tokens, is_open),
            fresh=Counter(tokens[is_open & ~truncated].tolist()),
        )

    def merge(self, a: FlagCounts, b: FlagCounts) -> FlagCounts:
        """Counts over both."""
        return FlagCounts(
            a.rows + b.rows,
            a.usable + b.usable,
            _sums(a.flagged, b.flagged),
            _sums(a.coded, b.coded),
            _sums(a.met, b.met),
            _sums(a.refused, b.refused),
            a.arguments + b.arguments,
            a.lengths + b.lengths,
            Counter(a.fresh) + Counter(b.fresh),
        )

    def finish(self, total: FlagCounts) -> list[Finding]:
        """One rate a flag, followed by one a code (`params` {"code": ...}), trainers, and `usable_rate`."""
        findings = []
        cut = find_cut(total.lengths)
        fresh = sum(rows for length, rows in total.fresh.items() if cut and cut.least <= length <= cut.most)
        for flag, count in zip(FLAGS, total.flagged, strict=True):
            whole = count + fresh if flag is TRUNCATED.flag else count
            findings.append(_rate(flag.id, flag.view, whole, total.rows))
            for (flag_id, code), alone in zip(CODES, total.coded, strict=True):
                if flag_id == flag.id:
                    coded = cut.rows if cut and code == CUT_AT_LENGTH else alone
                    findings.append(_rate(flag.id, flag.view, coded, total.rows, {"code": code}))
        findings += _refusals(total)
        return [*findings, _rate("usable_rate", View.ALL, total.usable, total.rows)]


def _refusals(total: FlagCounts) -> Iterator[Finding]:
    met = dict(zip((condition.id for condition in CONDITIONS), total.met, strict=True))
    for (trainer, ids), refused in zip(_TRAINERS.items(), total.refused, strict=True):
        yield from _trainer_rates(trainer, refused, {name: met[name] for name in ids}, total.rows)
    held = total.arguments.rows if total.arguments.varying() else 0
    for trainer in VARYING_ARGUMENTS.verdicts:
        yield from _trainer_rates(trainer, held, {VARYING_ARGUMENTS.id: held}, total.rows)


def _trainer_rates(
    trainer: TrainerVerdict, refused: int, met: Mapping[str, int], rows: int
) -> Iterator[Finding]:
    told = {"trainer": trainer.trainer, "verdict": trainer.verdict}
    yield _rate("trainer_refuses", View.ALL, refused, rows, told)
    for name, count in met.items():
        yield _rate("trainer_refuses", View.ALL, count, rows, {**told, "code": name})


def _sums(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _bit_counts(bits: Bits, width: int) -> tuple[int, ...]:
    return tuple(int(np.count_nonzero(bits >> np.uint64(place) & np.uint64(1))) for place in range(width))


def _rate(
    metric: str, view: View, count: int, rows: int, params: Mapping[str, str] = MappingProxyType({})
) -> Finding:
    low, high = wilson_interval(count, rows) if rows else (None, None)
    return Finding(
        metric=metric,
        view=str(view),
        n_used=rows,
        value=count / rows if rows else None,
        params=dict(params),
        ci_low=low,
        ci_high=high,
        reason=None if rows else "no rows",
        direction="+" if metric == "usable_rate" else "-",
    )
