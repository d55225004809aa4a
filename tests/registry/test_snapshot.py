from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import registry.snapshot_writer as writing
from registry.errors import IntegrityError
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import MANIFEST_FILE, SNAPSHOT_SCHEMA, Snapshot, load_snapshot
from registry.sources import path_source


def snapshot_of(folder: Path, count: int, *, home: str = "home") -> Snapshot:
    rows = [{"instruction": f"q{at}", "output": f"a{at}", "at": at} for at in range(count)]
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_source(path_source("mine", [path]), home=folder / home, limits=Limits())


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    monkeypatch.setattr(writing, "ROW_GROUP_ROWS", 16)
    return snapshot_of(tmp_path, 100)


def test_batches_have_the_schema_and_the_order_of_the_source(snapshot: Snapshot) -> None:
    batches = list(snapshot.batches(size=30))

    assert batches[0].schema.equals(SNAPSHOT_SCHEMA)
    assert [row for batch in batches for row in batch["row"].to_pylist()] == list(range(100))
    assert batches[0]["prompt"][3].as_py() == "q3"
    assert json.loads(batches[0]["extra"][3].as_py()) == {"at": 3}


def test_take_gives_rows_in_the_order_asked_even_twice(snapshot: Snapshot) -> None:
    assert pq.ParquetFile(snapshot.rows_path).metadata.num_row_groups == 7
    assert snapshot.take([99, 0, 17, 17], ["row"])["row"].to_pylist() == [99, 0, 17, 17]
    assert snapshot.take([]).num_rows == 0


@pytest.mark.parametrize("place", [-1, 100])
def test_a_position_outside_is_refused(snapshot: Snapshot, place: int) -> None:
    with pytest.raises(IndexError, match="from 0 to 99"):
        snapshot.take([place])


def test_row_hashes_are_those_of_the_column(snapshot: Snapshot) -> None:
    stored = pa.Table.from_batches(snapshot.batches(["row_hash"]))["row_hash"].to_pylist()

    assert [row.tobytes() for row in snapshot.row_hashes()] == stored
    assert len(set(stored)) == 100


def test_loading_gives_back_what_was_written(snapshot: Snapshot) -> None:
    assert load_snapshot(snapshot.folder) == snapshot


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = snapshot_of(tmp_path, 50, home="a"), snapshot_of(tmp_path, 50, home="b")

    assert replace(first, folder=second.folder) == second
    for name in ("rows.parquet", MANIFEST_FILE):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_rows_that_were_cut_or_changed_are_not_trusted(snapshot: Snapshot) -> None:
    content = bytearray(snapshot.rows_path.read_bytes())
    content[60] ^= 1
    snapshot.rows_path.write_bytes(content)
    with pytest.raises(IntegrityError, match="SHA-256"):
        snapshot.verify()

    snapshot.rows_path.write_bytes(content[:-1])
    with pytest.raises(IntegrityError, match="bytes, not"):
        next(snapshot.batches())

    snapshot.rows_path.unlink()
    with pytest.raises(IntegrityError, match="gone"):
        snapshot.take([0])


def test_no_manifest_no_snapshot(snapshot: Snapshot) -> None:
    (snapshot.folder / MANIFEST_FILE).unlink()

    with pytest.raises(IntegrityError, match="no readable snapshot"):
        load_snapshot(snapshot.folder)


def test_a_manifest_of_another_format_is_refused(snapshot: Snapshot) -> None:
    path = snapshot.folder / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))

    with pytest.raises(IntegrityError, match="another format version"):
        load_snapshot(snapshot.folder)


def test_nothing_of_the_machine_is_in_the_manifest(snapshot: Snapshot, tmp_path: Path) -> None:
    assert str(tmp_path) not in (snapshot.folder / MANIFEST_FILE).read_text()


def test_texts_past_the_block_size_end_a_row_group_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "BLOCK_CHARS", 10)

    snapshot = snapshot_of(tmp_path, 40)

    assert pq.ParquetFile(snapshot.rows_path).metadata.num_row_groups > 2
    assert snapshot.take([39, 1], ["row"])["row"].to_pylist() == [39, 1]


def test_datasets_gets_messages_with_the_system_text_first(tmp_path: Path) -> None:
    talk = [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "Q"},
        {"role": "assistant", "content": ""},
    ]
    path = tmp_path / "talk.jsonl"
    path.write_text(json.dumps({"messages": talk, "id": 7}) + "\n")
    snapshot = read_source(path_source("talk", [path]), home=tmp_path / "home", limits=Limits())

    found = snapshot.to_dataset()

    assert found[0]["messages"] == [{**message, "tool_calls": None} for message in talk]
    assert found.column_names == ["messages", "row", "extra"]
    assert snapshot.to_dataset()[0] == found[0]
