"""Catalogue text for tests: a minimal valid block, changed at will."""

from __future__ import annotations

from pathlib import Path

MINIMAL = {
    "id": "one",
    "name": "One",
    "category": "distillation",
    "method": "seed-expansion",
    "focus": "general",
    "languages": "[en]",
    "format": "single-turn",
    "commercial_use": '"yes"',
    "evidence": "[{source: owner/one README.md, status: verified}]",
}


def block(**changes: str | None) -> str:
    """One dataset as YAML; None leaves a field out, other values are written as they are."""
    fields = {name: value for name, value in (MINIMAL | changes).items() if value is not None}
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return "  - " + "\n    ".join(lines) + "\n"


def catalog_text(*blocks: str) -> str:
    """A catalogue of these datasets; the first block starts on line 3."""
    return "format: 1\ndatasets:\n" + "".join(blocks)


def write_catalog(folder: Path, *blocks: str) -> Path:
    """The catalogue as a file."""
    path = folder / "catalog.yaml"
    path.write_text(catalog_text(*blocks), encoding="utf-8")
    return path
