"""A certificate says what was checked and what was not, and nothing that was not so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from test_hashed_items import ANSWER, QUESTION, hashed

from analyzers.contamination_certificate import Certificate, certificate, document_sha256
from analyzers.leak_rules import RULES
from registry.snapshot import Snapshot

SnapshotOf = Callable[..., Snapshot]

OTHER = "The glazier cuts nine panes from every sheet; how many sheets does he need for eighty-one panes?"


@pytest.fixture
def clean(snapshot_of: SnapshotOf) -> Certificate:
    rows = snapshot_of([("What is new in the harbour?", "Nothing much, and the tide is late.")], "rows")
    return certificate([rows], [snapshot_of([(QUESTION, ANSWER), (OTHER, "9")], "bench")])


def test_what_was_checked_is_named_with_versions_and_hashes(clean: Certificate) -> None:
    document = clean.to_json()

    assert document["datasets"][0]["snapshot"]
    assert document["benchmarks"][0]["rows"] == 2
    assert [rule["name"] for rule in document["rules"]] == list(RULES)
    assert all(rule["version"] >= 1 for rule in document["rules"])
    assert {ceiling["rule"] for ceiling in document["ceilings"]} == set(RULES)
    assert document["sha256"] == document_sha256(document)
    assert clean.is_clean is True


def test_a_changed_figure_no_longer_has_its_hash(clean: Certificate) -> None:
    document = json.loads(clean.to_text())
    assert document["sha256"] == document_sha256(document)

    document["results"][0]["benchmark_hits"] = 1

    assert document["sha256"] != document_sha256(document)


def test_the_same_input_gives_the_same_bytes(snapshot_of: SnapshotOf) -> None:
    rows, bench = snapshot_of([(QUESTION, "")], "rows"), snapshot_of([(QUESTION, ANSWER)], "bench")

    one, other = certificate([rows], [bench]), certificate([rows], [bench])

    assert one.to_text() == other.to_text()
    assert one.to_markdown() == other.to_markdown()


def test_hits_are_named_by_number_and_never_by_text(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([("Hello.", "Hi."), (QUESTION, ANSWER)], "rows")

    found = certificate([rows], [snapshot_of([(OTHER, "9"), (QUESTION, ANSWER)], "bench")], rule="ngram13")

    assert found.is_clean is False
    assert found.document["results"][0]["hits"] == [{"benchmark_row": 1, "dataset_row": 1, "share": 1.0}]
    assert "lamplighter" not in found.to_text()
    assert "lamplighter" not in found.to_markdown()
    assert "items found: 1 by ngram13." in found.to_markdown()


def test_what_was_not_checked_is_listed(snapshot_of: SnapshotOf) -> None:
    rows = replace(snapshot_of([(QUESTION, "")], "rows"), rows_bad=3, limit=10)
    bench = snapshot_of([(QUESTION, ANSWER), (" ", "")], "texts")

    found = certificate(
        [rows], [hashed((QUESTION,), (ANSWER,)), bench], rule="all", catalogue=["texts", "humaneval"]
    )

    named = {each["what"] for each in found.document["not_checked"]}
    assert {
        "paraphrase",
        "translation",
        "rule semantic",
        "bench: rule ngram12",
        "bench: rule idf_cluster",
    } <= named
    assert {"rows: 3 rows", "rows: later rows", "texts: 1 items under exact", "benchmark humaneval"} <= named
    assert "benchmark texts" not in named
    assert "rule exact" not in named


def test_rules_not_asked_for_and_items_out_of_reach_are_not_called_clean(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([("Hello.", "Hi.")], "rows")

    some = certificate([rows], [snapshot_of([(QUESTION, ANSWER)], "bench")], rule="exact")
    none = certificate([rows], [snapshot_of([("", "")], "blank")], rule="exact")

    assert {"what": "rule ngram13", "why": "not asked for"} in some.document["not_checked"]
    assert none.is_clean is None
    assert "not checked, as there are no rows or no item could be found" in none.to_markdown()


def test_names_from_outside_cannot_write_markdown(snapshot_of: SnapshotOf) -> None:
    rows = snapshot_of([(QUESTION, "")], "a|b [x](http://y)\n# head")

    page = certificate([rows], [snapshot_of([(QUESTION, ANSWER)], "bench")], rule="exact").to_markdown()

    assert "\n# head" not in page
    assert "[x](" not in page
    assert "a\\|b" in page


def test_a_zero_says_how_much_may_be_there_all_the_same(clean: Certificate) -> None:
    bound = 100 * (1 - 0.05 ** (1 / 1))  # idf_cluster could find one of the two items

    assert f"up to {bound:.2f} %" in clean.to_markdown()
