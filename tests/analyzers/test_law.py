"""The law of the house, for every analyzer of the table: cutting the rows anywhere changes no bit."""

from __future__ import annotations

import hashlib
from functools import reduce
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.base import Analyzer, Batch, Finding
from analyzers.row_features import feature_batch
from analyzers.sampling import row_keys
from analyzers.shards import read_shard, write_shard
from analyzers.table import ANALYZERS, load_analyzer, metric_owners
from registry.snapshot import SNAPSHOT_SCHEMA

WORDS = [
    "the",
    "cat",
    "sat",
    "mat.",
    "don't",
    "write",
    "3 words",
    "without commas",
    "```x=1```",
    "日本",
    "2 + 2 = 4",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)
ROWS = st.lists(st.tuples(TEXTS, TEXTS), max_size=9)


def rows_of(pairs: list[tuple[str, str]]) -> pa.RecordBatch:
    def turn(role: str, content: str) -> dict[str, str | None]:
        return {"role": role, "content": content, "tool_calls": None, "label": None}

    columns = {
        "row": list(range(len(pairs))),
        "row_hash": [hashlib.sha256(repr(pair).encode()).digest() for pair in pairs],
        "system": [None if len(answer) % 2 else "Be kind." for _, answer in pairs],
        "turns": [[turn("user", prompt), turn("assistant", answer)] for prompt, answer in pairs],
        "prompt": [prompt for prompt, _ in pairs],
        "response": [answer for _, answer in pairs],
        "extra": ["{}"] * len(pairs),
    }
    return pa.RecordBatch.from_pydict(columns, schema=SNAPSHOT_SCHEMA)


def pieces(pairs: list[tuple[str, str]], cuts: list[int], sampled: np.ndarray | None) -> list[Batch]:
    rows = rows_of(pairs)
    features = feature_batch(Batch(rows))
    keys = row_keys(np.frombuffer(b"".join(rows["row_hash"].to_pylist()), np.uint8).reshape(-1, 32), 3)
    borders = [0, *sorted(min(cut, len(pairs)) for cut in cuts), len(pairs)]
    return [
        Batch(
            rows.slice(low, high - low),
            features=features.slice(low, high - low),
            sampled=None if sampled is None else sampled[low:high],
            keys=keys[low:high],
        )
        for low, high in pairwise(borders)
    ]


def through_a_shard(partial: Any) -> Any:
    """The partial as the next step finds it: every one travels in a shard."""
    with TemporaryDirectory() as folder:
        write_shard(Path(folder) / "shard", partial)
        return read_shard(Path(folder) / "shard")


def findings(analyzer: Analyzer[Any], batches: list[Batch], *, from_the_end: bool = False) -> list[Finding]:
    partials = [through_a_shard(analyzer.measure(batch)) for batch in batches]
    if from_the_end:
        total = reduce(
            lambda later, earlier: analyzer.merge(earlier, later), reversed(partials), analyzer.start()
        )
    else:
        total = reduce(analyzer.merge, partials, analyzer.start())
    return analyzer.finish(total)


@pytest.mark.parametrize("name", ANALYZERS)
@settings(max_examples=12, deadline=None)
@given(pairs=ROWS, cuts=st.lists(st.integers(0, 9), max_size=3), every=st.sampled_from([None, 2]))
def test_cutting_the_rows_anywhere_changes_no_bit(
    name: str, pairs: list[tuple[str, str]], cuts: list[int], every: int | None
) -> None:
    analyzer = load_analyzer(name, seed=3)
    sampled = None if every is None else np.arange(len(pairs)) % every == 0
    whole = findings(analyzer, pieces(pairs, [], sampled))

    assert findings(analyzer, pieces(pairs, cuts, sampled)) == whole
    assert findings(analyzer, pieces(pairs, cuts, sampled), from_the_end=True) == whole


@pytest.mark.parametrize("name", ANALYZERS)
def test_no_rows_give_null_with_a_reason_and_never_zero(name: str) -> None:
    analyzer = load_analyzer(name)

    found = analyzer.finish(analyzer.start())

    assert {finding.metric for finding in found} == set(analyzer.metrics)
    for finding in found:
        assert (finding.value, finding.n_used, finding.ci_low, finding.ci_high) == (None, 0, None, None)
        assert finding.reason


@pytest.mark.parametrize("name", ANALYZERS)
def test_each_figure_of_an_analyzer_is_told_apart(name: str) -> None:
    pairs = [(f"Write {n} words about cats in French.", "Le chat dort. " * n) for n in range(12)]
    analyzer = load_analyzer(name)

    found = findings(analyzer, pieces(pairs, [5], None))

    keys = [(f.metric, f.view, tuple(sorted(f.params.items())), f.tokenizer, f.backend) for f in found]
    assert len(set(keys)) == len(keys)
    assert all((finding.value is None) == (finding.reason is not None) for finding in found)


def test_no_two_analyzers_share_a_metric_or_a_name() -> None:
    listed = [metric for name in ANALYZERS for metric in load_analyzer(name).metrics]

    owners = metric_owners()

    assert len(listed) == len(set(listed)) == sum(owner in ANALYZERS for owner in owners.values())
    assert owners["ifd"] == "perplexity"
    assert not set(listed) & set(ANALYZERS) - {"readability"}
