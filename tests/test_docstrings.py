"""Examples in docstrings run and answer as printed."""

from __future__ import annotations

import doctest
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOMS = ("registry", "analyzers", "mixtures", "dashboard", "instructory")


def modules_with_examples() -> list[str]:
    names = []
    for room in ROOMS:
        spec = find_spec(room)
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent
        names += [
            ".".join((room, *path.relative_to(folder).with_suffix("").parts))
            for path in sorted(folder.rglob("*.py"))
            if ">>> " in path.read_text(encoding="utf-8")
        ]
    return names


def test_there_are_examples() -> None:
    assert len(modules_with_examples()) >= 5


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_answer_as_printed(name: str) -> None:
    found = doctest.testmod(import_module(name))

    assert found.attempted > 0
    assert found.failed == 0
