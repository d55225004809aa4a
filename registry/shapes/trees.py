"""Conversations that branch, tables of single messages, and chats kept turn by turn in one object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from registry.errors import ProblemCode
from registry.readers.strict_json import RowFaultError, exact_text
from registry.shapes.base import Adapter, Fields, Shaped, Turn, field_fault, rest, text_of
from registry.shapes.roles import normal_role

NODE_LABELS = ("message_id", "rank")
NO_COMMAND = "None"
TURN_NAME = re.compile(r"turn_(\d+)")
MOSS_MARKS = re.compile(r"<\|[^|<>]+\|>: ?(.*?)(?:<eo[a-z]>\n?)?", re.DOTALL)


def is_node(value: Any) -> bool:
    """Whether `value` is a message with its replies inside."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("text"), str)
        and isinstance(value.get("replies"), list)
    )


def best_path(root: Mapping[str, Any], where: str) -> list[Turn]:
    """The turns from `root` down, at each step the reply with the lowest rank (unranked last, then the
    first).

    Raises:
        RowFaultError: a node on the path has no text or no known role.
    """
    turns: list[Turn] = []
    node: Any = root
    while node is not None:
        if not isinstance(node, Mapping):
            raise RowFaultError(ProblemCode.WRONG_TYPE, f"a reply at turn {len(turns)} is no object", where)
        turns.append(_node_turn(node, f"{where} turn {len(turns)}"))
        node = min(node.get("replies") or (), key=_rank, default=None)
    return turns


def _rank(reply: Any) -> float:
    rank = reply.get("rank") if isinstance(reply, Mapping) else None
    return rank if isinstance(rank, (int, float)) else float("inf")


def _node_turn(node: Mapping[str, Any], where: str) -> Turn:
    source_role = text_of(node, "role")
    role = normal_role(source_role, where)
    label = {} if role == source_role else {"role": source_role}
    label.update({name: node[name] for name in NODE_LABELS if node.get(name) is not None})
    return Turn(role, text_of(node, "text"), None, exact_text(label) if label else None)


def _read_tree(fields: Fields) -> Shaped:
    root = fields.get("prompt")
    if not isinstance(root, Mapping):
        raise field_fault(fields, "prompt", "an object with its replies")
    return Shaped(None, best_path(root, "prompt"), dict(fields))


def _read_rooted(fields: Fields) -> Shaped:
    return Shaped(None, best_path(fields, "replies"), rest(fields, "text", "role"))


def _is_single(fields: Fields) -> bool:
    if not isinstance(fields.get("text"), str) or not isinstance(fields.get("role"), str):
        return False
    return "message_id" in fields or "parent_id" in fields


def _read_single(fields: Fields) -> Shaped:
    role = text_of(fields, "role")
    normal = normal_role(role, "role")
    label = None if normal == role else exact_text({"role": role})
    return Shaped(None, [Turn(normal, text_of(fields, "text"), None, label)], rest(fields, "text", "role"))


def _is_moss(fields: Fields) -> bool:
    chat = fields.get("chat")
    return isinstance(chat, Mapping) and isinstance(chat.get("turn_1"), Mapping) and "Human" in chat["turn_1"]


def _read_moss(fields: Fields) -> Shaped:
    chat = fields.get("chat")
    if not isinstance(chat, Mapping) or not chat or not all(TURN_NAME.fullmatch(name) for name in chat):
        raise field_fault(fields, "chat", "an object of turn_1, turn_2 and so on")
    turns: list[Turn] = []
    for name in sorted(chat, key=lambda name: int(name.removeprefix("turn_"))):
        turns += _moss_turns(chat, name)
    system = fields.get("meta_instruction")
    used = ("chat", "meta_instruction") if isinstance(system, str) else ("chat",)
    return Shaped(system if isinstance(system, str) else None, turns, rest(fields, *used))


def _moss_turns(chat: Mapping[str, Any], name: str) -> list[Turn]:
    turn = chat[name]
    if not isinstance(turn, Mapping):
        raise field_fault(chat, name, "an object")
    asks, says = Turn("user", bare(text_of(turn, "Human"))), bare(text_of(turn, "MOSS"))
    more = {key: value for key, value in turn.items() if key not in {"Human", "MOSS"}}
    command = more.get("Commands")
    if not isinstance(command, str) or bare(command).strip() == NO_COMMAND:
        return [asks, Turn("assistant", says, None, exact_text(more) if more else None)]
    result = more.pop("Tool Responses", "")
    if not isinstance(result, str):
        raise field_fault(turn, "Tool Responses", "a text")
    call = Turn("assistant", "", exact_text([bare(command)]), exact_text(more))
    return [asks, call, Turn("tool", bare(result)), Turn("assistant", says)]


def bare(text: str) -> str:
    r"""`text` without the speaker's mark before it and the end mark after it.

    >>> bare("<|Human|>: How far is it?<eoh>\n")
    'How far is it?'
    """
    found = MOSS_MARKS.fullmatch(text)
    return found.group(1) if found else text


BRANCHED = (
    Adapter("conversation-tree", lambda fields: is_node(fields.get("prompt")), _read_tree),
    Adapter("message-tree", is_node, _read_rooted),
    Adapter("message-table", _is_single, _read_single),
    Adapter("turn-objects", _is_moss, _read_moss),
)
