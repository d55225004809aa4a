"""Flag `toxicity`: words of a small list stand in the row. A hit of words, never a judgement of meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from analyzers.flags.rule import MAX_SPANS, Flag, Severity, Span, TextRule, matching
from analyzers.views import View

CODES = ("profanity", "slur", "threat", "sexual")
_TEXT = "words of a short list of insults, slurs, threats or sexual terms stand in the row"

# English word families. Short on purpose: words that are mostly harmless elsewhere are left out.
_FAMILIES = {
    "profanity": (
        r"f[u*]ck(?:s|ed|er|ers|ing|in|wit)?|motherf[u*]ck(?:er|ers|ing)|bullshit|horseshit|"
        r"sh[i*]t(?:s|ty|head|heads|ting)?|assholes?|arseholes?|dumbass(?:es)?|jackass(?:es)?|b[i*]tch(?:es|y|ing)?|"
        r"bastards?|wank(?:er|ers)|dickheads?|c[u*]nts?|pissed off|twats?"
    ),
    "slur": (
        r"n[i1*]gg(?:er|ers|a|as|az)|f[a@*]gg?ots?|trann(?:y|ies)|wetbacks?|towelheads?|ragheads?|"
        r"kikes?|gooks?|retards?|chinks?(?! in )|dykes?(?= (?:like|are|should|who))"
    ),
    "threat": (
        r"(?:i(?:'ll| will| am going to|'m going to|'m gonna| swear i'll)|we(?:'ll| will)) "
        r"(?:kill|murder|strangle|stab|shoot|rape|hurt|beat) (?:you|u|her|him|them|your (?:family|kids?|"
        r"wife|husband|mother))|(?:kill|hang|shoot) yourself(?: already)?|you (?:should|deserve to) die\b|"
        r"hope you die"
    ),
    "sexual": (
        r"blow ?jobs?|hand ?jobs?|cum ?shots?|gang ?bang(?:s|ed)?|deep ?throat(?:s|ed|ing)?|"
        r"jerk(?:s|ed|ing)? off|masturbat(?:e|es|ed|ing|ion)|porn(?:o|os|hub)?|hentai|milfs?|"
        r"dildos?|butt ?plugs?|nudes"
    ),
}
_OF_FIRES = re.compile(r"(?:flame|fire)[- ]retard", re.IGNORECASE)
_RULES = {
    code: re.compile(rf"(?<![\w'-])(?:{family})(?!\w)", re.IGNORECASE) for code, family in _FAMILIES.items()
}
# RE2 has no lookarounds: without them the families let through a few texts too many, never too few.
_LOOKAHEAD = re.compile(r"\(\?[!=](?:[^()]|\([^()]*\))*\)")
_STEMS = "|".join(_LOOKAHEAD.sub("", family) for family in _FAMILIES.values())
_FAMILY_WORDS = matching(rf"(?i)\b(?:{_STEMS})")


def find(text: str) -> Iterator[Span]:
    """Words of the families, as whole words; "retard" as a verb of fires and moulds is left out."""
    for code, rule in _RULES.items():
        found = (match for match in rule.finditer(text) if not _is_harmless(text, match))
        for match in islice(found, MAX_SPANS):
            yield Span(code, match.start(), match.end())


TOXICITY = TextRule(
    Flag("toxicity", 1, Severity.INFO, View.ALL, CODES, _TEXT),
    lambda turns: turns.everything,
    _FAMILY_WORDS,
    find,
)


def _is_harmless(text: str, match: re.Match[str]) -> bool:
    """Whether the word is a homonym: flames and moulds are retarded too."""
    return match[0].lower().startswith("retard") and bool(
        _OF_FIRES.search(text, max(match.start() - 8, 0), match.end())
        or re.match(r"retards? (?:the|growth|mold|mould|spoil|corro)", text[match.start() :], re.IGNORECASE)
    )
