"""The database: schema equals models, newer schemas are refused, faults have names, forks are safe."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PostgresServer

from registry.errors import (
    BusyError,
    DiskError,
    InputRefusedError,
    InstructoryError,
    IntegrityError,
    NetworkError,
)
from registry.registry import Registry
from registry.settings import Settings
from registry.store import SCHEMA, Store


@pytest.fixture
def any_store(database_url: str) -> Iterator[Store]:
    """A database of each kind, its schema made."""
    store = Store(database_url)
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database of SQLite, its schema made."""
    store = Store(f"sqlite:///{tmp_path / 'registry.db'}")
    store.migrate()
    yield store
    store.close()


def test_migrations_build_exactly_the_tables_of_the_models(any_store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    from registry import tables  # noqa: F401

    with any_store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, *_: not (name or "").startswith("entry_text")}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_schema_we_know_is_the_last_revision() -> None:
    from alembic.script import ScriptDirectory

    from registry.migrations.run import config

    assert ScriptDirectory.from_config(config()).get_current_head() == SCHEMA


def test_every_revision_can_be_undone_and_made_again(any_store: Store) -> None:
    from alembic import command
    from sqlalchemy import inspect

    from registry.migrations.run import config

    with any_store.writing() as connection:
        command.downgrade(config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    any_store.migrate()

    assert any_store.revision() == SCHEMA


def test_an_older_database_keeps_its_results_and_reads_its_catalogue_anew(
    database_url: str, settings: Settings
) -> None:
    from alembic import command

    from registry.migrations.run import config

    old = Store(database_url)
    old.migrate()
    with old.writing() as connection:
        command.downgrade(config(connection), "0001")
        connection.exec_driver_sql(
            "INSERT INTO snapshot VALUES ('s', 1, 'alpaca', 's', '{\"rows_kept\": 3}')"
        )
        connection.exec_driver_sql("INSERT INTO meta VALUES ('catalog_sha256', 'any')")
    old.close()

    with Registry.open(settings.model_copy(update={"database": database_url})) as registry:
        assert registry.describe("alpaca")["snapshots"] == [{"rows_kept": 3}]
        assert len(registry) == len(registry.find()) == 464


def test_sqlite_is_set_to_be_durable(store: Store) -> None:
    with store.writing() as connection:
        for pragma, wanted in (("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == wanted
    assert store.rows("PRAGMA foreign_keys") == [(1,)]
    assert store.rows("PRAGMA synchronous") == [(2,)]


def test_a_newer_schema_is_refused_and_left_alone(any_store: Store) -> None:
    with any_store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(InputRefusedError, match="newer than"):
        any_store.migrate()
    assert any_store.revision() == "9999"


def test_a_failed_writing_changes_nothing(any_store: Store) -> None:
    def stop_halfway() -> None:
        with any_store.writing() as connection:
            connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stop_halfway()
    assert any_store.meta("a") is None


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


def test_a_server_that_is_not_there_is_a_network_error_without_its_password() -> None:
    with pytest.raises(NetworkError, match="INSTRUCTORY_DATABASE") as caught:
        Store("postgresql+psycopg://me:secret@127.0.0.1:9/db").migrate()

    assert "secret" not in str(caught.value)


def test_writers_of_one_server_take_turns(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.store.BUSY_TIMEOUT_S", 0.05)
    url = postgres.fresh_url()
    one, two = Store(url), Store(url)

    with one.writing(), pytest.raises(BusyError, match="another process"), two.writing():
        pass
    with two.writing() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    one.close()
    two.close()


def test_two_processes_may_open_a_fresh_database_at_once(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTRUCTORY_DATABASE", database_url)
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
