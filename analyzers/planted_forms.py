"""The forms in which an item of a benchmark gets into training rows, made from the item for measuring."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

_LINE_WORDS = 8
_OPTION = re.compile(r"^(\s*(?:\(?[A-Ja-j1-9][).:]|[-*•])\s+)(\S.*)$", re.MULTILINE)
_NUMBER = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_LEAST_OPTIONS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is planted: what is asked and what is answered."""

    prompt: str
    response: str


Form = Callable[[str, str], Row | None]


def verbatim(question: str, answer: str) -> Row:
    """Question and answer as they are."""
    return Row(question, answer)


def own_paragraph(question: str, answer: str) -> Row:
    """The question as one paragraph among others."""
    return Row(f"{_BEFORE}\n\n{question}\n\n{_AFTER}", answer)


def hard_wrapped(question: str, answer: str) -> Row:
    """Question and answer in lines of eight words."""
    return Row(_wrapped(question), _wrapped(answer))


def embedded(question: str, answer: str) -> Row:  # noqa: ARG001 - forms have one signature
    """The question in the middle of an answer about something else, its own answer left out."""
    return Row(_TOPIC, f"{_BEFORE} {_SPACE.sub(' ', question).strip()} {_AFTER}")


def options_shuffled(question: str, answer: str) -> Row | None:
    """The options of a multiple-choice question under each other's letters; None without three options."""
    options = list(_OPTION.finditer(question))
    texts = [option[2] for option in options]
    if len(options) < _LEAST_OPTIONS or len(set(texts)) < len(texts):
        return None
    parts, at = [], 0
    for option, text in zip(options, [*texts[1:], texts[0]], strict=True):
        parts += [question[at : option.start()], option[1], text]
        at = option.end()
    return Row("".join([*parts, question[at:]]), answer)


def numbers_changed(question: str, answer: str) -> Row | None:
    """Every number another of as many digits; None where the question has none."""
    if not _NUMBER.search(question):
        return None
    return Row(_NUMBER.sub(_other_number, question), _NUMBER.sub(_other_number, answer))


def new_answer(question: str, answer: str) -> Row:  # noqa: ARG001
    """The question with an answer of our own."""
    return Row(question, _REPLY)


def new_question(question: str, answer: str) -> Row | None:  # noqa: ARG001
    """The answer under a question of our own; None without an answer."""
    return Row(_TOPIC, answer) if answer.strip() else None


def nothing(question: str, answer: str) -> Row:  # noqa: ARG001
    """Our own text alone: whatever is found here is found by mistake."""
    return Row(_TOPIC, f"{_BEFORE} {_REPLY} {_AFTER}")


FORMS: MappingProxyType[str, Form] = MappingProxyType(
    {
        form.__name__: form
        for form in (
            verbatim,
            own_paragraph,
            hard_wrapped,
            embedded,
            options_shuffled,
            numbers_changed,
            new_answer,
            new_question,
            nothing,
        )
    }
)
"""Name and maker of each form, in the order they are shown; None where an item has no such form."""

NOT_PLANTED = MappingProxyType(
    {
        "paraphrase": "no rule here sees other words for the same thing; writing some takes a model",
        "translation": "no rule here sees another language; writing one takes a model",
    }
)
"""Forms that cannot be made from the item by rule, each with what that means."""


def _wrapped(text: str) -> str:
    words = text.split()
    return "\n".join(" ".join(words[at : at + _LINE_WORDS]) for at in range(0, len(words), _LINE_WORDS))


def _other_number(match: re.Match[str]) -> str:
    digits = [str((int(digit) + 3) % 10) for digit in match[0]]
    if len(digits) > 1 and digits[0] == "0":
        digits[0] = "4"
    return "".join(digits)


# Written for this purpose; no benchmark holds these sentences.
_TOPIC = "Tell me how the little harbour office keeps its tide book, please."
_BEFORE = (
    "The clerk of our harbour office copies the tide book by hand every quarter, because the old machine eats"
    " paper and nobody dares to open its lid again. While the ink dries she reads aloud whatever lies on the"
    " neighbouring desk, and last spring it sounded like this:"
)
_AFTER = (
    "Then the kettle whistled, the gulls outside started their usual quarrel over a crust, and the page with"
    " the neap tides had to be blotted twice before anyone could put it back onto the shelf by the stove."
)
_REPLY = (
    "I would rather not hurry this one, so here is only a sketch from the quay: look at it again after"
    " supper, ask the pilot who lodges upstairs, and keep whatever survives both the soup and his opinion."
)
