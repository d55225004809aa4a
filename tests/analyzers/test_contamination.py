from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from flag_rows import conversations
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch
from analyzers.benchmark_items import Items
from analyzers.benchmark_search import BenchmarkIndex
from analyzers.contamination import RULES, contaminated_rows, contamination, contaminations
from analyzers.gram_index import GramIndex
from analyzers.text import Grams, ngrams, word_list, words
from registry.errors import UnknownNameError
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

QUESTION = (
    "A farmer has twelve red hens and seven white geese in the yard behind his house."
    " How many birds does the farmer have in the yard?"
)
ANSWER = "Twelve hens and seven geese are together nineteen birds, so the answer is 19."
OTHER = (
    "Which of the two brothers walked to the old mill first if the younger one left home at noon"
    " and the elder one an hour before him?"
)
FILLER = "This sentence only fills the space around what matters here, and it says nothing at all."

texts = st.lists(st.lists(st.sampled_from("vwxyz"), max_size=12).map(" ".join), max_size=8)


def benchmark(snapshot_of: SnapshotOf) -> Snapshot:
    return snapshot_of([(QUESTION, ANSWER), (OTHER, "The elder brother did.")], "bench")


ASKING = [name for name in RULES if name not in {"ngram12", "idf_cluster"}]


@pytest.mark.parametrize("rule", ASKING)
def test_a_copied_question_is_found_by_every_rule_that_reads_questions_alone(
    rule: str, snapshot_of: SnapshotOf
) -> None:
    rows = snapshot_of([("What is new?", "Nothing."), (QUESTION.upper(), "I do not know.")], "rows")

    found = contamination(rows, benchmark(snapshot_of), rule=rule)

    assert (found.benchmark_rows, found.benchmark_hits, found.dataset_hits) == (2, 1, 1)
    assert (found.question_answer_hits, found.answer_only_hits) == (0, 0)
    assert found.coverable == 1.0
    (leak,) = found.examples
    assert (leak.benchmark_row, leak.dataset_row) == (0, 1)
    assert leak.shared == QUESTION.lower().rstrip("?")


@pytest.mark.parametrize(
    ("rule", "hits"), [("exact", 0), ("ngram8_any", 1), ("ngram13", 1), ("containment", 1)]
)
def test_a_question_inside_other_text_is_found_by_all_rules_but_equality(
    rule: str, hits: int, snapshot_of: SnapshotOf
) -> None:
    wrapped = QUESTION.replace(" ", "\n\n", 12)
    rows = snapshot_of([(FILLER, f"{FILLER}\n{wrapped}\n{FILLER}")], "rows")

    assert contamination(rows, benchmark(snapshot_of), rule=rule).benchmark_hits == hits


