"""Row flags: what is wrong with a row, shown with the place that proves it.

`FLAGS` is append-only: bit i of `flag_bits` is `FLAGS[i]`. So is `CODES`, the kinds of defects: code i is bit
i % 64 of column `flag_codes_{i // 64}`. Row features store the columns `FLAG_FIELDS`, which `flag_columns`
fills from the snapshot columns `COLUMNS`; rates need only the stored columns, and `explain` runs the rules
again on the few rows that are shown. Where answers were cut at one length, which only all rows of a dataset
tell, `with_cut` adds it to stored columns and `explain` to the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import one_batch
from analyzers.base import Batch
from analyzers.cut_answers import Cut
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
from analyzers.flags.roles import RoleOrder, trainer_verdicts
from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Rule, Severity
from analyzers.flags.template_leaks import TemplateLeak
from analyzers.flags.tool_calls import ToolCalls
from analyzers.flags.toxicity import TOXICITY
from analyzers.flags.truncation import CUT_AT_LENGTH, TRUNCATED, hits_at
from analyzers.flags.turns import SYSTEM_TURN
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
truncated: cut_at_length
pii: street
"""
CODES: tuple[tuple[str, str], ...] = tuple(
    (flag, code)
    for flag, codes in (line.split(":") for line in _KINDS.split("\n") if line)
    for code in codes.split()
)

WORD_BITS = 64
CODE_COLUMNS = tuple(f"flag_codes_{number}" for number in range(-(-len(CODES) // WORD_BITS)))
FLAG_BITS: Mapping[str, np.uint64] = {flag.id: np.uint64(1 << place) for place, flag in enumerate(FLAGS)}
FLAG_FIELDS: tuple[pa.Field[Any], ...] = tuple(
    pa.field(name, pa.uint64(), nullable=False) for name in ("flags", *CODE_COLUMNS)
)

Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class FlagEvidence:
    """Why a row is flagged: `code` (empty where the flag has no kinds) seen in characters `start:end`.

    They are positions in the content of turn `turn`, counted from 0 over the row's turns; -1 (`SYSTEM_TURN`)
    is the system text, and None means the row's `view` as a whole. `excerpt` is that text escaped and cut to
    120 characters; for private data and secrets only its shape (letters as x, digits as 0). `note` adds the
    measured numbers, or is empty. `trainers` skip or reject a row for it. `severity` and `version` are those
    of the flag's rule.
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
    severity: Severity = Severity.WARN
    version: int = 1


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
        column = columns[CODE_COLUMNS[place // WORD_BITS]]
        column |= found[flag_id][code].astype(np.uint64) << np.uint64(place % WORD_BITS)
    return columns


def code_bits(flag_id: str, *codes: str) -> dict[str, np.uint64]:
    """The bits of some codes of a flag (all of them where none is named) in each column of codes."""
    bits = dict.fromkeys(CODE_COLUMNS, 0)
    for place, (owner, code) in enumerate(CODES):
        if owner == flag_id and (code in codes or not codes):
            bits[CODE_COLUMNS[place // WORD_BITS]] |= 1 << place % WORD_BITS
    return {name: np.uint64(value) for name, value in bits.items()}


def has_any(columns: Mapping[str, Bits], bits: Mapping[str, np.uint64]) -> Mask:
    """Which rows have any of these bits in their columns."""
    hit: Mask = np.logical_or.reduce([columns[name] & chosen != 0 for name, chosen in bits.items()])
    return hit


def with_cut(features: pa.Table, cut: Cut) -> pa.Table:
    """Row features of a dataset whose answers were cut, with these answers flagged as `truncated`."""
    tokens, is_open = (features.column(name).to_numpy() for name in ("answer_tokens", "open_end"))
    held = cut.holds(tokens, is_open).astype(np.uint64)
    for name, bits in {"flags": FLAG_BITS[TRUNCATED.flag.id], **_CUT_BITS}.items():
        place = features.schema.get_field_index(name)
        marked = features.column(name).to_numpy() | held * bits
        features = features.set_column(place, features.schema.field(name), pa.array(marked))
    return features


def without_cut(columns: Mapping[str, Bits]) -> dict[str, Bits]:
    """The columns `FLAG_FIELDS` as each row alone decides them, whatever its dataset added."""
    alone = {name: columns[name] & ~_CUT_BITS[name] for name in CODE_COLUMNS}
    others = columns["flags"] & ~FLAG_BITS[TRUNCATED.flag.id]
    truncated = has_any(alone, code_bits(TRUNCATED.flag.id)).astype(np.uint64)
    return {"flags": others | truncated * FLAG_BITS[TRUNCATED.flag.id], **alone}


def explain(rows: pa.Table | pa.RecordBatch, cut: Cut | None = None) -> list[list[FlagEvidence]]:
    """For each row why it is flagged, in the order of `FLAGS`; an empty list for a row without flags.

    At most five places a code and turn. `rows` have at least the columns `turns`, `prompt`, `response`;
    `cut` is where the answers of their dataset were cut (see `row_features.stored_cut`), if they were.
    """
    batch = Batch(one_batch(rows))
    texts = RowTexts(batch)
    evidence: list[list[FlagEvidence]] = [[] for _ in range(batch.num_rows)]
    for rule in _RULES:
        hits = chain(rule.hits(texts), hits_at(cut, texts)) if rule is TRUNCATED and cut else rule.hits(texts)
        for hit in hits:
            evidence[hit.row].append(_shown(rule.flag, hit, texts))
    return evidence


_CUT_BITS = code_bits(TRUNCATED.flag.id, CUT_AT_LENGTH)


def _masks(batch: Batch) -> dict[str, Mapping[str, Mask]]:
    rows = RowTexts(batch)
    return {rule.flag.id: rule.masks(rows) for rule in _RULES}


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
        flag.severity,
        flag.version,
    )


def _shape(text: str) -> str:
    """`text` with every letter as x and every digit as 0."""
    return "".join("x" if char.isalpha() else "0" if char.isdigit() else char for char in text)
