from __future__ import annotations

import pytest

from instructory.output import print_table

ROWS = [{"id": "first-of-all", "says": "a text of some length " * 4}, {"id": "b", "says": "短い"}]
COLUMNS = {"id": "name", "says": "what it says"}


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.rstrip().split("\n")


def test_a_pipe_gets_every_row_whole_on_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)

    print_table("2 rows", COLUMNS, ROWS, whole="id")

    lines = lines_of(capsys)
    assert len(lines) == 6  # title, a blank, headings, a rule, two rows
    assert "what it says" in lines[2]
    assert ROWS[0]["says"].strip() in lines[4]


@pytest.mark.parametrize("width", ["40", "120"])
def test_a_told_width_is_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)

    print_table("2 rows", COLUMNS, ROWS, whole="id")

    lines = lines_of(capsys)
    assert max(map(len, lines)) <= int(width)
    assert len(lines) == 6
    assert any(line.startswith(" first-of-all ") for line in lines)
    assert ("…" in lines[4]) is (width == "40")


def test_without_rows_the_headings_stand_alone(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("0 rows", COLUMNS, [], whole="id")

    assert "what it says" in "\n".join(lines_of(capsys))


def test_a_line_break_in_a_cell_moves_no_other_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)

    print_table("2 rows", COLUMNS, [{"id": "a\nb", "says": "x\r\ny"}, {"id": "c", "says": None}], whole="id")

    lines = lines_of(capsys)
    assert len(lines) == 6
    assert lines[5].split() == ["c", "–"]
