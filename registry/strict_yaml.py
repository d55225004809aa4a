"""YAML read strictly, with the line of every key and value.

One pass over libyaml's events builds a small tree. Tags, anchors, aliases, merge keys, repeated keys,
a second document and nesting over 32 are faults; all of them are found in one run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import yaml

from registry.errors import Problem, ProblemCode, excerpt

MAX_DEPTH = 32
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_KINDS: dict[str, ScalarKind] = {
    "tag:yaml.org,2002:bool": "boolean",
    "tag:yaml.org,2002:int": "number",
    "tag:yaml.org,2002:float": "number",
    "tag:yaml.org,2002:null": "null",
    "tag:yaml.org,2002:timestamp": "date",
    "tag:yaml.org,2002:merge": "merge",
}
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
_TRUE = frozenset({"yes", "true", "on", "y"})

ScalarKind: TypeAlias = Literal["text", "boolean", "number", "null", "date", "merge"]


@dataclass(slots=True)
class Scalar:
    """One value: `text` as written, `kind` as YAML 1.1 reads it."""

    line: int
    text: str
    kind: ScalarKind


@dataclass(slots=True)
class Listing:
    """A sequence of nodes."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """A mapping: name -> (line of the key, value)."""

    line: int
    values: dict[str, tuple[int, Node]] = field(default_factory=dict)


Node: TypeAlias = Scalar | Listing | Block


class Unreadable:
    """Stands for a value that is neither text, boolean, whole number nor null; no field accepts it."""


UNREADABLE = Unreadable()


def to_python(node: Node) -> Any:
    """`node` as dict, list, str, bool, int or None; anything else as `UNREADABLE`."""
    if isinstance(node, Block):
        return {name: to_python(value) for name, (_, value) in node.values.items()}
    if isinstance(node, Listing):
        return [to_python(item) for item in node.items]
    return _scalar_value(node)


def _scalar_value(node: Scalar) -> str | bool | int | Unreadable | None:
    if node.kind in ("text", "merge"):
        return node.text
    if node.kind == "boolean":
        return node.text.lower() in _TRUE
    if node.kind == "null":
        return None
    return int(node.text) if _PLAIN_NUMBER.fullmatch(node.text) and len(node.text) < 20 else UNREADABLE


def parse_yaml(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of the one document in `text` (None where it is empty or broken) and every fault found."""
    reader = _Reader(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if not reader.take(event):
                break
    except yaml.YAMLError as error:
        reader.problems.append(_syntax_problem(error, text, file))
        return None, reader.problems
    return reader.root, reader.problems


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        line = mark.line + 1
    else:
        position = getattr(error, "position", None)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else None
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable as YAML"
    return Problem(code=ProblemCode.SYNTAX, message=str(reason), file=file, line=line)


class _Reader:
    """Builds the tree from parser events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._documents = 0
        self._open: list[Listing | Block] = []
        self._keys: list[tuple[str, int] | None] = []  # the key waiting for its value, per open node

    def take(self, event: yaml.Event) -> bool:
        """Use one event; False ends the reading."""
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_extras(event)
            self._place(_scalar(event))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._refuse_extras(event)
            return self._start(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._fault(ProblemCode.ALIAS, f"alias *{event.anchor}: write the value out", event)
            self._place(Scalar(_line(event), "", "text"))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._fault(ProblemCode.SYNTAX, "a second document: keep one in a file", event)
                return False
        return True

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> bool:
        if len(self._open) >= MAX_DEPTH:
            self._fault(ProblemCode.TOO_DEEP, f"nested deeper than {MAX_DEPTH}", event)
            return False
        line = _line(event)
        node: Listing | Block = Block(line) if isinstance(event, yaml.MappingStartEvent) else Listing(line)
        self._place(node)
        self._open.append(node)
        self._keys.append(None)
        return True

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Listing):
            parent.items.append(node)
            return
        waiting = self._keys[-1]
        if waiting is None:
            self._keys[-1] = self._key(node), node.line
            return
        self._keys[-1] = None
        name, line = waiting
        if name in parent.values:
            first = parent.values[name][0]
            self._fault_at(
                ProblemCode.DUPLICATE_KEY, f"key {name!r} stands twice, first on line {first}", line
            )
        parent.values.setdefault(name, (line, node))

    def _key(self, node: Node) -> str:
        if not isinstance(node, Scalar):
            self._fault_at(ProblemCode.WRONG_TYPE, "a key must be text", node.line)
            return f"line {node.line}"
        if node.kind == "merge":
            self._fault_at(ProblemCode.ALIAS, "merge key <<: write the values out", node.line)
        elif node.kind != "text":
            self._fault_at(
                ProblemCode.WRONG_TYPE,
                f"YAML reads the key {node.text!r} as a {node.kind}: quote it",
                node.line,
            )
        return node.text

    def _refuse_extras(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._fault(
                ProblemCode.ALIAS, f"anchor &{event.anchor}: write the value where it is needed", event
            )
        if event.tag is not None:
            self._fault(ProblemCode.TAG, f"tag {event.tag}: tags are not allowed", event)

    def _fault(self, code: ProblemCode, message: str, event: yaml.Event) -> None:
        self._fault_at(code, message, _line(event))

    def _fault_at(self, code: ProblemCode, message: str, line: int) -> None:
        self.problems.append(Problem(code=code, message=excerpt(message), file=self.file, line=line))


def _line(event: yaml.Event) -> int:
    """The line where an event starts, counted from 1."""
    assert event.start_mark is not None  # the parser marks every event
    return event.start_mark.line + 1


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    line = _line(event)
    if event.style or event.tag is not None:
        return Scalar(line, event.value, "text")
    for tag, pattern in _RESOLVERS.get(event.value[:1], ()):
        if pattern.match(event.value):
            return Scalar(line, event.value, _KINDS.get(tag, "text"))
    return Scalar(line, event.value, "text")
