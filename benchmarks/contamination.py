"""Rows that share an 8-gram or a 13-gram with a benchmark question, beside polars, duckdb and Python.

    python -m benchmarks.contamination ../shared/data

Ours streams a snapshot past the index, as `instructory contamination` does, and once does no more than the
others: n-grams of texts in memory. Questions: GSM8K, MATH-500, TruthfulQA, HumanEval and IFEval.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from analyzers.base import View
from analyzers.contamination import contaminations
from analyzers.distinct import distinct_values, without_repeats
from analyzers.gram_filter import GramFilter
from analyzers.text import ngrams, words
from analyzers.views import view_texts
from benchmarks.beside import OURS, Engine, megabytes, print_beside, texts_of
from registry.limits import Limits
from registry.reading import read_source
from registry.snapshot import Snapshot
from registry.sources import path_source

BENCHMARKS = ("gsm8k", "math-500", "truthfulqa", "humaneval", "ifeval")
ORDERS = {"ngram8_any": 8, "ngram13": 13}
ALONE = "ours, the n-grams alone"
WORD = r"[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)?"
Found = dict[str, int]


@dataclass(frozen=True)
class Work:
    """The rows as a snapshot and as texts, the benchmark likewise."""

    rows: Snapshot
    texts: list[str]
    benchmark: Snapshot
    questions: list[str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run the engines, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--rows", type=int, default=50_000)
    options = parser.parse_args(arguments)
    texts = texts_of(options.data, options.rows)
    with TemporaryDirectory() as folder:
        work = _prepared(options.data, texts, Path(folder))
        print(f"{len(texts):,} rows, {megabytes(texts):.1f} MB; {len(work.questions):,} questions\n")
        spent = print_beside(ENGINES, work, rows=len(texts), judge=lambda found: [f"{found} rows"])
        equal = [f"{name} {spent[name] / spent[ALONE]:.1f}x" for name in spent if name not in (OURS, ALONE)]
        print(f"\nAgainst ours with the n-grams alone: {', '.join(equal)}.")


def _prepared(data: Path, texts: list[str], folder: Path) -> Work:
    questions: list[str] = []
    for name in BENCHMARKS:
        snapshot = read_source(path_source(name, [data / name]), home=folder, limits=Limits())
        for batch in snapshot.batches(list(View.FIRST_PROMPT.columns)):
            questions += view_texts(batch, View.FIRST_PROMPT).to_pylist()
    return Work(
        rows=_snapshot("rows", texts, folder),
        texts=texts,
        benchmark=_snapshot("questions", questions, folder),
        questions=questions,
    )


def _snapshot(name: str, texts: list[str], folder: Path) -> Snapshot:
    file = folder / f"{name}.jsonl"
    lines = (json.dumps({"instruction": text, "output": "Yes, done."}) for text in texts)
    file.write_text("\n".join(lines), encoding="utf-8")
    return read_source(path_source(name, [file]), home=folder, limits=Limits())


def _ours(work: Work) -> Found:
    found = contaminations(work.rows, [work.benchmark], rule=",".join(ORDERS), explain=0)
    return {result.rule: result.dataset_hits for result in found}


def _alone(work: Work) -> Found:
    rows, questions = (words(pa.array(texts, pa.large_string())) for texts in (work.texts, work.questions))
    found = {}
    for rule, n in ORDERS.items():
        known = GramFilter.of(distinct_values(ngrams(questions, n).hashes))
        met, _ = known.met(rows, n)
        found[rule] = len(without_repeats(met))
    return found


def _polars(work: Work) -> Found:
    import polars as pl

    def grams(texts: list[str], n: int) -> pl.LazyFrame:
        flat = (
            pl.LazyFrame({"text": texts})
            .with_row_index("row")
            .select("row", pl.col("text").str.to_lowercase().str.extract_all(WORD).alias("word"))
            .explode("word", empty_as_null=False)
            .with_columns(pl.col("word").hash())
        )
        fields = [pl.col("word").shift(-place).alias(str(place)) for place in range(n)]
        inside = pl.col("row") == pl.col("row").shift(1 - n)
        return flat.filter(inside.is_not_null()).select("row", gram=pl.struct(fields).hash()).filter(
            (pl.col("row") == pl.col("row").shift(1 - n)).fill_null(value=False)
        )  # fmt: skip

    found = {}
    for rule, n in ORDERS.items():
        known = grams(work.questions, n).select("gram").unique()
        hits = grams(work.texts, n).join(known, on="gram", how="semi").select(pl.col("row").n_unique())
        found[rule] = hits.collect().item()
    return found


def _duckdb(work: Work) -> Found:
    import duckdb

    found = {}
    with duckdb.connect() as connection:
        for name, texts in (("rows", work.texts), ("questions", work.questions)):
            connection.register("texts", pa.table({"text": pa.array(texts, pa.large_string())}))
            connection.execute(
                f"CREATE TEMP TABLE {name} AS SELECT row_number() OVER () AS id, list_transform("
                "regexp_extract_all(lower(text), ?), lambda word: hash(word)) AS w FROM texts",
                [WORD],
            )
        for rule, n in ORDERS.items():
            rows, questions = _sql_grams("rows", n), _sql_grams("questions", n)
            ((found[rule],),) = connection.execute(
                f"SELECT count(DISTINCT id) FROM ({rows}) WHERE gram IN (SELECT gram FROM ({questions}))"
            ).fetchall()
    return found


def _sql_grams(table: str, n: int) -> str:
    parts = ", ".join(f"unnest(w[{place + 1}:len(w) - {n - 1 - place}]) AS w{place}" for place in range(n))
    names = ", ".join(f"w{place}" for place in range(n))
    return f"SELECT id, hash({names}) AS gram FROM (SELECT id, {parts} FROM {table} WHERE len(w) >= {n})"


def _python(work: Work) -> Found:
    word = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
    rows = [word.findall(text.lower()) for text in work.texts]
    questions = [word.findall(text.lower()) for text in work.questions]
    found = {}
    for rule, n in ORDERS.items():
        known = {tuple(q[at : at + n]) for q in questions for at in range(len(q) - n + 1)}
        found[rule] = sum(
            any(tuple(row[at : at + n]) in known for at in range(len(row) - n + 1)) for row in rows
        )
    return found


ENGINES = (
    Engine(OURS, None, _ours),
    Engine(ALONE, None, _alone),
    Engine("polars", "polars", _polars),
    Engine("duckdb", "duckdb", _duckdb),
    Engine("Python sets", None, _python),
)

if __name__ == "__main__":
    main()
