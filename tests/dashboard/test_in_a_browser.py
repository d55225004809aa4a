"""The dashboard in a real browser: nothing breaks, nothing sticks out, nothing leaves this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from dashboard.routes import ROUTES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path(os.environ.get("INSTRUCTORY_CHROMIUM", "/usr/bin/chromium"))
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PICTURE = "![x](http://evil.example/x.png) <img src=http://evil.example/y.png>"
ADDRESSES = (
    "dataset?id=sample-human&show=rows",  # first of all: a deep link into a server nobody asked before
    "dataset?id=evil.jsonl&show=rows",
    *(route.name for route in ROUTES),
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, or a skip that says what is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"no browser at {CHROMIUM}; set INSTRUCTORY_CHROMIUM to run this test")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard over a fresh home that holds one hostile file."""
    folder = tmp_path_factory.mktemp("browser")
    hostile = {"instruction": PICTURE, "output": "a\u202eb"}
    (folder / "evil.jsonl").write_text(json.dumps(hostile), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "from dashboard.launch import launch; from registry.fetch import fetch; "
        "from registry.registry import Registry\n"
        f"with Registry.open() as registry: fetch(registry, 'evil.jsonl')\nlaunch({port})"
    )
    environment = {**os.environ, "INSTRUCTORY_HOME": str(folder / "home")}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=environment)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_stands_by_itself(browser: Browser, server: str, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(f"{server}/{address}")
        page.wait_for_selector(SETTLED, timeout=60_000)
        page.wait_for_timeout(400)

        assert page.locator('[data-testid="stException"]').count() == 0
        assert page.locator('[class*="st-key-notice-error"]').count() == 0
        assert page.title().endswith(("Instructory", *(route.title for route in ROUTES)))
        if width > 1000:
            assert page.get_by_role("link", name="Compare").count() == 1
        assert page.evaluate(OVERFLOW) <= 0
        hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme not in {"data", "blob"}}
        assert hosts == {"127.0.0.1"}
    finally:
        page.close()


def test_the_first_page_is_there_in_two_seconds(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    try:
        page.goto(server)
        page.wait_for_selector("h1")
        started = time.monotonic()
        page.reload()
        page.wait_for_selector("h1")

        assert time.monotonic() - started < 4  # 2 s on an idle machine; this one may be busy
    finally:
        page.close()


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert process.poll() is None, "the server ended before it answered"
        try:
            with urlopen(address, timeout=1) as answer:
                if answer.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.25)
    raise AssertionError(f"no answer from {address}")
