"""The command that writes a report: one JSON answer, one file, nothing overwritten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from instructory.cli import app


def ask(*words: str | Path, code: int = 0) -> Any:
    done = CliRunner().invoke(app, [*map(str, words), "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_a_report_is_one_file_and_is_not_overwritten(tmp_path: Path) -> None:
    answer = ask("report", "sample-human", "--to", tmp_path / "r.md", "--title", "Ours")
    refused = ask("report", "sample-human", "--to", tmp_path / "r.md", code=3)
    again = ask("report", "sample-human", "--to", tmp_path / "r.md", "--title", "Ours", "--force")

    assert (tmp_path / "r.md").read_text(encoding="utf-8").startswith("# Ours")
    assert answer["bytes"] == (tmp_path / "r.md").stat().st_size
    assert "force replaces it" in refused["errors"][0]["message"]
    assert again == answer
