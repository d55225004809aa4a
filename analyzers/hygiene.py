"""Row flags: what is wrong with a row, shown with the place that proves it, and the rates over a dataset.

`FLAGS` is append-only: bit i of `flag_bits` is `FLAGS[i]`. So is `CODES`, the kinds of defects: code i is bit
i % 64 of column `flag_codes_{i // 64}`. Row features store the columns `FLAG_FIELDS`, which `flag_columns`
fills from the snapshot columns `COLUMNS`; rates need only the stored columns, and `explain` runs the rules
again on the few rows that are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.base import Batch, Finding
from analyzers.flags.boilerplate import AI_BOILERPLATE
from analyzers.flags.copying import CopyPrompt
from analyzers.flags.credentials import SECRETS
from analyzers.flags.dates import DATE_STALE
from analyzers.flags.emptiness import EMPTY_OUTPUT, EMPTY_PROMPT
from analyzers.flags.encoding_faults import ENCODING, HIDDEN_TEXT
from analyzers.flags.labels import RejectedAnswer
from analyzers.flags.languages import LanguageMismatch
from analyzers.flags.links import URL_ONLY, MediaRef
from analyzers.flags.page_quality import PageQuality
from analyzers.flags.preference_pairs import PreferencePair
from analyzers.flags.privacy import PII
from analyzers.flags.process_labels import ProcessLabels
from analyzers.flags.reasoning import REASONING_TAG
from analyzers.flags.refusals import REFUSAL
from analyzers.flags.repetition import Repetition
from analyzers.flags.roles import RoleOrder, refusing_trainers, trainer_verdicts
from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Rule, Severity
from analyzers.flags.template_leaks import TemplateLeak
from analyzers.flags.tool_calls import ToolCalls
from analyzers.flags.toxicity import TOXICITY
from analyzers.flags.truncation import TRUNCATED
from analyzers.flags.turns import SYSTEM_TURN
from analyzers.intervals import wilson_interval
from analyzers.views import View
from registry.errors import excerpt

__all__ = [
    "CODES",
    "COLUMNS",
    "FLAGS",
    "FLAG_FIELDS",
    "SYSTEM_TURN",
    "Flag",
    "FlagEvidence",
    "Hygiene",
    "Severity",
    "explain",
    "flag_bits",
    "flag_codes",
    "flag_columns",
]

COLUMNS = ("system", "turns", "prompt", "response", "extra")

_RULES: tuple[Rule, ...] = (
    EMPTY_OUTPUT,
    EMPTY_PROMPT,
    RoleOrder(),
    ToolCalls(),
    REFUSAL,
    AI_BOILERPLATE,
    TRUNCATED,
    REASONING_TAG,
    Repetition(),
    PageQuality(),
    CopyPrompt(),
    ENCODING,
    HIDDEN_TEXT,
    TemplateLeak(),
    PII,
    SECRETS,
    URL_ONLY,
    MediaRef(),
    DATE_STALE,
    RejectedAnswer(),
    LanguageMismatch(),
    TOXICITY,
    PreferencePair(),
    ProcessLabels(),
)

FLAGS: tuple[Flag, ...] = tuple(rule.flag for rule in _RULES)

# New codes go to the end, also those of flags that have some already: the places are stored as bits.
_KINDS = """
empty_output: empty placeholder punctuation
empty_prompt: empty placeholder punctuation
role_order: system_not_first two_users assistant_first tool_without_call last_not_assistant unknown_role
tool_args_json: not_json unknown_tool unmatched_id
refusal: inability policy apology not_appropriate
ai_boilerplate: as_an_ai knowledge_cutoff self_name
truncated: odd_fences unclosed_think cut_off
reasoning_tag: unbalanced empty_block no_answer
repetition: lines line_chars paragraphs paragraph_chars top_ngram duplicate_ngrams
gopher_quality: word_count word_length symbols bullets ellipses letters stop_words
encoding: replacement_char mojibake control literal_newline html_entity zero_width private_use
hidden_text: bidi tag
template_leak: special_token instruction_header speaker_label
pii: email phone ip iban card national_id
secrets: cloud_key service_token private_key signed_token
toxicity: profanity slur threat sexual
preference_pair: equal_sides same_words empty_side other_role
process_labels: count index value empty_step right_after_wrong
"""
CODES: tuple[tuple[str, str], ...] = tuple(
    (flag, code)
    for flag, codes in (line.split(":") for line in _KINDS.split("\n") if line)
    for code in codes.split()
)

_WORD_BITS = 64
_CODE_COLUMNS = tuple(f"flag_codes_{number}" for number in range(-(-len(CODES) // _WORD_BITS)))
FLAG_FIELDS: tuple[pa.Field[Any], ...] = tuple(
    pa.field(name, pa.uint64(), nullable=False) for name in ("flags", *_CODE_COLUMNS)
)

# For each trainer that refuses rows the codes it refuses, as the bits of each column of codes.
_REFUSED = {
    trainer: tuple(
        np.uint64(
            sum(
                1 << place % _WORD_BITS
                for place, (flag, code) in enumerate(CODES)
                if flag == RoleOrder.flag.id and code in codes and place // _WORD_BITS == number
            )
        )
        for number in range(len(_CODE_COLUMNS))
    )
    for trainer, codes in refusing_trainers().items()
}

Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class FlagEvidence:
    """Why a row is flagged: `code` (empty where the flag has no kinds) seen in characters `start:end`.

    They are positions in the content of turn `turn`, counted from 0 over the row's turns; -1 (`SYSTEM_TURN`)
    is the system text, and None means the row's `view` as a whole. `excerpt` is that text escaped and cut to
    120 characters; for private data and secrets only its shape (letters as x, digits as 0). `note` adds the
    measured numbers, or is empty. `trainers` skip or reject a row for it.
    """

    flag: str
    code: str
    view: View
    turn: int | None
    start: int
    end: int
    excerpt: str
    note: str = ""
    trainers: tuple[str, ...] = ()


def flag_bits(batch: Batch) -> Bits:
    """The flags of each row, uint64: bit i is `FLAGS[i]`."""
    return flag_columns(batch)["flags"]


def flag_codes(batch: Batch) -> dict[tuple[str, str], Mask]:
    """For each of `CODES` which rows have it."""
    found = _masks(batch)
    return {(flag, code): found[flag][code] for flag, code in CODES}


def flag_columns(batch: Batch) -> dict[str, Bits]:
    """The columns `FLAG_FIELDS` of a batch, from one run of all rules."""
    found = _masks(batch)
    columns = {field.name: np.zeros(batch.num_rows, np.uint64) for field in FLAG_FIELDS}
    for place, flag in enumerate(FLAGS):
        for mask in found[flag.id].values():
            columns["flags"] |= mask.astype(np.uint64) << np.uint64(place)
    for place, (flag_id, code) in enumerate(CODES):
        column = columns[_CODE_COLUMNS[place // _WORD_BITS]]
        column |= found[flag_id][code].astype(np.uint64) << np.uint64(place % _WORD_BITS)
    return columns


def explain(rows: pa.Table | pa.RecordBatch) -> list[list[FlagEvidence]]:
    """For each row why it is flagged, in the order of `FLAGS`; an empty list for a row without flags.

    At most five places a code and turn. `rows` have at least the columns `turns`, `prompt`, `response`.
    """
    batch = Batch(_one_batch(rows))
    texts = RowTexts(batch)
    evidence: list[list[FlagEvidence]] = [[] for _ in range(batch.num_rows)]
    for rule in _RULES:
        for hit in rule.hits(texts):
            evidence[hit.row].append(_shown(rule.flag, hit, texts))
    return evidence


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """Rows: all, without errors, of each flag and code, refused by each trainer; `FlagCounts()` is empty."""

    rows: int = 0
    usable: int = 0
    flagged: tuple[int, ...] = (0,) * len(FLAGS)
    coded: tuple[int, ...] = (0,) * len(CODES)
    refused: tuple[int, ...] = (0,) * len(_REFUSED)


class Hygiene:
    """The rate of each flag and code, the share of rows without any error, and what trainers refuse.

    All with Wilson 95 % intervals. `trainer_refuses` counts rows whose order of roles a trainer skips or
    stops at (`params`: which trainer, and which of the two).
    """

    name = "hygiene"
    version = 2
    metrics = (*(flag.id for flag in FLAGS), "trainer_refuses", "usable_rate")
    columns: tuple[str, ...] = ()

    def start(self) -> FlagCounts:
        """No rows."""
        return FlagCounts()

    def measure(self, batch: Batch) -> FlagCounts:
        """Counts over one batch, read from its row features."""
        columns = {field.name: batch.features.column(field.name).to_numpy() for field in FLAG_FIELDS}
        flags = columns["flags"]
        errors = sum(1 << place for place, flag in enumerate(FLAGS) if flag.severity is Severity.ERROR)
        return FlagCounts(
            rows=batch.num_rows,
            usable=int(np.count_nonzero(flags & np.uint64(errors) == 0)),
            flagged=_bit_counts(flags, len(FLAGS)),
            coded=sum((_bit_counts(columns[name], _WORD_BITS) for name in _CODE_COLUMNS), ())[: len(CODES)],
            refused=tuple(_refused_rows(columns, bits) for bits in _REFUSED.values()),
        )

    def merge(self, a: FlagCounts, b: FlagCounts) -> FlagCounts:
        """Counts over both."""
        return FlagCounts(
            a.rows + b.rows,
            a.usable + b.usable,
            tuple(x + y for x, y in zip(a.flagged, b.flagged, strict=True)),
            tuple(x + y for x, y in zip(a.coded, b.coded, strict=True)),
            tuple(x + y for x, y in zip(a.refused, b.refused, strict=True)),
        )

    def finish(self, total: FlagCounts) -> list[Finding]:
        """One rate a flag, followed by one a code (`params` {"code": ...}), trainers, and `usable_rate`."""
        findings = []
        for flag, count in zip(FLAGS, total.flagged, strict=True):
            findings.append(_rate(flag.id, flag.view, count, total.rows))
            findings += [
                _rate(flag.id, flag.view, coded, total.rows, {"code": code})
                for (flag_id, code), coded in zip(CODES, total.coded, strict=True)
                if flag_id == flag.id
            ]
        for trainer, refused in zip(_REFUSED, total.refused, strict=True):
            told = {"trainer": trainer.trainer, "verdict": trainer.verdict}
            findings.append(_rate("trainer_refuses", View.ALL, refused, total.rows, told))
        return [*findings, _rate("usable_rate", View.ALL, total.usable, total.rows)]


def _masks(batch: Batch) -> dict[str, Mapping[str, Mask]]:
    rows = RowTexts(batch)
    return {rule.flag.id: rule.masks(rows) for rule in _RULES}


def _one_batch(rows: pa.Table | pa.RecordBatch) -> pa.RecordBatch:
    if isinstance(rows, pa.RecordBatch):
        return rows
    batches = rows.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=rows.schema)


def _shown(flag: Flag, hit: Hit, rows: RowTexts) -> FlagEvidence:
    code, start, end, note = hit.span
    if start == end:
        text = ""
    elif hit.turn is None:
        text = rows.batch.view(flag.view)[hit.row].as_py()
    else:
        text = rows.turns.text(hit.row, hit.turn)
    seen = excerpt(text[start:end])
    refused = trainer_verdicts([code]) if flag.id == RoleOrder.flag.id else ()
    return FlagEvidence(
        flag.id,
        code,
        flag.view,
        hit.turn,
        start,
        end,
        _shape(seen) if flag.masked else seen,
        note,
        tuple(each.trainer for each in refused),
    )


def _shape(text: str) -> str:
    """`text` with every letter as x and every digit as 0."""
    return "".join("x" if char.isalpha() else "0" if char.isdigit() else char for char in text)


def _bit_counts(bits: Bits, width: int) -> tuple[int, ...]:
    return tuple(int(np.count_nonzero(bits >> np.uint64(place) & np.uint64(1))) for place in range(width))


def _refused_rows(columns: Mapping[str, Bits], bits: tuple[np.uint64, ...]) -> int:
    hit = np.logical_or.reduce([columns[n] & b != 0 for n, b in zip(_CODE_COLUMNS, bits, strict=True)])
    return int(np.count_nonzero(hit))


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
