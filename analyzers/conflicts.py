"""Same question, answers that disagree: within a dataset, and across datasets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from analyzers.arrow import pc
from analyzers.base import Batch, Finding, View
from analyzers.final_answers import Answer, final_answer, maybe_answered
from analyzers.intervals import wilson_interval
from analyzers.key_ranges import NO_TEXT
from analyzers.matched_text import SHOWN_CHARS, texts_of
from analyzers.signature_store import row_keys
from analyzers.text import TOKENIZER

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

KINDS = ("number", "option", "yes_no")
COLUMNS = ("turns", "prompt", "response")

K = TypeVar("K", np.int64, np.uint64, np.uint8)

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows of a stretch with one question and a final answer: 33 bytes each; `rows` counts all rows.

    `questions` are hashes of the question's words, `kinds` places in `KINDS`, `answers` hashes of answers,
    `places` the positions of the rows in the stretch.
    """

    rows: int
    places: Ints
    questions: Hashes
    kinds: npt.NDArray[np.uint8]
    answers: Hashes


class AnswerConflicts:
    """The share of rows whose question stands in another row of the dataset with another final answer.

    Questions are equal when their words are (`w1`), answers by the rules of `final_answers`; only answers of
    one kind are compared. Rows of several questions are left out. `answer_known` is the share of rows whose
    answer a rule can tell, which bounds what can be seen. The partial grows with the rows. Source: METRICS 6.
    """

    name = "conflicts"
    version = 1
    metrics = ("answer_known", "answer_conflict")
    columns = COLUMNS

    def start(self) -> tuple[Answers, ...]:
        """No rows."""
        return ()

    def measure(self, batch: Batch) -> tuple[Answers, ...]:
        """Questions and answers of one batch, as hashes."""
        return (answers_of(batch),)

    def merge(self, a: tuple[Answers, ...], b: tuple[Answers, ...]) -> tuple[Answers, ...]:
        """The rows of `a`, then those of `b`."""
        return a + b

    def finish(self, total: tuple[Answers, ...]) -> list[Finding]:
        """Both shares, with Wilson 95 % intervals."""
        rows = sum(part.rows for part in total)
        questions = _joined(np.uint64, [part.questions for part in total])
        kinds = _joined(np.uint8, [part.kinds for part in total])
        answers = _joined(np.uint64, [part.answers for part in total])
        conflicting = in_conflict(questions, kinds, answers)
        counts = {"answer_known": len(questions), "answer_conflict": int(conflicting.sum())}
        return [_share(metric, count, rows) for metric, count in counts.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """One of the answers to a question: where it stands, and what it is."""

    dataset: str
    row: int
    kind: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictExample:
    """A question with answers that disagree, one row an answer and dataset."""

    question: str
    answers: tuple[GivenAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairConflicts:
    """Questions answered in both datasets, and how many of these get answers that disagree."""

    a: str
    b: str
    questions: int
    conflicts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicts:
    """What several datasets answer differently. `known` rows have one question and an answer a rule can tell.

    `conflicts` questions get answers that disagree, in `rows_in_conflict` rows, in one dataset or several.
    """

    datasets: tuple[str, ...]
    rows: int
    known: int
    conflicts: int
    rows_in_conflict: int
    pairs: tuple[PairConflicts, ...]
    examples: tuple[ConflictExample, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


def conflicts(snapshots: Sequence[Snapshot], *, explain: int = 5) -> Conflicts:
    """Questions with final answers that disagree within or across datasets; see `AnswerConflicts`."""
    found = [_whole(snapshot) for snapshot in snapshots]
    of_set = np.repeat(np.arange(len(found)), [len(part.questions) for part in found])
    places, questions, kinds, answers = (
        np.concatenate([getattr(part, name) for part in found])
        for name in ("places", "questions", "kinds", "answers")
    )
    wrong = in_conflict(questions, kinds, answers)
    shown = _first_of_conflicts(questions[wrong])[:explain]
    return Conflicts(
        datasets=tuple(snapshot.dataset for snapshot in snapshots),
        rows=sum(part.rows for part in found),
        known=len(questions),
        conflicts=len(np.unique(questions[wrong])),
        rows_in_conflict=int(wrong.sum()),
        pairs=tuple(
            _pair(snapshots[a].dataset, found[a], snapshots[b].dataset, found[b])
            for a, b in combinations(range(len(found)), 2)
        ),
        examples=tuple(
            _example(snapshots, of_set[wrong][same], places[wrong][same], answers[wrong][same])
            for same in (questions[wrong] == question for question in shown)
        ),
    )


def answers_of(batch: Batch) -> Answers:
    """The rows of a batch that have one question and a final answer."""
    questions = row_keys(batch.words(View.PROMPT), batch.view(View.PROMPT))
    texts = batch.view(View.FINAL_ANSWER)
    chosen = maybe_answered(texts).to_numpy(zero_copy_only=False)
    chosen &= (questions != NO_TEXT) & _asked_once(batch)
    places = np.flatnonzero(chosen)
    read = [(int(place), final_answer(texts[int(place)].as_py())) for place in places]
    told = [(place, answer) for place, answer in read if answer is not None]
    kept = np.array([place for place, _ in told], np.int64)
    return Answers(
        batch.num_rows,
        kept,
        questions[kept],
        np.array([KINDS.index(answer.kind) for _, answer in told], np.uint8),
        np.array([_hash(answer) for _, answer in told], np.uint64),
    )


def in_conflict(questions: Hashes, kinds: npt.NDArray[np.uint8], answers: Hashes) -> npt.NDArray[np.bool_]:
    """Which rows have another row of the same question and kind with another answer."""
    order = np.lexsort((answers, kinds, questions))
    q, k, a = questions[order], kinds[order], answers[order]
    starts = np.ones(len(q), bool)
    starts[1:] = (q[1:] != q[:-1]) | (k[1:] != k[:-1])
    group = np.cumsum(starts) - 1
    changes = ~starts
    changes[1:] &= a[1:] != a[:-1]
    wrong = np.zeros(len(q), bool)
    wrong[order] = np.bincount(group, changes, minlength=1)[group] > 0 if len(q) else False
    return wrong


def _whole(snapshot: Snapshot) -> Answers:
    """The answers of all rows, `places` counting from the first row of the snapshot."""
    parts: list[Answers] = []
    begins = [0]
    for rows in snapshot.batches(list(COLUMNS)):
        parts.append(answers_of(Batch(rows)))
        begins.append(begins[-1] + rows.num_rows)
    moved = [part.places + begin for part, begin in zip(parts, begins, strict=False)]
    return Answers(
        begins[-1],
        _joined(np.int64, moved),
        _joined(np.uint64, [part.questions for part in parts]),
        _joined(np.uint8, [part.kinds for part in parts]),
        _joined(np.uint64, [part.answers for part in parts]),
    )


def _joined(kind: type[K], parts: Sequence[npt.NDArray[K]]) -> npt.NDArray[K]:
    return np.concatenate([np.empty(0, kind), *parts])


def _pair(name_a: str, a: Answers, name_b: str, b: Answers) -> PairConflicts:
    """Questions that both answer by one kind; in conflict where their sets of answers differ."""
    keys_a, keys_b = (_keyed(part) for part in (a, b))
    shared = keys_a.keys() & keys_b.keys()
    differing = sum(keys_a[key] != keys_b[key] for key in shared)
    return PairConflicts(a=name_a, b=name_b, questions=len(shared), conflicts=differing)


def _keyed(part: Answers) -> dict[tuple[int, int], set[int]]:
    keyed: dict[tuple[int, int], set[int]] = {}
    for question, kind, answer in zip(
        part.questions.tolist(), part.kinds.tolist(), part.answers.tolist(), strict=True
    ):
        keyed.setdefault((question, kind), set()).add(answer)
    return keyed


def _first_of_conflicts(questions: Hashes) -> Hashes:
    """Each question once, in the order of the first rows."""
    _, first = np.unique(questions, return_index=True)
    return questions[np.sort(first)]


def _example(snapshots: Sequence[Snapshot], of_set: Ints, places: Ints, answers: Hashes) -> ConflictExample:
    """One row for each dataset and answer, in order."""
    seen: dict[tuple[int, int], int] = {}
    for number, place, answer in zip(of_set.tolist(), places.tolist(), answers.tolist(), strict=True):
        seen.setdefault((number, answer), place)
    given = [_given(snapshots[number], place) for (number, _), place in seen.items()]
    (number, _), place = next(iter(seen.items()))
    (question,) = texts_of(snapshots[number], [place], View.PROMPT)
    return ConflictExample(question=question[:SHOWN_CHARS], answers=tuple(_told(given)))


def _given(snapshot: Snapshot, place: int) -> tuple[str, int, Answer | None]:
    (text,) = texts_of(snapshot, [place], View.FINAL_ANSWER)
    return snapshot.dataset, place, final_answer(text)


def _told(given: Sequence[tuple[str, int, Answer | None]]) -> Iterator[GivenAnswer]:
    for dataset, row, answer in given:
        if answer is not None:
            yield GivenAnswer(dataset=dataset, row=row, kind=answer.kind, answer=answer.text)


def _asked_once(batch: Batch) -> npt.NDArray[np.bool_]:
    turns: Any = batch.rows.column("turns")
    offsets = turns.offsets.to_numpy().astype(np.int64)
    is_user = pc.equal(turns.values.field("role"), "user").fill_null(False)
    users = np.concatenate(([0], np.cumsum(is_user.to_numpy(zero_copy_only=False))))
    once: npt.NDArray[np.bool_] = np.diff(users[offsets]) == 1
    return once


def _hash(answer: Answer) -> int:
    digest = hashlib.blake2b(f"{answer.kind}:{answer.text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _share(metric: str, count: int, rows: int) -> Finding:
    low, high = wilson_interval(count, rows) if rows else (None, None)
    return Finding(
        metric=metric,
        view=str(View.FINAL_ANSWER),
        n_used=rows,
        value=count / rows if rows else None,
        tokenizer=TOKENIZER,
        ci_low=low,
        ci_high=high,
        reason=None if rows else "no rows",
        direction="-" if metric == "answer_conflict" else "0",
    )
