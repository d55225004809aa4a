"""Requirements a prompt states that could be checked: the families of IFEval, numbered points, modal limits.

Families after J. Zhou et al., "Instruction-Following Evaluation for Large Language Models"
(arXiv 2311.07911), table 1; the expressions are ours, for English prompts, case ignored. In other
languages hardly anything matches, so the count says something about English prompts only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analyzers.arrow import pc

_NUMBER = (
    r"(?:\d[\d,]*|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|twelve|fifteen|twenty|thirty|fifty|hundred)"
)
_LANGUAGES = (
    r"(?:english|spanish|french|german|italian|portuguese|dutch|russian|ukrainian|polish|swedish|turkish|greek"
    r"|arabic|hebrew|persian|farsi|hindi|urdu|bengali|punjabi|marathi|gujarati|tamil|telugu|kannada|nepali"
    r"|chinese|mandarin|japanese|korean|vietnamese|thai|indonesian|swahili|finnish|bulgarian)"
)

FAMILIES: dict[str, str] = {
    "keywords_include": (
        r"\b(?:include|including|contain|containing|use|using|mention|incorporate|incorporating)\b"
        r"[^.\n]{0,30}\b(?:key)?(?:word|phrase|term)s?\b"
    ),
    "keywords_exclude": (
        r"\b(?:do not|don't|without|avoid|never|not)\s+"
        r"(?:use|using|include|including|mention|mentioning|contain|containing|say|saying)\b"
    ),
    "keyword_frequency": rf"\b{_NUMBER}\s+times\b|\b(?:at\s+least|at\s+most|exactly|only)\s+(?:once|twice)\b",
    "letter_frequency": r"\bletters?\s+[\"'`]?[a-z]\b",
    "language": rf"\b(?:in|into|to|only|using)\s+(?:the\s+)?{_LANGUAGES}\b",
    "length_words": (
        rf"\b{_NUMBER}(?:\s*-\s*|\s+)(?:or\s+(?:more|less|fewer)\s+)?words?\b|\bword\s+(?:count|limit)\b"
    ),
    "length_sentences": rf"\b{_NUMBER}(?:\s*-\s*|\s+)(?:\w+\s+)?sentences?\b",
    "length_paragraphs": rf"\b{_NUMBER}(?:\s*-\s*|\s+)(?:\w+\s+)?paragraphs?\b",
    "length_other": (
        rf"\b{_NUMBER}(?:\s*-\s*|\s+)(?:characters?|letters|lines?|pages?|tokens?|stanzas?|verses?)\b"
    ),
    "bullets": r"\bbullet(?:ed)?[\s-]*(?:points?|lists?|items?)?\b|\bnumbered\s+lists?\b",
    "sections": rf"\b{_NUMBER}\s+(?:sections?|parts|chapters|headings)\b",
    "placeholders": r"\bplaceholders?\b|\bsquare\s+brackets\b",
    "format": r"\b(?:json|xml|yaml|csv|html|markdown|latex|table\s+format|as\s+a\s+table)\b",
    "title": (
        r"\b(?:add|give|with|include|has|have|contain)\s+(?:it\s+)?(?:a|an)\s+(?:\w+\s+)?title\b"
        r"|<<[^<>\n]*>>"
    ),
    "highlight": r"\b(?:highlight(?:ed)?|bold|italics?|italicized|underlined?)\b",
    "case": r"\b(?:all\s+caps|(?:lower|upper)[\s-]?case|capital(?:ized)?\s+letters?|title\s+case)\b",
    "start_end": r"\b(?:start|begin|end|finish|starting|beginning|ending)\b[^.\n]{0,40}\bwith\b",
    "quotes": r"\b(?:double\s+quot(?:es|ation\s+marks)|quotation\s+marks|in\s+quotes)\b",
    "commas": r"\b(?:no|without|avoid|any)\s+(?:\w+\s+){0,2}commas?\b",
    "two_answers": r"\btwo\s+(?:\w+\s+)?(?:responses|answers|versions|alternatives)\b",
    "postscript": r"\bpostscript\b|\bp\.\s?(?:p\.\s?)?s\b",
    "numbered": r"(?m)^[ \t]*\(?\d{1,2}[.)][ \t]+\S",
    "modal": (
        r"\b(?:must|at\s+most|at\s+least|no\s+(?:more|less|fewer)\s+than|only|without|exactly"
        r"|should\s+not|shouldn't|do\s+not|don't)\b"
    ),
}


def family_counts(prompts: pa.LargeStringArray) -> dict[str, npt.NDArray[np.int64]]:
    """Matches of each family in each prompt."""
    return {
        family: pc.count_substring_regex(prompts, f"(?i){pattern}").to_numpy().astype(np.int64)
        for family, pattern in FAMILIES.items()
    }


def count_constraints(prompts: pa.LargeStringArray) -> npt.NDArray[np.int64]:
    """Matches of all families in each prompt; a phrase that two families know counts in both."""
    total = np.zeros(len(prompts), np.int64)
    for counts in family_counts(prompts).values():
        total += counts
    return total
