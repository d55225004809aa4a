"""Both doors on one server, beside the dashboard or alone, asked over HTTP."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import anyio
import pytest
from typer.testing import CliRunner

from instructory.cli import app
from instructory.doors import Doors
from instructory.mounting import doors_app, mounted

pytest.importorskip("fastapi", reason="needs the extra api")
mcp = pytest.importorskip("mcp", reason="needs the extra mcp")
uvicorn = pytest.importorskip("uvicorn", reason="needs the extra api")


@pytest.fixture(scope="module")
def address(doors: Doors) -> Iterator[str]:
    """A server with both doors, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # The doors of these tests outlive the server, whose lifespan would close them.
    own = Doors(lambda: doors.registry)
    own.close = lambda: None  # type: ignore[method-assign]
    config = uvicorn.Config(doors_app(own), port=port, log_level="error", lifespan="on", ws="none")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


def get(address: str, **headers: str) -> tuple[int, Any]:
    try:
        with urlopen(Request(address, headers=headers), timeout=20) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith(b"{") else text


def test_rest_answers_under_api(address: str) -> None:
    status, page = get(f"{address}/api/entries?limit=2")

    assert status == 200
    assert len(page["entries"]) == 2
    assert get(f"{address}/api/entries/alpacca")[1]["exit_code"] == 2
    assert get(f"{address}/api/openapi.json")[1]["servers"] == [{"url": "/api"}]


def test_mcp_answers_the_clients_of_the_sdk(address: str) -> None:
    async def talk() -> Any:
        async with mcp.Client(f"{address}/mcp") as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            return tools, await client.call_tool("licence", {"datasets": ["alpaca"]})

    tools, verdict = anyio.run(talk)

    assert "rows" in tools
    assert verdict.structured_content["verdict"] == "forbidden"


@pytest.mark.parametrize("path", ["/api/health", "/mcp"])
def test_neither_answers_to_a_name_that_is_not_this_machines(address: str, path: str) -> None:
    status, _ = get(f"{address}{path}", Host="evil.example")

    assert status in (400, 421)


def test_without_the_mcp_extra_rest_is_mounted_alone(monkeypatch: pytest.MonkeyPatch, doors: Doors) -> None:
    for name in [name for name in sys.modules if name.startswith(("mcp.", "instructory.mcp_server"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)

    found = mounted(doors)

    assert found.offers == ("/api",)
    assert len(found.routes) == 1


@pytest.mark.usefixtures("warm_home")
def test_the_dashboard_takes_them_beside_its_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit import App
    from streamlit.web.server.starlette import starlette_app

    started: dict[str, Any] = {}

    def run(self: Any, *, config: Any) -> None:
        started.update(routes=self._user_routes, config=starlette_app._validate_run_config(config))

    monkeypatch.setattr(App, "run", run)
    monkeypatch.setattr("dashboard.launch.require_free", lambda *_: None)
    monkeypatch.setenv("INSTRUCTORY_OFFLINE", "false")  # launching sets it: put it back afterwards

    done = CliRunner().invoke(app, ["dashboard", "--with-api", "--port", "8598"])

    assert done.exit_code == 0, done.output
    assert "beside the dashboard: /api, /mcp" in done.stderr
    assert [route.path for route in started["routes"]] == ["/api", "/mcp"]
    assert "8598" in str(started["config"])
