"""Fixtures every room shares: a fresh home, and the real datasets where they are at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from postgres_server import PostgresServer, postgres_server, why_no_postgres

from registry.settings import Settings

REAL_DATA = Path(os.environ.get("INSTRUCTORY_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))

# A check of a commit must not depend on luck: there the same examples are tried each time. Nowhere does it
# depend on how busy the machine is: no example has a deadline.
hypothesis_settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis_settings.register_profile("here", deadline=None)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test, so that nothing of the developer's is read or written."""
    folder = tmp_path / "home"
    monkeypatch.setenv("INSTRUCTORY_HOME", str(folder))
    for name in ("INSTRUCTORY_DATABASE", "INSTRUCTORY_CATALOG", "INSTRUCTORY_OVERLAY"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings that point to the fresh home."""
    return Settings(home=home)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this run; tests that need it are skipped where none can be started."""
    reason = why_no_postgres()
    if reason is not None:
        pytest.skip(reason)
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'registry.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.fresh_url()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real datasets; tests that need it are skipped where it is absent."""
    if not (REAL_DATA / "MANIFEST.json").is_file():
        pytest.skip(f"real datasets not found at {REAL_DATA}; set INSTRUCTORY_REAL_DATA to run this test")
    return REAL_DATA
