"""The JSON Schema of catalog.yaml, so that editors complete and check while one types.

It is made from the models that check the file; `python -m registry.catalog_schema FILE` writes it again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from registry.catalog import FORMAT, MAX_ENTRIES
from registry.entry import Benchmark, Entry
from registry.vocabulary import VOCABULARIES


def catalog_schema() -> dict[str, Any]:
    """The schema as plain JSON types; it takes what the check takes, apart from rules between entries."""
    _, made = models_json_schema([(Entry, "validation"), (Benchmark, "validation")])
    definitions = {name: _cleaned(node) for name, node in made["$defs"].items()}
    for vocabulary in VOCABULARIES:
        if vocabulary.__name__ in definitions:
            definitions[vocabulary.__name__]["enumDescriptions"] = [term.definition for term in vocabulary]
    sections = {
        name: {"type": "array", "maxItems": MAX_ENTRIES, "items": {"$ref": f"#/$defs/{model.__name__}"}}
        for name, model in (("datasets", Entry), ("benchmarks", Benchmark))
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Catalogue of instruction-tuning datasets",
        "type": "object",
        "additionalProperties": False,
        "required": ["format", "datasets"],
        "properties": {"format": {"const": FORMAT, "description": "version of this form"}, **sections},
        "$defs": definitions,
    }


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(catalog_schema(), indent=2, ensure_ascii=False) + "\n"


def _cleaned(node: Any) -> Any:
    """`node` without null alternatives, defaults and titles: what is not known is left out, never null."""
    if isinstance(node, list):
        return [_cleaned(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _cleaned(value) for name, value in node.items() if name not in ("default", "title")}
    options = [option for option in kept.pop("anyOf", []) if option != {"type": "null"}]
    return {**(options[0] if options else {}), **kept}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
