from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import row_features as rf
from analyzers.base import Batch
from analyzers.hygiene import FLAGS
from analyzers.row_lengths import LENGTHS, stored_lengths
from analyzers.text import word_list
from registry.snapshot import SNAPSHOT_SCHEMA, TURN_TYPE, Snapshot

TEXT = st.text(
    st.one_of(st.sampled_from("a1 .`$=\n\t'é日😀"), st.characters(exclude_categories=["Cs"])), max_size=30
)
TURNS = st.lists(st.tuples(st.sampled_from(["user", "assistant", "tool"]), TEXT), max_size=4)


def rows_of(conversations: list[list[tuple[str, str]]]) -> pa.RecordBatch:
    def joined(turns: list[tuple[str, str]], role: str) -> str:
        return "\n".join(text for who, text in turns if who == role)

    columns = {
        "row": list(range(len(conversations))),
        "row_hash": [bytes([n % 256]) * 32 for n in range(len(conversations))],
        "system": [None] * len(conversations),
        "turns": pa.array(
            [[{"role": role, "content": text} for role, text in turns] for turns in conversations],
            pa.list_(TURN_TYPE),
        ),
        "prompt": [joined(turns, "user") for turns in conversations],
        "response": [joined(turns, "assistant") for turns in conversations],
        "extra": ["{}"] * len(conversations),
    }
    return pa.RecordBatch.from_pydict(columns, schema=SNAPSHOT_SCHEMA)


def test_the_numbers_of_a_row_by_hand() -> None:
    chat = [
        ("user", "Write at least 3 words, don't dally."),
        ("assistant", "```x = 1```1 + 1 = 2"),
        ("user", "And in German?"),
        ("assistant", ""),
    ]

    row = rf.feature_batch(Batch(rows_of([chat, []]))).to_pylist()

    assert row[0]["prompt_chars"] == len("Write at least 3 words, don't dally.\nAnd in German?")
    assert (row[0]["prompt_words"], row[0]["response_words"]) == (10, 5)
    assert (row[0]["turns"], row[0]["user_turns"]) == (4, 2)
    assert row[0]["response_chars"] == 21
    assert row[0]["code_share"] == pytest.approx(11 / 21)
    assert row[0]["math_share"] == pytest.approx(9 / 21)
    assert row[0]["constraints"] == 4
    assert row[1]["response_chars"] == row[1]["turns"] == row[1]["code_share"] == 0
    assert row[1]["language"] == "und"


@settings(max_examples=25, deadline=None)
@given(st.lists(TURNS, max_size=6), st.integers(0, 6))
def test_a_row_has_the_same_features_in_any_batch(
    conversations: list[list[tuple[str, str]]], cut: int
) -> None:
    rows = rows_of(conversations)

    whole = rf.feature_batch(Batch(rows))

    parts = [rf.feature_batch(Batch(part)) for part in (rows.slice(0, cut), rows.slice(cut))]
    assert pa.Table.from_batches(parts).to_pylist() == whole.to_pylist()
    assert whole.column("response_words").to_pylist() == [
        len(word_list(text)) for text in rows["response"].to_pylist()
    ]
    assert whole.column("prompt_chars").to_pylist() == [len(text) for text in rows["prompt"].to_pylist()]


def test_features_are_stored_once_and_read_afterwards(
    snapshot_of: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = snapshot_of([(f"Question {n}?", f"Answer {n}.") for n in range(7)])  # type: ignore[operator]
    seen: list[tuple[int, int | None, str]] = []

    table = rf.row_features(snapshot, tmp_path / "features", progress=lambda *step: seen.append(step))

    assert seen == [(7, 7, "features")]
    assert table.schema.remove_metadata() == rf.SCHEMA
    assert table.column("row").to_pylist() == list(range(7))
    assert [path.name for path in (tmp_path / "features").iterdir()] == [
        f"{snapshot.id}-v{rf.VERSION}.parquet"
    ]
    monkeypatch.delattr(rf, "_compute")
    assert rf.row_features(snapshot, tmp_path / "features").equals(table)


@pytest.mark.parametrize("spoilt", ["other rules", "cut file", "fewer rows"])
def test_stale_or_broken_features_are_made_anew(snapshot_of: object, tmp_path: Path, spoilt: str) -> None:
    snapshot: Snapshot = snapshot_of([("Q?", "A."), ("R?", "B.")])  # type: ignore[operator]
    table = rf.row_features(snapshot, tmp_path)
    path = rf.stored_features(snapshot, tmp_path)
    if spoilt == "other rules":
        pq.write_table(table.replace_schema_metadata({"made_by": "{}"}), path)
    elif spoilt == "cut file":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        pq.write_table(table.slice(1), path)

    assert not rf.has_features(snapshot, tmp_path)
    assert rf.row_features(snapshot, tmp_path).equals(table)


def test_a_stop_in_the_middle_leaves_shards_for_the_next_run_and_no_file(
    snapshot_of: object, tmp_path: Path
) -> None:
    snapshot = snapshot_of([("Q?", "A.")])  # type: ignore[operator]

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rf.row_features(snapshot, tmp_path / "features", progress=stop)

    (left,) = (tmp_path / "features").iterdir()
    assert left.name.startswith(".")
    assert not rf.has_features(snapshot, tmp_path / "features")
    rf.row_features(snapshot, tmp_path / "features")
    assert not left.exists()


def test_the_file_says_by_which_rules_it_was_made(snapshot_of: object, tmp_path: Path) -> None:
    path = rf.stored_features(snapshot_of([("Q?", "A.")]), tmp_path)  # type: ignore[operator]

    made_by = json.loads(pq.read_schema(path).metadata[b"made_by"])

    assert made_by["tokens"] == "o200k_base"
    assert [flag for flag, _ in made_by["flags"]] == [flag.id for flag in FLAGS]


def test_more_turns_than_a_short_integer_holds_are_capped() -> None:
    rows = rows_of([[("user", "")] * 40_000])

    features = rf.feature_batch(Batch(rows))

    assert features.column("turns").to_pylist() == [np.iinfo(np.int16).max]


def test_lengths_alone_are_those_of_all_features(snapshot_of: object, tmp_path: Path) -> None:
    snapshot = snapshot_of([("Add 1 and 2.", "3"), ("", ""), ("Name a sea.", "The Red Sea")])  # type: ignore[operator]

    lengths = stored_lengths(snapshot, tmp_path)
    alone = pq.read_table(lengths)
    whole = rf.row_features(snapshot, tmp_path)

    assert alone.replace_schema_metadata(None).equals(whole.select(LENGTHS).replace_schema_metadata(None))
    assert stored_lengths(snapshot, tmp_path) == lengths != rf.stored_features(snapshot, tmp_path)


def test_lengths_are_read_of_all_features_where_only_these_are_stored(
    snapshot_of: object, tmp_path: Path
) -> None:
    snapshot = snapshot_of([("Add 1 and 2.", "3")])  # type: ignore[operator]
    features = rf.stored_features(snapshot, tmp_path)

    assert stored_lengths(snapshot, tmp_path) == features
