from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from analyzers.base import Batch, Finding
from analyzers.duplicates import DuplicateRates, near_duplicates
from analyzers.matched_text import longest_shared_run, template
from analyzers.matching import similar_within
from analyzers.row_pool import RowPool
from analyzers.signature_store import signature_store
from analyzers.text import word_list
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank at dawn on day"
ROWS = [
    ("Tell me a story.", f"{SENTENCE} one."),
    ("Something else entirely, please.", "Certainly not the same."),
    ("tell me a story", f"{SENTENCE.upper()} ONE!"),
    ("Tell me a story.", f"{SENTENCE} two."),
    ("", ""),
    ("", ""),
]


def test_exact_and_near_duplicates_are_counted_apart(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    found = near_duplicates(snapshot_of(ROWS), folder=tmp_path)

    assert (found.rows, found.blank_rows) == (6, 2)
    assert (found.pairs, found.clusters, found.duplicate_rows, found.exact_rows) == (3, 1, 2, 1)
    assert (found.removed.tolist(), found.kept_for.tolist()) == ([2, 3], [0, 0])
    assert found.jaccard.tolist() == [1.0, 17 / 19]
    assert found.largest_cluster == 3
    assert found.duplicate_share == 2 / 6


def test_an_example_shows_the_kept_row_the_removed_one_and_what_they_share(
    snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    (example,) = near_duplicates(snapshot_of(ROWS[:2] + ROWS[3:]), folder=tmp_path, explain=5).examples

    assert (example.row_a, example.row_b) == (0, 2)
    assert example.text_b == f"Tell me a story.\n{SENTENCE} two."
    assert example.shared == f"tell me a story.\n{SENTENCE.lower()}"


def test_a_template_raises_alarms_and_is_shown(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = [(f"{SENTENCE} number {number} and no more", "yes") for number in range(20)]

    found = near_duplicates(snapshot_of(rows), folder=tmp_path, threshold=0.5)

    many, large, slots = found.alarms
    assert (many.kind, many.rows, many.share) == ("many_removed", 19, 19 / 20)
    assert (large.kind, large.rows, large.kept_row) == ("large_cluster", 20, 0)
    assert (slots.kind, slots.rows, slots.kept_row, slots.template) == ("slots", 19, 0, large.template)
    assert large.template == f"{SENTENCE.lower()} number ___ and no more yes"


def test_no_alarm_where_little_repeats(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = [(f"question {number}", f"answer {number}") for number in range(50)]

    assert near_duplicates(snapshot_of(rows), folder=tmp_path).alarms == ()


def test_the_json_holds_the_promised_keys(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    plain = json.loads(json.dumps(near_duplicates(snapshot_of(ROWS), folder=tmp_path, explain=1).to_json()))

    assert {"rows", "pairs", "clusters", "duplicate_rows", "exact_rows", "examples", "alarms"} <= plain.keys()
    assert plain["examples"][0].keys() == {"row_a", "row_b", "jaccard", "text_a", "text_b", "shared"}


def rates(snapshot: Snapshot, size: int = 16_384) -> dict[str, Finding]:
    analyzer = DuplicateRates()
    partials = [analyzer.measure(Batch(rows)) for rows in snapshot.batches(analyzer.columns, size=size)]
    return {
        finding.metric: finding
        for finding in analyzer.finish(reduce(analyzer.merge, partials, analyzer.start()))
    }


def test_rates_are_shares_of_all_rows(snapshot_of: SnapshotOf) -> None:
    found = rates(snapshot_of(ROWS))

    assert {name: finding.value for name, finding in found.items()} == {
        "dup_row": 1 / 6,
        "dup_exact": 1 / 6,
        "dup_near": 2 / 6,
        "dup_prompt_exact": 2 / 6,
    }
    assert found["dup_near"].params == {"shingle": 5, "threshold": 0.8}
    assert {finding.n_used for finding in found.values()} == {6}


@pytest.mark.parametrize("size", [1, 2, 5])
def test_cutting_the_rows_anywhere_changes_no_rate(size: int, snapshot_of: SnapshotOf) -> None:
    assert rates(snapshot_of(ROWS), size) == rates(snapshot_of(ROWS))


def test_no_rows_give_null_with_a_reason(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    found = rates(snapshot_of([]))

    assert {(finding.value, finding.reason) for finding in found.values()} == {(None, "no rows")}
    assert near_duplicates(snapshot_of([]), folder=tmp_path).duplicate_share is None


def test_the_store_is_made_once_and_made_again_when_damaged(snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = snapshot_of(ROWS)

    first = signature_store(rows, view="prompt", shingle=3, folder=tmp_path)
    place = next(tmp_path.glob(f"{rows.id}/*"))
    stamp = (place / "values.npy").stat().st_mtime_ns
    signature_store(rows, view="prompt", shingle=3, folder=tmp_path)
    assert (place / "values.npy").stat().st_mtime_ns == stamp

    values = np.array(first.values)
    (place / "values.npy").write_bytes(b"cut off")
    again = signature_store(rows, view="prompt", shingle=3, folder=tmp_path)
    assert (again.values == values).all()
    assert isinstance(again.values, np.memmap)


def test_stores_of_other_views_and_shingles_stand_side_by_side(
    snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    rows = snapshot_of(ROWS)

    by_word = signature_store(rows, view="prompt", shingle=1, folder=tmp_path)
    by_pair = signature_store(rows, view="response", shingle=2, folder=tmp_path)

    assert by_word.counts.tolist() == [4, 4, 4, 4, 0, 0]
    assert by_pair.counts.tolist() == [17, 3, 17, 17, 0, 0]
    assert by_word.minhash(0).jaccard(by_word.lean_minhash(2)) == 1.0


@pytest.mark.parametrize("options", [{"view": "titles", "shingle": 5}, {"view": "prompt", "shingle": 0}])
def test_what_no_store_can_hold_is_refused(
    options: dict[str, Any], snapshot_of: SnapshotOf, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"titles|shingle"):
        signature_store(snapshot_of(ROWS), folder=tmp_path, **options)


def test_the_longest_shared_run_may_be_nothing() -> None:
    assert longest_shared_run("one two", "three") == ""
    assert longest_shared_run("", "") == ""


def test_a_template_of_equal_texts_has_no_gap() -> None:
    assert template(["a b", "A b!"]) == "a b"
    assert template([]) == ""


@pytest.mark.real
def test_stanford_alpaca_repeats_no_row(real_data: Path, snapshot_of: SnapshotOf, tmp_path: Path) -> None:
    rows = alpaca_rows(real_data / "stanford-alpaca" / "alpaca_data.json.gz")

    found = near_duplicates(snapshot_of(rows), folder=tmp_path)
    figures = {name: finding.value for name, finding in rates(snapshot_of(rows), 10_000).items()}

    assert (found.rows, found.exact_rows, found.duplicate_rows) == (52_002, 0, 3)
    assert figures == {"dup_row": 0.0, "dup_exact": 0.0, "dup_near": 3 / 52_002, "dup_prompt_exact": 0.0}


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "shingle", "threshold", "limit"),
    [
        ("stanford-alpaca/alpaca_data.json.gz", 3, 0.5, 20_000),
        ("gpteacher-toolformer/toolformer-dedupe-only-dataset.json.gz", 5, 0.8, 7_673),
        ("gpteacher-toolformer/toolformer-dedupe-only-dataset.json.gz", 3, 0.7, 7_673),
        ("codealpaca-new/new_codealpaca.json.gz", 1, 0.7, 4_535),
    ],
)
def test_pairs_are_those_of_all_comparisons(
    name: str,
    shingle: int,
    threshold: float,
    limit: int,
    real_data: Path,
    snapshot_of: SnapshotOf,
    tmp_path: Path,
) -> None:
    rows = alpaca_rows(real_data / name)[:limit]
    store = signature_store(
        snapshot_of(rows), view="first_prompt+final_answer", shingle=shingle, folder=tmp_path
    )
    pool = RowPool.of([(store, None)])
    texts = ["\n".join(rows[row]) for row in pool.first]

    blocks = list(similar_within(pool, threshold))

    found = {(int(a), int(b)) for block in blocks for a, b in zip(block[0], block[1], strict=True)}
    true = slow_pairs(texts, shingle, threshold)
    assert len(true) >= 10
    assert found <= true
    assert len(found) >= 0.99 * len(true)


def alpaca_rows(path: Path) -> list[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = json.load(file)
    return [
        (
            "\n".join(part for part in (str(row["instruction"]), str(row.get("input") or "")) if part),
            str(row.get("output", row.get("response"))),
        )
        for row in rows
    ]


def slow_pairs(texts: list[str], shingle: int, threshold: float) -> set[tuple[int, int]]:
    """All pairs with Jaccard at or above the threshold: a dictionary of shingles and a matrix product."""
    numbers: dict[tuple[str, ...], int] = {}
    offsets, columns = [0], []
    for text in texts:
        found = word_list(text)
        grams = {tuple(found[i : i + shingle]) for i in range(len(found) - shingle + 1)}
        if found and len(found) < shingle:
            grams = {tuple(found)}
        columns += [numbers.setdefault(gram, len(numbers)) for gram in grams]
        offsets.append(len(columns))
    matrix = csr_array(
        (np.ones(len(columns), np.float32), columns, offsets), shape=(len(texts), len(numbers))
    )
    sizes = np.diff(offsets)
    pairs: set[tuple[int, int]] = set()
    for low in range(0, len(texts), 500):
        shared = (matrix[low : low + 500] @ matrix.T).toarray()
        union = sizes[low : low + 500, None] + sizes[None, :] - shared
        rows, others = np.nonzero(shared >= threshold * np.maximum(union, 1))
        pairs |= {(a + low, b) for a, b in zip(rows.tolist(), others.tolist(), strict=True) if a + low < b}
    return pairs
