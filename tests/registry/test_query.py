"""Finding and counting: the same answers from every way into a database, and no sign that acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from catalog_blocks import block, write_catalog
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_server import PostgresServer

from registry.catalog import load_catalog
from registry.entry import Entry
from registry.errors import InputRefusedError
from registry.query import FACETS, SORTS, Filters, count_facets, find_entries
from registry.shipped import SAMPLES_FILE, shipped_catalog
from registry.store import Store
from registry.sync import sync


class LikeStore(Store):
    """A database read through SQLAlchemy and searched without a full-text index, as other engines are."""

    text_index = None


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Store]]:
    path = tmp_path_factory.mktemp("query") / "registry.db"
    found = {"plain": filled(Store(f"sqlite:///{path}")), "alchemy": LikeStore(f"sqlite+pysqlite:///{path}")}
    yield found
    for store in found.values():
        store.close()


@pytest.fixture(scope="module")
def postgres_store(postgres: PostgresServer) -> Iterator[Store]:
    found = filled(Store(postgres.fresh_url()))
    yield found
    found.close()


def filled(store: Store) -> Store:
    store.migrate()
    sync(store, shipped_catalog(), SAMPLES_FILE, "state")
    return store


@pytest.fixture(params=["plain", "alchemy", "postgresql", "bit sets"])
def store(stores: dict[str, Store], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The same entries by every way in; with `bit sets` filters are answered as they are for very many."""
    if request.param == "bit sets":
        monkeypatch.setattr("registry.query.MANY", 0)
        return stores["plain"]
    found: Store = (
        request.getfixturevalue("postgres_store") if request.param == "postgresql" else stores[request.param]
    )
    return found


ENTRIES = load_catalog(shipped_catalog()).entries


def ids(store: Store, **filters: Any) -> list[str]:
    page = {name: filters.pop(name) for name in ("sort", "limit", "offset", "after") if name in filters}
    return [entry.id for entry in find_entries(store, Filters(**filters), **page)]


def expected(keep: Any) -> list[str]:
    return sorted(entry.id for entry in ENTRIES if keep(entry))


@pytest.mark.parametrize(
    ("filters", "keep"),
    [
        ({}, lambda e: True),
        ({"category": "self-improvement"}, lambda e: e.category == "self-improvement"),
        (
            {"method": ["evol-instruct", "translation"]},
            lambda e: e.method in ("evol-instruct", "translation"),
        ),
        ({"focus": "domain:medical"}, lambda e: e.focus == "domain:medical"),
        ({"language": "zh"}, lambda e: "zh" in e.languages),
        ({"language": ["ko", "lt"]}, lambda e: {"ko", "lt"} & set(e.languages)),
        ({"teacher": "gpt-4"}, lambda e: "GPT-4" in e.teacher),
        ({"modality": "video"}, lambda e: "video" in e.modality),
        ({"format": "preference"}, lambda e: e.format == "preference"),
        ({"license": "apache-2.0"}, lambda e: e.license == "Apache-2.0"),
        ({"license": "unknown"}, lambda e: e.license is None),
        ({"commercial_use": "yes"}, lambda e: e.commercial_use == "yes"),
        ({"open": False}, lambda e: not e.open),
        ({"in_survey": True}, lambda e: e.in_survey),
        ({"min_rows": 1_000_000}, lambda e: e.size_rows is not None and e.size_rows >= 1_000_000),
        ({"max_rows": 1_000}, lambda e: e.size_rows is not None and e.size_rows <= 1_000),
        ({"category": []}, lambda e: False),
        (
            {"category": "distillation", "commercial_use": "yes", "min_rows": 10_000},
            lambda e: (
                e.category == "distillation" and e.commercial_use == "yes" and (e.size_rows or 0) >= 10_000
            ),
        ),
    ],
)
def test_each_filter_finds_what_a_plain_loop_finds(store: Store, filters: dict[str, Any], keep: Any) -> None:
    assert ids(store, **filters) == expected(keep)


def test_the_catalogue_has_the_known_numbers(store: Store) -> None:
    assert len(ids(store)) == 464
    assert len(ids(store, in_survey=True)) == 80


