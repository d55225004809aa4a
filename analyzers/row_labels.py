"""What rows say of where they come from: the file they stand in, and fields such as `source`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

ORIGIN_FIELDS = (
    *("source", "dataset", "data_source", "source_dataset", "dataset_name", "origin", "from_dataset"),
    *("original_dataset", "task_source", "data_origin"),
)
"""Fields whose value names another collection, by their names in lower case."""

_FILE = "file"
_SHORTEST_NAME = 4
_MOST_VALUES = 500
_MOST_CHARS = 120
_SPLIT_WORDS = frozenset(
    {
        *("train", "test", "valid", "validation", "dev", "eval"),
        *("data", "dataset", "part", "split", "en", "all"),
    }
)


@dataclass(frozen=True, slots=True)
class Labelling:
    """One label a row: `codes` point into `values`, by position in the snapshot; -1 where a row has none."""

    field: str
    values: tuple[str, ...]
    codes: npt.NDArray[np.int64]

    @property
    def is_file(self) -> bool:
        """Whether the label is the name of a file, which says less than a field made to say it."""
        return self.field == _FILE


def labellings(snapshot: Snapshot) -> list[Labelling]:
    """The ways in which the rows of `snapshot` name their origin; only those with at least two names.

    The file counts where files are called after something else than splits (`train`, `test`) and numbers;
    a field counts where it is one of `ORIGIN_FIELDS` and holds at most 500 different short texts.
    """
    return [found for found in (*_fields(snapshot), _files(snapshot)) if found and len(found.values) > 1]


def names_origin(label: str, name: str) -> bool:
    """Whether the name of a file is that of a dataset: a word in common, or one inside the other.

    >>> names_origin("gsm8k_train.tsv.gz", "gsm8k"), names_origin("creak_train.tsv", "alpaca-cot")
    (True, False)
    """
    words, other = _name_words(label), _name_words(name)
    whole, other_whole = "".join(words), "".join(other)
    if min(len(whole), len(other_whole)) < _SHORTEST_NAME:
        return False
    shared = {word for word in words if len(word) >= _SHORTEST_NAME}.intersection(other)
    return bool(shared) or whole in other_whole or other_whole in whole


def row_values(snapshot: Snapshot, names: frozenset[str]) -> Iterator[tuple[int, str, Any]]:
    """(position, field, value) of each field of a row called one of `names`, in any case."""
    position = 0
    for batch in snapshot.batches(["extra"]):
        for text in batch.column("extra").to_pylist():
            extra = str(text)
            # Most rows hold no such field; reading JSON only where the name stands keeps this cheap.
            lowered = extra.lower()
            if any(f'"{name}"' in lowered for name in names):
                for field, value in json.loads(extra).items():
                    if field.lower() in names:
                        yield position, field, value
            position += 1


def _fields(snapshot: Snapshot) -> Iterator[Labelling]:
    found: dict[str, dict[int, str]] = {}
    for position, field, value in row_values(snapshot, frozenset(ORIGIN_FIELDS)):
        if isinstance(value, str) and 0 < len(value) <= _MOST_CHARS and _name(value):
            found.setdefault(field, {})[position] = value
    for field in sorted(found):
        yield _labelling(field, found[field], snapshot.rows_kept)


def _files(snapshot: Snapshot) -> Labelling | None:
    files = snapshot.source.files
    if len(files) < 2:
        return None
    names = [_name(PurePosixPath(file.name).name) for file in files]
    if not all(names):
        return None
    begins = np.array([file.first_row for file in files])
    rows = np.concatenate([batch.column("row").to_numpy() for batch in snapshot.batches(["row"])])
    places = np.searchsorted(begins, rows, side="right") - 1
    labels = {position: files[place].name for position, place in enumerate(places.tolist())}
    return _labelling(_FILE, labels, snapshot.rows_kept)


def _labelling(field: str, labels: dict[int, str], rows: int) -> Labelling:
    values = tuple(sorted(set(labels.values())))
    if len(values) > _MOST_VALUES:
        return Labelling(field, (), np.empty(0, np.int64))
    code_of = {value: code for code, value in enumerate(values)}
    codes = np.full(rows, -1, np.int64)
    for position, value in labels.items():
        codes[position] = code_of[value]
    return Labelling(field, values, codes)


def _name(text: str) -> str:
    """What is left of a label without endings, numbers and the names of splits."""
    return " ".join(word for word in _name_words(text) if not word.isdigit())


def _name_words(text: str) -> list[str]:
    stem = re.sub(r"\.(jsonl?|csv|tsv|parquet|gz|txt)\b", "", text.lower())
    return [word for word in re.split(r"[\W_]+", stem) if word and word not in _SPLIT_WORDS]
