"""Faults of a catalogue, each with its line, entry and field, in words that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel

from registry.entry import MAX_TEXT, Benchmark, Conflict, Entry, Evidence, Reading
from registry.errors import Problem, ProblemCode, excerpt
from registry.strict_yaml import Block, Listing, Node, Scalar

_INNER: Final[Mapping[str, type[BaseModel]]] = {
    "evidence": Evidence,
    "conflicts": Conflict,
    "readings": Reading,
}
_WANTED: Final[Mapping[str, str]] = {
    "string_type": "text",
    "enum": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
}

Path = tuple[str | int, ...]
Add = Callable[..., None]


@dataclass(slots=True)
class Record:
    """One block of the file; `model` is None where it is invalid."""

    label: str
    node: Block
    model: Entry | Benchmark | None = None

    def line(self, name: str | None = None) -> int:
        """The line of the field `name`, else of the block."""
        return self.node.values[name][0] if name in self.node.values else self.node.line


@dataclass(slots=True)
class Faults:
    """The faults found so far in one file."""

    file: str
    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        code: ProblemCode,
        message: str,
        *,
        line: int | None = None,
        entry: str | None = None,
        field: str | None = None,
        excerpt: str | None = None,
    ) -> None:
        """Note one fault."""
        problem = Problem(
            code=code, message=message, file=self.file, line=line, entry=entry, field=field, excerpt=excerpt
        )
        self.found.append(problem)

    def add_to(self, record: Record, code: ProblemCode, message: str, name: str) -> None:
        """Note a fault of the field `name` of `record`."""
        self.add(code, message, line=record.line(name), entry=record.label, field=name)


def unknown_key(name: str, known: Sequence[str]) -> str:
    """Says that a key is not known and offers the nearest."""
    return f"key {excerpt(name)!r} is not known{offer(name, known, otherwise=True)}"


def offer(name: str, known: Sequence[str], *, otherwise: bool = False) -> str:
    """The nearest of `known` as the end of a message; `otherwise` names all of them where none is near."""
    near = get_close_matches(name, known, n=3)
    if near:
        return f"; did you mean {', '.join(near)}?"
    return f"; known: {', '.join(known)}" if otherwise else ""


def empty_values(node: Node, path: Path, add: Add) -> Iterator[Path]:
    """Report every value left empty or too long, and give the places of the empty ones.

    A fact that is not known is left out, not written down as nothing.
    """
    if isinstance(node, Scalar):
        if node.kind == "null":
            message = "empty value: leave the key out, or quote it if this text is meant"
            add(ProblemCode.NULL_FIELD, message, line=node.line, field=dotted(path))
            yield path
        elif len(node.text) > MAX_TEXT:
            message = f"{len(node.text):,} characters, the limit is {MAX_TEXT:,}"
            add(ProblemCode.TOO_BIG, message, line=node.line, field=dotted(path))
            yield path
    elif isinstance(node, Listing):
        for index, item in enumerate(node.items):
            yield from empty_values(item, (*path, index), add)
    else:
        for name, (_, item) in node.values.items():
            yield from empty_values(item, (*path, name), add)


def add_detail(detail: Any, node: Block, model: type[BaseModel], add: Add) -> None:
    """Note one error of pydantic as a located fault."""
    path: Path = detail["loc"]
    line, found = _locate(node, path)
    code, message = _explain(detail, found, path, model)
    shown = excerpt(found.text) if isinstance(found, Scalar) else None
    add(code, message, line=line, field=dotted(path), excerpt=shown)


def dotted(path: Sequence[str | int]) -> str:
    """A place inside an entry, such as `evidence[0].status`."""
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return shown.lstrip(".")


def _explain(
    detail: Any, found: Node | None, path: Sequence[str | int], model: type[BaseModel]
) -> tuple[ProblemCode, str]:
    kind = detail["type"]
    if kind == "missing":
        return ProblemCode.MISSING_FIELD, f"{path[-1]} is missing"
    if kind == "extra_forbidden":
        return ProblemCode.UNKNOWN_KEY, unknown_key(str(path[-1]), _fields_at(model, path[:-1]))
    if kind == "enum" and isinstance(found, Scalar) and found.kind == "text":
        offered = offer(found.text, _terms(detail), otherwise=True)
        return ProblemCode.BAD_VALUE, f"{_shown(found)} is not a known term{offered}"
    if kind in list(ProblemCode):
        return ProblemCode(kind), detail["msg"]
    if kind.endswith("_type") or kind == "enum":
        return ProblemCode.WRONG_TYPE, _wrong_type(kind, found)
    return ProblemCode.BAD_VALUE, f"{_shown(found)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _wrong_type(kind: str, found: Node | None) -> str:
    wanted = _WANTED.get(kind, "a mapping")
    if not isinstance(found, Scalar):
        return f"expects {wanted}, not a {'list' if isinstance(found, Listing) else 'mapping'}"
    if wanted == "text":
        return _not_text(found)
    return f"expects {wanted}, not the {found.kind} {excerpt(found.text)!r}"


def _not_text(found: Scalar) -> str:
    return f"expects text, but YAML reads {excerpt(found.text)!r} as a {found.kind}: quote it"


def _terms(detail: Any) -> list[str]:
    expected = detail.get("ctx", {}).get("expected", "")
    return [part.strip("' ") for part in expected.replace(" or ", ", ").split(",")]


def _shown(found: Node | None) -> str:
    return repr(excerpt(found.text)) if isinstance(found, Scalar) else "the value"


def _fields_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    names = [part for part in path if isinstance(part, str)]
    return list((_INNER.get(names[-1], model) if names else model).model_fields)


def _locate(node: Block, path: Sequence[str | int]) -> tuple[int, Node | None]:
    """(line, node) of `path`; the line of the nearest block around it, and None, where it is missing."""
    here: Node = node
    line = node.line
    for part in path:
        if isinstance(here, Block) and part in here.values:
            line, here = here.values[str(part)]
        elif isinstance(here, Listing) and isinstance(part, int) and part < len(here.items):
            here = here.items[part]
            line = here.line
        else:
            return line, None
    return line, here
