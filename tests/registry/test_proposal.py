"""The classifier over the catalogue: its figures are those of a plain count, and nothing is seen twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from catalog_blocks import block, write_catalog

from registry.catalog import load_catalog
from registry.entry import Entry
from registry.proposal import FEWEST, FOLDS, Proposer, _figures, _folds, described, validate
from registry.shipped import shipped_catalog


@pytest.fixture(scope="module")
def entries() -> Sequence[Entry]:
    """Two of the clearest methods of the shipped catalogue, and a term that is too rare."""
    wanted = {"translation", "manual-annotation", "self-play"}
    return [e for e in load_catalog(shipped_catalog()).entries if str(e.method) in wanted]


def test_figures_are_those_of_counting_by_hand() -> None:
    truths = ["a"] * 6 + ["b"] * 5 + ["c"]
    guesses = [*"aaaabb", *"bbbaa", "a"]

    found = _figures("method", truths, guesses)

    a, b = found.terms
    assert (a.term, a.entries, a.precision, a.recall) == ("a", 6, 4 / 6, 4 / 6)
    assert (b.precision, b.recall) == (3 / 5, 3 / 5)
    assert found.macro_f1 == pytest.approx((4 / 6 + 3 / 5) / 2)
    assert (found.entries, found.accuracy, found.majority) == (11, 7 / 11, 6 / 11)
    assert found.left_out == ("c",)


def test_figures_agree_with_scikit_learn() -> None:
    from sklearn.metrics import accuracy_score, f1_score

    truths = [term for term in "abcab" for _ in range(4)]
    guesses = list("aabbbccaaacbabcabcab")

    found = _figures("method", truths, guesses)

    kept = [(t, g) for t, g in zip(truths, guesses, strict=True) if t != "c"]
    assert found.accuracy == accuracy_score(*zip(*kept, strict=True))
    assert found.macro_f1 == pytest.approx(
        f1_score(*zip(*kept, strict=True), labels=["a", "b"], average="macro")
    )


def test_every_method_is_dealt_over_all_folds() -> None:
    entries = load_catalog(shipped_catalog()).entries
    folds = _folds(entries)

    assert folds == [dict(zip((e.id for e in entries), folds, strict=True))[e.id] for e in entries]
    by_id = dict(zip((e.id for e in reversed(entries)), _folds(entries[::-1]), strict=True))
    assert [by_id[e.id] for e in entries] == folds
    for method in {e.method for e in entries}:
        held = [fold for fold, e in zip(folds, entries, strict=True) if e.method == method]
        assert max(map(held.count, range(FOLDS))) - min(map(held.count, range(FOLDS))) <= 1


def test_it_learns_what_is_there_to_be_learnt_and_leaves_out_rare_terms(entries: Sequence[Entry]) -> None:
    method = next(figures for figures in validate(entries) if figures.target == "method")

    always_the_commonest = method.majority * 2 / (1 + method.majority) / 2
    assert method.macro_f1 > always_the_commonest + 0.05
    assert method.left_out == ("self-play",)
    assert {term.term for term in method.terms} == {"translation", "manual-annotation"}


def test_equal_entries_give_equal_proposals(entries: Sequence[Entry]) -> None:
    text = "Alpaca translated into Finnish"
    found = [Proposer(entries).propose(text) for _ in range(2)]

    assert found[0] == found[1]
    assert found[0]["method"].term == "translation"
    assert sum(share for _, share in found[0]["method"].others) <= 1 - found[0]["method"].probability + 1e-3


def test_the_text_of_an_entry_tells_no_term_and_no_note() -> None:
    for entry in load_catalog(shipped_catalog()).entries:
        blank = entry.model_copy(
            update={"category": "x", "method": "y", "focus": "z", "license_note": "n", "derived_from": ()}
        )
        assert described(entry) == described(blank)


def test_a_tiny_catalogue_proposes_by_definitions(tmp_path: Path) -> None:
    entries = load_catalog(write_catalog(tmp_path, block(), block(id="two"))).entries
    assert len(entries) < FEWEST

    found = Proposer(entries).propose("An existing set carried into other languages by machine translation")

    assert found["method"].term == "translation"
