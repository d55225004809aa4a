"""Entries as Croissant 1.1: valid for mlcroissant, silent on what is unknown, and rows load by it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.croissant import REQUIRED, croissant_gaps, entry_croissant, license_values
from registry.entry import Entry
from registry.fetch import fetch, sample_path
from registry.figures import measured_sets
from registry.registry import Registry

# What rdflib, on which mlcroissant stands, says of itself.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:rdflib", "ignore::DeprecationWarning:mlcroissant"
)
ROWS = [
    {"question": "Two plus two?", "answer": "Four, I think.", "level": 3, "share": 0.5, "known": True},
    {"question": 'Say "hi".\nNow.', "answer": "hi é 漢", "level": 4, "share": 0.25, "known": False},
]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    from registry.settings import Settings

    with Registry.open(Settings(home=tmp_path_factory.mktemp("home"))) as opened:
        yield opened


def mlcroissant() -> Any:
    return pytest.importorskip("mlcroissant", reason="needs the extra croissant")


def loaded(document: dict[str, Any], folder: Path, record_set: str = "rows") -> list[dict[str, Any]]:
    (folder / "croissant.json").write_text(json.dumps(document), encoding="utf-8")
    records = mlcroissant().Dataset(jsonld=folder / "croissant.json").records(record_set)
    return [plain(record) for record in records]


def plain(value: Any) -> Any:
    """A record with texts instead of bytes, and the last part of each field's id as its name."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {str(name).rpartition("/")[2]: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def test_mlcroissant_finds_no_fault_in_any_kind_of_entry(shipped: Registry) -> None:
    measured = {found.entry: found for found in measured_sets().values() if found.part == "whole"}
    every = list(shipped.values())
    # One of each licence and category: 464 documents would take half a minute.
    chosen = {(entry.license, entry.category, entry.hf_id is None): entry for entry in every}.values()

    for entry in chosen:
        parents = [shipped.entry(parent) for parent in entry.derived_from]
        document = entry_croissant(entry, measured=measured.get(entry.id), parents=parents)
        dataset = mlcroissant().Dataset(jsonld=json.loads(json.dumps(document)))
        warnings = "\n".join(map(str, dataset.metadata.ctx.issues.warnings))
        for name in ("license", "datePublished"):
            assert (f"/{name}" in warnings) == (name in croissant_gaps(document)), entry.id
    assert len(chosen) > 50


def test_only_what_is_known_is_stated() -> None:
    entry = Entry.model_validate(
        {
            "id": "bare",
            "name": "Bare",
            "category": "human-crafted",
            "method": "manual-annotation",
            "focus": "general",
            "languages": ["multi"],
            "format": "single-turn",
            "commercial_use": "unclear",
            "evidence": [{"source": "our tests", "status": "recalled"}],
        }
    )

    document = entry_croissant(entry)

    assert croissant_gaps(document) == [name for name in REQUIRED if name not in ("name", "description")]
    assert not set(document) & {"license", "url", "creator", "datePublished", "inLanguage", "distribution"}


def test_an_entry_of_the_catalogue_names_licence_citation_parents_and_files(shipped: Registry) -> None:
    entry = shipped["alpaca"]
    document = entry_croissant(
        entry, measured=measured_sets()["alpaca"], parents=[shipped["self-instruct-seeds"]]
    )

    assert document["license"] == ["https://spdx.org/licenses/CC-BY-NC-4.0"]
    assert document["citeAs"].startswith("@misc{alpaca,")
    assert document["prov:wasDerivedFrom"] == [{"@id": "https://github.com/yizhongw/self-instruct"}]
    (file,) = document["distribution"]
    assert file["contentUrl"].startswith(
        "https://raw.githubusercontent.com/tatsu-lab/stanford_alpaca/761dc5b"
    )
    assert file["sha256"] == "2eddafc6b977608d778aaab8dfc7e50e547b3af9826dfb9e909d9fc362e4a419"
    assert croissant_gaps(document) == []


