"""Commands that speak other people's formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from instructory.cli import app

runner = CliRunner()
CARD = """\
---
license: mit
language: en
pretty_name: Tulip Tales
source_datasets: [tatsu-lab/alpaca]
---
"""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(CARD, encoding="utf-8")
    return path


def test_import_card_prints_a_block_with_parents_by_their_ids(card: Path) -> None:
    done = runner.invoke(app, ["import-card", str(card), "--hf-id", "lab/tulips"])

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("  - id: tulips\n    name: Tulip Tales\n    hf_id: lab/tulips\n")
    assert "    derived_from: [alpaca]\n" in done.stdout
    assert "    # category: to be chosen (human-crafted, distillation, self-improvement)\n" in done.stdout


def test_import_card_answers_json_also_when_it_refuses(card: Path) -> None:
    done = runner.invoke(app, ["import-card", str(card), "--json"])
    card.write_text("---\na: [1\n---\n", encoding="utf-8")
    refused = runner.invoke(app, ["import-card", str(card), "--json"])

    assert set(json.loads(done.stdout)) == {"facts", "hints", "missing", "yaml"}
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["errors"][0]["line"] == 3
