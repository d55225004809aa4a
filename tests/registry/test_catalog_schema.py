"""The JSON Schema for editors says what the check says."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml
from catalog_blocks import block, catalog_text

from registry.catalog_schema import catalog_schema, schema_text
from registry.shipped import SAMPLES_FILE, shipped_catalog

FILE = Path(__file__).parents[2] / "docs" / "catalog.schema.json"


def errors(text: str) -> list[str]:
    plain = yaml.load(text, Loader=yaml.CSafeLoader)
    return [error.message for error in jsonschema.Draft202012Validator(catalog_schema()).iter_errors(plain)]


def test_the_file_is_what_the_models_say() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize(
    ("path", "in_the_tree"), [(shipped_catalog(), "."), (SAMPLES_FILE, "registry/samples")]
)
def test_a_valid_catalogue_passes_and_points_to_the_schema(path: Path, in_the_tree: str) -> None:
    text = path.read_text(encoding="utf-8")
    named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")

    assert errors(text) == []
    assert (FILE.parents[1] / in_the_tree / named).resolve() == FILE


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"category": "art"},
        {"colour": "red"},
        {"size_rows": "-1"},
        {"id": "One"},
        {"year": ""},
    ],
)
def test_a_fault_of_the_form_is_seen(changes: dict[str, str | None]) -> None:
    assert errors(catalog_text(block(**changes)))


def test_terms_carry_their_definitions() -> None:
    method = catalog_schema()["$defs"]["Method"]

    assert len(method["enum"]) == len(method["enumDescriptions"]) == 25
