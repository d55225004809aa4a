"""Chats: messages, ShareGPT turns, tools, lists of texts and of question-answer pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.errors import ProblemCode
from registry.readers.strict_json import RowFaultError
from registry.shapes.base import Adapter, Fields, Shaped, Turn, kind_of, list_of, rest
from registry.shapes.roles import is_message, read_message

CHAT_FIELDS = ("messages", "conversations", "conversation", "dialogue", "dialog", "items")
TEXT_LIST_FIELDS = ("conversations", "conversation", "dialogue", "dialog", "data")
SYSTEM_FIELDS = ("system", "system_prompt")
TOOL_FIELDS = ("tools", "functions")
PAIR_KEYS = (("human", "assistant"), ("user", "assistant"), ("question", "answer"), ("prompt", "response"))


def chat_field(fields: Fields) -> str | None:
    """The field that holds messages, None where there is none."""
    for name in CHAT_FIELDS:
        value = fields.get(name)
        if isinstance(value, list) and value and is_message(value[0]):
            return name
    return None


def read_messages(messages: Sequence[Any], where: str) -> list[Turn]:
    """A turn for each message; `where` is the name of their field."""
    return [read_message(message, f"{where}[{number}]") for number, message in enumerate(messages)]


def with_system(fields: Fields, turns: list[Turn], extra: dict[str, Any], where: str) -> Shaped:
    """The row with a leading system turn, else a system field, as its system text.

    What the source says besides of a leading system turn goes to `extra` under its place in the row.
    """
    if turns and turns[0].role == "system":
        first = turns[0]
        if first.label is not None:
            extra[f"{where}[0]"] = _parsed(first.label)
        return Shaped(first.content, turns[1:], extra)
    for name in SYSTEM_FIELDS:
        if isinstance(fields.get(name), str) and name in extra:
            extra.pop(name)
            return Shaped(fields[name], turns, extra)
    return Shaped(None, turns, extra)


def read_chat(fields: Fields) -> Shaped:
    """The messages of the row.

    Raises:
        RowFaultError: no messages, or one that cannot be read.
    """
    name = chat_field(fields) or next((name for name in CHAT_FIELDS if name in fields), CHAT_FIELDS[0])
    return with_system(fields, read_messages(list_of(fields, name), name), rest(fields, name), name)


def _parsed(label: str) -> Any:
    from json import loads

    return loads(label)


def _speaks(fields: Fields, key: str) -> bool:
    name = chat_field(fields)
    return name is not None and key in fields[name][0]


def _has_tools(fields: Fields) -> bool:
    return chat_field(fields) is not None and any(fields.get(name) for name in TOOL_FIELDS)


def _text_list(fields: Fields) -> str | None:
    for name in TEXT_LIST_FIELDS:
        value = fields.get(name)
        if isinstance(value, list) and value and isinstance(value[0], str):
            return name
    return None


def _read_text_list(fields: Fields) -> Shaped:
    name = _text_list(fields) or TEXT_LIST_FIELDS[0]
    turns = []
    for number, text in enumerate(list_of(fields, name)):
        if not isinstance(text, str):
            message = f"{name}[{number}] must be a text, not {kind_of(text)}"
            raise RowFaultError(ProblemCode.WRONG_TYPE, message, name)
        turns.append(Turn("assistant" if number % 2 else "user", text))
    return with_system(fields, turns, rest(fields, name), name)


def _pair_list(fields: Fields) -> tuple[str, tuple[str, str]] | None:
    for name in CHAT_FIELDS:
        value = fields.get(name)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for keys in PAIR_KEYS:
                if value[0].keys() >= set(keys):
                    return name, keys
    return None


def _read_pair_list(fields: Fields) -> Shaped:
    name, keys = _pair_list(fields) or (CHAT_FIELDS[0], PAIR_KEYS[0])
    turns: list[Turn] = []
    extra = rest(fields, name)
    for number, pair in enumerate(list_of(fields, name)):
        where = f"{name}[{number}]"
        if not isinstance(pair, dict) or not all(isinstance(pair.get(key), str) for key in keys):
            raise RowFaultError(
                ProblemCode.WRONG_TYPE, f"{where} must have the texts {keys[0]!r} and {keys[1]!r}", where
            )
        turns += [Turn("user", pair[keys[0]]), Turn("assistant", pair[keys[1]])]
        if len(pair) > len(keys):
            extra[where] = rest(pair, *keys)
    return with_system(fields, turns, extra, name)


CHATS = (
    Adapter("tools", _has_tools, read_chat),
    Adapter("sharegpt", lambda fields: _speaks(fields, "from"), read_chat),
    Adapter("messages", lambda fields: chat_field(fields) is not None, read_chat),
    Adapter("paired-turns", lambda fields: _pair_list(fields) is not None, _read_pair_list),
    Adapter("alternating-texts", lambda fields: _text_list(fields) is not None, _read_text_list),
)
