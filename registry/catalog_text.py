"""Putting a block into the text of a catalogue, every byte that stands there kept."""

from __future__ import annotations

import re
from typing import Final

from registry.errors import ProblemCode
from registry.readers.raw import refusal
from registry.strict_yaml import Block, Listing, Scalar, parse_yaml

EMPTY: Final = """\
# Entries of our own, laid over the catalogue in force: INSTRUCTORY_OVERLAY names this file.
# After an edit: instructory check --overlay FILE

format: 1

datasets:
"""
_ITEM: Final = re.compile(r"( *)- ")


def with_block(text: str, block: str, file: str) -> str:
    """The text of a catalogue with `block` (as in a list indented by two) as the last of its datasets.

    Nothing else changes: comments, quotes, order and line ends stay as they are.

    Raises:
        InputRefusedError: the text is no YAML mapping with a block list of datasets.
    """
    root, problems = parse_yaml(text, file)
    if not isinstance(root, Block) or problems or "datasets" not in root.values:
        raise refusal(file, ProblemCode.SYNTAX, "no catalogue that can be added to: run `instructory check`")
    lines = text.splitlines(keepends=True)
    key_line, node = root.values["datasets"]
    indent = _indent(lines, node, file)
    later = [line for line, _ in root.values.values() if line > key_line]
    end = _end_of_section(lines, key_line, min(later) - 1 if later else len(lines))
    shifted = "".join(
        f"{indent}{line.removeprefix('  ')}" if line.strip() else line
        for line in block.splitlines(keepends=True)
    )
    line_end = "\r\n" if "\r\n" in text else "\n"
    before, after = "".join(lines[:end]), "".join(lines[end:])
    if before and not before.endswith("\n"):
        before += line_end
    return before + line_end + shifted.replace("\n", line_end) + after


def _indent(lines: list[str], node: Block | Listing | Scalar, file: str) -> str:
    """What stands before the dash of each dataset."""
    if isinstance(node, Scalar) and node.kind == "null":
        return "  "
    if isinstance(node, Listing) and node.items:
        dash = _ITEM.match(lines[node.items[-1].line - 1])
        if dash is not None:
            return dash[1]
    message = "datasets is no list of blocks with a dash each: write it so, then add to it"
    raise refusal(file, ProblemCode.UNSUPPORTED, message)


def _end_of_section(lines: list[str], begin: int, end: int) -> int:
    """The number of lines up to the last that belongs to a section: comments of the next one stay with it."""
    if end == len(lines):
        return end
    while end > begin and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end
