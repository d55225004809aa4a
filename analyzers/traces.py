"""Reasoning blocks of answers and what stands in them: bare counts over texts."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.views import REASONING_CLOSE, REASONING_OPEN

Ints = npt.NDArray[np.int64]

STEP_COUNTS = {
    "numbered": r"(?m)^[ \t>]*(?:\*\*|#+ )?\(?\d{1,3}[.)](?:\*\*)?[ \t]+\S",
    "step_k": r"(?im)^[ \t>]*(?:\*\*|#+ |[-*] )?step[ \t]+\d{1,3}\b",
}
# Self-correction as models write it; each alternative counts where it stands.
REFLECTION = (
    r"(?i)\b(?:wait|hold on|hmm+|actually|alternatively|on second thought|double[- ]check"
    r"|let me (?:re-?)?(?:check|verify|think|consider|examine)|let's (?:re-?)?(?:check|verify|think)"
    r"|that(?:'s| is) (?:not right|wrong|incorrect)|i made (?:a|an) (?:mistake|error)|go back|however"
    r"|but then again|scratch that|try again)\b"
)
CONNECTIVES = (
    r"(?i)\b(?:because|since|therefore|thus|hence|consequently|accordingly|so that|as a result|given that"
    r"|it follows that|provided that|assuming|suppose|unless|otherwise|although|though|whereas|despite|if"
    r"|in order to|due to|implies|then|either|neither|nor|not only|on the other hand|in contrast"
    r"|nevertheless|moreover|furthermore)\b"
)

_BLOCK = re.compile(rf"(?is){REASONING_OPEN}(.*?)(?:{REASONING_CLOSE}|\Z)")
_FIRST_TAG = re.compile(rf"(?is){REASONING_OPEN}|(?P<close>{REASONING_CLOSE})")
_HAS_BLOCK = rf"(?i){REASONING_OPEN}|{REASONING_CLOSE}"


def has_block(texts: pa.LargeStringArray) -> npt.NDArray[np.bool_]:
    """Whether each text holds the tag of a reasoning block."""
    found: npt.NDArray[np.bool_] = pc.match_substring_regex(texts, _HAS_BLOCK).to_numpy(zero_copy_only=False)
    return found


def block_text(text: str) -> str:
    """What stands inside the reasoning blocks of a text, blocks parted by a blank line.

    A block that never closes reaches to the end; a closing tag alone closes a block the prompt opened.

    >>> block_text("<think>Two and two. Wait.</think> 4")
    'Two and two. Wait.'
    """
    first = _FIRST_TAG.search(text)
    if first is None:
        return ""
    opened_before = [text[: first.start()]] if first["close"] else []
    inside = [
        *opened_before,
        *(match[1] for match in _BLOCK.finditer(text, first.end() if opened_before else 0)),
    ]
    return "\n\n".join(part.strip() for part in inside if part.strip())


def paragraphs(texts: pa.LargeStringArray) -> Ints:
    """Paragraphs of each text: runs of lines between blank ones."""
    trimmed = pc.utf8_trim_whitespace(texts)
    breaks = _counts(trimmed, r"\n[ \t]*\n\s*")
    present = pc.greater(pc.utf8_length(trimmed), 0).to_numpy(zero_copy_only=False)
    found: Ints = np.where(present, breaks + 1, 0)
    return found


def step_counts(texts: pa.LargeStringArray) -> dict[str, Ints]:
    """Numbered items and lines that open with "Step k" of each text."""
    return {name: _counts(texts, pattern) for name, pattern in STEP_COUNTS.items()}


def reflections(texts: pa.LargeStringArray) -> Ints:
    """Markers of self-correction in each text."""
    return _counts(texts, REFLECTION)


def connectives(texts: pa.LargeStringArray) -> Ints:
    """Logical connectives in each text."""
    return _counts(texts, CONNECTIVES)


def _counts(texts: pa.LargeStringArray, pattern: str) -> Ints:
    counts: Ints = pc.count_substring_regex(texts, pattern).to_numpy().astype(np.int64)
    return counts
