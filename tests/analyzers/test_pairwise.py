from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import rouge
from analyzers.base import Batch
from analyzers.bleu import self_bleu
from analyzers.compiled import is_compiled
from analyzers.pairwise import BLEU_ROWS, ROWS, Pairwise
from analyzers.rouge import MAX_WORDS, rouge_l_nearest
from analyzers.shingle_pairs import mean_jaccard
from analyzers.text import Words, shingles, words

REFERENCE = json.loads((Path(__file__).parents[1] / "data/pairwise_reference.json").read_text("utf-8"))
CORPUS = [
    "Write a short poem about the sea.",
    "Write a short poem about the forest.",
    "Explain why the sky is blue.",
    "Sort the list of numbers in Python.",
    "Explain why the sky is blue.",
    "List three uses of baking soda.",
]
ROWS_OF_WORDS = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), min_size=1, max_size=9), min_size=2, max_size=8
)
BUDGET = settings(max_examples=60, deadline=None)


def tokens_of(rows: list[str]) -> Words:
    return words(pa.array(rows, pa.large_string()))


def plain_bleu(row: list[str], others: list[list[str]]) -> float:
    """BLEU-4 by the definition: clipped precisions, smoothing 0.1, nearest reference length."""

    def grams(text: list[str], n: int) -> Counter[tuple[str, ...]]:
        return Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))

    logs = 0.0
    for n in range(1, 5):
        own = grams(row, n)
        clipped = sum(
            min(count, max(grams(other, n)[gram] for other in others)) for gram, count in own.items()
        )
        if n == 1 and not clipped:
            return 0.0
        logs += math.log((clipped or 0.1) / max(own.total(), 1)) / 4
    nearest = min((len(other) for other in others), key=lambda size: (abs(size - len(row)), size))
    return math.exp(logs) * (1.0 if len(row) > nearest else math.exp(1 - nearest / len(row)))


def plain_rouge(a: list[str], b: list[str]) -> float:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, left in enumerate(a):
        for j, right in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    return 2 * table[-1][-1] / (len(a) + len(b))


def test_the_corpus_of_the_definitions_gives_its_figures() -> None:
    tokens = tokens_of(CORPUS)

    bleu, nearest = self_bleu(tokens), rouge_l_nearest(tokens)

    assert bleu == pytest.approx([0.8091, 0.8091, 1.0, 0.0435, 1.0, 0.0485], abs=5e-5)
    assert bleu.mean() == pytest.approx(0.618372, abs=1e-6)
    assert nearest == pytest.approx([0.8571, 0.8571, 1, 0.3077, 1, 0.3077], abs=5e-5)
    assert nearest.mean() == pytest.approx(0.721612, abs=1e-6)
    assert (nearest > 0.7).mean() == pytest.approx(0.6667, abs=5e-5)
    assert mean_jaccard(shingles(tokens, 3)) == pytest.approx(0.111111, abs=1e-6)


def test_rows_score_as_nltk_and_rouge_score_have_them() -> None:
    tokens = tokens_of(REFERENCE["rows"])

    assert self_bleu(tokens) == pytest.approx(REFERENCE["self_bleu"], abs=1e-8)
    assert rouge_l_nearest(tokens) == pytest.approx(REFERENCE["rouge_l_nearest"], abs=1e-8)


@BUDGET
@given(ROWS_OF_WORDS)
def test_self_bleu_is_bleu_against_all_other_rows(rows: list[list[str]]) -> None:
    expected = [plain_bleu(row, rows[:place] + rows[place + 1 :]) for place, row in enumerate(rows)]

    assert self_bleu(tokens_of([" ".join(row) for row in rows])) == pytest.approx(expected)


@BUDGET
@given(ROWS_OF_WORDS)
def test_the_nearest_row_is_the_best_of_all_pairs(rows: list[list[str]]) -> None:
    expected = [
        max(plain_rouge(row, other) for at, other in enumerate(rows) if at != place)
        for place, row in enumerate(rows)
    ]

    assert rouge_l_nearest(tokens_of([" ".join(row) for row in rows])) == pytest.approx(expected)