@pytest.mark.parametrize("rule", RULES)
def test_a_copied_item_is_found_by_every_rule(rule: str, snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([("What is new?", "Nothing."), (QUESTION, ANSWER)], "rows")

    found = contamination(rows, benchmark(snapshot_of), rule=rule)

    assert (found.benchmark_hits, found.dataset_hits, found.question_answer_hits) == (1, 1, 1)
    assert (found.benchmark_ci_low or 0) < 0.5 < (found.benchmark_ci_high or 0)
    assert (found.mean_share is not None and found.mean_share >= 0.5) or rule == "ngram12"


@pytest.mark.parametrize(
    ("rule", "hits"),
    [("exact", 0), ("ngram8_any", 1), ("ngram_cover", 0), ("ngram13", 0), ("containment", 0)],
)
def test_nine_shared_words_are_found_by_eight_grams_only(
    rule: str, hits: int, snapshot_of: SnapshotOf
) -> None:
    rows = snapshot_of([(" ".join(QUESTION.split()[:9]), FILLER)], "rows")

    assert contamination(rows, benchmark(snapshot_of), rule=rule).benchmark_hits == hits


def test_question_and_answer_hits_are_kept_apart(snapshot_of: SnapshotOf) -> None:
    items = [(QUESTION, ANSWER), (OTHER, ANSWER.replace("nineteen", "nine hundred"))]
    rows = [(QUESTION, ANSWER), ("Something else?", items[1][1])]

    found = contamination(snapshot_of(rows, "rows"), snapshot_of(items, "bench"))

    assert (found.benchmark_hits, found.dataset_hits) == (1, 1)
    assert (found.question_answer_hits, found.answer_only_hits, found.answers_checked) == (1, 1, 2)


def test_short_questions_are_looked_for_as_a_whole(snapshot_of: SnapshotOf) -> None:
    bench = snapshot_of([("Who wrote the Iliad, please?", ""), ("Name a fruit.", ""), ("", "")], "bench")
    rows = [
        ("Tell me: who wrote the Iliad, please? And when?", "Homer."),
        ("Please name a fruit.", "Apple: name a fruit."),
    ]

    found = contamination(snapshot_of(rows, "rows"), bench)
    exact = contamination(snapshot_of([*rows, ("name a fruit", "Plum.")], "rows"), bench)

    assert (found.short_items, found.coverable) == (3, 2 / 3)
    assert found.benchmark_hits == 1
    assert exact.benchmark_hits == 2


def test_rows_without_any_word_hold_no_question(snapshot_of: SnapshotOf) -> None:
    bench = snapshot_of([("Name a fruit.", ""), ("Why?", "")], "bench")

    assert contamination(snapshot_of([("?!", "..."), ("", "")], "rows"), bench).dataset_hits == 0


def test_short_questions_are_found_in_rows_of_every_form() -> None:
    items = ["Name a fruit.", "Why?", "?!"]
    turns = {
        "alone": [("user", "name a FRUIT"), ("assistant", "Plum, or name a fruit.")],
        "under a system text": [("user", "Why?"), ("assistant", "So.")],
        "in two turns": [("user", "Name a"), ("assistant", "Yes?"), ("user", "fruit")],
        "after an answer": [("assistant", "Well?"), ("user", "Why?")],
        "the first of two": [("user", "Why?"), ("assistant", "So."), ("user", "And now?")],
        "only begins so": [("user", "Name a fruit and a tree."), ("assistant", "Plum.")],
        "without words": [("user", "?!"), ("assistant", "Pardon?")],
    }
    with_system = conversations(turns.pop("under a system text"), system="Be kind.")

    index = BenchmarkIndex(Items.of_texts(items, [""] * 3), RULES["ngram13"])
    without_wordless = BenchmarkIndex(Items.of_texts(items[:2], [""] * 2), RULES["ngram13"])

    batch = Batch(conversations(*turns.values()))
    for sought, extra in ((index, {(5, 2)}), (without_wordless, set())):
        found = sought.find(batch).every
        pairs = set(zip(found.hit_rows.tolist(), found.hit_items.tolist(), strict=True))
        assert pairs == {(0, 0), (1, 0), (2, 1), (3, 1)} | extra
        assert sought.find(Batch(with_system)).every.hit_items.tolist() == [1]


def test_boilerplate_of_the_benchmark_is_ignored_and_listed(snapshot_of: SnapshotOf) -> None:
    stem = "Which of the following statements about the text above is the one that is true"
    bench = snapshot_of([(f"{stem}? Number {word}", "") for word in "abcdefghijkl"], "bench")
    rows = snapshot_of([(f"{stem}, and why?", "None.")], "rows")

    found = contamination(rows, bench, rule="ngram13")

    assert found.benchmark_hits == 0
    assert found.ignored_grams == len(found.ignored) == 4
    assert found.ignored[0].items == 12
    assert {gram.text for gram in found.ignored} >= {" ".join(word_list(stem)[:13])}
    assert found.coverable == 1.0


def test_phrases_of_examinations_and_counting_are_no_leak(snapshot_of: SnapshotOf) -> None:
    bench = snapshot_of(
        [("Sort these: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and say which one was lost.", "")],
        "bench",
    )
    rows = snapshot_of([("Count up.", ", ".join(map(str, range(30))))], "rows")

    found = contamination(rows, bench, rule="ngram13")

    assert found.benchmark_hits == 0
    assert {gram.reason for gram in found.ignored} == {"template"}
    assert found.coverable == 1.0


def test_several_rules_in_one_pass_give_what_each_gives_alone(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([(QUESTION, ANSWER), (FILLER, "")], "rows")

    together = contaminations(rows, [benchmark(snapshot_of)], rule="ngram13, exact")
    every = contaminations(rows, [benchmark(snapshot_of)], rule="all")

    assert together == [
        contamination(rows, benchmark(snapshot_of), rule=rule) for rule in ("ngram13", "exact")
    ]
    assert [found.rule for found in every] == list(RULES)


def test_many_benchmarks_in_one_pass_give_what_each_gives_alone(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([(QUESTION, ANSWER), (FILLER, ""), (f"{OTHER} {FILLER}", "")], "rows")
    benches = [benchmark(snapshot_of), snapshot_of([(FILLER, "")], "filler"), snapshot_of([], "none")]

    together = contaminations(rows, benches)

    assert together == [contamination(rows, bench) for bench in benches]


def test_the_rows_that_hold_a_question_can_be_listed(snapshot_of: SnapshotOf) -> None:
    rows = [("Hello there.", ""), (QUESTION, ""), ("So?", OTHER)] * 6_000

    found = contaminated_rows(snapshot_of(rows, "rows"), benchmark(snapshot_of))

    assert found.tolist() == [row for row in range(18_000) if row % 3]


def test_nothing_found_is_bounded_by_the_rule_of_three(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([("What is new?", "Nothing.")], "rows")
    hundred = snapshot_of([(f"{FILLER} Case {number}.", "") for number in range(100)], "hundred")

    assert contamination(rows, hundred).upper_bound == pytest.approx(1 - 0.05 ** (1 / 100))
    assert contamination(rows, benchmark(snapshot_of)).upper_bound == pytest.approx(1 - 0.05**0.5)


def test_found_items_are_bounded_by_wilson(snapshot_of: SnapshotOf) -> None:
    items = [(f"{FILLER} {letter} {QUESTION}", "") for letter in "abcd"]

    found = contamination(snapshot_of(items[:2], "rows"), snapshot_of(items, "bench"), rule="exact")

    assert found.benchmark_hits == 2
    assert found.upper_bound == pytest.approx(0.85, abs=0.005)


def test_nothing_checked_is_not_a_pass(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([("What is new?", "Nothing.")], "rows")

    found = contamination(rows, snapshot_of([], "bench"))

    assert (found.coverable, found.upper_bound, found.is_checked) == (None, None, False)
    assert contamination(snapshot_of([], "none"), benchmark(snapshot_of)).dataset_rows == 0


def test_an_unknown_rule_is_refused_with_its_neighbour(snapshot_of: SnapshotOf) -> None:
    with pytest.raises(UnknownNameError, match="did you mean ngram1"):
        contamination(snapshot_of([], "rows"), snapshot_of([], "bench"), rule="ngram14")


def test_the_json_holds_the_promised_keys(snapshot_of: SnapshotOf) -> None:
    found = contamination(snapshot_of([(QUESTION, "")], "rows"), benchmark(snapshot_of))

    plain = json.loads(json.dumps(found.to_json()))

    promised = (
        "dataset benchmark rule benchmark_rows benchmark_hits dataset_hits coverable upper_bound examples"
    )
    assert set(promised.split()) <= plain.keys()


@settings(max_examples=40, deadline=None)
@given(texts, texts)
def test_the_index_finds_every_known_gram_once(known: list[str], rows: list[str]) -> None:
    held, asked = grams_of(known), grams_of(rows)
    hashes = np.unique(held.hashes)
    index = GramIndex.of(2, hashes, np.arange(len(hashes)))

    row, gram = index.find(asked)

    found = set(zip(row.tolist(), index.grams[gram].tolist(), strict=True))
    expected = {
        (r, value)
        for r in range(len(rows))
        for value in asked.hashes[asked.offsets[r] : asked.offsets[r + 1]].tolist()
        if value in set(hashes.tolist())
    }
    assert found == expected
    assert len(row) == len(expected)


def grams_of(found: list[str]) -> Grams:
    return ngrams(words(pa.array(found, pa.large_string())), 2)


@pytest.mark.real
def test_gsm8k_train_stands_in_flan_and_its_test_does_not(real_data: Path, snapshot_of: SnapshotOf) -> None:
    with gzip.open(real_data / "flan-cot" / "gsm8k_train.tsv.gz", "rt", encoding="utf-8") as file:
        flan = snapshot_of(
            [(r[0], r[-1]) for r in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)], "flan"
        )
    train, test = (
        snapshot_of(gsm8k_rows(real_data / "gsm8k" / f"{split}.jsonl.gz"), split)
        for split in ("train", "test")
    )

    in_train = contamination(flan, train, rule="containment")
    in_test = contamination(flan, test, rule="containment")

    assert in_train.benchmark_hits > 0.99 * in_train.benchmark_rows
    assert in_test.benchmark_hits < 0.01 * in_test.benchmark_rows


def gsm8k_rows(path: Path) -> list[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [(row["question"], row["answer"]) for row in map(json.loads, file)]
