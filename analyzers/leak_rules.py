"""The rules by which a row holds an item of a benchmark, and the n-grams no rule looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
import pyarrow as pa

from analyzers.text import Hashes, ngrams, words
from registry.errors import UnknownNameError

ALL_RULES = "all"
DEFAULT_RULE = "ngram13"
MAX_ITEMS = 10
"""An n-gram in more items than this is the benchmark's own boilerplate."""
ANSWER_WORDS = 8
"""A shorter answer stands in rows that have nothing to do with the benchmark."""


class Kind(StrEnum):
    """What makes a row hold an item.

    `whole`: equal words. `any`: one shared n-gram. `span`: one shared n-gram that holds words of the answer.
    `share`: a share of the item's distinct n-grams. `cover`: a share of its words that lie in shared n-grams.
    `cluster`: a share of its n-grams, weighted by rarity, in one stretch of the row.
    """

    WHOLE = "whole"
    ANY = "any"
    SPAN = "span"
    SHARE = "share"
    COVER = "cover"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `n` words in its n-grams (None: whole texts), `share` from which an item is found.

    `version` rises whenever the same rows would be found otherwise.
    """

    name: str
    kind: Kind
    text: str
    n: int | None = None
    share: float | None = None
    version: int = 1


_RULES = (
    Rule("exact", Kind.WHOLE, "a prompt has the same words as the question"),
    Rule("ngram8_any", Kind.ANY, "a row shares a run of 8 words with the question", 8, version=2),
    Rule(
        "ngram_cover",
        Kind.COVER,
        "more than half of the question's words lie in runs of 8 words that one row shares",
        8,
        0.5,
    ),
    Rule(
        "ngram12",
        Kind.SPAN,
        "a row shares a run of 12 words of the answer, or of the question's end and the answer",
        12,
    ),
    Rule("ngram13", Kind.ANY, "a row shares a run of 13 words with the question", 13, version=2),
    Rule(
        "containment",
        Kind.SHARE,
        "one row holds 80 % of the question's distinct runs of 5 words",
        5,
        0.8,
        version=2,
    ),
    Rule(
        "idf_cluster",
        Kind.CLUSTER,
        "one stretch of a row holds most of the question's runs of 5 words, the rare ones weighing more,"
        " and the row the rare words of the answer",
        5,
        0.8,
    ),
)
RULES: Mapping[str, Rule] = {rule.name: rule for rule in _RULES}


def rules_named(names: str) -> tuple[Rule, ...]:
    """The rules named in a list with commas, in its order; `all` means every one.

    Raises:
        UnknownNameError: no such rule.
    """
    if names.strip() == ALL_RULES:
        return _RULES
    wanted = [name.strip() for name in names.split(",") if name.strip()] or [names]
    for name in wanted:
        if name not in RULES:
            known = [*RULES, ALL_RULES]
            raise UnknownNameError(name, known, hint=f"among the rules {', '.join(known)}")
    return tuple(RULES[name] for name in dict.fromkeys(wanted))


@cache
def template_grams(n: int) -> Hashes:
    """Hashes of the word `n`-grams inside `TEMPLATES`, sorted and distinct."""
    found: Hashes = np.unique(ngrams(words(pa.array(TEMPLATES, pa.large_string())), n).hashes)
    return found


TEMPLATES = (
    "Which of the following is the correct answer to the question below",
    "Which of the following is true of each of the following statements",
    "Which of the following best describes the relationship between the two",
    "Which of the following statements is true about the text above",
    "Which one of the following statements must be true if all of the statements above are true",
    "Choose the correct answer to the following question from the options given below",
    "Choose the best answer from the options below and explain your reasoning step by step",
    "Answer the following question with a single word or with yes or no",
    "The following are multiple choice questions with answers about",
    "Read the following passage and answer the question that follows",
    "Let's think step by step and then give the final answer at the end",
    "Solve the following math problem step by step and put your final answer within boxed",
    "Write a Python function to solve the following problem and return only the code",
    "Below is an instruction that describes a task paired with an input that provides further context",
    "Write a response that appropriately completes the request",
    "Is the following sentence plausible yes or no",
    "True or false the following statement is",
    " ".join(map(str, range(101))),
    " ".join("0123456789abcdef"),
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
    "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty",
    "twenty thirty forty fifty sixty seventy eighty ninety",
    " ".join("abcdefghijklmnopqrstuvwxyz"),
    "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73 79 83 89 97",
    "1 1 2 3 5 8 13 21 34 55 89 144 233 377 610 987",
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "January February March April May June July August September October November December",
)
"""What examinations, prompts and counting have in common: an n-gram inside one of them says nothing."""
