"""The front matter of a dataset card: strict YAML, looked at field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.strict_yaml import Block, Listing, Node, Scalar, parse_yaml

_FENCED = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_COUNT = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields of a card's front matter; values are texts as written, whatever YAML would make of them.

    So `language: no` is Norwegian, and no value is ever a date or a float.
    """

    block: Block

    def has(self, name: str) -> bool:
        """Whether the field stands there with a value."""
        node = self._node(name)
        return node is not None and not (isinstance(node, Scalar) and node.kind == "null")

    def text(self, name: str) -> str | None:
        """The one text of a field; None where it is missing, null or no text."""
        node = self._node(name)
        return node.text if isinstance(node, Scalar) and node.kind != "null" else None

    def texts(self, name: str) -> list[str]:
        """The texts of a field that holds one or a list; anything nested is left out."""
        node = self._node(name)
        items = node.items if isinstance(node, Listing) else [node] if node is not None else []
        found = [item.text.strip() for item in items if isinstance(item, Scalar) and item.kind != "null"]
        return [text for text in found if text]

    def split_rows(self) -> list[tuple[str, str, int]]:
        """Configuration, split and rows of every split that `dataset_info` counts, in its order."""
        found = []
        for info in self._infos():
            config = _text_in(info, "config_name") or "default"
            for split in _blocks(info.values.get("splits")):
                count = _text_in(split, "num_examples") or ""
                if _COUNT.fullmatch(count):
                    found.append((config, _text_in(split, "name") or "rows", int(count)))
        return found

    def columns(self) -> list[str]:
        """Names of the columns of the first configuration that `dataset_info` describes."""
        infos = self._infos()
        features = _blocks(infos[0].values.get("features")) if infos else []
        return [name for feature in features if (name := _text_in(feature, "name"))]

    def column_types(self) -> set[str]:
        """Every `dtype` that stands directly at a column of any configuration."""
        return {
            dtype
            for info in self._infos()
            for feature in _blocks(info.values.get("features"))
            if (dtype := _text_in(feature, "dtype"))
        }

    def _infos(self) -> list[Block]:
        return list(_blocks(self.block.values.get("dataset_info")))

    def _node(self, name: str) -> Node | None:
        return self.block.values[name][1] if name in self.block.values else None


def front_matter(text: str, file: str) -> tuple[FrontMatter, str]:
    """The front matter of a card and its body; an empty one where the card has none.

    Raises:
        InputRefusedError: it is broken YAML, no mapping, or holds tags, anchors, aliases or repeated keys.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    fenced = _FENCED.match(text)
    if fenced is None:
        return FrontMatter(Block(1)), text
    # The fence is line 1: one line feed before the YAML keeps the numbers of its lines right.
    root, problems = parse_yaml("\n" + fenced[1], file)
    # Keys that are numbers stand below features that this module does not read.
    faults = [problem for problem in problems if problem.code is not ProblemCode.WRONG_TYPE]
    if root is not None and not isinstance(root, Block) and fenced[1].strip():
        message = "the front matter is no mapping of fields"
        faults.append(Problem(code=ProblemCode.NOT_OBJECT, message=message, file=file, line=2))
    if faults:
        raise InputRefusedError(faults)
    return FrontMatter(root if isinstance(root, Block) else Block(1)), text[fenced.end() :]


def _blocks(value: tuple[int, Node] | None) -> Iterator[Block]:
    """The mapping or the mappings of a list."""
    node = value[1] if value else None
    items = node.items if isinstance(node, Listing) else [node]
    return iter([item for item in items if isinstance(item, Block)])


def _text_in(block: Block, name: str) -> str | None:
    node = block.values[name][1] if name in block.values else None
    return node.text if isinstance(node, Scalar) and node.kind != "null" else None
