"""Rates of the row flags over a dataset, the share of rows that can be used, and what trainers refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from analyzers.base import Batch, Finding
from analyzers.cut_answers import LengthCounts, find_cut
from analyzers.flags.roles import RoleOrder, refusing_trainers
from analyzers.flags.truncation import CUT_AT_LENGTH, TRUNCATED
from analyzers.hygiene import (
    CODE_COLUMNS,
    CODES,
    FLAG_BITS,
    FLAG_FIELDS,
    FLAGS,
    WORD_BITS,
    Bits,
    Severity,
    code_bits,
    has_any,
    without_cut,
)
from analyzers.intervals import wilson_interval
from analyzers.views import View

_ERRORS = np.bitwise_or.reduce([FLAG_BITS[flag.id] for flag in FLAGS if flag.severity is Severity.ERROR])
# For each trainer that refuses rows the codes it refuses, as the bits of each column of codes.
_REFUSED = {trainer: code_bits(RoleOrder.flag.id, *codes) for trainer, codes in refusing_trainers().items()}


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """Rows: all, without errors, of each flag and code, refused by each trainer; `FlagCounts()` is empty.

    They count what each row shows alone. `lengths` tell where answers were cut, and `fresh` how many rows
    of a length end open and are not truncated otherwise.
    """

    rows: int = 0
    usable: int = 0
    flagged: tuple[int, ...] = (0,) * len(FLAGS)
    coded: tuple[int, ...] = (0,) * len(CODES)
    refused: tuple[int, ...] = (0,) * len(_REFUSED)
    lengths: LengthCounts = field(default_factory=LengthCounts)
    fresh: Mapping[int, int] = field(default_factory=dict)


class Hygiene:
    """The rate of each flag and code, the share of rows without any error, and what trainers refuse.

    All with Wilson 95 % intervals. Answers cut at one length are told from the rows measured, be they all of
    a dataset or its first. `trainer_refuses` counts rows whose order of roles a trainer skips or stops at
    (`params`: which trainer, and which of the two).
    """

    name = "hygiene"
    version = 3
    metrics = (*(flag.id for flag in FLAGS), "trainer_refuses", "usable_rate")
    columns: tuple[str, ...] = ()

    def start(self) -> FlagCounts:
        """No rows."""
        return FlagCounts()

    def measure(self, batch: Batch) -> FlagCounts:
        """Counts over one batch, read from its row features."""
        columns = without_cut(
            {field.name: batch.features.column(field.name).to_numpy() for field in FLAG_FIELDS}
        )
        tokens = batch.features.column("answer_tokens").to_numpy()
        is_open = batch.features.column("open_end").to_numpy(zero_copy_only=False)
        truncated = columns["flags"] & FLAG_BITS[TRUNCATED.flag.id] != 0
        return FlagCounts(
            rows=batch.num_rows,
            usable=int(np.count_nonzero(columns["flags"] & _ERRORS == 0)),
            flagged=_bit_counts(columns["flags"], len(FLAGS)),
            coded=sum((_bit_counts(columns[name], WORD_BITS) for name in CODE_COLUMNS), ())[: len(CODES)],
            refused=tuple(int(np.count_nonzero(has_any(columns, bits))) for bits in _REFUSED.values()),
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
            _sums(a.refused, b.refused),
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
        for trainer, refused in zip(_REFUSED, total.refused, strict=True):
            told = {"trainer": trainer.trainer, "verdict": trainer.verdict}
            findings.append(_rate("trainer_refuses", View.ALL, refused, total.rows, told))
        return [*findings, _rate("usable_rate", View.ALL, total.usable, total.rows)]


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
