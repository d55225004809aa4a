"""Texts two datasets share, counted one to one, without what tells nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzers.kinships import kinships
from analyzers.row_labels import labellings
from registry.kinship import Kinship, relations
from registry.snapshot import Snapshot
from registry.sources import path_source

SnapshotOf = Callable[..., Snapshot]

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def telling(number: int) -> str:
    """A text of ten words unlike that of any other number."""
    return " ".join(f"{NUMBERS[int(digit)]}{place}" for place, digit in enumerate(f"{number:010}"))


def shared(found: Kinship, view: str) -> tuple[int, int, int, int]:
    one = next(item for item in found.views if item.view == view)
    return one.telling_a, one.telling_b, one.found, one.exact


rows = st.lists(st.integers(0, 12), max_size=14)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=rows, second=rows)
def test_equal_texts_are_counted_as_sets_are(
    snapshot_of: SnapshotOf, tmp_path: Path, first: list[int], second: list[int]
) -> None:
    a, b = (
        snapshot_of([(telling(n * 1_111_111_111), "") for n in own], name)
        for own, name in ((first, "a"), (second, "b"))
    )

    (found,) = kinships([a, b], folder=tmp_path, threshold=1.0)

    both = len(set(first) & set(second))
    assert shared(found, "prompt") == (len(set(first)), len(set(second)), both, both)


def test_near_texts_count_one_to_one(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    long = " ".join(telling(n) for n in (1234567890, 2345678901, 3456789012))
    a = snapshot_of([(long, "")], "a")
    b = snapshot_of([(f"{long} {word}", "") for word in ("red", "green", "blue")], "b")

    (found,) = kinships([a, b], folder=tmp_path)

    assert shared(found, "prompt") == (1, 3, 1, 0)


def test_trivial_texts_tell_nothing(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    a, b = (snapshot_of([("Hello, how are you today?", "I am fine.")], name) for name in "ab")

    (found,) = kinships([a, b], folder=tmp_path)

    assert shared(found, "prompt") == (0, 0, 0, 0)


def test_boilerplate_of_one_dataset_tells_nothing(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    a = snapshot_of([(telling(7), telling(n * 37)) for n in range(21)], "a")
    b = snapshot_of([(telling(7), "")], "b")

    (found,) = kinships([a, b], folder=tmp_path)

    assert shared(found, "prompt") == (0, 0, 0, 0)


def test_what_most_datasets_hold_tells_nothing(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    sets = [snapshot_of([(telling(7), ""), (telling(8), "")][: 2 - n % 2], f"d{n}") for n in range(6)]

    found = {(k.a, k.b): shared(k, "prompt") for k in kinships(sets, folder=tmp_path)}

    assert found["d0", "d2"] == (1, 1, 1, 1)
    assert found["d0", "d1"] == (1, 0, 0, 0)


def written(folder: Path, files: dict[str, list[dict[str, str]]]) -> Path:
    folder.mkdir()
    for name, own in files.items():
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in own), encoding="utf-8")
    return folder


def read(folder: Path, home: Path) -> Snapshot:
    from registry.limits import Limits
    from registry.reading import read_source

    return read_source(path_source(folder.name, [folder]), home=home, limits=Limits())


def question(number: int, **more: str) -> dict[str, str]:
    return {
        "instruction": telling(number * 104_729),
        "input": "",
        "output": telling(number * 7_919 + 5),
        **more,
    }


@pytest.mark.parametrize("by", ["field", "file", "another file", "nothing"])
def test_rows_that_name_their_origin_turn_the_arrow(by: str, tmp_path: Path) -> None:
    part, rest = range(40), range(40, 100)
    if by in ("file", "another file"):
        name = "quiz_train.jsonl" if by == "file" else "creak_train.jsonl"
        files = {name: [question(n) for n in part], "misc.jsonl": [question(n) for n in rest]}
    elif by == "field":
        files = {
            "train.jsonl": [question(n, source="quiz" if n in part else "misc") for n in (*rest, *part)],
        }
    else:
        files = {"train.jsonl": [question(n) for n in part], "test.jsonl": [question(n) for n in rest]}
    suite = read(written(tmp_path / "suite", files), tmp_path / "home")
    quiz = read(written(tmp_path / "quiz", {"a.jsonl": [question(n) for n in part]}), tmp_path / "home")

    (found,) = relations(kinships([suite, quiz], folder=tmp_path / "signatures"))

    if by in ("nothing", "another file"):
        assert (found.child, found.parent, found.direction) == ("quiz", "suite", "containment")
    else:
        assert (found.child, found.parent, found.direction) == ("suite", "quiz", "part")
        assert found.part is not None
        assert (found.part.texts, found.part.found) == (40, 40)


def test_files_called_after_splits_name_no_origin(tmp_path: Path) -> None:
    files = {f"{name}-00000.jsonl": [question(n)] for n, name in enumerate(("train", "test", "validation"))}

    assert labellings(read(written(tmp_path / "splits", files), tmp_path / "home")) == []


SETS: dict[str, tuple[str, int | None]] = {
    "stanford-alpaca": ("*", 8_000),
    "alpagasus": ("claude_t45*", 700),
    "gpteacher-codegen": ("*", 1_500),
    "codealpaca-new": ("*", 1_500),
    "gsm8k": ("*", None),
    "gsm8k-socratic": ("*", None),
    "gsm8k-alpaca-format": ("*", None),
    "flan-cot": ("[cg]*", None),
    "alpaca-cot": ("c*", None),
    "alpaca-eval": ("*", None),
    "vicuna-bench": ("*", None),
    "koala-test": ("*", None),
    "self-instruct-user-oriented": ("*", None),
    "humaneval": ("*", None),
    "truthfulqa": ("*", None),
    "math-500": ("*", None),
    "mt-bench": ("question*", None),
    "gpteacher-roleplay": ("*", 1_000),
    "llms-from-scratch": ("instruction-data.json*", None),
}
"""The files and the first rows of each set: the related ones, and some that share nothing with them."""


@pytest.mark.real
def test_descent_of_real_sets_is_found_from_rows_alone(real_data: Path, tmp_path: Path) -> None:
    from registry.limits import Limits
    from registry.reading import read_source

    snapshots = [
        read_source(
            path_source(name, sorted((real_data / name).glob(pattern))),
            home=tmp_path / "snapshots",
            limits=Limits(),
            limit=limit,
            keep_good=True,
        )
        for name, (pattern, limit) in SETS.items()
    ]

    found = relations(kinships(snapshots, folder=tmp_path / "signatures"))

    assert {(r.child, r.parent) for r in found if r.is_directed and r.is_shown} == {
        ("alpagasus", "stanford-alpaca"),
        ("gsm8k-socratic", "gsm8k"),
        ("gsm8k-alpaca-format", "gsm8k"),
        ("flan-cot", "gsm8k"),
        ("alpaca-cot", "flan-cot"),
        ("alpaca-eval", "vicuna-bench"),
        ("alpaca-eval", "koala-test"),
        ("alpaca-eval", "self-instruct-user-oriented"),
    }
    assert [{r.child, r.parent} for r in found if not r.is_directed] == [
        {"gpteacher-codegen", "codealpaca-new"}
    ]
    assert [(r.child, r.parent, r.explained_by) for r in found if not r.is_shown] == [
        ("flan-cot", "gsm8k-alpaca-format", "gsm8k")
    ]
    assert next(r for r in found if r.child == "alpagasus").exact == 1.0
