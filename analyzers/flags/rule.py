"""What a row flag is, and the two ways to write its rule.

A rule answers `hits`: which rows it flags, under which code, and where it saw it. Masks are made of the same
hits, so a row is flagged exactly when there is evidence to show. Rules stay fast because a compiled test over
the whole column (RE2 or numpy) names the few texts that could be hit, and only those reach Python's `re`,
which unlike RE2 has lookarounds and tells where a match lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.base import Batch
from analyzers.flags.turns import Spoken, Turns
from analyzers.views import View

MAX_SPANS = 5
"""Places shown for one code of one text; more would not say more."""

Mask = npt.NDArray[np.bool_]


class Severity(StrEnum):
    """`error`: the row cannot be used as it is; `warn`: look at it; `info`: descriptive only."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Flag:
    """One defect a row can have.

    `codes` are its kinds; a flag of one kind has none. `view` is the text it is about. `version` rises
    whenever the same rows would be flagged otherwise. `masked`: excerpts show the shape, never the value.
    """

    id: str
    version: int
    severity: Severity
    view: View
    codes: tuple[str, ...]
    text: str
    masked: bool = False


class Span(NamedTuple):
    """Characters `start:end` of one text that show `code` (empty for a flag without codes)."""

    code: str
    start: int
    end: int
    note: str = ""


class Hit(NamedTuple):
    """A span with its place: row of the batch and turn in it.

    `turn` counts the row's turns from 0; SYSTEM_TURN means the system text, None that `start` and `end`
    are positions in the flag's view of the row.
    """

    row: int
    turn: int | None
    span: Span


class Rule(Protocol):
    """A flag with the code that finds it."""

    @property
    def flag(self) -> Flag:
        """What is found."""
        ...

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """For each code the rows that have it; the key is empty for a flag without codes."""
        ...

    def hits(self, rows: RowTexts) -> Iterable[Hit]:
        """The evidence; at least one hit for each row and code of the masks, and none besides."""
        ...


class RowTexts:
    """A batch and its turns taken apart once, as every rule reads them."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.turns = Turns(batch.rows)

    @property
    def num_rows(self) -> int:
        """Rows of the batch."""
        return self.batch.num_rows


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule that reads one text at a time.

    `spoken` chooses the texts, `candidates` is the compiled test (it may let through too many texts,
    never too few), `find` decides and shows where.
    """

    flag: Flag
    spoken: Callable[[Turns], Spoken]
    candidates: Callable[[pa.LargeStringArray], Mask]
    find: Callable[[str], Iterable[Span]]

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        spoken = self.spoken(rows.turns)
        places = np.flatnonzero(self.candidates(spoken.texts))
        texts: list[str] = pc.take(spoken.texts, places).to_pylist()
        for place, text in zip(places.tolist(), texts, strict=True):
            for span in self.find(text):
                yield Hit(int(spoken.rows[place]), int(spoken.turns[place]), span)


def masks_of_hits(flag: Flag, hits: Iterable[Hit], n_rows: int) -> dict[str, Mask]:
    """For each code of `flag` which of `n_rows` rows were hit."""
    masks = {code: np.zeros(n_rows, bool) for code in flag.codes or ("",)}
    for hit in hits:
        masks[hit.span.code][hit.row] = True
    return masks


def matching(pattern: str) -> Callable[[pa.LargeStringArray], Mask]:
    """A compiled test: which texts hold a match of the RE2 expression."""

    def test(texts: pa.LargeStringArray) -> Mask:
        mask: Mask = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
        return mask

    return test


def spans(code: str, matches: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """The first few matches as spans of `code`."""
    return (Span(code, start, end) for start, end in islice(matches, MAX_SPANS))
