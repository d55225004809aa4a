"""The named texts of a row, cut out of a whole batch at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import filled, joined, pc
from registry.errors import UnknownViewError

# Reasoning blocks as models write them; the expressions are RE2's.
_TAGS = r"(?:think|thinking|thought|reasoning|scratchpad)"
REASONING_OPEN = rf"(?:<{_TAGS}>|<\|begin_of_thought\|>)"
REASONING_CLOSE = rf"(?:</{_TAGS}>|<\|end_of_thought\|>)"
_HAS_BLOCK = rf"(?i){REASONING_OPEN}|{REASONING_CLOSE}"
_BLOCKS = (
    (rf"(?is){REASONING_OPEN}.*?{REASONING_CLOSE}\s*", ""),
    (rf"(?is)\A.*{REASONING_CLOSE}\s*", ""),  # the opening tag was part of the prompt
    (rf"(?is){REASONING_OPEN}.*\z", ""),  # never closed: no answer follows
)


class View(StrEnum):
    """A named text of a row.

    `prompt`: all user turns. `first_prompt`: the first of them. `response`: all assistant turns.
    `final_answer`: the response without reasoning blocks. `all`: system text and every turn, in order.
    """

    PROMPT = "prompt"
    FIRST_PROMPT = "first_prompt"
    RESPONSE = "response"
    FINAL_ANSWER = "final_answer"
    ALL = "all"
    FIRST_PROMPT_AND_FINAL_ANSWER = "first_prompt+final_answer"

    @classmethod
    def _missing_(cls, value: object) -> View:
        raise UnknownViewError(str(value), list(cls))

    @property
    def columns(self) -> tuple[str, ...]:
        """The snapshot columns it is made of."""
        return _COLUMNS[self]


_COLUMNS: dict[View, tuple[str, ...]] = {
    View.PROMPT: ("prompt",),
    View.FIRST_PROMPT: ("turns",),
    View.RESPONSE: ("response",),
    View.FINAL_ANSWER: ("response",),
    View.ALL: ("system", "turns"),
    View.FIRST_PROMPT_AND_FINAL_ANSWER: ("turns", "response"),
}


def view_texts(rows: pa.RecordBatch, view: View | str) -> pa.LargeStringArray:
    """The texts of `view`, one a row, never null; an empty string where the row has no such turn.

    `prompt` is made of the turns where its column was not read.
    """
    match View(view):
        case View.PROMPT if "prompt" not in rows.schema.names:
            return _joined_questions(rows.column("turns"))
        case View.PROMPT | View.RESPONSE as column:
            return filled(rows.column(str(column)))
        case View.FIRST_PROMPT:
            return _first_user_turn(rows.column("turns"))
        case View.FINAL_ANSWER:
            return without_reasoning(filled(rows.column("response")))
        case View.ALL:
            return _whole_rows(rows)
        case View.FIRST_PROMPT_AND_FINAL_ANSWER:
            return joined(view_texts(rows, View.FIRST_PROMPT), view_texts(rows, View.FINAL_ANSWER), by="\n")


@dataclass(frozen=True, slots=True)
class Questions:
    """How rows ask.

    `opens`: without system text, the first turn is the only user turn, so that `all` begins with `prompt`.
    `goes_on`: there are several user turns, so that `prompt` is not `first_prompt`.
    """

    opens: npt.NDArray[np.bool_]
    goes_on: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, rows: pa.RecordBatch) -> Questions:
        """How each row asks."""
        begins, ends, items = _turn_borders(rows.column("turns"))
        is_user = _is_user(items)
        users = np.concatenate(([0], np.cumsum(is_user)))
        counts = users[ends] - users[begins]
        opening = np.append(is_user, False)[np.minimum(begins, len(is_user))] & (begins < ends)
        no_system = rows.column("system").is_null().to_numpy(zero_copy_only=False)
        return cls(opening & (counts == 1) & no_system, counts > 1)


def without_reasoning(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Each text without its reasoning blocks; what follows a block that never closes is reasoning too."""
    marked = pc.match_substring_regex(texts, _HAS_BLOCK)
    if not pc.any(marked).as_py():
        return texts
    answers = texts.filter(marked)
    for pattern, replacement in _BLOCKS:
        answers = pc.replace_substring_regex(answers, pattern, replacement)
    replaced: pa.LargeStringArray = pc.replace_with_mask(texts, marked, answers)
    return replaced


def _first_user_turn(turns: pa.Array[Any]) -> pa.LargeStringArray:
    begins, ends, items = _turn_borders(turns)
    users = np.append(np.flatnonzero(_is_user(items)), np.iinfo(np.int64).max)
    first = users[np.searchsorted(users[:-1], begins)]
    return filled(items.field("content").take(pa.array(first, mask=first >= ends)))


def _whole_rows(rows: pa.RecordBatch) -> pa.LargeStringArray:
    """System text and turns of each row, one a line."""
    system, turns = rows.column("system"), _joined_turns(rows)
    if system.null_count == len(system):
        return filled(turns)  # joining would copy every text once more
    return joined(system.cast(pa.large_string()), turns, by="\n")


def _joined_turns(rows: pa.RecordBatch) -> pa.Array[Any]:
    """The contents of all turns of each row, one a line; null for a row without turns."""
    begins, ends, items = _turn_borders(rows.column("turns"))
    if not len(begins):
        return pa.array([], pa.large_string())
    contents = filled(items.field("content")).slice(int(begins[0]), int(ends[-1] - begins[0]))
    texts = _lines(contents, np.append(begins, ends[-1]) - begins[0])
    if (begins < ends).all():
        return texts
    present: pa.Array[Any] = pc.if_else(pa.array(begins == ends), None, texts)
    return present


def _joined_questions(turns: pa.Array[Any]) -> pa.LargeStringArray:
    """The user turns of each row, one a line, as the column `prompt` has them."""
    begins, ends, items = _turn_borders(turns)
    if not len(begins):
        return pa.array([], pa.large_string())
    is_user = _is_user(items)
    users = np.concatenate(([0], np.cumsum(is_user)))
    contents = filled(items.field("content").filter(pa.array(is_user)))
    return _lines(contents, users[np.append(begins, ends[-1])])


def _lines(texts: pa.LargeStringArray, offsets: npt.NDArray[np.int64]) -> pa.LargeStringArray:
    """The texts of each row, which `offsets` cut, one a line."""
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), texts)
    return cast("pa.LargeStringArray", pc.binary_join(lists, pa.scalar("\n", pa.large_string())))


def _is_user(items: pa.StructArray) -> npt.NDArray[np.bool_]:
    """Which turns are the user's."""
    roles = pc.equal(items.field("role"), "user").fill_null(False)
    return cast("npt.NDArray[np.bool_]", roles.to_numpy(zero_copy_only=False))


def _turn_borders(turns: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], pa.StructArray]:
    """First turn, turn after the last, for each row, and the array of all turns they point into."""
    offsets = turns.offsets.to_numpy().astype(np.int64)
    return offsets[:-1], offsets[1:], turns.values
