"""The registry as a mapping, and how it follows its catalogue."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_blocks import block, write_catalog

from registry.entry import Benchmark, Entry
from registry.errors import InputRefusedError, UnknownDatasetError
from registry.registry import Registry
from registry.settings import Settings


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def registry(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """The shipped catalogue in a database of each kind."""
    server = None if request.param == "sqlite" else request.getfixturevalue("postgres")
    settings = Settings(home=tmp_path_factory.mktemp("home"), database=server.fresh_url() if server else None)
    with Registry.open(settings) as opened:
        yield opened


@pytest.fixture
def team(settings: Settings, database_url: str) -> Settings:
    """Settings with an empty database of each kind."""
    return settings.model_copy(update={"database": database_url})


def open_with(settings: Settings, catalog: Path) -> Registry:
    return Registry.open(settings.model_copy(update={"catalog": catalog}))


def test_it_is_a_mapping_of_the_catalogue(registry: Registry) -> None:
    assert len(registry) == len(list(registry)) == 464
    assert list(registry) == sorted(registry)
    assert registry["alpaca"].license == "CC-BY-NC-4.0"
    assert "alpaca" in registry
    assert 3 not in registry
    assert registry.get("nothing") is None


def test_samples_and_benchmarks_stand_apart(registry: Registry) -> None:
    assert len(registry.benchmarks) == 22
    assert list(registry.samples) == ["sample-distilled", "sample-human", "sample-selfimproved"]
    assert list(registry.sample_benchmarks) == ["sample-benchmark"]
    assert "sample-human" not in registry
    assert registry.entry("sample-human").kind == "sample"
    assert registry.entry("alpaca").id == "alpaca"
    assert registry.benchmarks["gsm8k"].size_rows != registry["gsm8k"].size_rows


def test_an_unknown_id_offers_its_neighbours(registry: Registry) -> None:
    with pytest.raises(UnknownDatasetError, match="alpaca"):
        registry["alpacca"]
    with pytest.raises(UnknownDatasetError, match="sample-human"):
        registry.entry("sample-humen")


def test_lineage_follows_the_catalogue_both_ways(registry: Registry) -> None:
    found = registry.lineage("alpaca-cleaned")

    assert "alpaca" in found.ancestors
    assert "alpaca-cleaned" in registry.lineage("alpaca").descendants
    assert registry.lineage("sample-selfimproved").ancestors == ("sample-human",)
    with pytest.raises(UnknownDatasetError):
        registry.lineage("nothing")


def test_every_declared_parent_is_an_edge(registry: Registry) -> None:
    names = list(registry)[:: 1 if "sqlite" in repr(registry) else 40]
    edges = {(edge.child, edge.parent) for name in names for edge in registry.lineage(name).edges}
    declared = {(entry.id, parent) for entry in registry.find() for parent in entry.derived_from}

    assert edges <= declared
    assert edges >= {pair for pair in declared if pair[0] in names}


@pytest.mark.parametrize(
    ("ids", "verdict"),
    [("dolly-15k", "allowed"), ("alpaca", "forbidden"), ("alpagasus", "forbidden"), ("openorca", "unclear")],
)
def test_verdicts_on_well_known_sets(registry: Registry, ids: str, verdict: str) -> None:
    assert registry.license(ids).verdict == verdict


def test_no_verdict_is_milder_than_the_labels_of_the_ancestry(registry: Registry) -> None:
    label_of = {entry.id: str(entry.commercial_use) for entry in registry.find()}
    for name in list(registry)[:: 1 if "sqlite" in repr(registry) else 20]:
        labels = {label_of[member] for member in (name, *registry.lineage(name).ancestors)}
        verdict = registry.license(name).verdict

        assert verdict == "forbidden" or "no" not in labels
        assert verdict != "allowed" or labels == {"yes"}


def test_a_use_nobody_knows_is_refused(registry: Registry) -> None:
    with pytest.raises(InputRefusedError, match="research"):
        registry.license("alpaca", use="war")


def test_a_description_holds_facts_evidence_and_family(registry: Registry) -> None:
    known = registry.describe("alpaca")

    assert known["evidence"][0]["status"] in ("verified", "secondary", "recalled")
    assert known["conflicts"][0]["readings"]
    assert known["snapshots"] == known["measurements"] == []
    assert "alpaca-cleaned" in known["lineage"]["descendants"]


def test_similar_entries_sound_alike(registry: Registry) -> None:
    found = registry.similar("medical dialogues between patient and doctor", limit=5)

    assert len(found) == 5
    assert any(entry.focus == "domain:medical" for entry, _ in found)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(0 < score <= 1 for _, score in found)
    assert registry.similar("%%%") == []
    assert registry.similar("zzzzqqq") == []


def test_an_unchanged_catalogue_is_not_written_again(settings: Settings) -> None:
    Registry.open(settings).close()
    database = settings.home / "registry.db"
    before = (database.stat().st_mtime_ns, database.read_bytes())

    Registry.open(settings).close()

    assert (database.stat().st_mtime_ns, database.read_bytes()) == before


def test_a_changed_catalogue_replaces_what_was_there(team: Settings, tmp_path: Path) -> None:
    path = write_catalog(tmp_path, block(), block(id="two"))
    with open_with(team, path) as registry:
        assert list(registry) == ["one", "two"]

    write_catalog(tmp_path, block(name="First"), block(id="three", derived_from="[one]"))
    with open_with(team, path) as registry:
        assert list(registry) == ["one", "three"]
        assert registry["one"].name == "First"
        assert [e.id for e in registry.find(search="first")] == ["one"]
        assert registry.find(search="two") == []


def test_touching_the_file_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    path = write_catalog(tmp_path, block())
    open_with(settings, path).close()
    os.utime(path, (1, 1))
    before = (settings.home / "registry.db").read_bytes()

    open_with(settings, path).close()

    assert (settings.home / "registry.db").read_bytes() == before


def test_an_invalid_catalogue_changes_nothing(team: Settings, tmp_path: Path) -> None:
    path = write_catalog(tmp_path, block())
    open_with(team, path).close()
    write_catalog(tmp_path, block(name="2"), block(id="two", focus="art"))

    with pytest.raises(InputRefusedError) as caught:
        open_with(team, path)

    assert len(caught.value.problems) == 2
    write_catalog(tmp_path, block())
    with open_with(team, path) as registry:
        assert registry["one"].name == "One"


def test_a_missing_catalogue_is_a_located_fault(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match=r"none\.yaml"):
        open_with(settings, tmp_path / "none.yaml")


def test_threads_may_share_a_registry(registry: Registry) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(len(registry.find(category="distillation"))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [315] * 8


def test_entries_travel_between_processes(registry: Registry) -> None:
    assert pickle.loads(pickle.dumps(registry["alpaca"])) == registry["alpaca"]


def test_a_registry_shows_where_it_lies(registry: Registry) -> None:
    assert repr(registry).endswith("464 datasets)")


def test_what_rows_can_be_fetched_as_has_one_name_each(registry: Registry) -> None:
    assert isinstance(registry.declared("gsm8k"), Entry)
    assert isinstance(registry.declared("sample-human"), Entry)
    assert isinstance(registry.declared("humaneval"), Benchmark)
    assert isinstance(registry.declared("gsm8k-test"), Benchmark)
    assert isinstance(registry.declared("sample-benchmark"), Benchmark)


def test_an_unknown_name_is_offered_benchmarks_too(registry: Registry) -> None:
    with pytest.raises(UnknownDatasetError, match="humaneval"):
        registry.declared("humanevall")
