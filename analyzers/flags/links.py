"""Flags `url_only` and `media_ref`: answers that only point elsewhere, rows that lean on what they lack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from analyzers.arrow import pc
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

_URL_TEXT = "the answer is a link and nothing else"
_MEDIA_TEXT = "an image, recording or attachment is spoken of that the row does not hold"

_LINK = re.compile(
    r"\s*(?:[-*•] |\d+[.)] )?(?:<?(?:https?://|www\.)[^\s<>]+>?|\[[^\[\]\n]*\]\((?:https?://|www\.)[^\s()]+\))[.,;]?\s*"
)
_OPENS_WITH_LINK = matching(r"\A(?:[-*•] |\d+[.)] )?(?:<?https?://|<?www\.|\[)")

_MEDIUM = (
    r"(?:images?|pictures?|photos?|photographs?|screenshots?|diagrams?|infographics?|(?:video|audio|"
    r"sound)(?: clips?| files?|"
    r" recordings?)?|recordings?|attachments?|floor ?plans?)"
)
_MEDIA = re.compile(
    rf"\b(?:attached|enclosed|uploaded) (?:\w+ )?(?:{_MEDIUM}|files?|documents?|pdf|spreadsheet)\b|"
    rf"\b(?:in|from|at|of|see|describe|about|on|for|to|with|analy[sz]e|identify) (?:the|this|these) "
    rf"(?:(?:following|given|provided|above|below) )?{_MEDIUM} (?:above|below|attached|provided|shown)\b|"
    rf"\b(?:following|given|provided|above|below) {_MEDIUM}(?: (?:above|below))?\b|"
    rf"\b{_MEDIUM} (?:is |are )?(?:attached|below|above)\b(?! (?:all|the|average|\d))|"
    r"\bsee (?:the )?attach(?:ed|ment)s?\b|<image>|\[(?:image|picture|photo|video|audio|"
    r"attachment)(?: attached| of [^\]\n]{0,60})?\]|"
    r"\b(?:look at|what(?:'s| is) (?:shown |happening )?in|describe) (?:this|the) (?:image|picture|"
    r"photo|photograph|screenshot)\b|"
    r"(?:这|下面|以下|上面|上述|附件|给定)的?(?:这)?(?:张|幅|段)?(?:图片|照片|图像|视频|音频|截图)",
    re.IGNORECASE,
)
_HAS_MEDIUM = matching(
    r"(?i)image|picture|photo|screenshot|diagram|infographic|video|audio|sound|recording|attach|"
    r"floor ?plan|enclosed|uploaded|"
    r"图片|照片|图像|视频|音频|截图"
)
_HOLDS_MEDIA = (
    r'(?i)"(?:images?|image_url|videos?|audios?|pixel_values|files?|attachments?)" ?: ?(?:"[^"]|\[[^\]]|\{)'
)
_MEDIA_PART = r'(?i)"type" ?: ?"(?:input_)?(?:image|audio|video|file)(?:_url)?"'


def opens_with_link(texts: pa.LargeStringArray) -> Mask:
    """Texts whose first word may be a link."""
    return _OPENS_WITH_LINK(pc.utf8_ltrim_whitespace(texts))


def find_lone_link(text: str) -> Iterator[Span]:
    """The whole text, where every line that says anything is a link."""
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and all(_LINK.fullmatch(line) for line in lines):
        yield Span("", 0, len(text))


def find_media(text: str) -> Iterator[Span]:
    """Words of one question that point to a medium: the attached file, the image below, <image>."""
    return spans("", (match.span() for match in _MEDIA.finditer(text)))


URL_ONLY = TextRule(
    Flag("url_only", 1, Severity.WARN, View.RESPONSE, (), _URL_TEXT),
    lambda turns: turns.last_by_assistant,
    opens_with_link,
    find_lone_link,
)


class MediaRef:
    """Questions that point to a medium, in rows whose other fields hold none."""

    flag = Flag("media_ref", 1, Severity.WARN, View.PROMPT, (), _MEDIA_TEXT)
    _rule = TextRule(flag, lambda turns: turns.by_user, _HAS_MEDIUM, find_media)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        holds = _holding_media(rows)
        return (hit for hit in self._rule.hits(rows) if not holds[hit.row])


def _holding_media(rows: RowTexts) -> Mask:
    """Rows with media in the fields of the row or, as typed parts, in the label of a turn."""
    holds = np.zeros(rows.num_rows, bool)
    if "extra" in rows.batch.rows.schema.names:
        found = pc.match_substring_regex(rows.batch.rows.column("extra"), _HOLDS_MEDIA)
        holds = pc.fill_null(found, False).to_numpy(zero_copy_only=False).copy()
    labelled = np.flatnonzero(rows.turns.has("label"))
    if len(labelled):
        labels = pc.take(rows.turns.field("label"), labelled)
        with_parts = pc.match_substring_regex(labels, _MEDIA_PART).to_numpy(zero_copy_only=False)
        holds[rows.turns.rows[labelled[with_parts]]] = True
    return holds
