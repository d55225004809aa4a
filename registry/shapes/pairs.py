"""Rows with a prompt in one field and its answer in another: alpaca, questions, problems."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from registry.errors import ProblemCode
from registry.readers.strict_json import RowFaultError
from registry.shapes.base import Fields, Shaped, Turn, field_fault, kind_of, label_text, text_of

RESPONSES = ("response", "output", "completion", "answer", "target", "chosen_response")
ANSWERS = (
    *("answer", "best answer", "best_answer", "std_answer", "gold_answer", "reference_answer"),
    *("response", "output", "completion", "solution", "target"),
)


class Keys(NamedTuple):
    """Which fields of a row play which part; `response` and the later ones are None where there is none."""

    prompt: str
    response: str | None
    context: str | None
    system: str | None
    history: str | None
    used: frozenset[str]


class TextPair:
    """A shape with one prompt field and one answer field, found by name, case ignored.

    Of several names the first that a row has counts. `context` fields are added to the prompt after a line
    feed, as trainers do; the user turn's label `input_at` says where it begins. Without `responses` rows
    are prompts only.
    """

    def __init__(
        self,
        name: str,
        prompts: tuple[str, ...],
        responses: tuple[str, ...],
        *,
        contexts: tuple[str, ...] = (),
        alone: bool = False,
    ) -> None:
        self.name = name
        self._prompts = prompts
        self._responses = responses
        self._contexts = contexts
        self._alone = alone
        self._keys = lru_cache(maxsize=64)(self._find_keys)

    def matches(self, fields: Fields) -> bool:
        """Whether the row has a prompt field, and an answer field unless prompts stand alone."""
        keys = self._keys(tuple(fields))
        if keys is None or not isinstance(fields[keys.prompt], str):
            return False
        return self._alone or (keys.response is not None and isinstance(fields[keys.response], str))

    def read(self, fields: Fields) -> Shaped:
        """One user turn (with its context) and one assistant turn, after the turns of `history`.

        Raises:
            RowFaultError: prompt or answer is missing or no text.
        """
        keys = self._keys(tuple(fields))
        if keys is None:
            raise field_fault(fields, self._prompts[0], "a text")
        turns = _history(fields, keys.history) if keys.history else []
        turns.append(_user(fields, keys))
        if not self._alone:
            turns.append(Turn("assistant", text_of(fields, keys.response or self._responses[0])))
        system = fields[keys.system] if keys.system else None
        if not isinstance(system, str | None):
            raise field_fault(fields, keys.system or "", "a text")
        extra = {name: value for name, value in fields.items() if name not in keys.used}
        if keys.context and fields[keys.context] is None:
            extra[keys.context] = None
        return Shaped(system, turns, extra)

    def _find_keys(self, names: tuple[str, ...]) -> Keys | None:
        known = {name.lower(): name for name in reversed(names)}
        prompt = _first(known, self._prompts)
        if prompt is None:
            return None
        response = None if self._alone else _first(known, self._responses)
        context, system = _first(known, self._contexts), _first(known, ("system", "system_prompt"))
        history = _first(known, ("history",)) if self._contexts else None
        parts = (prompt, response, context, system, history)
        return Keys(prompt, response, context, system, history, frozenset(part for part in parts if part))


def _first(known: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((known[name] for name in names if name in known), None)


def _user(fields: Fields, keys: Keys) -> Turn:
    prompt = text_of(fields, keys.prompt)
    context = fields[keys.context] if keys.context else None
    if not context:
        return Turn("user", prompt)
    if not isinstance(context, str):
        raise field_fault(fields, keys.context or "", "a text")
    return Turn("user", f"{prompt}\n{context}", None, label_text(input_at=len(prompt) + 1))


def _history(fields: Fields, name: str) -> list[Turn]:
    pairs: Any = fields[name] or []
    if not isinstance(pairs, list):
        raise field_fault(fields, name, "a list")
    turns = []
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
            what = kind_of(pair) if not isinstance(pair, list) else "another list"
            raise RowFaultError(
                ProblemCode.WRONG_TYPE, f"{name!r} must hold pairs of texts, not {what}", name
            )
        turns += [Turn("user", pair[0]), Turn("assistant", pair[1])]
    return turns


PAIRS = (
    TextPair("alpaca", ("instruction",), RESPONSES, contexts=("input", "context")),
    TextPair("prompt-completion", ("prompt",), ("completion", *RESPONSES, "canonical_solution", "solution")),
    TextPair("question-answer", ("question",), ANSWERS, contexts=("context",)),
    TextPair("problem-solution", ("problem", "query"), ("solution", *RESPONSES)),
    TextPair(
        "input-target",
        ("input", "inputs", "inputs_pretokenized", "source"),
        ("target", "targets", "targets_pretokenized", *RESPONSES),
    ),
)

PROMPTS_ONLY = (
    TextPair("instruction-only", ("instruction",), (), contexts=("input",), alone=True),
    TextPair("prompt-only", ("prompt",), (), alone=True),
    TextPair("question-only", ("question", "problem", "query"), (), alone=True),
)
