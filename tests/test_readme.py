"""The README runs as printed: every shell line, then the Python block, in an empty folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def blocks(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, home: Path) -> Path:
    """An empty folder with the recipes of the repository, as after a clone."""
    place = tmp_path / "clone"
    shutil.copytree(ROOT / "examples", place / "examples")
    return place


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=dict(os.environ), capture_output=True, text=True, check=False
    )


def test_every_shell_line_of_the_readme_runs(folder: Path) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
    failed = {}
    for line in lines:
        name, *words = shlex.split(line)
        assert name == "instructory"
        done = run([sys.executable, "-m", name, *words], folder)
        if done.returncode or not done.stdout.strip():
            failed[line] = done.stderr

    assert len(lines) >= 5
    assert failed == {}


def test_the_python_of_the_readme_runs(folder: Path) -> None:
    (block,) = blocks("python")

    done = run([sys.executable, "-W", "error", "-c", block], folder)

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 4


def test_every_command_stands_in_the_readme_or_the_docs() -> None:
    from instructory.cli import app

    written = "\n".join(
        path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    )
    names = [command.name or command.callback.__name__ for command in app.registered_commands]

    assert [name for name in names if f"instructory {name}" not in written] == []
    assert all(command.callback.__doc__ for command in app.registered_commands)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)

    assert [target for target in targets if "://" not in target and not (ROOT / target).exists()] == []
