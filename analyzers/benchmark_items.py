"""The questions or the answers of a benchmark as the index reads them: word counts, n-grams, whole texts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from analyzers.key_ranges import NO_TEXT
from analyzers.near_rows import OPENING_WORDS, Doorway
from analyzers.short_items import ShortTexts
from analyzers.signature_store import row_keys
from analyzers.text import GRAM_BASE, Grams, Hashes, Ints, Words, mix64, ngrams, words
from analyzers.views import View, view_texts

if TYPE_CHECKING:
    from registry.snapshot import Snapshot


class Field(ABC):
    """One text of every item: its question, or its answer.

    `counts` are words of each, `keys` hashes of whole texts (0 for none), as in `signature_store.row_keys`.
    """

    counts: Ints
    keys: Hashes

    @abstractmethod
    def grams(self, n: int) -> Grams:
        """The word `n`-grams of each item that has so many words, in order."""

    @abstractmethod
    def wholes(self, items: Ints) -> Hashes:
        """All words of each of the items as one n-gram; items have fewer than 13 words, and one at least."""

    @abstractmethod
    def word_hashes(self, item: int) -> Hashes:
        """Hashes of the words of one item, in order."""

    @abstractmethod
    def spelt(self, n: int, place: int) -> str:
        """The n-gram at `place` of all those of `grams(n)`, in words."""

    @abstractmethod
    def spelt_whole(self, item: int) -> str:
        """All words of one item."""

    @cached_property
    def doorway(self) -> Doorway:
        """Where the rows that share five words with a text of this field are found."""
        return Doorway(self.grams(OPENING_WORDS))

    @cached_property
    def short_texts(self) -> ShortTexts:
        """Where the rows that could be one of the texts of fewer words are found."""
        short = {
            length: np.flatnonzero((self.counts == length) & (self.keys != NO_TEXT))
            for length in range(OPENING_WORDS)
        }
        return ShortTexts({length: self.wholes(items) for length, items in short.items() if len(items)})


class TextField(Field):
    """A field whose texts are at hand."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._column: pa.LargeStringArray = pa.array(texts, pa.large_string())
        self._tokens: Words = words(self._column)
        self._grams: dict[int, Grams] = {}
        self.counts: Ints = self._tokens.counts
        self.keys: Hashes = row_keys(self._tokens, self._column)

    def grams(self, n: int) -> Grams:
        """See `Field.grams`."""
        if n not in self._grams:
            self._grams[n] = ngrams(self._tokens, n)
        return self._grams[n]

    def wholes(self, items: Ints) -> Hashes:
        """See `Field.wholes`."""
        begins, counts = self._tokens.offsets[items], self.counts[items]
        hashes = np.zeros(len(items), np.uint64)
        for place in range(int(counts.max(initial=0))):
            more = np.flatnonzero(counts > place)
            hashes[more] = hashes[more] * np.uint64(GRAM_BASE) + self._tokens.hashes[begins[more] + place]
        return mix64(hashes)

    def word_hashes(self, item: int) -> Hashes:
        """See `Field.word_hashes`."""
        return self._tokens.hashes[self._tokens.offsets[item] : self._tokens.offsets[item + 1]]

    def spelt(self, n: int, place: int) -> str:
        """See `Field.spelt`."""
        offsets = self.grams(n).offsets
        item = int(np.searchsorted(offsets, place, side="right")) - 1
        first = place - int(offsets[item])
        return self._spelt(item, first, first + n)

    def spelt_whole(self, item: int) -> str:
        """See `Field.spelt_whole`."""
        return self._spelt(item, 0, int(self.counts[item]))

    def _spelt(self, item: int, first: int, end: int) -> str:
        """Some words of one item; they are cut again, so that the others are never spelt."""
        tokens = words(self._column.slice(item, 1))
        return " ".join(tokens.text(word) for word in range(first, end))


class Items:
    """A benchmark taken apart: questions, answers, and both as one text (for what spans the border).

    `both` is made when first asked for; None where only hashes are at hand.
    """

    def __init__(
        self, questions: Field, answers: Field, texts: tuple[Sequence[str], Sequence[str]] | None = None
    ) -> None:
        self.questions = questions
        self.answers = answers
        self._texts = texts

    def __len__(self) -> int:
        return len(self.questions.counts)

    @classmethod
    def of_texts(cls, questions: Sequence[str], answers: Sequence[str]) -> Items:
        """Items whose texts are at hand."""
        return cls(TextField(questions), TextField(answers), (questions, answers))

    @cached_property
    def both(self) -> Field | None:
        """Each question followed by its answer."""
        if self._texts is None:
            return None
        return TextField([f"{question}\n{answer}" for question, answer in zip(*self._texts, strict=True)])


def item_texts(benchmark: Snapshot) -> tuple[list[str], list[str]]:
    """Questions and answers of all items, in order."""
    batches = list(benchmark.batches(["prompt", "response"]))
    questions, answers = (
        [str(text) for batch in batches for text in view_texts(batch, view).to_pylist()]
        for view in (View.PROMPT, View.RESPONSE)
    )
    return questions, answers
