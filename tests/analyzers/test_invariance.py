"""What figures do not depend on: how rows are cut, and, with three exceptions, the order of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.run import Analysis, analyze
from registry import row_groups
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import Snapshot
from registry.sources import path_source

ONLY = ["structure", "lexical", "complexity", "hygiene", "duplicates"]

# These read the rows one after the other: MATTR and MTLD as one text, near duplicates from the first to keep.
FOLLOW_THE_ORDER = {"mattr", "mtld", "dup_near"}

TEXTS = st.lists(
    st.sampled_from(
        ["a", "cat", "sat", "on", "the", "mat", "2", "+", "日本", "don't", "```", "write", "words."]
    ),
    max_size=12,
)
ROWS = st.lists(st.tuples(TEXTS.map(" ".join), TEXTS.map(" ".join)), min_size=1, max_size=14)


def read(folder: Path, files: list[list[tuple[str, str]]]) -> Snapshot:
    """The snapshot of a folder with so many files of rows."""
    source = folder / "source"
    source.mkdir(parents=True)
    for number, rows in enumerate(files):
        lines = [json.dumps({"instruction": prompt, "output": answer}) + "\n" for prompt, answer in rows]
        (source / f"{number}.jsonl").write_text("".join(lines), encoding="utf-8")
    return read_source(path_source("rows", [source]), home=folder / "home", limits=Limits())


def cut(snapshot: Snapshot, size: int) -> Snapshot:
    """The snapshot in row groups of `size` rows."""
    table = pq.read_table(snapshot.rows_path)
    pq.write_table(table, snapshot.rows_path, row_group_size=size)
    return Snapshot(**{**vars(snapshot), "rows_bytes": snapshot.rows_path.stat().st_size})


def figures(analysis: Analysis) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {
        (m.metric, m.view, *m.params.items()): (m.value, m.ci_low, m.ci_high, m.n_used)
        for m in analysis.measurements
    }


@settings(max_examples=6, deadline=None)
@given(rows=ROWS, group=st.integers(1, 15), batch=st.integers(1, 6))
def test_row_groups_and_batches_of_any_size_give_the_same_figures(
    rows: list[tuple[str, str]], group: int, batch: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    snapshot = read(tmp_path_factory.mktemp("rows"), [rows])
    whole = analyze(snapshot, only=ONLY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_groups, "BATCH_ROWS", batch)

        assert analyze(cut(snapshot, group), only=ONLY) == whole


@settings(max_examples=6, deadline=None)
@given(first=ROWS, second=ROWS)
def test_the_order_of_files_moves_only_figures_that_read_rows_in_order(
    first: list[tuple[str, str]], second: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    one, other = (
        analyze(read(tmp_path_factory.mktemp("rows"), files), only=ONLY)
        for files in ([first, second], [second, first])
    )

    here, there = figures(one), figures(other)
    moved = {key[0] for key in here if here[key] != there[key]}
    assert moved <= FOLLOW_THE_ORDER
    assert [d.counts for d in one.distributions] == [d.counts for d in other.distributions]


def test_the_order_of_files_moves_what_reads_rows_in_order(tmp_path: Path) -> None:
    # b is near a and near c, which are not near each other: a first, one row goes; b first, two go.
    words = [f"w{n}" for n in range(80)]
    a, b, c = words, [*words[:76], *"klmn"], [*words[10:76], *"klmnopqr"]
    rows = [("Say.", " ".join(text)) for text in (a, b, c)]
    near = [
        figures(analyze(read(tmp_path / str(n), [[rows[i]] for i in order]), only=["dup_near"]))
        for n, order in enumerate(((0, 1, 2), (1, 0, 2)))
    ]

    shares = [value for found in near for value, *_ in found.values()]
    assert shares[0] != shares[1]
