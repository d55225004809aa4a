"""Flag `lang_mismatch`: the answer is in another language than the question, and nobody asked for that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from analyzers.arrow import pc
from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span, masks_of_hits
from analyzers.language import UNDETERMINED, languages
from analyzers.views import View

_TEXT = "question and answer are in different languages, and the question asks for no language"
MIN_WORDS = 20
SURE = 0.8
# Neighbours that the model confuses in short texts.
_ALIKE = (
    {"no", "nb", "nn", "da", "sv"},
    {"hr", "bs", "sr", "sh", "sl"},
    {"id", "ms", "jv", "su"},
    {"zh", "yue", "wuu", "ja"},
    {"es", "gl", "pt", "ca", "ast", "an"},
    {"cs", "sk"},
    {"ru", "uk", "be", "bg", "mk"},
    {"hi", "mr", "ne", "bh", "sa"},
    {"fa", "ur", "ar", "ckb"},
    {"nl", "af", "li"},
)
# A word for translating or the name of a language: the question may ask for the other one.
_ASKED = re.compile(
    r"translat|traduc|traduz|tradui|übersetz|vertaal|перев|翻译|翻譯|번역|çevir|langu|sprache|idioma|langue|语言|"
    r"\b(?:english|french|german|spanish|italian|portuguese|dutch|russian|chinese|mandarin|japanese|korean|"
    r"arabic|hindi|turkish|polish|swedish|greek|latin|hebrew|bengali|urdu|vietnamese|indonesian|persian|"
    r"inglés|francés|alemán|español|anglais|allemand|espagnol|englisch|französisch|spanisch|inglese)\b|"
    r"英文|英语|中文|法语|日语|德语|英語|日本語|영어|한국어|английск|русск",
    re.IGNORECASE,
)
_CODE = re.compile(r"```|\bdef \w+\(|</\w+>|[;{}]\s*(?:\n|$)|\bSELECT\b.*\bFROM\b")


class LanguageMismatch:
    """Tells the languages only of rows with enough words on both sides that no other test rules out."""

    flag = Flag("lang_mismatch", 1, Severity.WARN, View.RESPONSE, (), _TEXT)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        batch = rows.batch
        long = (batch.words(View.PROMPT).counts >= MIN_WORDS) & (
            batch.words(View.RESPONSE).counts >= MIN_WORDS
        )
        places = np.flatnonzero(long)
        if not len(places):
            return
        prompts: pa.LargeStringArray = pc.take(batch.view(View.PROMPT), places)
        asked_in = languages(prompts, min_score=SURE).to_pylist()
        # The features ask for the languages of all answers anyway; few rows are left to be sure of.
        answered_in = pc.take(batch.languages(View.RESPONSE), places).to_pylist()
        for place, asked, answered, prompt in zip(
            places.tolist(), asked_in, answered_in, prompts.to_pylist(), strict=True
        ):
            if _differ(str(asked), str(answered)):
                yield from _sure_mismatch(rows, place, str(asked), str(prompt))


def _sure_mismatch(rows: RowTexts, row: int, asked_in: str, prompt: str) -> Iterator[Hit]:
    """The hit of a row whose answer is surely in another language that nobody asked for."""
    answer = rows.batch.view(View.RESPONSE)[row].as_py()
    (answered_in,) = languages(pa.array([answer], pa.large_string()), min_score=SURE).to_pylist()
    if not _differ(asked_in, str(answered_in)) or _CODE.search(answer):
        return
    if not _ASKED.search(prompt) and not _ASKED.search(rows.turns.system_text(row)):
        yield Hit(row, None, Span("", 0, len(answer), f"{asked_in}, then {answered_in}"))


def _differ(asked: str, answered: str) -> bool:
    if UNDETERMINED in {asked, answered} or asked == answered:
        return False
    return not any(asked in family and answered in family for family in _ALIKE)
