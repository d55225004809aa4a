"""Flag `preference_pair`: pairs of a chosen and a rejected side that teach nothing or the wrong thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span, masks_of_hits
from analyzers.flags.turn_labels import labels_with
from analyzers.flags.turns import Turns
from analyzers.text import word_list
from analyzers.views import View

CODES = ("equal_sides", "same_words", "empty_side", "other_role")
_DIGIT = re.compile(r"\d")
_TEXT = "the chosen and the rejected side are the same, or one of them says nothing"


@dataclass(frozen=True, slots=True)
class Pair:
    """One judged pair: row and number of the last turn, and what either side says from where they part."""

    row: int
    turn: int
    length: int
    chosen: Sequence[tuple[str, str]]
    rejected: Sequence[tuple[str, str]]

    @property
    def chosen_text(self) -> str:
        """The chosen side's turns, one a line."""
        return "\n".join(content for _, content in self.chosen)

    @property
    def rejected_text(self) -> str:
        """The rejected side's turns, one a line."""
        return "\n".join(content for _, content in self.rejected)


class PreferencePair:
    """Compares the sides as texts, then as words."""

    flag = Flag("preference_pair", 1, Severity.WARN, View.RESPONSE, CODES, _TEXT)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        for pair in pairs(rows.turns):
            code = _fault(pair)
            if code:
                yield Hit(pair.row, pair.turn, Span(code, 0, pair.length))


def pairs(turns: Turns) -> Iterator[Pair]:
    """Every judged pair of a batch, in order."""
    for place, label in labels_with(turns, "rejected_from"):
        row, number = int(turns.rows[place]), int(turns.numbers[place])
        begin = int(turns.begins[row])
        parting = min(int(label["rejected_from"]), number + 1)
        chosen = [(str(turns.roles[begin + n]), turns.text(row, n)) for n in range(parting, number + 1)]
        rejected = [_said(turn) for turn in label.get("rejected", ())]
        yield Pair(row, number, len(turns.text(row, number)), chosen, rejected)


def _said(turn: Mapping[str, Any]) -> tuple[str, str]:
    return str(turn.get("role") or ""), str(turn.get("content") or "")


def _fault(pair: Pair) -> str:
    if list(pair.chosen) == list(pair.rejected):
        return "equal_sides"
    if not pair.chosen_text.strip() or not pair.rejected_text.strip():
        return "empty_side"
    if [role for role, _ in pair.chosen[-1:]] != [role for role, _ in pair.rejected[-1:]]:
        return "other_role"
    return "same_words" if _said_alike(pair.chosen_text, pair.rejected_text) else ""


def _said_alike(a: str, b: str) -> bool:
    """Whether both have the same words; where numbers stand, signs between them count as well."""
    words = word_list(a)
    if not words or words != word_list(b):
        return False
    return not _DIGIT.search(a) or _signs(a) == _signs(b)


def _signs(text: str) -> str:
    """The text without spaces and without the marks at its end, in lower case."""
    return "".join(text.split()).rstrip(".!?,;:").lower()
