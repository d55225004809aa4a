"""A PostgreSQL server of our own for a test run: a fresh folder, a socket in it, gone with the block."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

ROLE = "instructory"
START_S = 30.0
# Nothing here need survive a power cut.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40")


@dataclass
class PostgresServer:
    """The running server; each `fresh_url` is an empty schema of its own, which costs few files."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def fresh_url(self) -> str:
        """The SQLAlchemy address of a new, empty schema, which stands for a database."""
        import psycopg

        name = f"test_{next(self._numbers)}"
        with psycopg.connect(
            f"host={self.folder} user={ROLE} dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[arg-type]  # a name made here
        return f"postgresql+psycopg://{ROLE}@/postgres?host={self.folder}&options=-csearch_path%3D{name}"


def postgres_programs() -> Path | None:
    """The folder with `initdb` and `postgres`: that on the PATH, else Debian's newest."""
    on_path = shutil.which("initdb")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: [int(part) for part in re.findall(r"\d+", folder.parent.name)],
        reverse=True,
    )
    for folder in [*([Path(on_path).resolve().parent] if on_path else []), *debian]:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    return None


def why_no_postgres() -> str | None:
    """Why no server can be started here; None where one can."""
    if postgres_programs() is None:
        return "no PostgreSQL server programs on the PATH or in /usr/lib/postgresql (Debian: postgresql)"
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        return f"psycopg cannot be imported: {error}"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "PostgreSQL refuses to run as root, and there is no user postgres"
    return None


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that only its socket reaches, ready for use."""
    programs = postgres_programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has some 100 characters
    started: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    account = _unprivileged() if os.geteuid() == 0 else None
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
        started |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = folder / "data"
    server: subprocess.Popen[bytes] | None = None
    try:
        _initialise(programs, data, started)
        options = [word for setting in QUICK for word in ("-c", setting)]
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *options], **started
        )
        _wait(server, folder)
        yield PostgresServer(folder)
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: nobody needs the data
            server.wait(timeout=START_S)
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(programs: Path, data: Path, started: dict[str, Any]) -> None:
    """Make the cluster; where the build can, texts sort as in English, which puts our orders to the test."""
    plain = [programs / "initdb", "-D", data, "-A", "trust", "-U", ROLE, "-E", "UTF8", "--no-sync"]
    icu = ["--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8"]
    for locale in (icu, ["--locale=C.UTF-8"], ["--locale=C"]):
        shutil.rmtree(data, ignore_errors=True)
        if subprocess.run([*plain, *locale], check=False, **started).returncode == 0:
            return
    raise RuntimeError("initdb failed")


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(f"host={folder} user={ROLE} dbname=postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _unprivileged() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
