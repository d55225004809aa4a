"""One option name, several values: as they stand in the usage line."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from instructory.cli import app
from instructory.many_values import repeated

words = st.sampled_from(["a", "b", "-", "--rule", "--json"])


@settings(max_examples=50, deadline=None)
@given(st.lists(words))
def test_words_without_such_an_option_stay_as_they_are(line: list[str]) -> None:
    assert repeated(line) == line


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "--from", "--json"])))
def test_the_name_may_be_said_once_or_each_time(line: list[str]) -> None:
    once = repeated(line)

    assert repeated(once) == once
    assert [word for word in once if word != "--from"] == [word for word in line if word != "--from"]


def test_several_benchmarks_and_several_files_after_one_name(tmp_path: Path) -> None:
    files = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for number, file in enumerate(files):
        file.write_text(json.dumps({"prompt": f"Question {number}?", "completion": "Yes."}) + "\n")
    runner = CliRunner()

    checked = runner.invoke(
        app, ["contamination", "sample-human", "--against", "sample-benchmark", str(files[0]), "--json"]
    )
    fetched = runner.invoke(app, ["fetch", "gsm8k", "--from", *map(str, files), "--json"])

    assert [found["benchmark"] for found in json.loads(checked.stdout)] == ["sample-benchmark", "one.jsonl"]
    assert json.loads(fetched.stdout)["rows_kept"] == 2
