"""The database: schema equals models, newer schemas are refused, faults have names, forks are safe."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from registry.errors import DiskError, InputRefusedError, InstructoryError, IntegrityError
from registry.registry import Registry
from registry.settings import Settings
from registry.store import SCHEMA, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'registry.db'}")
    store.migrate()
    yield store
    store.close()


def test_migrations_build_exactly_the_tables_of_the_models(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    from registry import tables  # noqa: F401

    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: kind != "table" or not name.startswith("entry_text")},
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_schema_we_know_is_the_last_revision() -> None:
    from alembic.script import ScriptDirectory

    from registry.migrations.run import config

    assert ScriptDirectory.from_config(config()).get_current_head() == SCHEMA


def test_the_first_revision_can_be_undone(store: Store) -> None:
    from alembic import command

    from registry.migrations.run import config

    with store.writing() as connection:
        command.downgrade(config(connection), "base")

    left = store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    assert left == [("alembic_version",)]


def test_sqlite_is_set_to_be_durable(store: Store) -> None:
    with store.writing() as connection:
        for pragma, wanted in (("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == wanted
    assert store.rows("PRAGMA foreign_keys") == [(1,)]
    assert store.rows("PRAGMA synchronous") == [(2,)]


def test_a_newer_schema_is_refused_and_left_alone(store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(InputRefusedError, match="newer than"):
        store.migrate()
    assert store.revision() == "9999"


def test_a_failed_writing_changes_nothing(store: Store) -> None:
    def stop_halfway() -> None:
        with store.writing() as connection:
            connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stop_halfway()
    assert store.meta("a") is None


def test_a_back_up_holds_what_the_database_holds(store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")

    copy = store.back_up("0001")

    assert copy is not None
    opened = sqlite3.connect(copy)
    assert opened.execute("SELECT value FROM meta").fetchall() == [("b",)]
    opened.close()


def test_a_file_that_is_no_database_is_an_integrity_error(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    path.write_text("not a database, but long enough to be looked at" * 30)
    store = Store(f"sqlite:///{path}")

    with pytest.raises(IntegrityError, match=r"registry\.db"):
        store.migrate()
    store.close()


def test_a_folder_that_cannot_be_made_is_a_disk_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DiskError):
        Store(f"sqlite:///{tmp_path / 'file' / 'registry.db'}").migrate()


def test_an_address_nobody_understands_is_named() -> None:
    with pytest.raises(InstructoryError, match="INSTRUCTORY_DATABASE"):
        Store("nonsense://x").migrate()


def test_a_password_is_not_shown() -> None:
    assert "secret" not in Store("postgresql://me:secret@example.org/db").shown_url


def test_a_busy_database_is_a_busy_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.errors import BusyError

    monkeypatch.setattr("registry.store.BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr("registry.store._PRAGMAS", ("PRAGMA busy_timeout = 50",))
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    fresh = Store(store.url)
    try:
        with pytest.raises(BusyError, match="another process"), fresh.writing():
            pass
    finally:
        other.close()
        fresh.close()


def test_two_processes_may_open_a_fresh_home_at_once(home: Path) -> None:
    code = "from registry.registry import Registry; r = Registry.open(); print(len(r)); r.close()"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=60) for process in started]

    assert [out.strip() for out, _ in answers] == ["464", "464"], answers


def test_an_open_registry_loads_no_heavy_package(settings: Settings) -> None:
    Registry.open(settings).close()
    code = (
        "import sys; from registry.registry import Registry; r = Registry.open(); r.find(); r.facets(); "
        "r.close(); "
        "heavy = {'sqlalchemy', 'sqlmodel', 'alembic', 'yaml', 'pyarrow', 'sklearn', 'license_expression'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_fork_opens_its_own_connection(store: Store) -> None:
    store.rows("SELECT 1")
    parent = store._reader
    store._process = -1  # as a child would find it

    assert store.rows("SELECT 1") == [(1,)]
    assert store._reader is not parent
    if parent is not None:
        parent.close()
