"""Types of the arguments of tool calls over a dataset, which column formats want to be one a name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analyzers.flags.tool_calls import described
from analyzers.flags.turns import Turns
from registry.shapes.roles import CALLING_ROLES

_TYPES = ((bool, 1), ((int, float), 2), (str, 4), (dict, 8), (list, 16))


@dataclass(frozen=True, slots=True)
class ArgumentTypes:
    """Rows whose calls have arguments as objects, and the types of each name in them; empty by default.

    Types are or-ed bits: true or false 1, number 2, text 4, object 8, list 16; null goes with any. Names
    inside objects are `outer.inner`, items of lists `name[]`.
    """

    rows: int = 0
    types: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: ArgumentTypes) -> ArgumentTypes:
        names = dict.fromkeys((*self.types, *other.types))
        types = {name: self.types.get(name, 0) | other.types.get(name, 0) for name in names}
        return ArgumentTypes(self.rows + other.rows, types)

    def varying(self) -> list[str]:
        """The names that have values of several types, in order."""
        return sorted(name for name, bits in self.types.items() if bits & (bits - 1))


def argument_types(turns: Turns) -> ArgumentTypes:
    """The types of one batch; calls and arguments that the source has as JSON text are text to a column."""
    calls = np.flatnonzero(turns.has("tool_calls"))
    if not len(calls):
        return ArgumentTypes()
    texts, labels = turns.values("tool_calls"), turns.values("label")
    rows: set[int] = set()
    types: dict[str, int] = {}
    for place in calls.tolist():
        for arguments in () if _was_text(labels[place]) else _objects(texts[place] or ""):
            rows.add(int(turns.rows[place]))
            for name, bit in _typed(arguments):
                types[name] = types.get(name, 0) | bit
    return ArgumentTypes(len(rows), types)


def _was_text(label: str | None) -> bool:
    """Whether a turn was the text of a call in its source, whose role the label keeps then."""
    kept = json.loads(label) if label else None
    return isinstance(kept, dict) and any(
        isinstance(value, str) and value.lower() in CALLING_ROLES for value in kept.values()
    )


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The arguments of the calls in `text` that are objects."""
    try:
        listed = json.loads(text)
    except ValueError:
        return
    for call in listed if isinstance(listed, list) else [listed]:
        arguments = described(call).get("arguments") if isinstance(call, dict) else None
        if isinstance(arguments, dict):
            yield arguments


def _typed(arguments: dict[str, Any]) -> Iterator[tuple[str, int]]:
    waiting: list[tuple[str, Any]] = list(arguments.items())
    while waiting:
        name, held = waiting.pop()
        bit = next((bit for kinds, bit in _TYPES if isinstance(held, kinds)), 0)
        yield name, bit
        if isinstance(held, dict):
            waiting += [(f"{name}.{inner}", item) for inner, item in held.items()]
        elif isinstance(held, list):
            waiting += [(f"{name}[]", item) for item in held]
