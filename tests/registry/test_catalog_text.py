"""A block put into a catalogue's text: everything else stays, byte for byte."""

from __future__ import annotations

import pytest
from catalog_blocks import block, catalog_text
from hypothesis import given
from hypothesis import strategies as st

from registry.catalog import load_catalog
from registry.catalog_text import EMPTY, with_block
from registry.errors import InputRefusedError

NEW = block(id="new") + "    # a hint\n"
MARKS = 'benchmarks:\n  - {id: b, name: B, tests: "x"}\n'


def ids(text: str) -> list[str]:
    return [entry.id for entry in load_catalog("mine.yaml", text=text).entries]


def test_a_new_file_takes_its_first_block() -> None:
    result = with_block(EMPTY, NEW, "mine.yaml")

    assert result.startswith(EMPTY)
    assert ids(result) == ["new"]


def test_a_block_goes_to_the_end_of_its_list_and_comments_stay() -> None:
    text = "# top\nformat: 1  # one\ndatasets:\n  # first\n" + block(name="'One'") + "\n# of marks\n" + MARKS

    result = with_block(text, NEW, "mine.yaml")

    assert ids(result) == ["one", "new"]
    assert result.replace("\n" + NEW, "", 1) == text
    assert result.index("# a hint") < result.index("# of marks")


def test_two_blocks_follow_each_other_and_hints_stay_with_theirs() -> None:
    text = with_block(with_block(EMPTY, NEW, "f"), block(id="newer"), "f")

    assert ids(text) == ["new", "newer"]
    assert text.index("# a hint") < text.index("id: newer")


@pytest.mark.parametrize("indent", ["", "    "])
def test_the_indent_of_the_list_is_kept(indent: str) -> None:
    shifted = "".join(f"{indent}{line[2:]}\n" for line in block().splitlines())

    result = with_block("format: 1\ndatasets:\n" + shifted, NEW, "f")

    assert ids(result) == ["one", "new"]
    assert f"\n{indent}- id: new\n" in result


def test_ends_of_lines_are_kept_and_a_missing_last_one_is_added() -> None:
    text = catalog_text(block()).rstrip("\n")

    assert ids(with_block(text, NEW, "f")) == ["one", "new"]
    dos = with_block(catalog_text(block()).replace("\n", "\r\n"), NEW, "f")
    assert dos.count("\n") == dos.count("\r\n")
    assert ids(dos) == ["one", "new"]


@pytest.mark.parametrize("text", ["", "a: [1\n", "datasets: [a, b]\n", "- a\n", "datasets: {a: 1}\n"])
def test_what_is_no_catalogue_is_refused(text: str) -> None:
    with pytest.raises(InputRefusedError):
        with_block(text, NEW, "f")


@given(
    st.integers(0, 3),
    st.lists(st.sampled_from(["# note", "", "   ", "  # deep", "    # deeper"]), max_size=3),
    st.booleans(),
)
def test_whatever_comments_stand_around_nothing_is_lost(count: int, notes: list[str], marks: bool) -> None:
    inside = "".join(line + "\n" for line in notes)
    text = "format: 1\ndatasets:\n" + "".join(block(id=f"d{n}") + inside for n in range(count))
    text += MARKS if marks else ""

    result = with_block(text, NEW, "f")

    assert ids(result) == [*(f"d{n}" for n in range(count)), "new"]
    rest = result.splitlines()
    for line in text.splitlines():
        rest.remove(line)
    assert [line for line in rest if line] == NEW.splitlines()
