"""Dialogues packed in one string, their speakers told by marks."""

from __future__ import annotations

import re
from typing import NamedTuple

from registry.errors import ProblemCode
from registry.readers.strict_json import RowFaultError
from registry.shapes.base import Adapter, Fields, Shaped, Turn, label_text, rest, text_of


class Marks(NamedTuple):
    """How a string says who speaks; a blank after a mark belongs to it, all blanks if `loose`."""

    user: str
    assistant: str
    loose: bool


MARKS = (
    Marks("\n\nHuman:", "\n\nAssistant:", loose=False),
    Marks("### Human:", "### Assistant:", loose=True),
    Marks("### Instruction:", "### Response:", loose=True),
    Marks("<user>:", "<bot>:", loose=True),
    Marks("<|user|>", "<|assistant|>", loose=True),
    Marks("[|Human|]", "[|AI|]", loose=True),
)
FIELDS = ("instruction", "prompt", "text", "input", "conversation", "dialogue")
ANSWERS = ("output", "response", "completion")


def marks_of(text: str) -> Marks | None:
    """The marks that `text` begins with (white space before them ignored), None where it begins with none."""
    begin = text[:200].lstrip()
    for marks in MARKS:
        if begin.startswith((marks.user.lstrip(), marks.assistant.lstrip())):
            return marks
    return None


def split_dialogue(text: str, marks: Marks, where: str) -> list[Turn]:
    """The turns of a packed dialogue, each with its text as it stands between the marks.

    Raises:
        RowFaultError: bad_value where text stands before the first mark.
    """
    pattern = re.compile(f"({re.escape(marks.user)}|{re.escape(marks.assistant)}) ?")
    pieces = pattern.split(text if text.startswith(marks.user[:1]) or marks.loose else f"\n\n{text.lstrip()}")
    if pieces[0].strip():
        raise RowFaultError(ProblemCode.BAD_VALUE, f"{where!r} has text before the first speaker", where)
    turns = []
    for mark, content in zip(pieces[1::2], pieces[2::2], strict=True):
        role = "user" if mark == marks.user else "assistant"
        turns.append(Turn(role, content.strip(" \n") if marks.loose else content))
    return turns


def _field(fields: Fields) -> str | None:
    for name in FIELDS:
        value = fields.get(name)
        if isinstance(value, str) and marks_of(value) is not None:
            return name
    return None


def _read(fields: Fields) -> Shaped:
    name = _field(fields) or next((name for name in FIELDS if name in fields), FIELDS[0])
    text = text_of(fields, name)
    marks = marks_of(text)
    turns = [Turn("user", text)] if marks is None else split_dialogue(text, marks, name)
    answer = next((key for key in ANSWERS if key in fields), None)
    used = [name]
    if answer is not None:
        if turns[-1].role == "assistant" and not turns[-1].content:
            turns.pop()
        turns.append(Turn("assistant", text_of(fields, answer)))
        used.append(answer)
    if name == "instruction" and fields.get("input"):
        turns = _with_input(turns, text_of(fields, "input"))
        used.append("input")
    return Shaped(None, turns, rest(fields, *used))


def _with_input(turns: list[Turn], context: str) -> list[Turn]:
    last = max((at for at, turn in enumerate(turns) if turn.role == "user"), default=None)
    if last is None:
        return [Turn("user", context), *turns]
    content = turns[last].content
    turns[last] = Turn("user", f"{content}\n{context}", None, label_text(input_at=len(content) + 1))
    return turns


PACKED = (Adapter("packed-dialogue", lambda fields: _field(fields) is not None, _read),)
