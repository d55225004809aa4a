"""torchtune: one `chat_dataset` in OpenAI style."""

from __future__ import annotations

from typing import Any

import yaml

from mixtures.exporters.conversations import Conversation
from mixtures.exporters.fidelity import Dropped, RowsFile, Trainer, chat_row

TOO_FEW = "fewer_than_two_messages"
LATE_SYSTEM = "system_turn_not_first"
TWO_USERS = "two_user_turns_in_a_row"
ASSISTANT_FIRST = "assistant_before_user"
LONE_TOOL = "tool_turn_not_after_a_call"


def _row(row: Conversation) -> dict[str, Any] | Dropped:
    """The row, or the rule of `validate_messages` it breaks: torchtune stops at such a row."""
    fault = _fault(row)
    if fault is not None:
        return Dropped(fault)
    return chat_row(row)


def _fault(row: Conversation) -> str | None:
    if len(row.messages) < 2:
        return TOO_FEW
    before = None
    for place, message in enumerate(row.messages):
        if message.role == "system" and place:
            return LATE_SYSTEM
        if message.role == "user" and before is not None and before.role == "user":
            return TWO_USERS
        if message.role == "assistant" and (before is None or before.role == "system"):
            return ASSISTANT_FIRST
        if message.role == "tool" and (before is None or not (before.calls or before.role == "tool")):
            return LONE_TOOL
        before = message
    return None


def _configs(rows: RowsFile) -> dict[str, str]:
    config = {
        "dataset": {
            "_component_": "torchtune.datasets.chat_dataset",
            "source": "json",
            "data_files": rows.file,
            "split": "train",
            "conversation_column": "messages",
            "conversation_style": "openai",
            "train_on_input": False,
        },
        "seed": rows.seed,
        "shuffle": True,
    }
    return {"torchtune.yaml": yaml.safe_dump(config, sort_keys=False)}


TORCHTUNE = Trainer(
    name="torchtune",
    read_in="torchtune 0.7.0 (bd2a0fc7c)",
    row=_row,
    configs=_configs,
    notes=("run in this folder: data_files is relative to the working folder",),
)
