"""The final answer of a response where it can be told by rule: a number, an option, or yes or no."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import pyarrow as pa

from analyzers.arrow import pc

_BOXED = re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}")
_MARKS = (
    re.compile(r"####"),
    _BOXED,
    re.compile(r"(?i)\bfinal answer\b[^:\n]{0,20}?(?::|\bis\b)\**"),
    re.compile(r"(?i)\bthe (?:correct )?answer\b(?: is|:)\**:?"),
    re.compile(r"(?im)^\**(?:answer|a)\**\s*:\**"),
)
_MARKED = r"(?i)####|\\boxed\{|final answer|the (?:correct )?answer|(?:^|\n)\**a(?:nswer)?\**\s*:"
_SHORT_CHARS = 24
_SHORT_END = rf"(?:^|\n)[^\n]{{0,{_SHORT_CHARS + 8}}}\s*\z"

_OPTION = re.compile(r"\s*\**\(?([A-J])(?:\)|[.:]?\**\s*$|[.:]\s|\*\*)")
_NUMBER = re.compile(
    r"[^\w\n-]{0,3}(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:/\d+)?)(?!\s*[:/x^*+-]\s*\d|\d|,\d)(?![A-Za-z])"
)
_WORD = re.compile(r"(?i)\W{0,3}(yes|no|true|false)\b(?! one\b| more\b| idea\b)")
_LONE_NUMBER = re.compile(r"[$€£]?\s*-?[\d,]*\.?\d+(?:/\d+)?\s*%?\.?")


class Answer(NamedTuple):
    """A final answer in one spelling, and its kind: `number`, `option` or `yes_no`."""

    kind: str
    text: str


def maybe_answered(responses: pa.LargeStringArray) -> pa.BooleanArray:
    """Which responses may hold a final answer; compiled, lets through too many, never too few."""
    found: pa.BooleanArray = pc.match_substring_regex(responses, rf"{_MARKED}|{_SHORT_END}")
    return found


def final_answer(response: str) -> Answer | None:
    r"""The final answer of a response without its reasoning block; None where no rule tells it.

    What follows the last `####`, `\boxed{`, "final answer:", "the answer is" or a line "Answer:", in that
    order, behind an equation's last sign; else the last line where it is nothing but an answer and the line
    before it is longer than one.

    >>> final_answer("7 boxes, so #### 1,050.00"), final_answer("The answer is (B) oak.")
    (Answer(kind='number', text='1050'), Answer(kind='option', text='B'))
    """
    for mark in _MARKS:
        found = list(mark.finditer(response))
        if found:
            behind = response[found[-1].end() :].strip().split("\n", 1)[0]
            return _read(found[-1][1] if mark is _BOXED else behind)
    lines = response.strip().rsplit("\n", 2)
    text = lines[-1].strip()
    if len(text) > _SHORT_CHARS or (len(lines) > 1 and len(lines[-2].strip()) <= _SHORT_CHARS):
        return None
    if _LONE_NUMBER.fullmatch(text):
        return _number(text)
    option = re.fullmatch(r"\(?([A-J])[).]?", text)
    if option:
        return Answer("option", option[1])
    word = re.fullmatch(r"(?i)(yes|no|true|false)[.!]?", text)
    return Answer("yes_no", word[1].lower()) if word else None


def _read(text: str) -> Answer | None:
    text = text.rsplit("=", 1)[-1].strip().lstrip("*$ ")
    option = _OPTION.match(text)
    if option:
        return Answer("option", option[1])
    word = _WORD.match(text)
    if word:
        return Answer("yes_no", word[1].lower())
    number = _NUMBER.match(text)
    return _number(number[1]) if number else None


def _number(text: str) -> Answer | None:
    plain = re.sub(r"[^\d./-]", "", text).rstrip(".")
    top, _, bottom = plain.partition("/")
    try:
        value = Decimal(top) / Decimal(bottom) if bottom else Decimal(top)
    except (InvalidOperation, ZeroDivisionError):
        return None
    return Answer("number", format(value.normalize(), "f") if value else "0")
