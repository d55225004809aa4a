from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers import budget, tokenizers_by_name
from analyzers.base import Batch
from analyzers.budget import Budget
from analyzers.tokenizers_by_name import load_tokenizer
from analyzers.tokens import count_tokens
from registry.errors import MissingExtraError, MissingModelError

Row = tuple[str | None, list[tuple[str, str]]]
TURNS = st.lists(
    st.tuples(st.sampled_from(["user", "assistant", "tool"]), st.text("ab ", max_size=12)), max_size=5
)
ROWS = st.lists(st.tuples(st.none() | st.text("ab", max_size=6), TURNS), max_size=6)
needs_tokenizers = pytest.mark.skipif(find_spec("tokenizers") is None, reason="extra tokens is not installed")


def batch_of(rows: list[Row]) -> Batch:
    kind = pa.list_(pa.struct({"role": pa.string(), "content": pa.large_string()}))
    turns = [[{"role": role, "content": content} for role, content in turns] for _, turns in rows]
    columns = {
        "system": pa.array([system for system, _ in rows], pa.large_string()),
        "turns": pa.array(turns, kind),
    }
    return Batch(pa.RecordBatch.from_pydict(columns))


def figures(batch: Batch, tokenizer: str = "o200k_base") -> dict[tuple[object, ...], float | None]:
    analyzer = Budget(tokenizer=tokenizer)
    return {(f.metric, *f.params.values()): f.value for f in analyzer.finish(analyzer.measure(batch))}


def plainly(rows: list[Row], length: int | None, on: str) -> int:
    """Token by token: one of the first `length` of its row, and in a turn that is learnt from."""
    learnt = 0
    for system, turns in rows:
        last = max((at for at, (role, _) in enumerate(turns) if role == "assistant"), default=-1)
        row = ["system"] * -(-len(system or "") // 4)
        for at, (role, content) in enumerate(turns):
            mine = role == "assistant" and (on == "all_assistant" or at == last)
            row += ["learnt" if mine else "other"] * -(-len(content) // 4)
        learnt += row[:length].count("learnt")
    return learnt


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 6))
def test_learnt_tokens_are_those_within_the_length_of_the_turns_that_count(rows: list[Row], cut: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "LENGTHS", (1, 3, 6))
        analyzer = Budget(tokenizer="estimate")
        parts = [analyzer.measure(batch_of(part)) for part in (rows[:cut], rows[cut:])]
        found = {(f.metric, *f.params.values()): f.value for f in analyzer.finish(analyzer.merge(*parts))}

    for on in budget.TRAINED:
        for length in (None, 1, 3, 6):
            expected = float(plainly(rows, length, on)) if rows else None
            assert found["loss_tokens_within", length, on] == expected


def test_slices_of_a_batch_count_their_own_rows_only() -> None:
    rows: list[Row] = [
        (None, [("user", "aaaa"), ("assistant", "bbbbbbbb")]),
        ("ssss", [("assistant", "cccc")]),
    ]
    whole = batch_of(rows)

    found = figures(Batch(whole.rows.slice(1, 1)), "estimate")

    assert found["row_tokens", "mean"] == 2
    assert found["loss_tokens_within", None, "all_assistant"] == 1


def test_tokens_of_rows_are_those_of_o200k_and_long_rows_are_counted() -> None:
    long = "word " * 3_000
    rows: list[Row] = [
        ("Be kind.", [("user", "Hello"), ("assistant", "Hi there")]),
        (None, [("assistant", long)]),
    ]
    texts = [["Be kind.", "Hello", "Hi there"], [long]]
    tokens = [int(count_tokens(pa.array(part, pa.large_string())).sum()) for part in texts]

    found = figures(batch_of(rows))

    assert found["row_tokens", "mean"] == sum(tokens) / 2
    assert found["rows_too_long", 2_048] == 0.5
    assert found["rows_too_long", 4_096] == 0
    assert found["loss_tokens_within", 2_048, "all_assistant"] == 2 + 2_048


def test_an_estimate_is_called_one() -> None:
    tokenizer = load_tokenizer("estimate")

    assert tokenizer.name == "estimate: bytes/4"
    assert tokenizer.count(pa.array(["", "a", "abcd", "äöü"], pa.large_string())).tolist() == [0, 1, 1, 2]


@needs_tokenizers
def test_a_tokenizer_of_ones_own_counts_and_is_named_by_its_bytes(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "cat": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(1)
    file = tmp_path / "mine" / "tokenizer.json"
    file.parent.mkdir()
    tokenizer.save(str(file))

    by_file, by_folder = load_tokenizer(str(file)), load_tokenizer(str(file.parent))

    assert by_file.name == by_folder.name
    assert by_file.name.startswith("mine/tokenizer.json ")
    assert by_file.count(pa.array(["cat dog cat", ""], pa.large_string())).tolist() == [3, 0]


@needs_tokenizers
def test_a_file_that_is_no_tokenizer_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")

    with pytest.raises(MissingModelError, match=r"is no tokenizer\.json"):
        Budget(tokenizer=str(tmp_path))
    with pytest.raises(MissingModelError, match="no tokeniser at"):
        Budget(tokenizer=str(tmp_path / "gone.json"))


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizers_by_name, "find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"instructory\[tokens\]"):
        Budget(tokenizer="mine.json")


def test_places_of_turns_start_behind_the_system_text() -> None:
    begins, totals = budget.places(np.array([2, 0]), np.array([3, 4, 5]), np.array([0, 2, 3]))

    assert begins.tolist() == [2, 5, 0]
    assert totals.tolist() == [9, 5]
