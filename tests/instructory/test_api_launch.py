"""Starting the REST server: what it prints, where it listens, and what it says without its extra."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

from instructory.api.launch import is_this_machine, serve_api
from instructory.cli import app
from registry.errors import BusyError

pytestmark = pytest.mark.usefixtures("warm_home")
runner = CliRunner()


def test_the_openapi_document_is_printed() -> None:
    pytest.importorskip("fastapi", reason="needs the extra api")

    done = runner.invoke(app, ["serve", "--openapi"])

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["info"]["title"] == "Instructory"


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("fastapi", "instructory.api."))]:
        if name != "instructory.api.launch":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)

    done = runner.invoke(app, ["serve", "--openapi"])

    assert done.exit_code == 1
    assert "pip install 'instructory[api]'" in done.stderr


@pytest.mark.parametrize(
    ("address", "hosts"),
    [("127.0.0.1", ["127.0.0.1", "localhost", "[::1]", "testserver"]), ("0.0.0.0", ["*"])],
)
def test_it_listens_where_told_and_answers_to_the_names_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, address: str, hosts: list[str]
) -> None:
    pytest.importorskip("fastapi", reason="needs the extra api")
    uvicorn = pytest.importorskip("uvicorn", reason="needs the extra api")
    started: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **how: started.update(how, app=app))
    monkeypatch.setattr("instructory.api.launch.require_free", lambda *_: None)

    serve_api(8599, address=address)

    started["app"].state.doors.close()
    assert (started["host"], started["port"]) == (address, 8599)
    trusted = next(m for m in started["app"].user_middleware if "TrustedHost" in m.cls.__name__)
    assert trusted.kwargs["allowed_hosts"] == hosts


def test_a_taken_port_is_named() -> None:
    import socket

    pytest.importorskip("fastapi", reason="needs the extra api")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BusyError, match="--port"):
        serve_api(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("example.org", False)],
)
def test_which_addresses_are_this_machine(address: str, local: bool) -> None:
    assert is_this_machine(address) is local
