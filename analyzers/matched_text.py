"""Matched rows with their texts and what the two share, so that a person can judge them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import pyarrow as pa

from analyzers.base import View
from analyzers.text import word_list, words
from analyzers.views import view_texts
from registry.measurements import MatchedPair

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

SHOWN_CHARS = 4_000
GAP = "___"
_COMPARED_WORDS = 2_000


def explained(
    a: Snapshot,
    b: Snapshot,
    pairs: Sequence[tuple[int, int, float]],
    *,
    view: View | str,
) -> tuple[MatchedPair, ...]:
    """Each (row of `a`, row of `b`, jaccard) with both texts of the view and the text they share.

    Texts are cut to 4,000 characters; see `longest_shared_run` for what is shared.
    """
    texts_a = texts_of(a, [pair[0] for pair in pairs], view)
    texts_b = texts_of(b, [pair[1] for pair in pairs], view)
    return tuple(
        MatchedPair(
            row_a=row_a,
            row_b=row_b,
            jaccard=value,
            text_a=text_a[:SHOWN_CHARS],
            text_b=text_b[:SHOWN_CHARS],
            shared=longest_shared_run(text_a, text_b)[:SHOWN_CHARS],
        )
        for (row_a, row_b, value), text_a, text_b in zip(pairs, texts_a, texts_b, strict=True)
    )


def texts_of(snapshot: Snapshot, rows: Sequence[int], view: View | str) -> list[str]:
    """The texts of one view of the rows at these positions, in the order asked."""
    if not rows:
        return []
    table = snapshot.take(rows, list(View(view).columns)).combine_chunks()
    return [str(text) for batch in table.to_batches() for text in view_texts(batch, view).to_pylist()]


def longest_shared_run(text_a: str, text_b: str) -> str:
    """The longest run of words that stands in both texts, spelt as in the normalised `text_a`.

    Looks at the first 2,000 words of each; empty where they share no word.

    >>> longest_shared_run("Sum the numbers: 3, 4.", "Please sum THE numbers 5")
    'sum the numbers'
    """
    tokens = words(pa.array([text_a, text_b], pa.large_string()))
    border = int(tokens.offsets[1])
    words_a = tokens.hashes[: min(border, _COMPARED_WORDS)].tolist()
    words_b = tokens.hashes[border : border + _COMPARED_WORDS].tolist()
    run = SequenceMatcher(None, words_a, words_b, autojunk=False).find_longest_match()
    if not run.size:
        return ""
    span = tokens.codes[tokens.starts[run.a] : tokens.ends[run.a + run.size - 1]]
    return span.astype("<u4").tobytes().decode("utf-32-le", "replace")


def template(texts: Sequence[str]) -> str:
    """What several texts have in common: the words of the first, each stretch not in all as `___`.

    Looks at the first 2,000 words of each. The common words keep the order of the first text.

    >>> template(["Call Ann at 5 today.", "Call Bo at 7 today."])
    'call ___ at ___ today'
    """
    spellings = [word_list(text)[:_COMPARED_WORDS] for text in texts]
    if not spellings:
        return ""
    common = set(range(len(spellings[0])))
    for other in spellings[1:]:
        blocks = SequenceMatcher(None, spellings[0], other, autojunk=False).get_matching_blocks()
        common &= {place for block in blocks for place in range(block.a, block.a + block.size)}
    shown = [word if place in common else GAP for place, word in enumerate(spellings[0])]
    return " ".join(
        word for word, before in zip(shown, ["", *shown], strict=False) if (word, before) != (GAP, GAP)
    )
