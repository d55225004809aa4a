"""Commands that speak other people's formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from instructory.cli import app

pytestmark = pytest.mark.usefixtures("warm_home")
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


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("croissant", '{\n  "@context"'),
        ("card", "---\nlicense:"),
        ("bibtex", "@misc{"),
        ("spdx", '{\n  "spdx'),
    ],
)
def test_describe_speaks_every_format(form: str, begins: str) -> None:
    done = runner.invoke(app, ["describe", "alpaca", "--as", form])
    as_json = runner.invoke(app, ["describe", "alpaca", "--as", form, "--json"])

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(begins)
    answer = json.loads(as_json.stdout)
    assert answer["as"] == form
    assert ("document" in answer) == (form in ("croissant", "spdx"))


def test_describe_says_on_stderr_what_is_not_known() -> None:
    done = runner.invoke(app, ["describe", "chatgpt-sft"])

    assert "not known: license, creator, distribution" in done.stderr
    assert "license" not in json.loads(done.stdout)


def test_describe_refuses_a_format_it_does_not_know() -> None:
    assert runner.invoke(app, ["describe", "alpaca", "--as", "pdf"]).exit_code == 3
    assert runner.invoke(app, ["describe", "alpacca"]).exit_code == 2


def test_describe_gives_what_was_written_of_a_mixture(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("parts: [{dataset: sample-human, rows: 5}]\n", encoding="utf-8")
    folder = tmp_path / "mix"
    assert runner.invoke(app, ["mix", str(recipe), "--to", str(folder)]).exit_code == 0

    told = {
        form: runner.invoke(app, ["describe", str(folder), "--as", form]) for form in ("croissant", "card")
    }
    spdx = runner.invoke(app, ["describe", str(folder / "mixture.lock"), "--as", "spdx"])
    (folder / "croissant.json").write_text("{}", encoding="utf-8")

    assert told["croissant"].stdout.startswith('{\n  "@context"')
    assert told["card"].stdout == (folder / "README.md").read_text(encoding="utf-8")
    assert json.loads(spdx.stdout)["packages"][0]["name"] == "mixture-mixture"
    assert runner.invoke(app, ["describe", str(folder)]).exit_code == 7
    assert runner.invoke(app, ["describe", str(folder), "--as", "bibtex"]).exit_code == 3
