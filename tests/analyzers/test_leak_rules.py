"""Every rule against its plain definition, written word by word over all pairs of rows and items."""

from __future__ import annotations

import math
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch
from analyzers.benchmark_items import Items
from analyzers.benchmark_search import BenchmarkIndex
from analyzers.leak_rules import MAX_ITEMS, RULES, TEMPLATES, Kind, rules_named, template_grams
from analyzers.text import gram_hash, word_hash, word_list
from registry.errors import UnknownNameError
from registry.snapshot import SNAPSHOT_SCHEMA

Pairs = set[tuple[int, int]]

# Few words, so that texts share a lot; long enough for the longest n-gram.
said = st.lists(st.sampled_from(["p", "q", "r", "s", "t", "u", "v"]), max_size=34).map(" ".join)
items_of = st.lists(st.tuples(said, said), min_size=1, max_size=5)
# Rows are made of pieces of what a benchmark might say and of noise.
rows_of = st.lists(st.tuples(said, said), max_size=5)


@settings(max_examples=60, deadline=None)
@given(items_of, rows_of, st.data())
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_what_its_definition_says(
    rule: str, items: list[tuple[str, str]], rows: list[tuple[str, str]], data: st.DataObject
) -> None:
    for question, answer in data.draw(st.lists(st.sampled_from(items), max_size=3)):
        cut = data.draw(st.integers(0, 12))
        words = question.split()
        rows.append((" ".join(["zz", *words[cut:], "zz"]), data.draw(st.sampled_from([answer, "zz zz"]))))

    assert found(rule, items, rows) == SLOW[rule](items, rows)


def found(rule: str, items: list[tuple[str, str]], rows: list[tuple[str, str]]) -> Pairs:
    index = BenchmarkIndex(Items.of_texts(*zip(*items, strict=True)), RULES[rule])
    every = index.find(batch_of(rows)).every
    return set(zip(every.hit_rows.tolist(), every.hit_items.tolist(), strict=True))


def batch_of(rows: list[tuple[str, str]]) -> Batch:
    return Batch(
        pa.RecordBatch.from_pylist(
            [
                {
                    "row": place,
                    "row_hash": bytes(32),
                    "system": None,
                    "turns": [
                        {"role": "user", "content": prompt, "tool_calls": None, "label": None},
                        {"role": "assistant", "content": answer, "tool_calls": None, "label": None},
                    ],
                    "prompt": prompt,
                    "response": answer,
                    "extra": "{}",
                }
                for place, (prompt, answer) in enumerate(rows)
            ],
            schema=SNAPSHOT_SCHEMA,
        )
    )