@pytest.mark.parametrize(
    "filters", [{"category": "art"}, {"method": "magic"}, {"min_rows": -1}, {"sort": "luck"}, {"limit": -1}]
)
def test_what_is_not_known_is_refused(store: Store, filters: dict[str, Any]) -> None:
    with pytest.raises(InputRefusedError):
        ids(store, **filters)


def test_a_slip_gets_the_nearest_word(store: Store) -> None:
    with pytest.raises(InputRefusedError, match="did you mean distillation"):
        ids(store, category="distilation")


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_is_total_and_pages_fit_together(store: Store, sort: str) -> None:
    whole = ids(store, sort=sort, search="gpt")
    pages = [
        name
        for start in range(0, len(whole), 50)
        for name in ids(store, sort=sort, search="gpt", limit=50, offset=start)
    ]

    assert pages == whole
    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize("filters", [{}, {"search": "gpt"}, {"category": "distillation", "min_rows": 10}])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_named_by_their_last_entry_fit_together(
    store: Store, sort: str, filters: dict[str, Any]
) -> None:
    whole = ids(store, sort=sort, **filters)
    pages: list[str] = []
    while page := ids(store, sort=sort, limit=90, after=pages[-1] if pages else None, **filters):
        pages += page

    assert pages == whole


def test_a_page_after_what_is_not_found_is_refused(store: Store) -> None:
    with pytest.raises(InputRefusedError, match="after"):
        ids(store, after="nothing")
    with pytest.raises(InputRefusedError, match="after"):
        ids(store, after="alpaca", sort="name", category="self-improvement")
    with pytest.raises(InputRefusedError, match="not by both"):
        ids(store, after="alpaca", offset=3)


def test_the_order_of_the_catalogue_is_that_of_the_file(store: Store) -> None:
    assert ids(store, sort="catalog") == [entry.id for entry in ENTRIES]


def test_entries_without_a_count_come_last(store: Store) -> None:
    sizes = {entry.id: entry.size_rows for entry in ENTRIES}
    for sort, sign in (("size_rows", 1), ("-size_rows", -1)):
        found = [sizes[name] for name in ids(store, sort=sort)]
        known = [size for size in found if size is not None]

        assert found == sorted(known, key=lambda size: sign * size) + [None] * (len(found) - len(known))


def test_facets_count_what_the_filters_leave(store: Store) -> None:
    found = count_facets(store, Filters(language="zh"))
    kept = [entry for entry in ENTRIES if "zh" in entry.languages]

    assert tuple(found) == FACETS
    assert found["category"] == Counter(str(e.category) for e in kept)
    assert found["license"] == Counter(e.license or "unknown" for e in kept)
    assert found["teacher"] == Counter(t for e in kept for t in e.teacher)
    assert found["year"] == Counter(str(e.year) for e in kept)
    assert found["in_survey"] == Counter("true" if e.in_survey else "false" for e in kept)
    assert list(found["method"].values()) == sorted(found["method"].values(), reverse=True)


@pytest.mark.parametrize(
    "filters",
    [
        {"search": "gpt-4"},
        {"search": "%"},
        {"teacher": ["gpt-4", "ChatGPT"], "open": True},
        {"min_rows": 10_000, "max_rows": 100_000},
        {"min_rows": 9, "max_rows": 3},
        {"category": [], "search": "alpaca"},
        {"license": "unknown", "in_survey": False, "modality": "text"},
    ],
)
def test_counts_are_those_of_a_plain_loop(store: Store, filters: dict[str, Any]) -> None:
    kept = find_entries(store, Filters(**filters))

    found = count_facets(store, Filters(**filters))

    assert list(found["teacher"].items()) == sorted(
        Counter(t for e in kept for t in e.teacher).items(), key=lambda pair: (-pair[1], pair[0])
    )
    assert found["focus"] == Counter(str(e.focus) for e in kept)
    assert found["languages"] == Counter(code for e in kept for code in e.languages)
    assert found["open"] == Counter("true" if e.open else "false" for e in kept)


