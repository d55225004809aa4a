"""Flag `template_leak`: marks of a chat or prompt template inside what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from analyzers.flags.prose import without_code
from analyzers.flags.rule import (
    Flag,
    Hit,
    Mask,
    RowTexts,
    Severity,
    Span,
    TextRule,
    masks_of_hits,
    matching,
    spans,
)
from analyzers.views import View

CODES = ("special_token", "instruction_header", "speaker_label")
_TEXT = "special tokens, prompt headers or speaker labels of a chat template stand in the text"

# Any <|name|> counts but those that models are meant to write: reasoning marks, see `reasoning`.
_SPECIAL = (
    r"<\|[A-Za-z]\w*\|>|<｜[^<>｜\n]{2,24}｜>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
    r"|<(?:eoh|eoa|eom|eop|eot|pad|unk|bos|eos)>|</s>\s*(?:<s>|\Z)"
)
_WRITTEN = re.compile(r"<\|(?:begin|end)_of_(?:thought|solution)\|>", re.IGNORECASE)
_TOKEN_AT = re.compile(_SPECIAL, re.IGNORECASE)
_HEADER_AT = re.compile(
    r"^#{2,3} ?(?:Instruction|Response|Input|Human|Assistant|User|System)s?:", re.MULTILINE
)
_LABEL_AT = re.compile(r"^[ \t]*(?:Human|HUMAN):|\A\s*(?:Assistant|ASSISTANT):", re.MULTILINE)
_HAS_MARK = matching(r"<\||<｜|INST\]|(?i:<</?sys>>|_of_turn>|<(?:eo[hampts]|pad|unk|bos)>)|</s>|##")
_HAS_LABEL = matching(r"(?:Human|Assistant|HUMAN|ASSISTANT):")


def find_mark(text: str) -> Iterator[Span]:
    """Special tokens such as <|im_end|>, [INST] or <eos>, and headers such as `### Response:`."""
    tokens = (match for match in _TOKEN_AT.finditer(text) if not _WRITTEN.fullmatch(match[0]))
    yield from spans("special_token", (match.span() for match in tokens))
    yield from spans("instruction_header", (match.span() for match in _HEADER_AT.finditer(text)))


def find_label(text: str) -> Iterator[Span]:
    """Lines of an answer that begin with `Human:`, and `Assistant:` at its very beginning; not in code."""
    return spans("speaker_label", (match.span() for match in _LABEL_AT.finditer(without_code(text))))


class TemplateLeak:
    """Marks in any turn or the system text, speaker labels in answers only: users do quote dialogues."""

    flag = Flag("template_leak", 1, Severity.ERROR, View.ALL, CODES, _TEXT)
    _rules = (
        TextRule(flag, lambda turns: turns.everything, _HAS_MARK, find_mark),
        TextRule(flag, lambda turns: turns.by_assistant, _HAS_LABEL, find_label),
    )

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        for rule in self._rules:
            yield from rule.hits(rows)
