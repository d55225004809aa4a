"""YAML a person wrote to plain data, with the line of every field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.field_faults import FieldPath
from registry.strict_yaml import Block, Listing, Node, Scalar, parse_yaml, to_python

MAX_BYTES = 1 << 20
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]{1,3})?")


def read_file(path: Path, *, what: str) -> bytes:
    """The bytes of the file `path`, which holds a `what`.

    Raises:
        InputRefusedError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read the {what}: {error.strerror or error}"
        problem = Problem(code=ProblemCode.NO_ACCESS, message=message, file=str(path))
        raise InputRefusedError([problem]) from error


def read_yaml(
    raw: bytes, file: str, *, what: str, fields: Sequence[str]
) -> tuple[dict[str, Any], dict[FieldPath, int]]:
    """The mapping in `raw` as plain data, and the line of each of its fields.

    `what` is what messages call it, `fields` the first of its fields.

    Raises:
        InputRefusedError: not UTF-8, over 1 MiB, broken or unsafe YAML, empty, or not a mapping.
    """
    root, problems = parse_yaml(_decoded(raw, file, what), file)
    if problems:
        raise InputRefusedError(problems)
    if not isinstance(root, Block):
        shape = f"a {what} is a mapping: {', '.join(fields)}, ..."
        message = f"the {what} is empty; {shape}" if root is None else shape
        raise InputRefusedError([Problem(code=ProblemCode.SYNTAX, message=message, file=file, line=1)])
    lines: dict[FieldPath, int] = {(): root.line}
    return _plain(root, (), lines), lines


def _decoded(raw: bytes, file: str, what: str) -> str:
    if len(raw) > MAX_BYTES:
        message = f"{len(raw):,} bytes; a {what} holds at most {MAX_BYTES:,}"
        raise InputRefusedError([Problem(code=ProblemCode.TOO_BIG, message=message, file=file)])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = Problem(code=ProblemCode.ENCODING, message="not UTF-8", file=file, line=line)
        raise InputRefusedError([problem]) from error


def _plain(node: Node, where: FieldPath, lines: dict[FieldPath, int]) -> Any:
    if isinstance(node, Block):
        lines.update({(*where, name): line for name, (line, _) in node.values.items()})
        return {name: _plain(value, (*where, name), lines) for name, (_, value) in node.values.items()}
    if isinstance(node, Listing):
        lines.update({(*where, n): item.line for n, item in enumerate(node.items)})
        return [_plain(item, (*where, n), lines) for n, item in enumerate(node.items)]
    return _number_or_text(node)


def _number_or_text(node: Scalar) -> Any:
    if node.kind == "number" and _DECIMAL.fullmatch(node.text):
        return float(node.text)
    return to_python(node)
