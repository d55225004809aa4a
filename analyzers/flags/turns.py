"""The turns of a batch laid out flat, so that rules read them with compiled functions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import filled, pc

SYSTEM_TURN = -1
"""The turn number of the system text, which stands before all turns."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Some turns: their texts, the row of each, and its number in that row."""

    texts: pa.LargeStringArray
    rows: Ints
    turns: Ints


class Turns:
    """All turns of a record batch with the columns `turns` and, if any, `system` and `extra`."""

    def __init__(self, rows: pa.RecordBatch) -> None:
        self._rows = rows
        column: Any = rows.column("turns")
        offsets = column.offsets.to_numpy().astype(np.int64)
        self.begins, self.ends = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
        self._items = column.values.slice(offsets[0], offsets[-1] - offsets[0])
        self.rows: Ints = np.repeat(np.arange(len(self.begins)), self.ends - self.begins)
        self.numbers: Ints = np.arange(len(self.rows)) - self.begins[self.rows]

    @cached_property
    def roles(self) -> npt.NDArray[np.object_]:
        """The role of each turn; an empty string where there is none."""
        encoded = pc.dictionary_encode(pc.fill_null(self._items.field("role"), ""))
        names = np.array(encoded.dictionary.to_pylist(), dtype=object)
        chosen: npt.NDArray[np.object_] = names[encoded.indices.to_numpy()]
        return chosen

    @cached_property
    def contents(self) -> pa.LargeStringArray:
        """The content of each turn, never null."""
        return filled(self._items.field("content"))

    @cached_property
    def by_assistant(self) -> Spoken:
        """Every assistant turn."""
        return self._chosen(np.flatnonzero(self.roles == "assistant"))

    @cached_property
    def by_user(self) -> Spoken:
        """Every user turn."""
        return self._chosen(np.flatnonzero(self.roles == "user"))

    @cached_property
    def last_by_assistant(self) -> Spoken:
        """The last assistant turn of each row that has one."""
        spoken = self.by_assistant
        return _kept(spoken, np.append(spoken.rows[1:] != spoken.rows[:-1], True)[: len(spoken.rows)])

    @cached_property
    def openings_by_user(self) -> Spoken:
        """The first user turn of each row that has one, and every later one that is blank."""
        spoken = self.by_user
        is_first = np.append(True, spoken.rows[1:] != spoken.rows[:-1])[: len(spoken.rows)]
        blank = pc.equal(pc.utf8_trim_whitespace(spoken.texts), "").to_numpy(zero_copy_only=False)
        return _kept(spoken, is_first | blank)

    @cached_property
    def everything(self) -> Spoken:
        """Every turn, and before them the system texts."""
        if "system" not in self._rows.schema.names:
            return Spoken(self.contents, self.rows, self.numbers)
        system = self._rows.column("system")
        present = np.flatnonzero(system.is_valid().to_numpy(zero_copy_only=False))
        texts = filled(pc.take(system, present))
        return Spoken(
            pa.concat_arrays([texts, self.contents]),
            np.concatenate((present, self.rows)),
            np.concatenate((np.full(len(present), SYSTEM_TURN), self.numbers)),
        )

    def text(self, row: int, number: int) -> str:
        """The content of turn `number` of a row; SYSTEM_TURN gives the system text."""
        if number == SYSTEM_TURN:
            return self.system_text(row)
        return str(self.contents[int(self.begins[row]) + number].as_py())

    def system_text(self, row: int) -> str:
        """The system text of a row, empty where it has none."""
        if "system" not in self._rows.schema.names:
            return ""
        return self._rows.column("system")[row].as_py() or ""

    def field(self, name: str) -> pa.Array[Any] | None:
        """A nullable field of each turn (`tool_calls` or `label`); None where rows have no such field."""
        if self._items.type.get_field_index(name) < 0:
            return None
        values: pa.Array[Any] = self._items.field(name)
        return values

    def has(self, name: str) -> npt.NDArray[np.bool_]:
        """Which turns have a value in a nullable field."""
        values = self.field(name)
        if values is None:
            return np.zeros(len(self.rows), bool)
        valid: npt.NDArray[np.bool_] = values.is_valid().to_numpy(zero_copy_only=False)
        return valid

    def values(self, name: str) -> list[str | None]:
        """A nullable field of each turn as strings."""
        values = self.field(name)
        return [None] * len(self.rows) if values is None else values.to_pylist()

    def other_fields(self, row: int) -> str | None:
        """The JSON of the other fields of one row, None where the batch does not carry them."""
        if "extra" not in self._rows.schema.names:
            return None
        value: str | None = self._rows.column("extra")[row].as_py()
        return value

    def _chosen(self, places: Ints) -> Spoken:
        texts: pa.LargeStringArray = pc.take(self.contents, places)
        return Spoken(texts, self.rows[places], self.numbers[places])


def _kept(spoken: Spoken, keep: npt.NDArray[np.bool_]) -> Spoken:
    texts: pa.LargeStringArray = spoken.texts.filter(pa.array(keep))
    return Spoken(texts, spoken.rows[keep], spoken.turns[keep])