def test_without_files_the_repository_stands_for_them(shipped: Registry) -> None:
    document = entry_croissant(shipped["aya-dataset"])

    (repository,) = document["distribution"]
    assert repository["contentUrl"] == "https://huggingface.co/datasets/CohereForAI/aya_dataset"
    assert repository["encodingFormat"] == "git+https"


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv", "parquet"])
def test_rows_of_a_snapshot_load_from_the_file_it_was_read_from(
    shipped: Registry, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"some rows.{ending}"
    write(path)
    entry = shipped.samples["sample-human"]
    snapshot = fetch(shipped, str(path))

    document = entry_croissant(entry, snapshot=snapshot)

    columns = [field["name"] for field in document["recordSet"][0]["field"]]
    assert columns == list(ROWS[0])
    found = loaded(document, tmp_path)
    as_text = ending == "csv"  # a CSV file says of no column that it is anything but text
    assert [{k: str(v) for k, v in row.items()} for row in found] == [
        {k: str(v) for k, v in row.items()} for row in ROWS
    ]
    assert as_text or found == ROWS


NESTED = [
    {
        "id": "a",
        "messages": [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hello."}],
        "tags": ["x", "y"],
        "scores": [1, 2],
        "source": {"site": "here", "rank": 3},
        "unknown": [],
    },
    {
        "id": "b",
        "messages": [{"role": "user", "content": "Again?"}, {"role": "assistant", "content": "Again é."}],
        "tags": ["z"],
        "scores": [],
        "source": {"site": "there", "rank": 4},
        "unknown": [[1]],
    },
]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_conversations_lists_and_objects_load_too(shipped: Registry, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"chats.{ending}"
    write(path, NESTED)
    document = entry_croissant(shipped.samples["sample-human"], snapshot=fetch(shipped, str(path)))

    found = loaded(document, tmp_path)

    assert found == [{k: v for k, v in row.items() if k != "unknown"} for row in NESTED]


@pytest.mark.parametrize(
    ("ending", "columns"),
    [("json", ["prompt", "completion"]), ("jsonl", ["prompt", "completion", "tags", "level"])],
)
def test_what_a_reader_could_not_give_is_not_stated(
    shipped: Registry, tmp_path: Path, ending: str, columns: list[str]
) -> None:
    path = tmp_path / f"rows.{ending}"
    write(
        path,
        [
            {"prompt": "Two plus two?", "completion": "Four.", "tags": ["a"], "mixed": 1},
            {"prompt": "And three?", "completion": "Seven.", "tags": ["b"], "mixed": "x", "level": 2},
        ],
    )
    document = entry_croissant(shipped.samples["sample-human"], snapshot=fetch(shipped, str(path)))

    assert [field["name"] for field in document["recordSet"][0]["field"]] == columns
    assert len(loaded(document, tmp_path)) == 2


def test_a_file_with_bad_rows_has_no_record_set(shipped: Registry, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"prompt": "a", "completion": "b"}\nnot json\n', encoding="utf-8")
    snapshot = fetch(shipped, str(path), keep_good=True)

    assert "recordSet" not in entry_croissant(shipped.samples["sample-human"], snapshot=snapshot)


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    [
        "turkish-daily-dialogues/test.parquet",
        "stanford-alpaca-seed-tasks/seed_tasks.jsonl",
        "big-bench-mistake/multistep_arithmetic.jsonl",
        "mt-bench/question.jsonl",
    ],
)
def test_real_files_load_row_by_row(shipped: Registry, tmp_path: Path, real_data: Path, name: str) -> None:
    path = Path(shutil.copy(real_data / name, tmp_path))
    snapshot = fetch(shipped, str(path))
    document = entry_croissant(shipped["alpaca"], snapshot=snapshot)

    found = loaded(document, tmp_path)

    assert len(found) == snapshot.rows_kept
    assert len(document["recordSet"][0]["field"]) == len(snapshot.source.files[0].columns)


def write(path: Path, rows: list[dict[str, Any]] = ROWS) -> None:
    import csv

    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_rows_of_a_bundled_sample_load_from_its_own_file(shipped: Registry, tmp_path: Path) -> None:
    snapshot = fetch(shipped, "sample-human")
    shutil.copy(sample_path("sample-human"), tmp_path)

    found = loaded(entry_croissant(shipped.samples["sample-human"], snapshot=snapshot), tmp_path)

    source = [json.loads(line) for line in sample_path("sample-human").read_text("utf-8").splitlines()]
    assert len(found) == len(source) == 162
    assert [row["response"] for row in found] == [row["response"] for row in source]


def test_files_of_the_hub_are_named_at_their_commit(shipped: Registry, tmp_path: Path) -> None:
    from dataclasses import replace

    path = tmp_path / "a b.jsonl"
    write(path)
    snapshot = fetch(shipped, str(path))
    source = replace(snapshot.source, kind="hub", repository="lab/set", revision="c" * 40)

    (file,) = entry_croissant(shipped["alpaca"], snapshot=replace(snapshot, source=source))["distribution"]

    assert file["contentUrl"] == f"https://huggingface.co/datasets/lab/set/resolve/{'c' * 40}/a%20b.jsonl"
    assert file["contentSize"] == f"{path.stat().st_size} B"


def test_licences_are_addresses_where_spdx_has_one() -> None:
    assert license_values("LicenseRef-Gemma-Terms") == [
        {"@type": "sc:CreativeWork", "name": "LicenseRef-Gemma-Terms"}
    ]
    assert license_values("other", name="Terms", url="https://x.org/t") == [
        {"@type": "sc:CreativeWork", "name": "Terms", "url": "https://x.org/t"}
    ]
    assert license_values("MIT OR Apache-2.0") == ["MIT OR Apache-2.0"]
    assert license_values(None) == []
