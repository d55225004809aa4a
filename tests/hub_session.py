"""A session with the unmodified Hub client in a process of its own: HF_* variables are read at import.

Reads one JSON request a line from stdin, `{"home": ..., "repository": ..., "revision": ...}`, answers with
one line: what `instructory fetch --json` prints, or the error's type and text.
`{"argv": [...], "env": {...}}` runs a command instead: `{"code", "out", "err"}`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import registry.hub as hub
from registry.errors import InstructoryError
from registry.limits import Limits
from registry.reading import read_source


def answer(request: dict[str, Any]) -> dict[str, Any]:
    if "argv" in request:
        return run(request["argv"], request["env"])
    try:
        source = hub.download_rows("theirs", request["repository"], revision=request.get("revision"))
        return read_source(source, home=Path(request["home"]), limits=Limits()).to_json()
    except InstructoryError as error:
        return {"error": type(error).__name__, "text": str(error), "exit": int(error.exit_code)}


def run(argv: list[str], variables: dict[str, str]) -> dict[str, Any]:
    from typer.testing import CliRunner

    from instructory.cli import app

    done = CliRunner().invoke(app, argv, env=variables)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return {"code": done.exit_code, "out": done.stdout, "err": done.stderr}


if __name__ == "__main__":
    hub.FIRST_WAIT_S = 0.01
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
