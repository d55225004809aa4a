"""The rows of a finished mixture as conversations, whatever shape they were written in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from registry.errors import IntegrityError

_FROM_SHAREGPT = {"human": "user", "gpt": "assistant", "observation": "tool", "system": "system"}
_BLOCK_ROWS = 4_096


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: role (system, user, assistant or tool), text, and the calls it makes."""

    role: str
    content: str
    calls: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """One row: its messages, system first where there is one, and the tools it offers as JSON text."""

    messages: tuple[Message, ...]
    tools: str | None = None

    def roles(self) -> list[str]:
        """The roles in order, without a leading system turn."""
        roles = [message.role for message in self.messages]
        return roles[1:] if roles and roles[0] == "system" else roles


def conversations(folder: Path, lock: Mapping[str, Any]) -> Iterator[Conversation]:
    """The rows of the mixture that `lock` speaks of, in order; JSON Lines where there are both formats.

    Raises:
        IntegrityError: the lock lists no file of rows.
    """
    names = {output["path"] for output in lock["outputs"]}
    reads = _READERS[lock["recipe"].get("output", {}).get("shape", "messages")]
    if "train.jsonl" in names:
        with (folder / "train.jsonl").open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield reads(json.loads(line))
    elif "train.parquet" in names:
        with pq.ParquetFile(folder / "train.parquet") as file:
            for block in file.iter_batches(batch_size=_BLOCK_ROWS):
                for row in block.to_pylist():
                    yield reads(row)
    else:
        raise IntegrityError("the lock lists neither train.jsonl nor train.parquet")


def _read_messages(row: Mapping[str, Any]) -> Conversation:
    messages = (
        Message(turn["role"], turn["content"], _calls(turn.get("tool_calls"))) for turn in row["messages"]
    )
    return Conversation(tuple(messages), row.get("tools"))


def _read_sharegpt(row: Mapping[str, Any]) -> Conversation:
    messages = [
        Message("assistant", "", _calls(turn["value"]))
        if turn["from"] == "function_call"
        else Message(_FROM_SHAREGPT[turn["from"]], turn["value"])
        for turn in row["conversations"]
    ]
    return Conversation(tuple(messages), row.get("tools"))


def _read_alpaca(row: Mapping[str, Any]) -> Conversation:
    prompt = f"{row['instruction']}\n{row['input']}" if row["input"] else row["instruction"]
    return Conversation((Message("user", prompt), Message("assistant", row["output"])))


def _read_completion(row: Mapping[str, Any]) -> Conversation:
    return Conversation((Message("user", row["prompt"]), Message("assistant", row["completion"])))


def _calls(value: Any) -> tuple[Any, ...]:
    if not value:
        return ()
    calls = json.loads(value) if isinstance(value, str) else value
    return tuple(calls) if isinstance(calls, list) else (calls,)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Conversation]] = {
    "messages": _read_messages,
    "sharegpt": _read_sharegpt,
    "alpaca": _read_alpaca,
    "prompt-completion": _read_completion,
}