def grams(words: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def every_pair(items: list[tuple[str, str]], rows: list[tuple[str, str]], test) -> Pairs:
    return {
        (r, i)
        for r, (prompt, response) in enumerate(rows)
        for i, (question, answer) in enumerate(items)
        if test(word_list(prompt), word_list(response), word_list(question), word_list(answer))
    }


def slow_exact(items, rows) -> Pairs:
    return every_pair(items, rows, lambda p, r, q, a: bool(q) and p == q)


def slow_any(n: int):
    def rule(items, rows) -> Pairs:
        def test(p, r, q, a) -> bool:
            if len(q) < 5:
                return bool(q) and p == q
            size = min(n, len(q))
            return bool(set(grams(q, size)) & set(grams(p + r, size)))

        return every_pair(items, rows, test)

    return rule


def slow_cover(items, rows) -> Pairs:
    def test(p, r, q, a) -> bool:
        if len(q) < 8:
            return slow_short(p, r, q)
        known = set(grams(p + r, 8))
        covered = {i + k for i, gram in enumerate(grams(q, 8)) if gram in known for k in range(8)}
        return len(covered) / len(q) > 0.5

    return every_pair(items, rows, test)


def slow_containment(items, rows) -> Pairs:
    def test(p, r, q, a) -> bool:
        if len(q) < 5:
            return bool(q) and p == q
        sought = set(grams(q, 5))
        return len(sought & set(grams(p + r, 5))) / len(sought) >= 0.8

    return every_pair(items, rows, test)


def slow_short(p: list[str], r: list[str], q: list[str]) -> bool:
    return (bool(q) and p == q) if len(q) < 5 else tuple(q) in grams(p + r, len(q))


def slow_span(items, rows) -> Pairs:
    def test(p, r, q, a) -> bool:
        both = q + a
        with_answer = {gram for i, gram in enumerate(grams(both, 12)) if i + 12 > len(q)}
        return bool(with_answer & set(grams(p + r, 12)))

    return every_pair(items, rows, test)


def slow_cluster(items, rows) -> Pairs:
    questions = [set(grams(word_list(q), 5)) if len(word_list(q)) >= 20 else set() for q, _ in items]
    held = Counter(gram for sought in questions for gram in sought)
    answers = [set(word_list(a)) for _, a in items]
    spoken = Counter(word for words in answers for word in words)
    n = len(items)

    def score(text: list[str], i: int) -> float:
        sought, question, answer = questions[i], word_list(items[i][0]), answers[i]
        if not sought or len(set(question)) < 4:
            return -1.0
        weight = {gram: math.log((n + 1) / held[gram]) for gram in sought}
        best, stretch, misses = 0.0, set(), 0
        for gram in grams(text, 5):
            if gram in sought:
                stretch.add(gram)
                misses = 0
            else:
                misses += 1
                if misses >= 11:
                    stretch = set()
            best = max(best, sum(weight[g] for g in stretch))
        share = best / sum(weight.values())
        if not answer:
            return share
        idf = {word: math.log((n + 1) / spoken[word]) for word in answer}
        heard = sum(idf[word] for word in answer if word in text) / sum(idf.values())
        by_question = 0.75 * (0.5 + 0.5 * min(len(sought) / 20, 1))
        return by_question * share + (1 - by_question) * heard

    def needed(i: int) -> float:
        words = len(word_list(items[i][0])) + len(word_list(items[i][1]))
        return 1 - 0.2 * min(max((words - 20) / 30, 0), 1)

    return {
        (r, i)
        for r, (prompt, response) in enumerate(rows)
        for i in range(n)
        if score(word_list(prompt) + word_list(response), i) >= needed(i) - 1e-9
    }


SLOW = {
    "exact": slow_exact,
    "ngram8_any": slow_any(8),
    "ngram_cover": slow_cover,
    "ngram12": slow_span,
    "ngram13": slow_any(13),
    "containment": slow_containment,
    "idf_cluster": slow_cluster,
}


def test_every_rule_has_a_plain_twin_and_says_what_it_does() -> None:
    assert set(SLOW) == set(RULES)
    assert all(rule.text and rule.version >= 1 for rule in RULES.values())
    assert {rule.kind for rule in RULES.values()} == set(Kind)


def test_frequent_grams_are_left_out_of_share_and_cover() -> None:
    stem = "p q r s t u v w p r t v q s u w"
    items = [(f"{stem} {' '.join(letter + str(k) for k in range(9))}", "") for letter in "abcdefghijkl"]
    assert len(items) > MAX_ITEMS

    own = [(items[3][0].removeprefix(stem), "")]
    assert found("ngram_cover", items, own) == {(0, 3)}
    assert found("ngram_cover", items, [(stem, "")]) == set()
    assert found("containment", items, [(stem, "")]) == set()


def test_templates_are_hashed_as_the_index_hashes() -> None:
    words = [word_hash(word) for word in word_list(TEMPLATES[0])]

    assert gram_hash(words[:8]) in template_grams(8)
    assert len(template_grams(200)) == 0


def test_names_of_rules() -> None:
    assert [rule.name for rule in rules_named("exact, ngram13,exact")] == ["exact", "ngram13"]
    assert [rule.name for rule in rules_named("all")] == list(RULES)
    with pytest.raises(UnknownNameError, match="ngram8_any"):
        rules_named("ngram8")
