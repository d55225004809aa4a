"""Words, code points, distinct 1-, 2-, 3-grams and equal rows of many texts, beside polars, duckdb, Python.

python -m benchmarks.text_statistics ../shared/data
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from analyzers.gram_counts import distinct_grams
from analyzers.signature_store import row_keys
from analyzers.text import Grams, char_counts, words
from benchmarks.beside import OURS, Engine, megabytes, print_beside, texts_of

ORDERS = (1, 2, 3)
WORD = r"[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)?"
Figures = tuple[int, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run the engines, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the public files")
    parser.add_argument("--rows", type=int, default=50_000)
    options = parser.parse_args(arguments)
    texts = pa.array(texts_of(options.data, options.rows), pa.large_string())
    print(f"{len(texts):,} rows, {megabytes(texts.to_pylist()):.1f} MB\n")
    print_beside(
        ENGINES, texts, rows=len(texts), judge=lambda found: [f"{found[0]:,} words, {found[2]:,} types"]
    )


def _ours(texts: pa.LargeStringArray) -> Figures:
    tokens = words(texts)
    distinct = [distinct_grams(tokens, n) for n in ORDERS]
    keys = row_keys(tokens, texts)
    rows = distinct_grams(Grams(np.array([0, len(keys)]), keys))
    return len(tokens.hashes), int(char_counts(texts).sum()), *distinct, rows


def _polars(texts: pa.LargeStringArray) -> Figures:
    import polars as pl

    rows = pl.Series("text", texts)
    flat = (
        pl.LazyFrame({"text": rows})
        .with_row_index("row")
        .select("row", pl.col("text").str.to_lowercase().str.extract_all(WORD).alias("word"))
        .explode("word", empty_as_null=False)
        .with_columns(pl.col("word").hash())
    )
    word, row = pl.col("word"), pl.col("row")
    pair = pl.struct(word, word.shift(-1).alias("b")).filter(row == row.shift(-1))
    triple = pl.struct(word, word.shift(-1).alias("b"), word.shift(-2).alias("c")).filter(
        row == row.shift(-2)
    )
    found = flat.select(
        pl.len(), pl.col("word").n_unique().alias("one"), pair.hash().n_unique().alias("two"),
        triple.hash().n_unique().alias("three"),
    ).collect().row(0)  # fmt: skip
    return found[0], int(rows.str.len_chars().sum()), *found[1:], rows.n_unique()


def _duckdb(texts: pa.LargeStringArray) -> Figures:
    import duckdb

    with duckdb.connect() as connection:
        connection.register("rows", pa.table({"text": texts}))
        connection.execute(
            "CREATE TEMP TABLE hashed AS SELECT list_transform("
            "regexp_extract_all(lower(text), ?), lambda word: hash(word)) AS w FROM rows",
            [WORD],
        )
        distinct = []
        for n in ORDERS:
            parts = [f"unnest(w[{place + 1}:len(w) - {n - 1 - place}]) AS w{place}" for place in range(n)]
            names = ", ".join(f"w{place}" for place in range(n))
            grams = f"SELECT hash({names}) AS gram FROM (SELECT {', '.join(parts)} FROM hashed)"
            distinct.append(f"(SELECT count(DISTINCT gram) FROM ({grams}))")
        (found,) = connection.execute(
            "SELECT (SELECT sum(len(w)) FROM hashed), (SELECT sum(length(text)) FROM rows), "
            f"{', '.join(distinct)}, (SELECT count(DISTINCT text) FROM rows)"
        ).fetchall()
    return tuple(map(int, found))


def _python(texts: pa.LargeStringArray) -> Figures:
    word = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
    plain: list[str] = texts.to_pylist()
    seen: dict[int, set[tuple[str, ...]]] = {n: set() for n in ORDERS}
    total = 0
    for text in plain:
        tokens = word.findall(text.lower())
        total += len(tokens)
        for n in ORDERS:
            seen[n].update(zip(*(tokens[place:] for place in range(n)), strict=False))
    return total, sum(map(len, plain)), *(len(seen[n]) for n in ORDERS), len(set(plain))


ENGINES = (
    Engine(OURS, None, _ours),
    Engine("polars", "polars", _polars),
    Engine("duckdb", "duckdb", _duckdb),
    Engine("Python sets", None, _python),
)

if __name__ == "__main__":
    main()
