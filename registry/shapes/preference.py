"""Judged rows: pairs of a chosen and a rejected reply, replies with a thumb, and answers judged step by step.

The chosen reply makes the turns. What was rejected is in the label of the last turn: `rejected` holds the
turns of the rejected side from `rejected_from` on; the turns before that number are the same on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from registry.errors import ProblemCode
from registry.readers.strict_json import RowFaultError, exact_text
from registry.shapes.base import Adapter, Fields, Shaped, Turn, kind_of, label_text, list_of, rest, text_of
from registry.shapes.chat import CHAT_FIELDS, chat_field, read_chat, read_messages, with_system
from registry.shapes.packed import MARKS, marks_of, split_dialogue
from registry.shapes.pairs import PAIRS, PROMPTS_ONLY
from registry.shapes.roles import is_message, read_message

SIDES = (
    ("chosen", "rejected"),
    ("chosen_messages", "rejected_messages"),
    ("chosen_response", "rejected_response"),
)
THUMBS = ("label", "kto_tag")
STEP_FIELDS = ("steps", "completions")
STEP_LABELS = ("mistake_index", "labels", "step_labels", "ratings")


def _sides(fields: Fields) -> tuple[str, str] | None:
    return next((names for names in SIDES if names[0] in fields and names[1] in fields), None)


def _read_pair(fields: Fields) -> Shaped:
    chosen_field, rejected_field = _sides(fields) or SIDES[0]
    system, before, extra = _before(fields, chosen_field, rejected_field)
    chosen = _side(fields, chosen_field, before)
    rejected = _side(fields, rejected_field, before)
    shared = 0
    while shared < min(len(chosen), len(rejected)) and chosen[shared] == rejected[shared]:
        shared += 1
    label = {"rejected_from": shared, "rejected": [_plain(turn) for turn in rejected[shared:]]}
    judged = [*chosen[:-1], labelled(chosen[-1], label)]
    if system is not None:
        return Shaped(system, judged, extra)
    shaped = with_system(fields, judged, extra, chosen_field)
    if len(shaped.turns) < len(judged):  # the system turn left, so turns count from one less
        label["rejected_from"] = max(shared - 1, 0)
        return shaped._replace(turns=[*shaped.turns[:-1], labelled(chosen[-1], label)])
    return shaped


def _before(fields: Fields, *sides: str) -> tuple[str | None, list[Turn], dict[str, Any]]:
    """System, the turns both sides answer, and the other fields."""
    others = rest(fields, *sides)
    if chat_field(others) is not None:
        shaped = read_chat(others)
        return shaped.system, list(shaped.turns), dict(shaped.extra)
    prompt = others.get("prompt")
    if isinstance(prompt, list) and prompt and is_message(prompt[0]):
        shaped = with_system(others, read_messages(prompt, "prompt"), rest(others, "prompt"), "prompt")
        return shaped.system, list(shaped.turns), dict(shaped.extra)
    for shape in PROMPTS_ONLY:
        if shape.matches(others):
            shaped = shape.read(others)
            return shaped.system, list(shaped.turns), dict(shaped.extra)
    return None, [], others


def _side(fields: Fields, name: str, before: list[Turn]) -> list[Turn]:
    value = fields[name]
    if isinstance(value, str):
        marks = marks_of(value)
        if not before and marks is not None:
            return split_dialogue(value, marks, name)
        return [*before, Turn("assistant", value)]
    if isinstance(value, dict):
        return [*before, read_message(value, name)]
    turns = read_messages(list_of(fields, name), name)
    return turns if turns[0].role != "assistant" else [*before, *turns]


def labelled(turn: Turn, label: dict[str, Any]) -> Turn:
    """`turn` with more in its label."""
    known = json.loads(turn.label) if turn.label else {}
    return turn._replace(label=exact_text({**known, **label}))


def _plain(turn: Turn) -> dict[str, Any]:
    plain: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.tool_calls is not None:
        plain["tool_calls"] = json.loads(turn.tool_calls)
    if turn.label is not None:
        plain["label"] = json.loads(turn.label)
    return plain


def _is_pair(fields: Fields) -> bool:
    names = _sides(fields)
    if names is None:
        return False
    chosen, rejected = fields[names[0]], fields[names[1]]
    if isinstance(chosen, str) and isinstance(rejected, str):
        return marks_of(chosen) is not None or bool(_before(fields, *names)[1])
    return isinstance(chosen, (dict, list)) and isinstance(rejected, (dict, list))


def _is_dialogue_pair(fields: Fields) -> bool:
    chosen, rejected = fields.get("chosen"), fields.get("rejected")
    if not (isinstance(chosen, str) and isinstance(rejected, str)):
        return False
    return marks_of(chosen) == MARKS[0] and not any(shape.matches(fields) for shape in PROMPTS_ONLY)


def _thumb(fields: Fields) -> str | None:
    return next((name for name in THUMBS if isinstance(fields.get(name), bool)), None)


def _is_thumbed(fields: Fields) -> bool:
    return _thumb(fields) is not None and (chat_field(fields) is not None or _pair_shape(fields) is not None)


def _pair_shape(fields: Fields) -> Any:
    return next((shape for shape in PAIRS if shape.matches(fields)), None)


def _read_thumbed(fields: Fields) -> Shaped:
    name = _thumb(fields)
    if name is None:
        name = next((name for name in THUMBS if name in fields), THUMBS[0])
        raise RowFaultError(ProblemCode.WRONG_TYPE, f"{name!r} must be true or false", name)
    others = rest(fields, name)
    pair = None if any(key in others for key in CHAT_FIELDS) else _pair_shape(others)
    shaped = pair.read(others) if pair is not None else read_chat(others)
    last = shaped.turns[-1] if shaped.turns else None
    if last is None or last.role != "assistant":
        raise RowFaultError(
            ProblemCode.BAD_VALUE, f"{name!r} judges no reply: the last turn is not the assistant's", name
        )
    return shaped._replace(turns=[*shaped.turns[:-1], labelled(last, {name: fields[name]})])


def _is_stepped(fields: Fields) -> bool:
    name = _steps(fields)
    if name is None or not all(isinstance(step, str) for step in fields[name]):
        return False
    judged = any(label in fields for label in STEP_LABELS)
    return judged and any(
        isinstance(fields.get(key), str) for key in ("input", "prompt", "question", "problem")
    )


def _steps(fields: Fields) -> str | None:
    return next((name for name in STEP_FIELDS if isinstance(fields.get(name), list)), None)


def _read_stepped(fields: Fields) -> Shaped:
    name = _steps(fields) or STEP_FIELDS[0]
    steps = list_of(fields, name)
    prompt = next((key for key in ("input", "prompt", "question", "problem") if key in fields), "input")
    judged = [key for key in STEP_LABELS if key in fields]
    if not judged:
        raise RowFaultError(ProblemCode.MISSING_FIELD, "the steps have no labels", STEP_LABELS[0])
    ends = _ends(steps, name)
    label = label_text(step_ends=ends, **{key: fields[key] for key in judged})
    turns = [Turn("user", text_of(fields, prompt)), Turn("assistant", "\n".join(steps), None, label)]
    return Shaped(None, turns, rest(fields, name, prompt, *judged))


def _ends(steps: Sequence[Any], name: str) -> list[int]:
    ends, at = [], 0
    for number, step in enumerate(steps):
        if not isinstance(step, str):
            message = f"{name}[{number}] must be a text, not {kind_of(step)}"
            raise RowFaultError(ProblemCode.WRONG_TYPE, message, name)
        at += len(step)
        ends.append(at)
        at += 1
    return ends


JUDGED = (
    Adapter("dialogue-preference", _is_dialogue_pair, _read_pair),
    Adapter("preference", _is_pair, _read_pair),
    Adapter("kto", _is_thumbed, _read_thumbed),
    Adapter("steps", _is_stepped, _read_stepped),
)