def test_kept_counts_are_those_of_a_plain_loop(store: Store) -> None:
    found = count_facets(store, Filters())

    assert found["category"] == Counter(str(e.category) for e in ENTRIES)
    assert found["teacher"] == Counter(t for e in ENTRIES for t in e.teacher)
    assert sum(found["open"].values()) == len(ENTRIES)


@pytest.mark.parametrize(
    ("query", "present", "absent"),
    [
        ("alpaca", "alpaca", "dolly-15k"),
        ("ALPACA cleaned", "alpaca-cleaned", "alpaca"),
        ("self-instruct", "self-instruct", "dolly-15k"),
        ("databricks/databricks-dolly-15k", "dolly-15k", "alpaca"),
        ("evol instruct code", "evol-instruct-code-80k", "alpaca"),
    ],
)
def test_a_search_needs_all_words(store: Store, query: str, present: str, absent: str) -> None:
    found = ids(store, search=query)

    assert present in found
    assert absent not in found


@pytest.mark.parametrize(
    "query", ['"', "%", "_", "*", "()", "^-:", "'; DROP TABLE entry; --", "zzz NOT alpaca", "NEAR("]
)
def test_signs_and_operators_are_only_text(store: Store, query: str) -> None:
    assert ids(store, search=query) == []
    assert len(ids(store)) == 464


def test_a_blank_search_asks_for_nothing(store: Store) -> None:
    assert len(ids(store, search="  ")) == 464


def test_the_nearest_name_comes_first_by_relevance(store: Store) -> None:
    assert ids(store, search="dolly", sort="relevance")[0].startswith("dolly")


queries = st.text(max_size=12) | st.sampled_from(
    [word for e in ENTRIES[:80] for word in (e.name, e.id, *e.teacher)]
)


@settings(max_examples=50, deadline=None)
@given(queries, queries)
def test_any_query_gets_the_same_answer_both_ways(stores: dict[str, Store], first: str, second: str) -> None:
    query = f"{first} {second}"

    assert ids(stores["plain"], search=query) == ids(stores["alchemy"], search=query)


@settings(max_examples=50, deadline=None)
@given(queries, queries, st.sampled_from([*SORTS]))
def test_any_query_gets_the_same_answer_from_postgresql(
    stores: dict[str, Store], postgres_store: Store, first: str, second: str, sort: str
) -> None:
    query = f"{first} {second}"

    assert ids(stores["plain"], search=query, sort=sort) == ids(postgres_store, search=query, sort=sort)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(ENTRIES))
def test_every_entry_is_found_by_its_name(stores: dict[str, Store], entry: Entry) -> None:
    assert entry.id in ids(stores["plain"], search=entry.name)


def test_bound_values_cannot_break_out(store: Store) -> None:
    assert ids(store, teacher="x') OR 1=1 --", license="MIT' OR '1'='1") == []


def test_samples_are_not_found(store: Store) -> None:
    assert Path(SAMPLES_FILE).is_file()
    assert ids(store, search="sample-human") == []
    assert sum(count_facets(store, Filters(open=True))["category"].values()) == len(ids(store, open=True))


def test_words_of_any_length_are_kept_and_found(database_url: str, tmp_path: Path) -> None:
    long = "x" * 5000
    store = Store(database_url)
    store.migrate()
    sync(store, write_catalog(tmp_path, block(license_note=long), block(id="two")), tmp_path / "none", "s")

    assert ids(store, search=long[:900]) == ids(store, search=long[:255]) == ["one"]
    store.close()


def test_a_changed_catalogue_is_counted_anew(database_url: str, tmp_path: Path) -> None:
    store = Store(database_url)
    store.migrate()
    counted = []
    for index, blocks in enumerate([(block(),), (block(), block(id="two", year="2023"))]):
        sync(store, write_catalog(tmp_path, *blocks), tmp_path / "none", f"state {index}")
        counted.append(count_facets(store, Filters(open=True)))

    assert [found["open"] for found in counted] == [{"true": 1}, {"true": 2}]
    assert [found["year"] for found in counted] == [{}, {"2023": 1}]
    store.close()