@BUDGET
@given(ROWS_OF_WORDS)
def test_mean_jaccard_is_that_of_all_pairs_of_sets(rows: list[list[str]]) -> None:
    sets = [
        {tuple(row[i : i + 3]) for i in range(len(row) - 2)} if len(row) > 2 else {tuple(row)} for row in rows
    ]
    pairs = [(a, b) for place, a in enumerate(sets) for b in sets[:place]]
    expected = sum(len(a & b) / len(a | b) for a, b in pairs) / len(pairs)

    found = mean_jaccard(shingles(tokens_of([" ".join(row) for row in rows]), 3))

    assert found == pytest.approx(expected)


@pytest.mark.skipif(not is_compiled(), reason="compiled loops are not installed")
def test_compiled_and_plain_search_find_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    rows = [" ".join(f"w{word}" for word in rng.zipf(1.3, rng.integers(1, 200)) % 60) for _ in range(90)]
    compiled = rouge_l_nearest(tokens_of(rows))

    monkeypatch.setattr(rouge, "is_compiled", lambda: False)

    assert rouge_l_nearest(tokens_of(rows)).tolist() == compiled.tolist()


def test_only_the_first_words_of_a_row_are_compared() -> None:
    head = " ".join(f"w{place}" for place in range(MAX_WORDS))

    assert rouge_l_nearest(tokens_of([f"{head} end", f"{head} other words"])).tolist() == [1, 1]


@BUDGET
@given(ROWS_OF_WORDS)
def test_doubling_all_rows_leaves_every_row_a_twin(rows: list[list[str]]) -> None:
    twice = tokens_of([" ".join(row) for row in rows] * 2)

    assert rouge_l_nearest(twice).tolist() == [1] * len(twice.counts)


def test_one_row_has_no_other() -> None:
    one = tokens_of(["alone"])

    assert len(self_bleu(one)) == len(rouge_l_nearest(one)) == 0
    assert mean_jaccard(shingles(one, 3)) is None


def batch_of(prompts: list[str]) -> Batch:
    turn = pa.list_(pa.struct({"role": pa.string(), "content": pa.large_string()}))
    turns = pa.array([[{"role": "user", "content": prompt}] for prompt in prompts], turn)
    answers = pa.array(["same answer"] * len(prompts), pa.large_string())
    return Batch(pa.RecordBatch.from_arrays([turns, answers], names=["turns", "response"]))


def test_rows_without_a_word_are_left_out_and_the_rest_are_counted() -> None:
    analyzer = Pairwise(seed=4)

    found = analyzer.finish(analyzer.measure(batch_of([*CORPUS, "", "...", "!" * 5_000 + " late"])))
    figures = {(f.metric, f.view, f.params.get("stat")): f for f in found}

    assert figures["self_bleu", "first_prompt", None].value == pytest.approx(0.618372, abs=1e-6)
    assert figures["rougeL_nn", "first_prompt", "share"].value == pytest.approx(2 / 3)
    assert figures["rougeL_nn", "first_prompt", "median"].value == pytest.approx(0.8571, abs=5e-5)
    assert figures["rougeL_nn", "response", "mean"].value == 1
    assert {f.n_used for f in found if f.view == "first_prompt"} == {6}
    assert all(f.params["rows"] == f.n_used and f.seed == 4 and f.direction == "-" for f in found)


def test_of_many_rows_a_thousand_and_two_thousand_are_drawn_with_an_interval() -> None:
    analyzer = Pairwise()

    found = analyzer.finish(
        analyzer.measure(batch_of([f"row {n} of many" + f" {n % 7}" * (n % 3) for n in range(2_500)]))
    )
    used = {f.metric: f.n_used for f in found}
    mean = next(f for f in found if f.metric == "rougeL_nn" and f.params["stat"] == "mean")

    assert used == {"self_bleu": BLEU_ROWS, "mean_shingle_jaccard": ROWS, "rougeL_nn": ROWS}
    assert mean.ci_low is not None
    assert mean.ci_low < mean.value < mean.ci_high  # type: ignore[operator]


@pytest.mark.real
def test_instructions_that_were_filtered_at_the_novelty_cut_have_no_nearer_neighbour(real_data: Path) -> None:
    # Stanford Alpaca kept a generated instruction only where its ROUGE-L with every other stayed below 0.7.
    with gzip.open(real_data / "stanford-alpaca/alpaca_data.json.gz", "rt", encoding="utf-8") as file:
        rows = [row["instruction"] for row in json.load(file)[:1_500]]

    nearest = rouge_l_nearest(tokens_of(rows))

    assert (nearest > 0.7).sum() == 0
    assert 0.4 < nearest.mean() < 0.6
