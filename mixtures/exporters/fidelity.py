"""What a trainer will really train on: rows it takes as they are, and rows it would drop, by reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mixtures.exporters.conversations import Conversation
from mixtures.writers import WrittenFile

NO_ASSISTANT = "no_assistant_turn"
UNREADABLE_CALL = "unreadable_tool_call"


class Dropped(NamedTuple):
    """Why a trainer would not train on a row."""

    reason: str


@dataclass(frozen=True, slots=True)
class RowsFile:
    """The exported rows: mixture name, file name, seed, number of rows, and whether any row offers tools."""

    mixture: str
    file: str
    seed: int
    rows: int
    has_tools: bool


@dataclass(frozen=True, slots=True)
class Trainer:
    """A trainer: the row it reads, or why it drops it, and the files that configure it.

    `read_in` names the version whose source the rules were read in; `notes` say what its user must know.
    """

    name: str
    read_in: str
    row: Callable[[Conversation], dict[str, Any] | Dropped]
    configs: Callable[[RowsFile], dict[str, str]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Rows of the mixture and rows trained on; `dropped` counts the others by reason, and they add up."""

    rows_planned: int
    rows_trained: int
    dropped: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "rows_planned": self.rows_planned,
            "rows_trained": self.rows_trained,
            "dropped": dict(sorted(self.dropped.items())),
        }


@dataclass(frozen=True, slots=True)
class Export:
    """A finished export: rows the trainer takes, its configuration, and what it will train on."""

    trainer: Trainer
    folder: Path
    files: tuple[WrittenFile, ...]
    fidelity: Fidelity

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types, with absolute paths."""
        home = self.folder.resolve()
        return {
            "trainer": self.trainer.name,
            "rules_read_in": self.trainer.read_in,
            "files": [{**file.to_json(), "path": str(home / file.path)} for file in self.files],
            "fidelity": self.fidelity.to_json(),
            "notes": list(self.trainer.notes),
        }


def named_call(call: Any) -> dict[str, Any] | None:
    """A tool call as name and arguments, from either of the two usual forms; None where it is neither.

    >>> named_call({"type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}})
    {'name': 'f', 'arguments': {'x': 1}}
    """
    inner = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
        return None
    arguments = inner.get("arguments", {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            return None
    return {"name": inner["name"], "arguments": arguments}


def openai_messages(row: Conversation) -> list[dict[str, Any]] | Dropped:
    """The row as messages with OpenAI's tool calls; arguments are JSON text, so all rows have one type."""
    messages = []
    for message in row.messages:
        plain: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.calls:
            calls = [named_call(call) for call in message.calls]
            if None in calls:
                return Dropped(UNREADABLE_CALL)
            plain["tool_calls"] = [_openai_call(call) for call in calls if call]
        messages.append(plain)
    if not any(message.role == "assistant" for message in row.messages):
        return Dropped(NO_ASSISTANT)
    return messages


def chat_row(row: Conversation) -> dict[str, Any] | Dropped:
    """`messages`, and `tools` where the row offers any."""
    messages = openai_messages(row)
    if isinstance(messages, Dropped):
        return messages
    return {"messages": messages, **({"tools": row.tools} if row.tools else {})}


def _openai_call(call: dict[str, Any]) -> dict[str, Any]:
    arguments = json.dumps(call["arguments"], ensure_ascii=False, sort_keys=True)
    return {"type": "function", "function": {"name": call["name"], "arguments": arguments}}
