"""Like this one: text and measured profile, joined so that neither scale counts for more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_blocks import block, write_catalog
from hypothesis import given
from hypothesis import strategies as st

from registry.catalog import load_catalog
from registry.entry import Entry
from registry.errors import UnknownDatasetError
from registry.likeness import SHARED, _profile_likeness, entries_like
from registry.registry import Registry
from registry.settings import Settings


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with Registry.open(Settings(home=tmp_path_factory.mktemp("home"))) as opened:
        yield opened


@pytest.fixture
def entries(tmp_path: Path) -> tuple[Entry, ...]:
    names = ("Tulip Tales", "Tulip Tales Long", "Weather Maps", "Tulip Tales Short")
    blocks = [block(id=f"d{n}", name=name) for n, name in enumerate(names)]
    return load_catalog(write_catalog(tmp_path, *blocks)).entries


def profile(*values: float) -> dict[tuple[str, str], float]:
    return {(f"m{n}", "response"): value for n, value in enumerate(values)}


def test_without_figures_the_text_decides(entries: tuple[Entry, ...]) -> None:
    found = entries_like(entries[0], entries, {})

    assert {like.entry.id for like in found[:2]} == {"d1", "d3"}
    assert found[-1].entry.id == "d2"
    assert all(like.profile is None for like in found)
    assert found[0].similarity == 1.0 or found[0].text == found[1].text


def test_figures_decide_between_equal_texts(entries: tuple[Entry, ...]) -> None:
    near, far = profile(1, 2, 3, 4, 5), profile(9, 9, 9, 9, 9)
    profiles = {"d0": profile(1, 2, 3, 4, 5.1), "d1": far, "d2": far, "d3": near}

    found = entries_like(entries[0], entries, profiles)

    assert found[0].entry.id == "d3"
    assert found[0].profile > next(like.profile for like in found if like.entry.id == "d1")


def test_profiles_are_compared_in_deviations_from_the_median() -> None:
    profiles = {
        "a": profile(0, 0, 0, 0, 0),
        "b": profile(1, 10, 100, 1000, 1e4),
        "c": profile(2, 20, 200, 2000, 2e4),
    }

    found = _profile_likeness("a", profiles)

    # Medians are b, median deviations are b's steps: a lies at -1, b at 0, c at 1 in every figure.
    assert found == {"b": pytest.approx(1 - 1 / 6), "c": pytest.approx(1 - 2 / 6)}


def test_too_few_shared_figures_are_no_profile() -> None:
    few = {
        "a": profile(*range(SHARED - 1)),
        "b": profile(*range(1, SHARED)),
        "c": profile(*range(2, SHARED + 1)),
    }

    assert _profile_likeness("a", few) == {}


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6), min_size=2, max_size=6))
def test_likeness_is_a_share_and_the_same_both_ways(rows: list[list[float]]) -> None:
    profiles = {str(n): profile(*row) for n, row in enumerate(rows)}

    for name in profiles:
        for other, share in _profile_likeness(name, profiles).items():
            assert -1e-9 <= share <= 1 + 1e-9
            assert _profile_likeness(other, profiles)[name] == pytest.approx(share)


def test_the_shipped_figures_count(registry: Registry) -> None:
    found = registry.like("alpaca", limit=464)

    assert len(found) == 463
    assert "alpaca" not in {like.entry.id for like in found}
    measured = {like.entry.id: like.profile for like in found if like.profile is not None}
    assert len(measured) > 5
    assert found[0].similarity >= found[1].similarity >= found[-1].similarity
    assert registry.like("sample-human", limit=3)[0].entry.id in registry


def test_an_unknown_one_is_said_to_be_unknown(registry: Registry) -> None:
    with pytest.raises(UnknownDatasetError, match="alpaca"):
        registry.like("alpacca")
