"""The database: one reading connection that starts fast, and short writing transactions.

Reads from SQLite use the standard library, so that a list does not wait for SQLAlchemy (0.4 s) to load.
Writes, other databases and migrations go through SQLAlchemy. Statements are plain SQL with bound `:names`,
which both take.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from registry.errors import (
    BusyError,
    DiskError,
    InputRefusedError,
    InstructoryError,
    IntegrityError,
    NetworkError,
    Problem,
    ProblemCode,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCHEMA: Final = "0003"
"""The newest revision in `registry/migrations`; a database that is not at it is migrated or refused."""

CATALOG_KEY: Final = "catalog_sha256"
"""Name of the fact that tells which catalogue the tables hold."""

ORIGINS_KEY: Final = "overlay_origins"
"""Name of the fact that tells which overlay an entry comes from."""

BUSY_TIMEOUT_S: Final = 10.0
WRITE_LOCK: Final = 0x1257_2026
"""The number of the lock that writers of one PostgreSQL database share."""

SQLITE_PREFIX: Final = "sqlite:///"
_PRAGMAS: Final = ("PRAGMA busy_timeout = 10000", "PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL")

Value = str | int | float | bool | bytes | None


class Store:
    """One registry database; threads may share it, and after a fork the child opens its own connections."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = _sqlite_file(url)
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._reader: sqlite3.Connection | None = None
        self._engine: Engine | None = None

    @property
    def text_index(self) -> Literal["fts5", "tsvector"] | None:
        """What finds words: the index of SQLite, that of PostgreSQL, or a look at every entry."""
        if self.url.startswith("sqlite"):
            return "fts5"
        return "tsvector" if self.url.startswith("postgresql") else None

    def rows(self, sql: str, values: Mapping[str, Value] | None = None) -> list[tuple[Any, ...]]:
        """Every row of one reading statement."""
        with self._lock, _errors_named(self.url):
            if self.path is not None:
                return self._connection().execute(sql, dict(values or {})).fetchall()
            from sqlalchemy import text

            with self.engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(sql), dict(values or {}))]

    def revision(self) -> str | None:
        """The schema revision of the database; None where there is no schema yet."""
        if self.path is not None and not self.path.exists():
            return None
        if not self._has_table("alembic_version"):
            return None
        found = self.rows("SELECT version_num FROM alembic_version")
        return str(found[0][0]) if found else None

    def meta(self, key: str) -> str | None:
        """One fact about the database itself; None where it is not set."""
        found = self.rows("SELECT value FROM meta WHERE key = :key", {"key": key})
        return str(found[0][0]) if found else None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start; an exception undoes all of it."""
        with self._lock, _errors_named(self.url), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # One writer at a time, as on SQLite: two programs that open a fresh database take turns.
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(BUSY_TIMEOUT_S * 1000)}ms'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
            yield connection

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine, made on first use."""
        self._leave_parent()
        if self._engine is None:
            self._engine = _make_engine(self.url)
        return self._engine

    def migrate(self) -> None:
        """Bring the schema to `SCHEMA`; nothing happens where it is there already.

        Raises:
            InputRefusedError: the database was written by a newer version of this program.
        """
        found = self.revision()
        if found == SCHEMA:
            return
        if found is not None and found > SCHEMA:
            message = (
                f"schema {found} is newer than {SCHEMA}, the newest this version knows: update instructory"
            )
            raise InputRefusedError(
                [Problem(code=ProblemCode.UNSUPPORTED, message=message, file=self.shown_url)]
            )
        if self.path is not None:
            self._prepare_folder(self.path.parent)
        if found is not None:
            self.back_up(found)
        from registry.migrations.run import upgrade

        with self.writing() as connection:
            upgrade(connection)

    def back_up(self, name: str) -> Path | None:
        """Copy the live database beside itself as `<file>.<name>.bak`; None where it is not a file."""
        if self.path is None:
            return None
        target = self.path.with_name(f"{self.path.name}.{name}.bak")
        with self._lock:
            copy = sqlite3.connect(target)
            try:
                self._connection().backup(copy)
            finally:
                copy.close()
        return target

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @property
    def shown_url(self) -> str:
        """The address without its password, fit for messages."""
        if self.path is not None:
            return str(self.path)
        from sqlalchemy.engine import make_url

        return make_url(self.url).render_as_string(hide_password=True)

    def _has_table(self, name: str) -> bool:
        if self.path is not None:
            return bool(
                self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name", {"name": name})
            )
        from sqlalchemy import inspect

        with _errors_named(self.url):
            return inspect(self.engine).has_table(name)

    def _connection(self) -> sqlite3.Connection:
        self._leave_parent()
        if self._reader is None:
            assert self.path is not None
            connection = sqlite3.connect(
                self.path, timeout=BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None
            )
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            self._reader = connection
        return self._reader

    def _leave_parent(self) -> None:
        """After a fork, drop the parent's connections without touching its files."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._abandoned = self._reader  # closing it here would release the parent's file locks
            self._reader = None
            if self._engine is not None:
                self._engine.dispose(close=False)
                self._engine = None

    @staticmethod
    def _prepare_folder(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskError(
                f"{folder}: cannot make this folder for the registry: {error.strerror}"
            ) from error


def _sqlite_file(url: str) -> Path | None:
    """The file of a plain SQLite address; None for databases in memory, with options, or of another kind."""
    name = url[len(SQLITE_PREFIX) :] if url.startswith(SQLITE_PREFIX) else ""
    return Path(name) if name and name != ":memory:" and "?" not in name else None


def _make_engine(url: str) -> Engine:
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    options: dict[str, Any] = (
        {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if url.startswith("sqlite") else {}
    )
    try:
        engine = create_engine(url, **options)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise InstructoryError(
            f"INSTRUCTORY_DATABASE is not a database address we can use: {error} "
            "(PostgreSQL needs the extra `postgres`)"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions start where we say, with the write lock
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    _switch_to_wal(connection)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Keep a write-ahead log; where another process holds the fresh file, wait as for any other lock.

    SQLite does not apply its busy time-out to this one statement.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def _errors_named(url: str) -> Iterator[None]:
    """Turn what the driver raises into errors that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _named(error, url) from error
    except Exception as error:  # SQLAlchemy is not imported unless it raised; anything else goes on as it is
        if not _is_from_sqlalchemy(error):
            raise
        raise _named(getattr(error, "orig", None) or error, url) from error


