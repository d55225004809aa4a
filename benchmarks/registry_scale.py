"""The registry with a million made entries: first page, facet counts, words, each the median of 50 calls.

`python -m benchmarks.registry_scale [ENTRIES] [FOLDER]` makes them in FOLDER once and asks there again.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from registry.catalog import load_catalog
from registry.entry import Entry
from registry.facets import facet_index
from registry.query import Filters, count_facets, find_entries
from registry.shipped import shipped_catalog
from registry.store import CATALOG_KEY, Store
from registry.sync import write_entries

CALLS = 50
WORDS = 30_000


def entries(count: int, seed: int = 0) -> Iterator[tuple[int, Entry]]:
    """Made entries in order of ids: facts of real ones recombined, words drawn as they fall in a language."""
    draw = random.Random(seed)
    real = load_catalog(shipped_catalog()).entries
    teachers = sorted({teacher for entry in real for teacher in entry.teacher})
    lexicon = [_word(index) for index in range(WORDS)]
    weights = [1 / (rank + 10) for rank in range(WORDS)]
    texts = draw.choices(lexicon, weights, k=4_000_000)
    for place in range(1, count + 1):
        base, other = draw.choice(real), draw.choice(real)
        begin = draw.randrange(len(texts) - 40)
        words = texts[begin : begin + 24]
        yield (
            place,
            base.model_copy(
                update={
                    "id": f"{place:07d}-{words[0]}-{words[1]}",
                    "name": " ".join(words[:4]).title(),
                    "hf_id": f"{words[4]}/{words[0]}-{place}",
                    "focus": other.focus,
                    "license": other.license,
                    "commercial_use": other.commercial_use,
                    "teacher": tuple({draw.choice(teachers)} | set(base.teacher[:1])),
                    "languages": other.languages,
                    "year": draw.randrange(2018, 2027),
                    "size_rows": draw.randrange(100, 5_000_000) if draw.random() < 0.8 else None,
                    "license_note": " ".join(words[4:]),
                    "derived_from": (),
                    "conflicts": (),
                }
            ),
        )


def _word(index: int) -> str:
    """A pronounceable word of its own for each number."""
    syllables = []
    number = index + 100
    while number:
        number, rest = divmod(number, 70)
        syllables.append("bdfgklmnprstvz"[rest % 14] + "aeiou"[rest // 14])
    return "".join(syllables)


def make(store: Store, count: int) -> None:
    """Fill an empty database."""
    store.migrate()
    with store.writing() as connection:
        write_entries(connection, entries(count))
        connection.exec_driver_sql(f"INSERT INTO meta VALUES ('{CATALOG_KEY}', 'made {count}')")


def median_ms(ask: Callable[[], object]) -> tuple[float, float]:
    """The medians of 50 calls after two to warm up, in milliseconds: by the clock, and of CPU."""
    ask()
    ask()
    by_clock, of_cpu = [], []
    for _ in range(CALLS):
        begin, cpu = time.perf_counter(), time.process_time()
        ask()
        of_cpu.append((time.process_time() - cpu) * 1000)
        by_clock.append((time.perf_counter() - begin) * 1000)
    return statistics.median(by_clock), statistics.median(of_cpu)


def questions(store: Store) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """What is asked, how long it may take, and the call."""
    half = store.rows("SELECT MAX(position) FROM entry")[0][0] // 2
    middle = find_entries(store, Filters(), limit=1, offset=half)[0].id
    popular, common, rare = _word(3), _word(40), _word(2000)
    chinese = Filters(language="zh", commercial_use=["yes", "unclear"], min_rows=10_000)
    yield "first page of 50 entries", "2 ms", lambda: find_entries(store, Filters(), limit=50)
    yield "a page in the middle, by key", "-", lambda: find_entries(store, Filters(), limit=50, after=middle)
    yield "counts of every facet", "1 ms", lambda: count_facets(store, Filters())
    one, three = Filters(category="distillation"), chinese
    yield "counts under one filter", "60 ms", lambda: count_facets(store, one)
    yield "counts under three filters", "60 ms", lambda: count_facets(store, three)
    for kind, text in (("frequent", f"{popular} {common}"), ("rare", f"{common} {rare}")):
        yield (
            f"first 50 with two {kind} words",
            "30 ms",
            lambda text=text: find_entries(store, Filters(search=text), limit=50),
        )
    yield "first 50 under three filters", "-", lambda: find_entries(store, three, limit=50)
    yield (
        "largest 50 under three filters",
        "-",
        lambda: find_entries(store, three, sort="-size_rows", limit=50),
    )
    searched = Filters(search=f"{popular} {common}")
    yield "counts under two words", "-", lambda: count_facets(store, searched)


def main() -> None:
    """Make what is missing, ask, print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        _print_answers(count, Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        _print_answers(count, Path(folder))


def _print_answers(count: int, folder: Path) -> None:
    path = folder / f"registry-{count}.db"
    store = Store(f"sqlite:///{path}")
    begin = time.process_time()
    if not path.exists():
        make(store, count)
        spent = time.process_time() - begin
        print(f"{count:,} entries written in {spent:.0f} CPU s, {path.stat().st_size / 1e9:.1f} GB.")
    begin = time.perf_counter()
    facet_index(store)
    print(f"Bit sets of the facets read in {(time.perf_counter() - begin) * 1000:.0f} ms.")
    print("\n| asked | ms | CPU ms | demanded |\n| --- | --- | --- | --- |")
    for name, limit, ask in questions(store):
        by_clock, of_cpu = median_ms(ask)
        print(f"| {name} | {by_clock:.2f} | {of_cpu:.2f} | {limit} |", flush=True)
    store.close()


if __name__ == "__main__":
    main()
