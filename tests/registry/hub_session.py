"""A session with the unmodified Hub client in a process of its own: HF_* variables are read at import.

Reads one JSON request a line from stdin, `{"home": ..., "repository": ..., "revision": ...}`, answers with
one line: what `instructory fetch --json` prints, or the error's type and text.
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
    try:
        source = hub.download_rows("theirs", request["repository"], revision=request.get("revision"))
        return read_source(source, home=Path(request["home"]), limits=Limits()).to_json()
    except InstructoryError as error:
        return {"error": type(error).__name__, "text": str(error), "exit": int(error.exit_code)}


if __name__ == "__main__":
    hub.FIRST_WAIT_S = 0.01
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