def _is_from_sqlalchemy(error: BaseException) -> bool:
    return any(
        kind.__module__ == "sqlalchemy.exc" and kind.__name__ == "DBAPIError" for kind in type(error).__mro__
    )


def _named(error: BaseException, url: str) -> InstructoryError:
    text = " ".join(str(error).split())
    place = url[len(SQLITE_PREFIX) :] if url.startswith(SQLITE_PREFIX) else "the registry database"
    if "connection failed" in text or "failed to resolve host" in text:
        return NetworkError(f"{place} cannot be reached: {text}; look at INSTRUCTORY_DATABASE")
    if "locked" in text or "busy" in text or "lock timeout" in text:
        return BusyError(f"{place}: another process is writing; try again ({text})")
    if "full" in text or "unable to open" in text or "readonly" in text or "disk I/O" in text:
        return DiskError(f"{place}: {text}")
    if "not a database" in text or "malformed" in text:
        return IntegrityError(f"{place}: {text}; move it away and start again, or restore a back-up")
    return InstructoryError(f"{place}: {text}")


def write_rows(connection: Connection, table: Any, rows: Sequence[Mapping[str, Value]]) -> None:
    """Insert `rows` into the table of an SQLModel class in one statement."""
    if rows:
        from sqlalchemy import insert

        connection.execute(insert(table.__table__), [dict(row) for row in rows])
