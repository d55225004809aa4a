"""LLaMA-Factory: a `dataset_info.json` with one data set in ShareGPT form."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import yaml

from mixtures.exporters.conversations import Conversation, Message
from mixtures.exporters.fidelity import NO_ASSISTANT, UNREADABLE_CALL, Dropped, RowsFile, Trainer, named_call

ROLE_ORDER = "role_order"
UNEVEN = "last_turn_is_not_assistant"
SPOKEN_CALL = "text_beside_tool_calls"
LATE_SYSTEM = "system_turn_not_first"


def _row(row: Conversation) -> dict[str, Any] | Dropped:
    """The row as its converter reads it, or why the converter would skip it with no more than a log line.

    After an optional system turn, turns at odd places must be user or tool, at even places assistant, and
    their number even (`SharegptDatasetConverter`).
    """
    roles = row.roles()
    for reason, is_broken in (
        (NO_ASSISTANT, "assistant" not in roles),
        (LATE_SYSTEM, "system" in roles),
        (ROLE_ORDER, not _alternates(roles)),
        (UNEVEN, len(roles) % 2 == 1),
        (SPOKEN_CALL, any(message.calls and message.content for message in row.messages)),
    ):
        if is_broken:
            return Dropped(reason)
    messages = [_message(message) for message in row.messages]
    if None in messages:
        return Dropped(UNREADABLE_CALL)
    return {"messages": messages, **({"tools": row.tools} if row.tools else {})}


def _alternates(roles: Sequence[str]) -> bool:
    return all(
        (role == "assistant") if place % 2 else (role in ("user", "tool")) for place, role in enumerate(roles)
    )


def _message(message: Message) -> dict[str, str] | None:
    if not message.calls:
        return {"role": message.role, "content": message.content}
    calls = [named_call(call) for call in message.calls]
    if None in calls:
        return None
    text = json.dumps(calls[0] if len(calls) == 1 else calls, ensure_ascii=False, sort_keys=True)
    return {"role": "function_call", "content": text}


def _configs(rows: RowsFile) -> dict[str, str]:
    info = {
        rows.mixture: {
            "file_name": rows.file,
            "formatting": "sharegpt",
            "columns": {"messages": "messages", **({"tools": "tools"} if rows.has_tools else {})},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
                "observation_tag": "tool",
                "function_tag": "function_call",
                "system_tag": "system",
            },
        }
    }
    run = {"stage": "sft", "dataset": rows.mixture, "dataset_dir": ".", "seed": rows.seed}
    return {
        "dataset_info.json": json.dumps(info, indent=2, ensure_ascii=False) + "\n",
        "llama_factory.yaml": yaml.safe_dump(run, sort_keys=False),
    }


LLAMA_FACTORY = Trainer(
    name="llama-factory",
    read_in="LLaMA-Factory ff6d4d12e, classic engine",
    row=_row,
    configs=_configs,
    notes=(
        "dataset_dir is this folder; set it to its full path when you train from elsewhere",
        "every column and tag is written out: what is left out is read as null, not as its default",
        "rows over cutoff_len are cut when training; max_samples takes a prefix, so leave it out",
    ),
)
