"""The unmodified Hub client against the local Hub, in a process of its own: it reads HF_* when imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hub_server import HubServer

ROOT = Path(__file__).parents[1]
QUIET = {
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "NO_PROXY": "127.0.0.1,localhost",
}


class Session:
    """The client's process; `fetch` is one request to it."""

    def __init__(self, hub: HubServer, folder: Path, **variables: str) -> None:
        self.hub = hub
        self._home = folder / "snapshots"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        environment = {
            **inherited,
            **QUIET,
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(folder / "hf"),
            **variables,
        }
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("hub_session.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
        )

    def fetch(self, repository: str, revision: str | None = None) -> dict[str, Any]:
        return self._ask({"home": str(self._home), "repository": repository, "revision": revision})

    def run(self, *argv: str, **variables: str) -> dict[str, Any]:
        """What a command answers: `code`, `out`, `err`, and `json` where it was asked for."""
        found = self._ask({"argv": list(argv), "env": variables})
        return {**found, "json": json.loads(found["out"])} if "--json" in argv else found

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        self._process.communicate(timeout=20)
