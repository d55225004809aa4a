"""How long the first answers take, catalogue in place: wall seconds of fresh processes.

    python -m benchmarks.start_up

`--help`, `list`, and the first page of the dashboard: from its request to its text in the app's own test
runner, after the server's imports, as for the second visitor's browser.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from tempfile import TemporaryDirectory

REPEATS = 5
PAGE = """
import time
import dashboard.data, dashboard.charts
from streamlit.testing.v1 import AppTest
begun = time.perf_counter()
app = AppTest.from_file("dashboard/app.py", default_timeout=60).run()
assert not app.exception, app.exception
print(time.perf_counter() - begun)
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every start some times, print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args(arguments)
    with TemporaryDirectory() as home:
        environment = {**os.environ, "INSTRUCTORY_HOME": home}
        _run(["-m", "instructory", "list", "--limit", "1"], environment)  # the catalogue is in place
        print("| start | wall s, median of 5 |")
        print("| --- | --- |")
        for name, words in (("`--help`", ["--help"]), ("`list`", ["list"])):
            walls = [_wall(["-m", "instructory", *words], environment) for _ in range(REPEATS)]
            print(f"| {name} | {statistics.median(walls):.2f} |")
        pages = [float(_run(["-c", PAGE], environment).split()[-1]) for _ in range(REPEATS)]
        print(f"| first dashboard page | {statistics.median(pages):.2f} |")


def _wall(words: Sequence[str], environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    _run(words, environment)
    return time.perf_counter() - begun


def _run(words: Sequence[str], environment: dict[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout


if __name__ == "__main__":
    main()
