from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import resource
import shutil
import socket
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from registry.errors import DiskError, InputRefusedError, NetworkError, NotMeasuredError, UnknownDatasetError
from registry.fetch import fetch
from registry.readers.strict_json import canonical
from registry.settings import Settings
from registry.snapshot import Snapshot, open_snapshot

SHAPES = Path(__file__).parents[1] / "data" / "shapes"


class Entry:
    def __init__(self, name: str, hf_id: str | None) -> None:
        self.id = name
        self.hf_id = hf_id


class Index:
    """A registry that remembers snapshots in memory and knows two ids."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.added: list[Snapshot] = []
        self._entries = {"mine": Entry("mine", None), "theirs": Entry("theirs", "someone/theirs")}

    def declared(self, name: str) -> Entry:
        if name not in self._entries:
            raise UnknownDatasetError(name, self._entries)
        return self._entries[name]

    def add_snapshot(self, snapshot: Snapshot) -> None:
        self.added.append(snapshot)

    def latest_snapshot(self, dataset: str) -> Snapshot | None:
        return next((found for found in reversed(self.added) if found.dataset == dataset), None)


@pytest.fixture
def index(home: Path) -> Index:
    return Index(home)


def lines(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)
    )
    return path


GOOD = {"instruction": "Q", "output": "A"}


def test_a_path_is_fetched_and_registered_under_its_name(index: Index, tmp_path: Path) -> None:
    snapshot = fetch(index, str(lines(tmp_path / "my.jsonl", GOOD, {**GOOD, "id": 2})))

    assert index.added == [snapshot]
    assert (snapshot.dataset, snapshot.shape, snapshot.rows_kept, snapshot.source.kind) == (
        "my.jsonl",
        "alpaca",
        2,
        "file",
    )
    assert snapshot.folder == index.settings.snapshots / snapshot.id


def test_an_id_takes_its_rows_from_the_given_files(index: Index, tmp_path: Path) -> None:
    files = [
        lines(tmp_path / "b.jsonl", GOOD),
        lines(tmp_path / "a.jsonl", {"prompt": "Q", "completion": "A"}),
    ]

    snapshot = fetch(index, "mine", source=files)

    assert (snapshot.dataset, snapshot.shape) == ("mine", "mixed:alpaca+prompt-completion")
    assert [(file.name, file.first_row, file.rows_read) for file in snapshot.source.files] == [
        ("b.jsonl", 0, 1),
        ("a.jsonl", 1, 1),
    ]


def test_the_row_hash_is_of_all_source_fields_in_canonical_json(index: Index, tmp_path: Path) -> None:
    row = {"output": "é", "instruction": "Q", "score": 1.5, "tags": [None, True]}

    snapshot = fetch(index, str(lines(tmp_path / "my.jsonl", row)))

    assert snapshot.row_hashes()[0].tobytes() == hashlib.sha256(canonical(row)).digest()


def test_fetching_again_changes_nothing(index: Index, tmp_path: Path) -> None:
    path = str(lines(tmp_path / "my.jsonl", GOOD))
    first = fetch(index, path)
    before = {file: file.stat().st_mtime_ns for file in first.folder.iterdir()}

    assert fetch(index, path) == first
    assert {file: file.stat().st_mtime_ns for file in first.folder.iterdir()} == before


def test_a_damaged_snapshot_is_written_anew(index: Index, tmp_path: Path) -> None:
    path = str(lines(tmp_path / "my.jsonl", GOOD))
    first = fetch(index, path)
    (first.folder / "manifest.json").unlink()

    assert fetch(index, path) == first
    assert first.take([0])["prompt"].to_pylist() == ["Q"]


def test_rows_cut_short_in_the_store_are_written_anew(index: Index, tmp_path: Path) -> None:
    path = str(lines(tmp_path / "my.jsonl", GOOD))
    first = fetch(index, path)
    first.rows_path.write_bytes(b"")

    assert fetch(index, path).take([0])["prompt"].to_pylist() == ["Q"]


def test_one_bad_row_refuses_all_and_registers_nothing(index: Index, tmp_path: Path) -> None:
    path = lines(
        tmp_path / "my.jsonl", GOOD, b'{"instruction": "Q"', {"instruction": "Q"}, GOOD, {**GOOD, "output": 3}
    )

    with pytest.raises(InputRefusedError, match="3 of 5 rows are bad") as caught:
        fetch(index, str(path))

    assert [(p.code, p.file, p.line, p.field) for p in caught.value.problems] == [
        ("syntax", "my.jsonl", 2, None),
        ("missing_field", "my.jsonl", 3, "response"),
        ("wrong_type", "my.jsonl", 5, "output"),
    ]
    assert index.added == []
    assert list(index.settings.snapshots.iterdir()) == []


def test_good_rows_can_be_kept_and_bad_ones_are_set_aside_raw(index: Index, tmp_path: Path) -> None:
    path = lines(
        tmp_path / "my.jsonl",
        b"",
        GOOD,
        b'{"instruction": "\xff"}',
        {"instruction": None, "output": ""},
        GOOD,
    )

    snapshot = fetch(index, str(path), keep_good=True)

    assert (snapshot.rows_read, snapshot.rows_kept, snapshot.rows_bad, snapshot.blank_lines) == (4, 2, 2, 1)
    assert [row for batch in snapshot.batches(["row"]) for row in batch["row"].to_pylist()] == [0, 3]
    aside = [json.loads(line) for line in (snapshot.folder / "bad.jsonl").read_text().splitlines()]
    assert [(row["line"], row["code"]) for row in aside] == [(3, "encoding"), (4, "null_field")]
    assert aside[1]["sha256"] == hashlib.sha256(aside[1]["raw"].encode()).hexdigest()
    assert "raw_base64" in aside[0]
    assert "\ufffd" not in json.dumps(snapshot.to_json()["errors"][1])


def test_only_the_first_hundred_problems_are_held(index: Index, tmp_path: Path) -> None:
    path = lines(tmp_path / "my.jsonl", GOOD, *[b"{"] * 300)

    with pytest.raises(InputRefusedError, match=r"300 of 301 rows are bad \(syntax 300\)") as caught:
        fetch(index, str(path))

    assert len(caught.value.problems) == 100


def test_half_a_surrogate_pair_makes_the_row_bad(index: Index, tmp_path: Path) -> None:
    path = lines(tmp_path / "my.jsonl", GOOD, b'{"instruction": "\\ud800", "output": ""}')

    with pytest.raises(InputRefusedError, match="surrogate"):
        fetch(index, str(path))


def test_a_limit_reads_the_first_rows_only(index: Index, tmp_path: Path) -> None:
    path = str(lines(tmp_path / "my.jsonl", *[{**GOOD, "at": at} for at in range(50)]))

    assert fetch(index, path, limit=7).rows_read == 7
    assert fetch(index, path, limit=7).id != fetch(index, path).id
    with pytest.raises(ValueError, match="at least 1"):
        fetch(index, path, limit=0)


def test_a_text_over_its_limit_makes_the_row_bad(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTRUCTORY_LIMIT_TEXT_BYTES", "100")
    path = lines(tmp_path / "my.jsonl", GOOD, {"instruction": "Q", "output": "é" * 51})

    assert [p.code for p in fetch(index, str(path), keep_good=True).problems] == ["too_big"]


def test_too_many_fields_refuse_the_file(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTRUCTORY_LIMIT_FIELDS", "20")
    path = lines(tmp_path / "my.jsonl", *[{**GOOD, f"f{at}": 1} for at in range(30)])

    with pytest.raises(InputRefusedError, match="INSTRUCTORY_LIMIT_FIELDS"):
        fetch(index, str(path), keep_good=True)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"[]", b'{"examples": []}'])
def test_no_rows_is_an_error(index: Index, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "my.json"
    path.write_bytes(content)

    with pytest.raises(InputRefusedError, match=r"no_rows|schema"):
        fetch(index, str(path))


def test_a_file_of_no_known_shape_is_refused_with_its_fields(index: Index, tmp_path: Path) -> None:
    with pytest.raises(
        InputRefusedError, match=r"schema: rows of no known shape, with fields 'left', 'right'"
    ):
        fetch(index, str(lines(tmp_path / "my.jsonl", {"left": 1, "right": 2})))


def test_a_folder_is_read_in_byte_order_and_tells_what_it_skips(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    for at, name in enumerate(["b/z.jsonl", "B.jsonl", "a.json", "é.jsonl"]):
        lines(folder / name, {**GOOD, "at": at})
    for name in [
        ".git/x.jsonl",
        "README.md",
        "a.jsonl~",
        "x.jsonl.part",
        "checkpoint-3/y.jsonl",
        ".hidden.jsonl",
    ]:
        lines(folder / name, b"not rows")
    (folder / "again.jsonl").symlink_to(folder / "a.json")

    snapshot = fetch(index, str(folder))

    assert [file.name for file in snapshot.source.files] == ["B.jsonl", "a.json", "b/z.jsonl", "é.jsonl"]
    assert dict(snapshot.source.skipped) == {
        ".hidden.jsonl": "hidden",
        "README.md": "not named like a file of rows",
        "a.jsonl~": "left over by an editor, a download or a run",
        "again.jsonl": "a link",
        "checkpoint-3/y.jsonl": "left over by an editor, a download or a run",
        "x.jsonl.part": "left over by an editor, a download or a run",
    }
    assert (snapshot.dataset, snapshot.source.kind) == ("set", "folder")


def test_links_out_pipes_and_sockets_refuse_a_folder_unopened(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    lines(folder / "rows.jsonl", GOOD)
    (folder / "out.jsonl").symlink_to(lines(tmp_path / "secret.jsonl", GOOD))
    os.mkfifo(folder / "pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(folder)
        try:
            listener.bind("socket.jsonl")
        finally:
            os.chdir(here)

        with pytest.raises(InputRefusedError) as caught:
            fetch(index, str(folder))

    found = {problem.file: str(problem.code) for problem in caught.value.problems}
    assert found == {"out.jsonl": "link", "pipe.jsonl": "special_file", "socket.jsonl": "special_file"}


def test_every_broken_file_of_a_folder_is_told_at_once(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    lines(folder / "a.jsonl", GOOD)
    (folder / "b.json").write_text("<html>")
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(json.dumps(GOOD).encode())[:-9])

    with pytest.raises(InputRefusedError) as caught:
        fetch(index, str(folder), keep_good=True)

    assert [(p.file, str(p.code)) for p in caught.value.problems] == [
        ("b.json", "error_page"),
        ("c.jsonl.gz", "truncated"),
    ]


def test_what_is_not_there_is_said_so(index: Index, tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match="no_access"):
        fetch(index, str(tmp_path / "none.jsonl"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputRefusedError, match="no_rows"):
        fetch(index, str(tmp_path / "empty"))
    with pytest.raises(UnknownDatasetError, match="did you mean mine"):
        fetch(index, "mien", source=lines(tmp_path / "my.jsonl", GOOD))
    with pytest.raises(InputRefusedError, match="give its files"):
        fetch(index, "mine")


def test_offline_opens_no_connection(index: Index) -> None:
    index.settings = Settings(home=index.settings.home, offline=True)

    with pytest.raises(NetworkError, match="offline"):
        fetch(index, "theirs")


def test_opening_reads_paths_and_samples_on_the_fly_and_asks_for_the_rest(
    index: Index, tmp_path: Path
) -> None:
    path = lines(tmp_path / "my.jsonl", GOOD)

    assert open_snapshot(index, str(path)).rows_kept == 1
    assert open_snapshot(index, "sample-human").source.kind == "sample"
    with pytest.raises(NotMeasuredError, match="instructory fetch theirs"):
        open_snapshot(index, "theirs")
    with pytest.raises(UnknownDatasetError, match="did you mean theirs"):
        open_snapshot(index, "theris")
    fetched = fetch(index, "mine", source=path)
    assert open_snapshot(index, "mine") == fetched


def test_progress_ends_where_the_bytes_end(index: Index, tmp_path: Path) -> None:
    path = lines(tmp_path / "my.jsonl", *[GOOD] * 100)
    told: list[tuple[int, int | None, str]] = []

    fetch(index, str(path), progress=lambda *said: told.append(said))

    assert told[-1] == (path.stat().st_size, path.stat().st_size, "reading")


def test_a_full_disk_leaves_nothing_and_the_same_command_works_later(index: Index, tmp_path: Path) -> None:
    path = str(lines(tmp_path / "my.jsonl", *[{**GOOD, "noise": os.urandom(400).hex()} for _ in range(300)]))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(DiskError, match=r"rows\.parquet"):
            fetch(index, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(index.settings.snapshots.iterdir()) == []
    assert fetch(index, path).rows_kept == 300


def test_left_overs_of_the_dead_are_swept_and_those_of_the_living_are_not(
    index: Index, tmp_path: Path
) -> None:
    dead, living = (index.settings.snapshots / f".fetching-{name}" for name in ("dead", "living"))
    for folder in (dead, living):
        folder.mkdir(parents=True)
        (folder / "lock").touch()
    with (living / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        fetch(index, str(lines(tmp_path / "my.jsonl", GOOD)))

    assert not dead.exists()
    assert living.exists()


def test_names_that_are_no_text_are_told_escaped(index: Index, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/odd\xff.jsonl"))
    lines(path, GOOD, b'{"\\ud800": 1, "\\ud800": 2}')

    snapshot = fetch(index, str(path), keep_good=True)

    assert snapshot.dataset == "odd\\xff.jsonl"
    assert (snapshot.problems[0].code, snapshot.problems[0].field) == ("duplicate_key", "\\ud800")


def test_sources_are_never_changed(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    shutil.copytree(SHAPES, folder)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}

    snapshot = fetch(index, str(folder))

    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before
    assert snapshot.shape.startswith("mixed:alpaca+dialogue-preference+")
    assert snapshot.rows_kept == snapshot.rows_read == sum(file.rows_read for file in snapshot.source.files)


@pytest.mark.real
def test_every_real_file_gives_the_rows_its_manifest_counts(index: Index, real_data: Path) -> None:
    manifest = json.loads((real_data / "MANIFEST.json").read_bytes())
    wrong = []

    for file in manifest["files"]:
        snapshot = fetch(index, str(real_data / file["path"]), keep_good=True)
        found = (snapshot.rows_kept, snapshot.rows_bad, snapshot.source.files[0].sha256)
        if found != (file["rows"], file["unreadable_lines"], file["sha256"]):
            wrong.append((file["path"], found))

    assert len(manifest["files"]) == 301
    assert wrong == []


@pytest.mark.real
def test_unreadable_lines_are_told_by_file_and_line(index: Index, real_data: Path) -> None:
    with pytest.raises(InputRefusedError) as caught:
        fetch(index, str(real_data / "instruction-wild"))

    assert [(p.file, p.line, str(p.code)) for p in caught.value.problems] == [
        ("user_2.jsonl", 134, "syntax"),
        ("user_2.jsonl", 168, "syntax"),
        ("user_3.jsonl", 10, "syntax"),
        ("user_3.jsonl", 121, "syntax"),
        ("user_3.jsonl", 122, "syntax"),
    ]


@pytest.mark.real
def test_stanford_alpaca_has_its_rows_and_its_empty_answers(index: Index, real_data: Path) -> None:
    snapshot = fetch(index, "mine", source=real_data / "stanford-alpaca" / "alpaca_data.json.gz")

    responses = pa.Table.from_batches(snapshot.batches(["response"]))["response"]
    assert (snapshot.rows_kept, snapshot.rows_bad, snapshot.shape) == (52_002, 0, "alpaca")
    assert pc.sum(pc.equal(pc.utf8_trim_whitespace(responses), "")).as_py() == 28


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "shape", "rows"),
    [
        ("gsm8k", "question-answer", 8792),
        ("bbh", "input-target", 6511),
        ("moss-conversations", "turn-objects", 120),
        ("natural-instructions", "natural-instructions", 43_853),
    ],
)
def test_real_folders_load_as_one_snapshot(
    index: Index, real_data: Path, name: str, shape: str, rows: int
) -> None:
    snapshot = fetch(index, str(real_data / name))

    assert (snapshot.dataset, snapshot.shape, snapshot.rows_kept) == (name, shape, rows)
