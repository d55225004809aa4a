"""The state of a source before it is read: each file by its hash, each with the shape of its rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.files import sha256_file
from registry.limits import Limits
from registry.readers import RawRow, open_rows
from registry.readers.byte_source import ByteSource
from registry.readers.containers import check_regular
from registry.readers.raw import refusal
from registry.readers.strict_json import canonical
from registry.shapes import SHAPES, Shape, choose_shape
from registry.snapshot import READER_VERSION
from registry.sources import RowSource

SAMPLE_ROWS = 256
SAMPLE_TRIES = 4096
PROBLEMS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file whose bytes are known by their hash and whose rows have a known shape."""

    name: str
    path: Path
    size: int
    sha256: str
    shape: Shape


def pin_files(source: RowSource, limits: Limits) -> list[Pinned]:
    """Every file of `source`, hashed and with its shape chosen from its first rows.

    Raises:
        InputRefusedError: files that cannot be read, are no row files, or have rows of no known shape: all
            of them.
    """
    pinned: list[Pinned] = []
    problems: list[Problem] = []
    for name, path in source.files:
        try:
            size = check_regular(
                path, name, limit=limits.file_bytes, over=limits.exceeded("file_bytes", "the file's size")
            )
            shape = find_shape(ByteSource(path, name, limits))
            pinned.append(Pinned(name, path, size, sha256_file(path), shape))
        except InputRefusedError as error:
            problems += error.problems
    if problems:
        raise InputRefusedError(problems)
    return pinned


def find_shape(source: ByteSource) -> Shape:
    """The shape of the first rows of `source`.

    Raises:
        InputRefusedError: no rows, no readable row, or no known shape.
    """
    sample: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for tried, item in enumerate(open_rows(source).rows()):
        if isinstance(item, RawRow):
            sample.append(item.fields)
        elif len(problems) < PROBLEMS_KEPT:
            problems.append(item.problem)
        if len(sample) >= SAMPLE_ROWS or tried >= SAMPLE_TRIES:
            break
    if not sample and problems:
        raise InputRefusedError(problems, summary="no row can be read")
    if not sample:
        raise refusal(source.name, ProblemCode.NO_ROWS, "the file has no rows")
    shape = choose_shape(sample)
    if shape is None:
        fields = ", ".join(repr(name) for name in list(sample[0])[:12])
        known = ", ".join(shape.name for shape in SHAPES)
        message = f"rows of no known shape, with fields {fields}; known shapes (see docs/shapes.md): {known}"
        raise refusal(source.name, ProblemCode.SCHEMA, message)
    return shape


def snapshot_id(source: RowSource, files: list[Pinned], *, limit: int | None, keep_good: bool) -> str:
    """SHA-256 over all that decides what the snapshot holds; paths and times play no part."""
    identity = {
        "reader": READER_VERSION,
        "dataset": source.dataset,
        "kind": source.kind,
        "repository": source.repository,
        "revision": source.revision,
        "files": [[file.name, file.sha256, file.shape.name] for file in files],
        "skipped": [list(item) for item in source.skipped],
        "limit": limit,
        "keep_good": keep_good,
    }
    return hashlib.sha256(canonical(identity)).hexdigest()
