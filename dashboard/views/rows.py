"""Rows as conversations in plain text, with the places that flags point at, and nothing hidden in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from analyzers.hygiene import FLAGS, FlagEvidence
from analyzers.trainers import RowVerdict
from dashboard.views.numbers import count
from dashboard.views.plain import has_hidden, visible
from dashboard.views.trainers import row_lines

PAGE_ROWS = 5
MAX_CHARS = 3000
SYSTEM_TURN = -1
_ROLES = ("user", "assistant", "system", "tool")
_MASKED = frozenset(flag.id for flag in FLAGS if flag.masked)
_SEVERITY = {flag.id: str(flag.severity) for flag in FLAGS}
SEVERITY_COLOUR: Mapping[str, Literal["red", "orange", "gray"]] = {
    "error": "red",
    "warn": "orange",
    "info": "gray",
}

Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text, fit to be shown; `is_marked` where a flag or a match points at it."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: its role, its text in pieces, what is said under it (cut text, tool calls, labels)."""

    role: str
    segments: tuple[Segment, ...]
    notes: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The role, or `other` for a role we do not know: safe to name a style."""
        return self.role if self.role in _ROLES else "other"


@dataclass(frozen=True, slots=True)
class FlagNote:
    """One flag of a row: what, how grave, what was seen."""

    flag: str
    severity: str
    seen: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row ready to draw; `raw` is its content as JSON, `trainers` tell who does not take it and why."""

    title: str
    turns: tuple[Turn, ...]
    flags: tuple[FlagNote, ...]
    trainers: tuple[str, ...]
    has_hidden: bool
    raw: str


def shown_row(
    row: Mapping[str, Any], evidence: Sequence[FlagEvidence], verdicts: Sequence[RowVerdict] = ()
) -> ShownRow:
    """A snapshot row with why it is flagged, and why trainers do not take it."""
    system = row.get("system")
    turns = [_turn("system", system, {}, evidence, SYSTEM_TURN)] if system else []
    turns += [
        _turn(turn["role"], turn["content"], turn, evidence, place) for place, turn in enumerate(row["turns"])
    ]
    raw = {"system": system, "turns": row["turns"], "extra": json.loads(row["extra"] or "{}")}
    texts = [system or "", *(turn["content"] for turn in row["turns"])]
    return ShownRow(
        title=f"Row {count(row['row'])}",
        turns=tuple(turns),
        flags=tuple(_notes(evidence)),
        trainers=row_lines(verdicts),
        has_hidden=any(has_hidden(text) for text in texts),
        raw=json.dumps({name: value for name, value in raw.items() if value}, ensure_ascii=False, indent=2),
    )


def segments(
    text: str, spans: Iterable[tuple[int, int, bool]], limit: int = MAX_CHARS
) -> tuple[Segment, ...]:
    """`text` cut at the borders of `spans` (start, end, whether to mask), at most `limit` characters of it.

    Overlapping spans join. Masked pieces show letters as x and digits as 0.

    >>> [(s.text, s.is_marked) for s in segments("call 555 now", [(5, 8, True)])]
    [('call ', False), ('000', True), (' now', False)]
    """
    pieces: list[Segment] = []
    at = 0
    for start, end, is_masked in _joined(spans, min(len(text), limit)):
        if start > at:
            pieces.append(Segment(visible(text[at:start]), False))
        piece = text[start:end]
        pieces.append(Segment(_shape(piece) if is_masked else visible(piece), True))
        at = end
    if at < min(len(text), limit):
        pieces.append(Segment(visible(text[at:limit]), False))
    return tuple(pieces)


def flag_counts(bits: Bits) -> dict[str, int]:
    """How many rows carry each flag; flags without a row are left out."""
    counts = {
        flag.id: int(np.count_nonzero(bits >> np.uint64(i) & np.uint64(1))) for i, flag in enumerate(FLAGS)
    }
    return {flag: number for flag, number in counts.items() if number}


def flagged_positions(bits: Bits | None, chosen: Sequence[str], rows: int) -> npt.NDArray[np.int64]:
    """Positions of the rows that carry any of the chosen flags; of all rows where none is chosen."""
    if bits is None or not chosen:
        return np.arange(rows)
    wanted = np.uint64(sum(1 << place for place, flag in enumerate(FLAGS) if flag.id in chosen))
    return np.flatnonzero(bits & wanted)


def page_count(rows: int) -> int:
    """How many pages so many rows fill; one empty page where there are none."""
    return max(1, -(-rows // PAGE_ROWS))


def page_of(positions: npt.NDArray[np.int64], page: int) -> list[int]:
    """The positions on a page, counted from 1."""
    return [int(position) for position in positions[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]]


def flag_help(flag_id: str) -> str:
    """What a flag means, how grave it is and which version of its rule found it, in one line."""
    found = next((flag for flag in FLAGS if flag.id == flag_id), None)
    return f"{found.text} ({found.severity}, rule v{found.version})" if found else flag_id


def _turn(
    role: str, content: str, extra: Mapping[str, Any], evidence: Sequence[FlagEvidence], place: int
) -> Turn:
    spans = [(e.start, e.end, e.flag in _MASKED) for e in evidence if e.turn == place]
    notes = []
    if len(content) > MAX_CHARS:
        notes.append(f"… {count(len(content) - MAX_CHARS)} more characters in the raw row")
    if not content:
        notes.append("(empty)")
    notes += [
        f"{name}: {visible(str(extra[name]))[:MAX_CHARS]}"
        for name in ("tool_calls", "label")
        if extra.get(name)
    ]
    return Turn(visible(role), segments(content, spans), tuple(notes))


def _notes(evidence: Sequence[FlagEvidence]) -> Iterable[FlagNote]:
    for item in evidence:
        said = " · ".join(part for part in (item.code, item.note) if part)
        seen = f"{said}: {item.excerpt}" if said and item.excerpt else said or item.excerpt
        yield FlagNote(item.flag, _SEVERITY.get(item.flag, "info"), visible(seen))


def _joined(spans: Iterable[tuple[int, int, bool]], length: int) -> list[tuple[int, int, bool]]:
    joined: list[tuple[int, int, bool]] = []
    for start, end, is_masked in sorted((max(0, s), min(e, length), m) for s, e, m in spans):
        if start >= end:
            continue
        if joined and start < joined[-1][1]:
            first, last, was_masked = joined.pop()
            joined.append((first, max(last, end), was_masked or is_masked))
        else:
            joined.append((start, end, is_masked))
    return joined


def _shape(text: str) -> str:
    return visible("".join("x" if char.isalpha() else "0" if char.isdigit() else char for char in text))
