"""Root verbs, nouns and depth; the agreement of word lists with a parser that the docs publish."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from analyzers import parsing
from analyzers.base import Batch
from analyzers.clauses import nesting_depths
from analyzers.syntax import Syntax, pair_figures, rings_of
from analyzers.verb_lexicon import first_sentence, root_verb_noun
from registry.errors import MissingExtraError, MissingModelError, UnknownParserError

ROOT = Path(__file__).parents[2]
Pair = tuple[str | None, str | None]
needs_spacy = pytest.mark.skipif(find_spec("spacy") is None, reason="extra nlp is not installed")
needs_model = pytest.mark.skipif(
    find_spec("spacy") is None or not any(map(find_spec, parsing.MODELS)), reason="no English model of spaCy"
)


def prompts() -> list[str]:
    with (ROOT / "tests/data/labelled_prompts.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["prompt"].replace("\\n", "\n").replace("\\\\", "\\") for row in rows]


@cache
def parses() -> list[parsing.Parsed]:
    """What spaCy made of the prompts, as its figures were checked in."""
    lines = (ROOT / "tests/data/parsed_prompts.tsv").read_text(encoding="utf-8").splitlines()[1:]
    cells = [[None if cell == "-" else cell for cell in line.split("\t")] for line in lines]
    return [
        parsing.Parsed((a, b), (c, d), int(depth or 0), int(nodes or 0)) for a, b, c, d, depth, nodes in cells
    ]


def array(texts: list[str]) -> pa.LargeStringArray:
    return pa.array(texts, pa.large_string())


@pytest.mark.parametrize(
    ("prompt", "pair"),
    [
        ("Write a short poem about the sea.", ("write", "poem")),
        ("Explain why the sky is blue.", ("explain", None)),
        ("Sort the list of numbers in Python.", ("sort", "list")),
        ("List three uses of baking soda.", ("list", "use")),
        ("Can you please give me some tips for sleeping?", ("give", "tip")),
        ("I want you to act as a tour guide.", ("act", None)),
        ("Given the text below, extract all names.", ("extract", "name")),
        ("Pick out all the ingredients from the recipe.", ("pick", "ingredient")),
        ("How do I reverse a linked list in Java?", ("reverse", "list")),
        ("A baker makes 48 rolls every day.", ("make", "roll")),
        ("What is the capital of Mongolia?", (None, None)),
        ("Do you have any hobbies?", ("have", "hobby")),
        ("", (None, None)),
        ("???", (None, None)),
        ("Schreibe ein Gedicht.", (None, None)),
    ],
)
def test_word_lists_find_the_verb_and_its_noun(prompt: str, pair: Pair) -> None:
    assert root_verb_noun(prompt) == pair


def test_only_the_first_sentence_counts() -> None:
    assert first_sentence("\n Use version 3.11 here. Then stop.") == "Use version 3.11 here"
    assert root_verb_noun("The sea.\nWrite a poem.") == (None, None)


def test_the_published_agreement_with_the_parser_is_that_of_the_prompts() -> None:
    texts, parsed = prompts(), parses()
    found = [root_verb_noun(text) for text in texts]
    verbs = sum(a[0] == b.full[0] for a, b in zip(found, parsed, strict=True)) / len(texts)
    pairs = sum(a == b.full for a, b in zip(found, parsed, strict=True)) / len(texts)
    rank = spearmanr(nesting_depths(array(texts)), [p.depth for p in parsed]).statistic
    docs = " ".join((ROOT / "docs/metrics.md").read_text(encoding="utf-8").split())

    stated = re.search(
        r"made to be awkward, verbs (0\.\d\d), pairs (0\.\d\d), depth by rank correlation (0\.\d\d)", docs
    )

    assert stated
    assert stated.groups() == (f"{verbs:.2f}", f"{pairs:.2f}", f"{rank:.2f}")


def test_the_copied_rule_finds_fewer_pairs_than_the_full_one() -> None:
    full = sum(None not in p.full for p in parses())
    compat = sum(None not in p.compat for p in parses())

    assert 0 < compat < full


def document(words: str, tags: str, heads: list[int], deps: str) -> Any:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    return Doc(
        Vocab(),
        words=words.split(),
        pos=tags.split(),
        heads=heads,
        deps=deps.split(),
        lemmas=words.lower().split(),
    )


@needs_spacy
def test_the_full_rule_searches_in_breadth_and_the_copied_one_goes_down_first_children() -> None:
    # "Tonight is when we cook soup": is the root, cook a child of its second child.
    doc = document(
        "Tonight is when we cook soup",
        "NOUN AUX SCONJ PRON VERB NOUN",
        [1, 1, 4, 4, 1, 4],
        "nsubj ROOT advmod nsubj advcl obj",
    )

    found = parsing.parsed(doc)

    assert found == parsing.Parsed(("cook", "soup"), (None, None), 3, 6)


@needs_spacy
@pytest.mark.parametrize(
    ("dep", "tag", "full", "compat"),
    [
        ("dobj", "NOUN", "x", "x"),
        ("obj", "NOUN", "x", None),
        ("dobj", "PROPN", "x", None),
        ("nsubj", "NOUN", None, None),
    ],
)
def test_what_counts_as_the_object(dep: str, tag: str, full: str | None, compat: str | None) -> None:
    found = parsing.parsed(document("Visit x", f"VERB {tag}", [0, 0], f"ROOT {dep}"))

    assert (found.full, found.compat) == (("visit", full), ("visit", compat))


@needs_spacy
def test_a_document_without_words_has_nothing() -> None:
    assert parsing.parsed(document("", "", [], "")) == parsing.Parsed((None, None), (None, None), 0, 0)


@needs_model
def test_the_parser_finds_what_was_checked_in() -> None:
    some = slice(0, 60)

    assert list(parsing.parse(prompts()[some])) == parses()[some]


def test_depths_follow_links_and_length_sentence_by_sentence() -> None:
    texts = [
        "Write.",
        "Explain why the sky over the sea is blue in one or two words. Why?",
        "",
        " ",
        "A\nB, C",
    ]
    links = re.compile(r"\b(?:why|over|in|of|to)\b", re.IGNORECASE)

    expected = []
    for text in texts:
        sentences = [s for s in re.split(r"[.!?]+\s+|[.!?]+$|\n+", text) if s.strip()]
        depths = [1 + len(links.findall(s)) + len(s.replace(",", "").split()) // 4 for s in sentences]
        expected.append(max(depths, default=0))

    assert nesting_depths(array(texts)).tolist() == expected


def batch_of(texts: list[str]) -> Batch:
    kind = pa.list_(pa.struct({"role": pa.string(), "content": pa.large_string()}))
    turns = [[{"role": "user", "content": text}] for text in texts]
    return Batch(pa.RecordBatch.from_pydict({"turns": pa.array(turns, kind)}))


def test_figures_and_rings_are_those_of_the_pairs() -> None:
    texts = [
        *["Write a poem about the sea in spring."] * 3,
        "Write a story about a small dog.",
        "List five effects of climate change.",
        "What is the capital of Mongolia today?",
    ]
    analyzer = Syntax(seed=1)

    found = analyzer.finish(analyzer.measure(batch_of(texts)))
    values = {(f.metric, *f.params.values()): f.value for f in found}

    bits = -sum(p * math.log2(p) for p in (3 / 5, 1 / 5, 1 / 5))
    assert values["verb_noun", "lexicon", "coverage"] == 5 / 6
    assert values["verb_noun", "lexicon", "distinct"] == 3
    assert values["verb_noun", "lexicon", "entropy_bits"] == pytest.approx(bits)
    assert values["verb_noun", "lexicon", "entropy_normalised"] == pytest.approx(bits / math.log2(3))
    assert values["verb_noun", "lexicon", "effective_pairs"] == pytest.approx(2**bits)
    assert values["verb_noun", "lexicon", "top_verbs_share"] == 1
    assert values["verb_share", "lexicon", "write"] == 4 / 6
    assert values["verb_noun_share", "lexicon", "write", "poem"] == 3 / 6
    assert values["verb_noun_share", "lexicon", "list", "effect"] == 1 / 6
    assert values["dep_nodes", "mean"] is None
    assert {f.backend for f in found if f.metric == "dep_depth"} == {"linking-words-1"}


def test_rings_hold_twenty_verbs_and_four_nouns_of_each() -> None:
    pairs = {f"verb{v:02} noun{n}": 30 - v + n for v in range(25) for n in range(6)}
    totals = Counter()
    for pair, count in pairs.items():
        totals[pair.split()[0]] += count

    rings = rings_of(pairs)

    assert list(rings) == [
        verb for verb, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:20]
    ]
    assert list(rings["verb00"]) == ["noun5", "noun4", "noun3", "noun2"]
    shares = pair_figures(pairs, 10_000)
    assert shares["top_verbs_share"] == sum(totals[verb] for verb in rings) / sum(pairs.values())


@needs_model
def test_by_parser_both_rules_and_the_trees_are_measured() -> None:
    analyzer = Syntax(parser="spacy")

    found = analyzer.finish(analyzer.measure(batch_of(["Write a short poem about the sea."] * 2)))
    values = {(f.metric, *f.params.values()): f.value for f in found}

    assert values["verb_noun_share", "full", "write", "poem"] == 1
    assert values["verb_noun_share", "compat", "write", "poem"] == 1
    assert values["dep_depth", "mean"] == 5
    assert values["dep_nodes", "mean"] == 8
    assert values["pos_template_rate", 4, 100, 2] == 1
    assert values["pos_compression_ratio", "zlib", 9, 2] > 0  # type: ignore[operator]
    assert all(f.backend and f.backend.startswith("spacy en_core_web_sm") for f in found)


def test_an_unknown_parser_and_a_missing_one_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownParserError, match="did you mean spacy"):
        Syntax(parser="spacey")
    monkeypatch.setattr(parsing, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"instructory\[nlp\]"):
        Syntax(parser="spacy")
    monkeypatch.setattr(parsing, "find_spec", lambda name: object() if name == "spacy" else None)
    with pytest.raises(MissingModelError, match="spacy download en_core_web_sm"):
        Syntax(parser="spacy")
