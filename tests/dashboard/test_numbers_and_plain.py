import csv
import doctest
import io
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dashboard import charts, selection
from dashboard.views import browse, commands, lengths, mix, numbers, plain, rows
from dashboard.views.numbers import figure, percent, short
from dashboard.views.plain import csv_text, has_hidden, one_line, visible


@pytest.mark.parametrize("share", [1e-9, 0.0004, 0.9996, 1 - 1e-9])
def test_a_share_that_is_not_whole_never_reads_as_none_or_all(share: float) -> None:
    assert percent(share) not in {"0 %", "0.0 %", "100 %", "100.0 %"}


def test_whole_shares_are_written_whole() -> None:
    assert (percent(0), percent(1), percent(None)) == ("0 %", "100 %", "–")


def test_figures_keep_four_digits_and_unknown_is_a_dash() -> None:
    assert [figure(v) for v in (0.58974, 103.598, 2853053.0, None, float("nan"))] == [
        "0.5897",
        "103.6",
        "2,853,053",
        "–",
        "–",
    ]


def test_short_counts_carry_three_digits() -> None:
    assert [short(v) for v in (52002, 1468352, 12)] == ["52.0K", "1.47M", "12"]


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x00", "\x1b", "\U000e0041", "\ufeff", "\u2028"])
def test_what_cannot_be_seen_is_shown(hidden: str) -> None:
    shown = visible(f"a{hidden}b")

    assert hidden not in shown
    assert f"U+{ord(hidden):04X}" in shown
    assert has_hidden(f"a{hidden}b")


@pytest.mark.parametrize("text", ["line\nline\ttab", "naïve 雨 नमस्ते مرحبا", "❤️", "👩‍🔬", "a\u00a0b"])
def test_plain_writing_of_any_script_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@hypothesis_settings(max_examples=50, deadline=None)
@given(st.text())
def test_shown_text_has_no_control_or_direction_character(text: str) -> None:
    assert visible(visible(text)) == visible(text)


def test_one_line_is_one_line_and_short() -> None:
    assert one_line("a\nb  c", 4) == "a b…"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"])
def test_no_csv_cell_starts_a_formula(cell: str) -> None:
    written = list(csv.reader(io.StringIO(csv_text(["x"], [{"x": cell}]))))

    assert written[1][0] == f"'{cell}"


def test_csv_numbers_stay_numbers() -> None:
    assert csv_text(["n", "m"], [{"n": -5, "m": None}]) == "n,m\n-5,\n"


@pytest.mark.parametrize(
    "module",
    [charts, selection, commands, lengths, mix, numbers, plain, rows, browse],
    ids=lambda m: m.__name__,
)
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
