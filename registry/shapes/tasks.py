"""Tasks: natural-instructions, seed tasks, benchmark questions, tables without a header."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.errors import ProblemCode
from registry.readers.strict_json import RowFaultError
from registry.shapes.base import (
    Adapter,
    Fields,
    Shaped,
    Turn,
    field_fault,
    is_list_of_objects,
    kind_of,
    label_text,
    list_of,
    rest,
    text_of,
)


def asked(instruction: str, context: str) -> Turn:
    """A user turn of an instruction and its input, which begins at the label's `input_at`."""
    if not context:
        return Turn("user", instruction)
    return Turn("user", f"{instruction}\n{context}", None, label_text(input_at=len(instruction) + 1))


def _is_natural(fields: Fields) -> bool:
    return "Definition" in fields and isinstance(fields.get("input"), str) and "output" in fields


def _read_natural(fields: Fields) -> Shaped:
    definition = fields.get("Definition")
    lines: list[Any] = definition if isinstance(definition, list) else [definition]
    if not lines or not all(isinstance(line, str) for line in lines):
        raise field_fault(fields, "Definition", "a text or a list of texts")
    output = fields.get("output")
    outputs: list[Any] = output if isinstance(output, list) else [output]
    if not outputs or not all(isinstance(text, str) for text in outputs):
        raise field_fault(fields, "output", "a text or a list of texts")
    extra = rest(fields, "Definition", "input", "output")
    if len(outputs) > 1:
        extra["output"] = outputs
    turns = [asked("\n".join(lines), text_of(fields, "input")), Turn("assistant", outputs[0])]
    return Shaped(None, turns, extra)


def _is_seed(fields: Fields) -> bool:
    if not (isinstance(fields.get("instruction"), str) and is_list_of_objects(fields.get("instances"))):
        return False
    return isinstance(fields["instances"][0].get("output"), str)


def _read_seed(fields: Fields) -> Shaped:
    instances = list_of(fields, "instances")
    first = instances[0]
    if not isinstance(first, Mapping):
        raise field_fault(fields, "instances", "a list of objects")
    context = first.get("input") or ""
    if not isinstance(context, str):
        raise field_fault(first, "input", "a text")
    turns = [asked(text_of(fields, "instruction"), context), Turn("assistant", text_of(first, "output"))]
    extra = rest(fields, "instruction", "instances")
    if others := rest(first, "input", "output"):
        extra["instances[0]"] = others
    if len(instances) > 1:
        extra["instances[1:]"] = instances[1:]
    return Shaped(None, turns, extra)


def _is_question_turns(fields: Fields) -> bool:
    turns = fields.get("turns")
    return isinstance(turns, list) and bool(turns) and _question(turns[0]) is not None


def _question(turn: Any) -> str | None:
    if isinstance(turn, Mapping):
        turn = turn.get("content") if "role" not in turn else None
    return turn if isinstance(turn, str) else None


def _read_question_turns(fields: Fields) -> Shaped:
    extra = rest(fields, "turns")
    turns = []
    for number, turn in enumerate(list_of(fields, "turns")):
        content = _question(turn)
        if content is None:
            message = (
                f"turns[{number}] must be a text or an object with a text 'content', not {kind_of(turn)}"
            )
            raise RowFaultError(ProblemCode.WRONG_TYPE, message, "turns")
        turns.append(Turn("user", content))
        if isinstance(turn, Mapping) and len(turn) > 1:
            extra[f"turns[{number}]"] = rest(turn, "content")
    return Shaped(None, turns, extra)


def _is_choices(fields: Fields) -> bool:
    choices = fields.get("choices")
    return (
        isinstance(choices, list)
        and is_list_of_objects(choices)
        and isinstance(choices[0].get("turns"), list)
    )


def _read_choices(fields: Fields) -> Shaped:
    choices = list_of(fields, "choices")
    first = choices[0]
    if not isinstance(first, Mapping):
        raise field_fault(fields, "choices", "a list of objects")
    texts = list_of(first, "turns")
    if not all(isinstance(text, str) for text in texts):
        raise field_fault(first, "turns", "a list of texts")
    extra = rest(fields, "choices")
    if others := rest(first, "turns"):
        extra["choices[0]"] = others
    if len(choices) > 1:
        extra["choices[1:]"] = choices[1:]
    return Shaped(None, [Turn("assistant", text) for text in texts], extra)


def _is_unnamed(fields: Fields) -> bool:
    return tuple(fields) in {("column_1", "column_2"), ("column_1", "column_2", "column_3")}


def _read_unnamed(fields: Fields) -> Shaped:
    """Prompt and answer; with a third column of reasoning, the reply is that and then the answer."""
    answer = text_of(fields, "column_2")
    if "column_3" not in fields:
        return Shaped(None, [Turn("user", text_of(fields, "column_1")), Turn("assistant", answer)], {})
    reasoning = text_of(fields, "column_3")
    reply = Turn("assistant", f"{reasoning}\n{answer}", None, label_text(answer_at=len(reasoning) + 1))
    return Shaped(None, [Turn("user", text_of(fields, "column_1")), reply], {})


TASKS = (
    Adapter("natural-instructions", _is_natural, _read_natural),
    Adapter("seed-tasks", _is_seed, _read_seed),
    Adapter("question-turns", _is_question_turns, _read_question_turns),
    Adapter("reference-answers", _is_choices, _read_choices),
    Adapter("unnamed-columns", _is_unnamed, _read_unnamed),
)
