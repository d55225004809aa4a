"""Rows in the snapshot's columns for the tests of the flags."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from analyzers.base import Batch
from analyzers.hygiene import explain, flag_codes
from registry.snapshot import SNAPSHOT_SCHEMA

Said = tuple[str, str] | dict[str, Any]


def conversations(*rows: list[Said], system: str | None = None, extra: str = "{}") -> pa.RecordBatch:
    """A batch of conversations, each a list of (role, content) or whole turns."""
    turns = [[_turn(said) for said in row] for row in rows]
    return pa.RecordBatch.from_pylist(
        [
            {
                "row": place,
                "row_hash": bytes(32),
                "system": system,
                "turns": row,
                "prompt": "\n".join(turn["content"] for turn in row if turn["role"] == "user"),
                "response": "\n".join(turn["content"] for turn in row if turn["role"] == "assistant"),
                "extra": extra,
            }
            for place, row in enumerate(turns)
        ],
        schema=SNAPSHOT_SCHEMA,
    )


def answers(*texts: str, prompt: str = "Tell me something about that, please.") -> pa.RecordBatch:
    """A batch of one-turn rows with these answers."""
    return conversations(*([("user", prompt), ("assistant", text)] for text in texts))


def codes_of(rows: pa.RecordBatch, flag: str) -> list[set[str]]:
    """The codes of `flag` that each row has; {""} for a flag without codes. Says so when evidence differs."""
    found: list[set[str]] = [set() for _ in range(rows.num_rows)]
    for row, evidence in enumerate(explain(rows)):
        found[row] = {each.code for each in evidence if each.flag == flag}
    for (name, code), mask in flag_codes(Batch(rows)).items():
        if name == flag:
            assert [code in codes for codes in found] == mask.tolist(), (flag, code)
    return found


def _turn(said: Said) -> dict[str, Any]:
    turn = {"role": said[0], "content": said[1]} if isinstance(said, tuple) else said
    return {"tool_calls": None, "label": None, **turn}
