from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import key_ranges, scratch
from analyzers import word_statistics as ws
from analyzers.base import Batch
from analyzers.compression import BUDGET, compression_ratios, long_compression_ratio
from analyzers.drawn_texts import Budget, DrawnTexts
from analyzers.gram_counts import gram_counts
from analyzers.lexical import DRAW_WORDS, Lexical, corpus_figures, drawn_figures
from analyzers.tally import entropy_bits
from analyzers.text import Grams, mix64, ngrams, word_list, words

CORPUS = [
    "Write a short poem about the sea.",
    "Write a short poem about the forest.",
    "Explain why the sky is blue.",
    "Sort the list of numbers in Python.",
    "Explain why the sky is blue.",
    "List three uses of baking soda.",
]
BUDGETED = settings(max_examples=50, deadline=None)
TOKENS = st.lists(st.integers(0, 9), min_size=1, max_size=300)
ROWS = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8), min_size=1, max_size=8)


def grams_of(rows: list[str]) -> Grams:
    tokens = words(pa.array(rows, pa.large_string()))
    return Grams(tokens.offsets, tokens.hashes)


def hashes_of(tokens: list[int]) -> np.ndarray:
    return np.array(tokens, np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def value(rows: list[str], metric: str, **params: object) -> float | None:
    found = [
        f for f in corpus_figures(grams_of(rows)) if f.metric == metric and params.items() <= f.params.items()
    ]
    assert len(found) == 1, (metric, params)
    return found[0].value


def plain_mtld(tokens: list[int], threshold: float) -> float | None:
    def factors(text: list[int]) -> float:
        count, types, length, ratio = 0.0, set(), 0, 1.0
        for token in text:
            types.add(token)
            length += 1
            ratio = len(types) / length
            if ratio <= threshold:
                count, types, length = count + 1, set(), 0
        return count + (1 - ratio) / (1 - threshold) if length else count

    forward, backward = factors(tokens), factors(tokens[::-1])
    return (len(tokens) / forward + len(tokens) / backward) / 2 if forward and backward else None


@pytest.mark.parametrize(
    ("metric", "params", "expected"),
    [
        ("ttr", {}, 0.589744),
        ("distinct_n", {"n": 1}, 0.589744),
        ("distinct_n", {"n": 2}, 0.696970),
        ("distinct_n", {"n": 3}, 0.703704),
        ("distinct_n", {"n": 4}, 0.714286),
        ("nds", {"max_n": 4}, 2.704703),
        ("entropy_n", {"n": 1, "normalised": False}, 4.372335),
        ("entropy_n", {"n": 2, "normalised": False}, 4.438334),
        ("entropy_n", {"n": 1, "normalised": True}, 4.372335 / math.log2(23)),
        ("self_repetition", {"n": 4}, 0.924196),
        ("hdd", {"draw": 42}, None),
        ("mattr", {"window": 50}, None),
        ("mtld", {}, None),
    ],
)
def test_the_corpus_of_the_definitions_gives_its_figures(
    metric: str, params: dict[str, object], expected: float | None
) -> None:
    assert value(CORPUS, metric, **params) == (
        None if expected is None else pytest.approx(expected, abs=1e-6)
    )


def test_the_bare_formulas_give_the_figures_of_the_definitions() -> None:
    tokens = grams_of(CORPUS)
    counts = gram_counts(tokens)

    assert ws.mtld(tokens.hashes) == pytest.approx(19.5)
    assert ws.mattr(tokens.hashes, 10) == pytest.approx(0.906667, abs=1e-6)
    assert ws.hdd(counts, 20) == pytest.approx(0.766939, abs=1e-6)
    assert ws.hdd(counts, 30) == pytest.approx(0.670303, abs=1e-6)
    assert ws.hdd(counts, 42) is None
    assert ws.expectation_adjusted_distinct(23, 39, 1000) == pytest.approx(0.601023, abs=1e-6)
    assert entropy_bits(np.array([3, 2, 1])) == pytest.approx(1.459148, abs=1e-6)


def test_compression_is_raw_over_compressed_bytes() -> None:
    ratios = compression_ratios([row.encode() for row in CORPUS])

    assert len("\n".join(CORPUS)) == 196
    assert ratios == [pytest.approx(196 / 121, rel=0.02)]


def test_compression_takes_up_to_four_draws_of_a_mebibyte() -> None:
    line = bytes(range(32, 96)) * 1024

    ratios = compression_ratios([line] * 50)

    assert len(ratios) == 3
    assert ratios[0] == (1 << 20) / len(zlib.compress(b"\n".join([line] * 50)[: 1 << 20], 9))
    assert compression_ratios([]) == []


def test_far_repetition_is_seen_by_the_long_window_only() -> None:
    block = np.random.default_rng(2).integers(33, 127, 1 << 20, np.uint8).tobytes()

    once, twice = long_compression_ratio([block]), long_compression_ratio([block, block])

    assert twice == pytest.approx(2 * once, rel=0.02)  # type: ignore[operator]
    assert compression_ratios([block, block])[1] == pytest.approx(compression_ratios([block])[0], rel=0.02)
    assert long_compression_ratio([]) is None


@BUDGETED
@given(TOKENS, st.integers(1, 60))
def test_mattr_is_the_mean_over_all_windows(tokens: list[int], window: int) -> None:
    windows = [tokens[i : i + window] for i in range(len(tokens) - window + 1)]
    expected = sum(len(set(w)) / window for w in windows) / len(windows) if windows else None

    found = ws.mattr(hashes_of(tokens), window)

    assert found == (None if expected is None else pytest.approx(expected))


@BUDGETED
@given(TOKENS, st.sampled_from([0.1, 0.5, 0.72, 0.9]))
def test_mtld_counts_factors_as_word_by_word(tokens: list[int], threshold: float) -> None:
    expected = plain_mtld(tokens, threshold)

    found = ws.mtld(hashes_of(tokens), threshold)

    assert found == (None if expected is None else pytest.approx(expected))


@BUDGETED
@given(TOKENS, st.integers(1, 50))
def test_hdd_is_the_hypergeometric_chance_of_each_type(tokens: list[int], draw: int) -> None:
    total = len(tokens)
    expected = None
    if total >= draw:
        absent = [
            math.comb(total - count, draw) / math.comb(total, draw) for count in Counter(tokens).values()
        ]
        expected = sum(1 - share for share in absent) / draw

    found = ws.hdd(gram_counts(Grams(np.array([0, total]), hashes_of(tokens))), draw)

    assert found == (None if expected is None else pytest.approx(expected))


@BUDGETED
@given(ROWS)
def test_corpus_figures_equal_counting_by_hand(rows: list[list[str]]) -> None:
    texts = [" ".join(row) for row in rows]
    split = [word_list(text) for text in texts]
    for n in range(1, 5):
        grams = [tuple(row[i : i + n]) for row in split for i in range(len(row) - n + 1)]
        counts = Counter(grams)
        assert value(texts, "distinct_n", n=n) == (len(counts) / len(grams) if grams else None)
        if grams and n < 3:
            bits = -sum(c / len(grams) * math.log2(c / len(grams)) for c in counts.values())
            assert value(texts, "entropy_n", n=n, normalised=False) == pytest.approx(bits, abs=1e-12)


@BUDGETED
@given(ROWS, st.integers(1, 3))
def test_self_repetition_counts_grams_seen_in_other_rows(rows: list[list[str]], n: int) -> None:
    grams = [[tuple(row[i : i + n]) for i in range(len(row) - n + 1)] for row in rows]
    logs = []
    for place, own in enumerate(grams):
        others = {gram for other, row in enumerate(grams) if other != place for gram in row}
        logs.append(math.log(1 + sum(gram in others for gram in own)))

    found = ws.self_repetition(ngrams(grams_of([" ".join(row) for row in rows]), n))

    assert found == pytest.approx(sum(logs) / len(rows))


@BUDGETED
@given(ROWS)
def test_duplicating_all_rows_keeps_entropy_and_halves_ratios(rows: list[list[str]]) -> None:
    once = [" ".join(row) for row in rows]

    for metric, params in (("ttr", {}), ("distinct_n", {"n": 2})):
        before, after = value(once, metric, **params), value(once * 2, metric, **params)
        assert after == (None if before is None else pytest.approx(before / 2))
    for n in (1, 2):
        before = value(once, "entropy_n", n=n, normalised=False)
        after = value(once * 2, "entropy_n", n=n, normalised=False)
        assert after == (None if before is None else pytest.approx(before, abs=1e-12))


@BUDGETED
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_but_running_text(rows: list[list[str]], random: object) -> None:
    texts = [" ".join(row) for row in rows]
    shuffled = list(texts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    for left, right in zip(corpus_figures(grams_of(texts)), corpus_figures(grams_of(shuffled)), strict=True):
        assert left == right or left.metric in ("mattr", "mtld")


def test_draws_of_equal_words_do_not_grow_with_the_corpus() -> None:
    rng = np.random.default_rng(1)
    small = [" ".join(f"w{w}" for w in rng.zipf(1.5, 20) % 3000) for _ in range(1_000)]
    large = small + [" ".join(f"w{w}" for w in rng.zipf(1.5, 20) % 3000) for _ in range(4_000)]

    def drawn(rows: list[str]) -> list[float]:
        keys = np.arange(len(rows), dtype=np.uint64)
        figures = {f.metric: f for f in drawn_figures(grams_of(rows), keys) if f.metric == "ttr"}
        return [figures["ttr"].low, figures["ttr"].value, figures["ttr"].high]  # type: ignore[list-item]

    low, mean, high = drawn(small)
    assert low <= mean <= high
    assert drawn(large)[1] == pytest.approx(mean, rel=0.05)
    assert value(large, "ttr") < 0.7 * value(small, "ttr")  # type: ignore[operator]


def test_each_draw_holds_exactly_the_stated_words(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["one two three"] * 4_000
    keys = np.arange(len(rows), dtype=np.uint64)

    figures = {(f.metric, f.params.get("n")): f for f in drawn_figures(grams_of(rows), keys)}

    assert figures["ttr", None].value == pytest.approx(3 / DRAW_WORDS)
    assert figures["ttr", None].low == figures["ttr", None].high == figures["ttr", None].value
    assert figures["distinct_n", 4].value is None
    assert figures["entropy_n", 1].value == pytest.approx(math.log2(3), abs=1e-6)
    assert figures["mattr", None].value == pytest.approx(3 / 50)
    assert figures["ead_n", 2].value == pytest.approx(2 / (1e5 * (1 - (1 - 1e-5) ** 6_666)), rel=1e-6)
    assert figures["nds", None].reason


def test_too_few_words_to_draw_give_null_with_a_reason() -> None:
    for figure in drawn_figures(grams_of(CORPUS), np.arange(6, dtype=np.uint64)):
        assert figure.value is None
        assert "fewer than 10,000 words" in str(figure.reason)


@BUDGETED
@given(
    st.lists(st.tuples(st.text(max_size=9), st.integers(0, 5)), max_size=12),
    st.lists(st.integers(0, 12), max_size=3),
    st.builds(Budget, texts=st.integers(1, 6), text_bytes=st.integers(1, 6), total_bytes=st.integers(1, 30)),
)
def test_drawn_texts_are_the_first_by_key_however_they_are_cut(
    rows: list[tuple[str, int]], cuts: list[int], budget: Budget
) -> None:
    expected: list[bytes] = []
    for text, _ in sorted(rows, key=lambda row: row[1])[: budget.texts]:
        if sum(len(kept) + 1 for kept in expected) < budget.total_bytes:
            expected.append(text.encode()[: budget.text_bytes])

    total = DrawnTexts(budget)
    for low, high in pairwise([0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]):
        texts = pa.array([text for text, _ in rows[low:high]], pa.large_string())
        total += DrawnTexts.of(texts, np.array([key for _, key in rows[low:high]], np.uint64), budget)

    assert list(total.texts) == expected


def test_a_gigantic_text_is_kept_in_part() -> None:
    texts = pa.array(["x" * (3 << 20), "y"], pa.large_string())

    drawn = DrawnTexts.of(texts, np.array([0, 1], np.uint64), BUDGET)

    assert [len(text) for text in drawn.texts] == [1 << 20, 1]


def test_findings_name_view_tokeniser_seed_and_direction() -> None:
    turn = pa.list_(pa.struct({"role": pa.string(), "content": pa.large_string()}))
    turns = [[{"role": "user", "content": row}] for row in CORPUS]
    rows = pa.RecordBatch.from_arrays(
        [pa.array(turns, turn), pa.array([row.upper() for row in CORPUS], pa.large_string())],
        names=["turns", "response"],
    )
    analyzer = Lexical(seed=7)

    found = analyzer.finish(analyzer.measure(Batch(rows)))

    assert {f.view for f in found} == {"first_prompt", "response"}
    assert {f.n_used for f in found} == {6}
    assert {f.seed for f in found} == {7}
    assert {f.metric for f in found if f.direction == "-"} == {
        "self_repetition",
        "compression_ratio",
        "compression_ratio_long",
    }
    assert {f.tokenizer for f in found if "compression" not in f.metric} == {"w1"}
    ratios = {f.view: f.value for f in found if f.metric == "ttr" and not f.params}
    assert ratios["first_prompt"] == ratios["response"] == pytest.approx(0.589744, abs=1e-6)
    assert all(re.search(r"words|occurs|row", f.reason) for f in found if f.reason)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), max_size=20), min_size=1, max_size=8), st.integers(1, 6))
def test_going_piece_by_piece_through_the_words_changes_no_bit(rows: list[list[int]], size: int) -> None:
    counts = np.array([len(row) for row in rows])
    hashes = mix64(np.array([word for row in rows for word in row], np.uint64))
    words = Grams(np.concatenate(([0], np.cumsum(counts))), hashes)
    whole = list(corpus_figures(words))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_ranges, "BLOCK_PLACES", size)
        patch.setattr(key_ranges, "RANGE_PLACES", size)
        patch.setattr(scratch, "FILE_BYTES", 32)

        assert list(corpus_figures(words)) == whole
