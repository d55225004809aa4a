"""Flag `tool_args_json`: tool calls that no parser or runtime could carry out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span, masks_of_hits
from analyzers.flags.turns import Turns
from analyzers.views import View

CODES = ("not_json", "unknown_tool", "unmatched_id")
_TEXT = "a tool call has unreadable arguments, an undeclared tool, or its result names no call"


class ToolCalls:
    """Reads the calls of the rows that have any; parsing JSON is Python's, and such rows are few."""

    flag = Flag("tool_args_json", 1, Severity.ERROR, View.ALL, CODES, _TEXT)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`; the span is the content of the turn that calls or answers."""
        turns = rows.turns
        with_calls = np.unique(turns.rows[turns.has("tool_calls")])
        if not len(with_calls):
            return
        calls, labels = turns.values("tool_calls"), turns.values("label")
        for row in with_calls.tolist():
            declared = declared_tools(turns.other_fields(row))
            ids: set[str] = set()
            for place in range(int(turns.begins[row]), int(turns.ends[row])):
                for code, note in _faults(calls[place], labels[place], declared, ids):
                    yield _hit(turns, row, place, code, note)


def declared_tools(extra: str | None) -> frozenset[str] | None:
    """Names of the tools a row declares in `tools` or `functions`, a list or its JSON; None if unreadable.

    >>> declared_tools('{"tools": [{"type": "function", "function": {"name": "add"}}]}')
    frozenset({'add'})
    """
    fields = _parsed(extra or "")
    tools = (fields.get("tools") or fields.get("functions")) if isinstance(fields, dict) else None
    listed = _parsed(tools) if isinstance(tools, str) else tools
    if not isinstance(listed, list) or not listed:
        return None
    names = {described(tool).get("name") for tool in listed if isinstance(tool, dict)}
    return frozenset(name for name in names if isinstance(name, str)) or None


def described(tool: dict[str, Any]) -> dict[str, Any]:
    """The part of a tool or call that has its name: below `function` in OpenAI's form."""
    inner = tool.get("function")
    return inner if isinstance(inner, dict) else tool


def _faults(
    calls: str | None, label: str | None, declared: frozenset[str] | None, ids: set[str]
) -> Iterator[tuple[str, str]]:
    """Code and note of each fault of one turn; `ids` gathers the ids of the calls so far."""
    if calls is not None:
        listed = _parsed(calls)
        for call in listed if isinstance(listed, list) else [listed]:
            yield from _call_faults(call, declared)
            if isinstance(call, dict) and isinstance(call.get("id"), str):
                ids.add(call["id"])
    answered = _parsed(label or "")
    wanted = answered.get("tool_call_id") if isinstance(answered, dict) else None
    if isinstance(wanted, str) and wanted not in ids:
        yield "unmatched_id", f"no call before has id {wanted!r}"


def _call_faults(call: Any, declared: frozenset[str] | None) -> Iterator[tuple[str, str]]:
    if not isinstance(call, dict):
        yield "not_json", "the call is not a JSON object"
        return
    told = described(call)
    arguments = told.get("arguments")
    if isinstance(arguments, str):
        arguments = _parsed(arguments) if arguments.strip() else {}
    if arguments is not None and not isinstance(arguments, dict):
        yield "not_json", "the arguments are not a JSON object"
    if declared is not None and told.get("name") not in declared:
        yield "unknown_tool", f"{told.get('name')!r} is not among the {len(declared)} tools declared"


def _parsed(text: str) -> Any:
    """The JSON value of `text`, or the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _hit(turns: Turns, row: int, place: int, code: str, note: str) -> Hit:
    return Hit(row, int(turns.numbers[place]), Span(code, 0, len(turns.contents[place].as_py()), note))
