from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzers.overlap import overlap
from analyzers.text import word_list
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

rows = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(" ".join),
        st.lists(st.sampled_from("xyz"), max_size=2).map(" ".join),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left=rows, right=rows)
def test_counts_are_those_of_all_comparisons(
    left: list[tuple[str, str]], right: list[tuple[str, str]], snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    found = overlap(
        snapshot_of(left, "left"), snapshot_of(right, "right"), folder=tmp_path, shingle=9, explain=3
    )

    # Every text is shorter than a shingle, so it is one shingle, and similar means equal.
    texts_a, texts_b = ([word_list(" ".join(row)) for row in side] for side in (left, right))
    pairs = [(i, j) for i, a in enumerate(texts_a) for j, b in enumerate(texts_b) if a == b]
    assert found.pairs == len(pairs)
    assert found.matched_a == found.exact_a == len({i for i, _ in pairs})
    assert found.matched_b == found.exact_b == len({j for _, j in pairs})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sample=rows.filter(bool), shingle=st.integers(1, 6))
def test_a_dataset_overlaps_itself_wholly(
    sample: list[tuple[str, str]], shingle: int, snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    rows_a = snapshot_of(sample)

    found = overlap(rows_a, rows_a, folder=tmp_path, shingle=shingle)

    assert found.share_a == found.share_b == 1.0
    assert found.exact_a == found.exact_b == len(sample)


def test_the_two_directions_differ_and_examples_are_explained(
    snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    story = "Once upon a time there was a small house by the sea with a red roof and"
    a = snapshot_of([("Unrelated.", "Yes, quite."), ("Tell.", f"{story} two windows.")], "a")
    b = snapshot_of(
        [("Tell.", f"{story} ten windows."), ("tell", f"{story} two windows"), ("Else?", "No, nothing else.")]
        * 2,
        "b",
    )

    found = overlap(a, b, folder=tmp_path, threshold=0.6, explain=2)
    back = overlap(b, a, folder=tmp_path, threshold=0.6, explain=2)

    assert (found.matched_a, found.matched_b, found.exact_a, found.exact_b, found.pairs) == (1, 4, 1, 2, 4)
    assert (found.share_a, found.share_b) == (0.5, 4 / 6)
    assert (back.matched_a, back.matched_b, back.exact_a, back.exact_b) == (4, 1, 2, 1)
    near, exact = found.examples
    assert (near.row_a, near.row_b, exact.row_a, exact.row_b) == (1, 0, 1, 1)
    assert exact.jaccard == 1.0
    assert near.jaccard == pytest.approx(14 / 18)
    assert near.shared == f"tell.\n{story.lower()}"
    assert near.text_a == f"Tell.\n{story} two windows."


def test_rows_without_text_match_nothing_and_no_rows_have_no_share(
    snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    blank, nothing = snapshot_of([("", ""), (" ", "\n")], "blank"), snapshot_of([], "nothing")

    assert overlap(blank, blank, folder=tmp_path).matched_a == 0
    assert overlap(nothing, blank, folder=tmp_path).share_a is None


def test_marks_without_words_match_when_equal(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    a, b = snapshot_of([("?!", ""), ("…", "")], "a"), snapshot_of([("? !", "")], "b")

    found = overlap(a, b, folder=tmp_path)

    assert (found.matched_a, found.matched_b, found.pairs) == (1, 1, 1)


def test_the_prompt_alone_can_be_compared(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    a, b = snapshot_of([("Same question", "one")], "a"), snapshot_of([("Same question", "two")], "b")

    assert overlap(a, b, folder=tmp_path).matched_a == 0
    assert overlap(a, b, folder=tmp_path, view="prompt").matched_a == 1


@pytest.mark.real
def test_the_three_alpagasus_cuts_are_contained_in_stanford_alpaca(
    real_data: Path, snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    alpaca = snapshot_of(alpaca_rows(real_data / "stanford-alpaca" / "alpaca_data.json.gz"), "alpaca")

    for name in ("claude_t45", "helpfulness_t45", "random_9k"):
        cut = snapshot_of(alpaca_rows(real_data / "alpagasus" / f"{name}.json.gz"), name)
        found = overlap(alpaca, cut, folder=tmp_path, explain=1)
        assert found.share_b == 1.0
        assert found.exact_b == len(alpaca_rows(real_data / "alpagasus" / f"{name}.json.gz"))
        assert found.share_a < 0.2


@pytest.mark.real
def test_gsm8k_is_found_in_its_two_other_forms_by_its_prompts(
    real_data: Path, snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    with gzip.open(real_data / "gsm8k" / "train.jsonl.gz", "rt", encoding="utf-8") as file:
        gsm8k = [(row["question"], row["answer"]) for row in map(json.loads, file)]
    with gzip.open(real_data / "flan-cot" / "gsm8k_train.tsv.gz", "rt", encoding="utf-8") as file:
        flan = [(row[0], row[-1]) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    alpaca_form = alpaca_rows(real_data / "gsm8k-alpaca-format" / "gsm_8k_train.json.gz")
    whole = snapshot_of(gsm8k, "gsm8k")

    by_alpaca = overlap(whole, snapshot_of(alpaca_form, "alpaca-form"), folder=tmp_path, view="first_prompt")
    by_flan = overlap(whole, snapshot_of(flan, "flan"), folder=tmp_path, view="first_prompt")

    assert by_alpaca.share_a > 0.99
    assert by_flan.share_a > 0.99


def alpaca_rows(path: Path) -> list[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [
            ("\n".join(part for part in (row["instruction"], row["input"]) if part), row["output"])
            for row in json.load(file)
        ]
