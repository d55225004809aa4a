"""Flag `process_labels`: answers judged step by step whose labels do not fit their steps (PRM data)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span, masks_of_hits
from analyzers.flags.turn_labels import labels_with
from analyzers.views import View

CODES = ("count", "index", "value", "empty_step", "right_after_wrong")
LABEL_LISTS = ("labels", "step_labels", "ratings")
_TEXT = "the labels of the steps do not fit the steps"
_WORDS = frozenset({"+", "-", "good", "bad", "neutral", "correct", "incorrect", "right", "wrong"})
_NEGATIVE = frozenset({"-", "bad", "incorrect", "wrong"})


class ProcessLabels:
    """Reads the labels that the shape `steps` keeps at the answer, with where each step ends."""

    flag = Flag("process_labels", 1, Severity.WARN, View.RESPONSE, CODES, _TEXT)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        turns = rows.turns
        for place, label in labels_with(turns, "step_ends"):
            row, number = int(turns.rows[place]), int(turns.numbers[place])
            for span in find(turns.text(row, number), label):
                yield Hit(row, number, span)


def find(text: str, label: Mapping[str, Any]) -> Iterator[Span]:
    """What is wrong with the labels of an answer whose steps end at `step_ends`, each kind once.

    `count`: not as many labels as steps. `index`: `mistake_index` is no step (null: no mistake). `value`: a
    label that is no boolean, no number from -1 to 1, and no word for right or wrong. `empty_step`: a step
    that says nothing. `right_after_wrong`: after the first wrong step a later one is called right, which
    some sets mean and others rule out.
    """
    steps = _steps(text, label["step_ends"])
    for name in LABEL_LISTS:
        labels = label.get(name)
        if isinstance(labels, list):
            yield from _list_faults(labels, steps, len(text))
    if "mistake_index" in label and not _is_step(label["mistake_index"], len(steps)):
        shown = f"mistake_index {label['mistake_index']!r} of {len(steps)} steps"
        yield Span("index", 0, len(text), shown[:120])
    empty = next((span for span in steps if not text[slice(*span)].strip()), None)
    if empty is not None:
        yield Span("empty_step", *empty)


def _list_faults(labels: Sequence[Any], steps: Sequence[tuple[int, int]], length: int) -> Iterator[Span]:
    if len(labels) != len(steps):
        yield Span("count", 0, length, f"{len(labels)} labels, {len(steps)} steps")
    odd = next((label for label in labels if not _is_value(label)), None)
    if odd is not None:
        yield Span("value", 0, length, f"label {odd!r}"[:120])
        return
    first = next((n for n, label in enumerate(labels) if _is_wrong(label)), len(labels))
    later = next((n for n in range(first + 1, len(labels)) if _is_right(labels[n])), None)
    if later is not None and later < len(steps):
        yield Span("right_after_wrong", *steps[later], f"step {later} after wrong step {first}")


def _steps(text: str, ends: Sequence[int]) -> list[tuple[int, int]]:
    """Where each step begins and ends; a line feed stands between two."""
    begins = [0, *(end + 1 for end in ends[:-1])]
    return [(min(begin, len(text)), min(end, len(text))) for begin, end in zip(begins, ends, strict=True)]


def _is_step(index: Any, steps: int) -> bool:
    return index is None or (isinstance(index, int) and not isinstance(index, bool) and 0 <= index < steps)


def _is_value(label: Any) -> bool:
    if label is None or isinstance(label, bool):
        return True
    if isinstance(label, int | float):
        return -1 <= label <= 1
    return isinstance(label, str) and label.strip().lower() in _WORDS


def _is_wrong(label: Any) -> bool:
    if isinstance(label, str):
        return label.strip().lower() in _NEGATIVE
    return label is False or (isinstance(label, int | float) and not isinstance(label, bool) and label < 0)


def _is_right(label: Any) -> bool:
    if isinstance(label, str):
        return not _is_wrong(label) and label.strip().lower() != "neutral"
    return label is True or (isinstance(label, int | float) and not isinstance(label, bool) and label > 0)
