"""Strict YAML: the tree says what a plain reader says, and what is not allowed is found with its line."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ProblemCode
from registry.strict_yaml import MAX_DEPTH, UNREADABLE, parse_yaml, to_python

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def codes(text: str) -> list[tuple[str, int | None]]:
    return [(str(problem.code), problem.line) for problem in parse_yaml(text, "f.yaml")[1]]


@settings(max_examples=50, deadline=None)
@given(plain_values)
def test_what_a_writer_wrote_is_read_back(value: object) -> None:
    text = yaml.safe_dump(value)  # escapes what is not ASCII: PyYAML loses a bare U+0085 otherwise

    root, problems = parse_yaml(text, "f.yaml")

    assert problems == []
    assert root is not None
    assert to_python(root) == value


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_tree_or_problems_and_never_raises(text: str) -> None:
    root, problems = parse_yaml(text, "f.yaml")

    assert root is None or to_python(root) is not ... or problems


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text("abcxyz", min_size=1, max_size=4), st.integers(0, 9), min_size=1, max_size=6))
def test_every_key_knows_its_line(values: dict[str, int]) -> None:
    quoted = "".join(f'"{name}": {value}\n' for name, value in values.items())

    root, _ = parse_yaml("\n" + quoted, "f.yaml")

    assert [line for line, _ in root.values.values()] == list(range(2, 2 + len(values)))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "duplicate_key", 3),
        ("a: &x 1\n", "alias", 1),
        ("a: 1\nb: *x\n", "alias", 2),
        ("a:\n  <<: {b: 1}\n", "alias", 2),
        ("a: !!str 1\n", "tag", 1),
        ("a: !thing {b: 1}\n", "tag", 1),
        ("a: 1\n---\nb: 2\n", "syntax", 2),
        ("a: [1\nb: 2\n", "syntax", 2),
        ("no: 1\n", "wrong_type", 1),
        ("? [a]\n: 1\n", "wrong_type", 1),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "too_deep", 1),
        ("a: \x07\n", "syntax", None),
    ],
)
def test_what_is_not_allowed_is_found(text: str, code: str, line: int | None) -> None:
    assert (code, line) in [(found, place if line else None) for found, place in codes(text)]


def test_all_faults_are_found_in_one_run() -> None:
    found = codes("a: &x 1\nb: *x\na: !!int 2\n")

    assert [code for code, _ in found] == ["alias", "alias", "tag", "duplicate_key"]


@pytest.mark.parametrize(
    "written", ["no", "Yes", "on", "~", "", "1.10", "2023-01-01", "0x1F", "1_000", "12:30:45"]
)
def test_scalars_that_yaml_would_change_are_not_text(written: str) -> None:
    root, _ = parse_yaml(f"a: {written}\n", "f.yaml")

    assert root.values["a"][1].kind != "text"  # type: ignore[union-attr]
    assert not isinstance(to_python(root)["a"], str)  # type: ignore[arg-type]


def test_only_plain_decimal_numbers_are_numbers() -> None:
    root, _ = parse_yaml("[7, -3, 007, 1e3, 1.5, 0x10, 99999999999999999999999]", "f.yaml")

    assert to_python(root)[:2] == [7, -3]  # type: ignore[arg-type]
    assert [x for x in to_python(root)[2:] if not isinstance(x, str)] == [UNREADABLE] * 4  # type: ignore[arg-type]


def test_quoted_scalars_are_text() -> None:
    root, problems = parse_yaml("a: \"no\"\nb: '12'\nc: |\n  null\n", "f.yaml")

    assert problems == []
    assert to_python(root) == {"a": "no", "b": "12", "c": "null\n"}  # type: ignore[arg-type]


def test_an_alias_bomb_is_refused_quickly() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))
    start = time.process_time()

    _, problems = parse_yaml(text, "f.yaml")

    assert {problem.code for problem in problems} == {ProblemCode.ALIAS}
    assert time.process_time() - start < 2
