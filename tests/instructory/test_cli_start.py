"""The command line starts light and says what it can do."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

ASK_FOR_HELP = """
import sys
sys.argv = ['instructory', '--help']
from instructory.cli import app
try:
    app()
except SystemExit:
    pass
"""
HEAVY = (
    *("alembic", "datasets", "datasketch", "fastapi", "huggingface_hub", "mcp", "mlcroissant", "pandas"),
    *("pyarrow", "sklearn", "sqlmodel", "starlette", "uvicorn"),
)


def loaded_modules(code: str) -> set[str]:
    report = "import sys, json; print('\\n' + json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.strip().splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import instructory",
        "from instructory import cli",
        ASK_FOR_HELP,
    ],
)
def test_the_front_door_loads_nothing_heavy(code: str) -> None:
    assert loaded_modules(code) & set(HEAVY) == set()


def test_a_file_that_shadows_a_room_is_named_in_the_import_error(tmp_path) -> None:
    shadow = tmp_path / "registry.py"
    shadow.write_text("")

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import instructory"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "ImportError" in done.stderr
    assert str(shadow) in done.stderr
