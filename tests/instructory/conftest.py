"""The doors over one shipped registry, which costs more to open than all the questions to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture
def warm_home(doors: Doors, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of that registry as the home of this test: for tests that only read, and need not fill one."""
    folder = doors.registry.settings.home
    monkeypatch.setenv("INSTRUCTORY_HOME", str(folder))
    return folder
