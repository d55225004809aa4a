"""A mixture's Croissant document: it is what was written, and mlcroissant reads the rows by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mixtures.build import build
from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe
from registry.files import sha256_file
from registry.registry import Registry

# What rdflib, on which mlcroissant stands, says of itself.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:rdflib", "ignore::DeprecationWarning:mlcroissant"
)

TOOLS = {
    "messages": [
        {"role": "user", "content": "How warm is it in Bern?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"type": "function", "function": {"name": "weather", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "12 degrees"},
        {"role": "assistant", "content": "12 degrees."},
    ]
}


def mixture(registry: Registry, to: Path, **wish: Any) -> Path:
    recipe = MixtureRecipe.model_validate({"name": "small", "seed": 3, **wish})
    return build(registry, plan(registry, recipe), to=to).folder


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    return found


def loaded(folder: Path, record_set: str) -> list[dict[str, Any]]:
    mlcroissant = pytest.importorskip("mlcroissant", reason="needs the extra croissant")
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    return [plain(record) for record in dataset.records(record_set)]


def plain(value: Any) -> Any:
    """A record with texts instead of bytes, and the last part of each field's id as its name."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {str(name).rpartition("/")[2]: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()]


PARTS = [{"dataset": "sample-human", "rows": 12}, {"dataset": "sample-distilled", "rows": 8}]


def test_files_stand_there_with_the_bytes_they_have(registry: Registry, tmp_path: Path) -> None:
    folder = mixture(
        registry, tmp_path / "mix", parts=PARTS, output={"format": ["jsonl", "parquet"], "shape": "messages"}
    )

    found = document(folder)
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert {file["@id"]: file["sha256"] for file in found["distribution"]} == {
        name: sha256_file(folder / name) for name in ("train.jsonl", "train.parquet")
    }
    assert found["license"] == ["https://spdx.org/licenses/CC0-1.0"]
    assert len(found["prov:wasDerivedFrom"]) == 2
    assert [record["@id"] for record in found["recordSet"]] == ["rows/train.jsonl", "rows/train.parquet"]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_mlcroissant_loads_every_row_as_it_was_written(
    registry: Registry, tmp_path: Path, ending: str
) -> None:
    folder = mixture(
        registry, tmp_path / "mix", parts=PARTS, output={"format": ["jsonl", "parquet"], "shape": "messages"}
    )

    assert loaded(folder, f"rows/train.{ending}") == rows_of(folder)


@pytest.mark.parametrize("shape", ["alpaca", "sharegpt", "prompt-completion"])
def test_mlcroissant_loads_every_shape(registry: Registry, tmp_path: Path, shape: str) -> None:
    folder = mixture(registry, tmp_path / "mix", parts=PARTS[:1], output={"format": "jsonl", "shape": shape})

    assert loaded(folder, "rows") == rows_of(folder)


def test_tool_calls_are_a_part_where_they_are_text(
    registry: Registry, tmp_path: Path, rows_file: Any
) -> None:
    path = rows_file("tools", [{**TOOLS, "id": n} for n in range(3)])
    both = {"format": ["jsonl", "parquet"], "shape": "messages"}
    folder = mixture(registry, tmp_path / "mix", parts=[{"path": str(path), "rows": "all"}], output=both)

    parts = [
        [part["name"] for part in record_set["field"][0]["subField"]]
        for record_set in document(folder)["recordSet"]
    ]
    assert parts == [["role", "content"], ["role", "content", "tool_calls"]]
    assert [len(row["messages"]) for row in loaded(folder, "rows/train.jsonl")] == [4, 4, 4]
    called = loaded(folder, "rows/train.parquet")[0]["messages"][1]["tool_calls"]
    assert json.loads(called) == TOOLS["messages"][1]["tool_calls"]
    assert "Licence not known: tools.jsonl" in document(folder)["description"]


def test_equal_mixtures_have_equal_documents(registry: Registry, tmp_path: Path) -> None:
    one, two = (mixture(registry, tmp_path / name, parts=PARTS) for name in ("one", "two"))

    assert (one / "croissant.json").read_bytes() == (two / "croissant.json").read_bytes()


def test_the_hub_client_reads_the_card_beside_it(registry: Registry, tmp_path: Path) -> None:
    from huggingface_hub import DatasetCard

    from registry.card_license import HUB_IDS

    one = DatasetCard.load(mixture(registry, tmp_path / "one", parts=PARTS) / "README.md")
    rows = tmp_path / "mine.jsonl"
    rows.write_text('{"prompt": "a b", "completion": "c d"}\n', encoding="utf-8")
    parts = [*PARTS, {"path": str(rows), "rows": "all"}]
    mixed = DatasetCard.load(mixture(registry, tmp_path / "two", parts=parts) / "README.md")

    assert (one.data.license, one.data.size_categories) == ("cc0-1.0", ["n<1K"])
    assert one.data.to_dict()["configs"][0]["data_files"] == [{"split": "train", "path": "train.jsonl"}]
    assert (mixed.data.license, mixed.data.license_name) == ("other", "licences-of-the-sources")
    assert {one.data.license, mixed.data.license} <= HUB_IDS
