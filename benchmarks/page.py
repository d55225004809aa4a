"""Run every benchmark and write its tables into docs/performance.md.

    python -m benchmarks.page ../shared/data

Each benchmark runs in a process of its own; what it prints stands between its two marks in the page, which
are added at the end where the page lacks them. One that fails leaves its part as it was, and is named.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PAGE = Path("docs") / "performance.md"
# Module of the benchmark, its heading in the page, whether it takes the folder of public files.
BENCHMARKS = (
    ("near_duplicates", "Near-duplicates, text in, flagged rows out", True),
    ("whole_corpus", "All public files at once", True),
    ("signatures", "Signatures", True),
    ("text_statistics", "Text statistics", True),
    ("contamination", "Contamination", True),
    ("tf_idf", "Hashed tf-idf", True),
    ("mixture_build", "Mixture build", True),
    ("start_up", "First answers", False),
    ("registry_scale", "Registry at a million entries", False),
    ("streaming", "Streaming", False),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks named (all without names) and rewrite their parts of the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--only", nargs="+", choices=[name for name, _, _ in BENCHMARKS])
    options = parser.parse_args(arguments)
    failed = []
    for name, heading, takes_data in BENCHMARKS:
        if options.only and name not in options.only:
            continue
        words = [str(options.data)] if takes_data else []
        run = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", *words], capture_output=True, text=True, check=False
        )
        if run.returncode:
            failed.append(name)
            print(f"{name} failed:\n{run.stderr}", file=sys.stderr)
            continue
        print(f"## {heading}\n\n{run.stdout}", flush=True)
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_part(page, name, heading, run.stdout.strip()), encoding="utf-8")
    print(f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}")
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def with_part(page: str, name: str, heading: str, text: str) -> str:
    """The page with `text` between the marks of `name`; a part that is new stands at the end.

    >>> with_part("# Speed", "a", "Any", "1")
    '# Speed\\n\\n## Any\\n\\n<!-- a -->\\n\\n1\\n\\n<!-- end of a -->\\n'
    """
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    body = f"{begin}\n\n{text}\n\n{end}"
    if begin not in page:
        return f"{page.rstrip()}\n\n## {heading}\n\n{body}\n"
    before, _, rest = page.partition(begin)
    return before + body + rest.partition(end)[2]


if __name__ == "__main__":
    main()
