"""The part of a text that is not code."""

from __future__ import annotations

import re

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)


def without_code(text: str) -> str:
    """`text` with its fenced blocks and code spans blanked out; every other character keeps its place."""
    return _CODE.sub(blanked, text) if "`" in text else text


def blanked(match: re.Match[str]) -> str:
    """As many spaces as the match is long."""
    return " " * len(match[0])
