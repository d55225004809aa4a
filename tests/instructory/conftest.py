"""The doors over one shipped registry, which costs more to open than all the questions to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instructory.doors import Doors
from registry.registry import Registry
from registry.settings import Settings


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Doors to a registry of the shipped catalogue in a home of its own."""
    settings = Settings(home=tmp_path_factory.mktemp("doors"))
    opened = Doors(lambda: Registry.open(settings))
    yield opened
    opened.close()
