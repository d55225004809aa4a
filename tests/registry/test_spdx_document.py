"""SPDX documents: the reference library finds no fault, and nothing unknown is asserted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mixtures.build import build
from mixtures.lock import read_lock
from mixtures.plan import plan
from mixtures.recipe import MixtureRecipe
from mixtures.spdx_document import mixture_spdx
from registry.entry import Entry
from registry.registry import Registry
from registry.spdx_document import entry_spdx, expression_of, licence_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

# The library asks pyparsing and rdflib by names they would rather not hear.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    from registry.settings import Settings

    with Registry.open(Settings(home=tmp_path_factory.mktemp("home"))) as opened:
        yield opened


def faults(document: dict[str, Any]) -> list[str]:
    reason = "needs the dev group"
    parser = pytest.importorskip("spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser", reason=reason)
    validator = pytest.importorskip("spdx_tools.spdx.validation.document_validator", reason=reason)
    read = parser.JsonLikeDictParser().parse(document)
    return [message.validation_message for message in validator.validate_full_spdx_document(read)]


def of_entry(registry: Registry, entry: Entry) -> dict[str, Any]:
    ancestors = [registry.entry(name) for name in registry.lineage(entry.id).ancestors]
    return entry_spdx(entry, ancestors, created=NOW, tool="instructory-0.1.0")


def test_the_reference_library_finds_no_fault_in_any_kind_of_entry(shipped: Registry) -> None:
    chosen = {(entry.license, bool(entry.derived_from)): entry for entry in shipped.values()}

    found = {entry.id: wrong for entry in chosen.values() if (wrong := faults(of_entry(shipped, entry)))}

    assert found == {}
    assert len(chosen) > 40


def test_ancestors_stand_in_it_with_the_edges_between(shipped: Registry) -> None:
    document = of_entry(shipped, shipped["alpagasus"])

    edges = {
        (edge["spdxElementId"], edge["relationshipType"], edge["relatedSpdxElement"])
        for edge in document["relationships"]
    }
    assert ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-alpagasus") in edges
    assert ("SPDXRef-alpagasus", "DESCENDANT_OF", "SPDXRef-alpaca") in edges
    assert ("SPDXRef-alpaca", "DESCENDANT_OF", "SPDXRef-self-instruct-seeds") in edges
    assert document["creationInfo"]["created"] == "2026-01-02T03:04:05Z"


def test_what_is_not_known_is_not_asserted(shipped: Registry) -> None:
    unknown = next(entry for entry in shipped.values() if entry.license is None)

    package = of_entry(shipped, unknown)["packages"][0]

    assert package["licenseDeclared"] == package["licenseConcluded"] == "NOASSERTION"


def test_equal_contents_have_equal_namespaces_and_others_have_others(shipped: Registry) -> None:
    one, again, other = (of_entry(shipped, shipped[name]) for name in ("alpaca", "alpaca", "gsm8k"))

    assert one == again
    assert one["documentNamespace"] != other["documentNamespace"]


def test_licences_together_are_kept_together(shipped: Registry) -> None:
    first = {entry.license: entry for entry in reversed(list(shipped.values()))}
    mit, qwen = first["MIT"], first["LicenseRef-Qwen"]
    unknown = next(entry for entry in shipped.values() if entry.license is None)

    both = expression_of([licence_of(mit), licence_of(qwen), licence_of(mit)])

    assert both.expression == "MIT AND LicenseRef-Qwen"
    assert [item["licenseId"] for item in both.extracted] == ["LicenseRef-Qwen"]
    assert expression_of([licence_of(mit), licence_of(unknown)]).expression is None


def test_a_mixture_contains_its_files_and_descends_from_its_sources(
    shipped: Registry, tmp_path: Path
) -> None:
    rows = tmp_path / "mine.jsonl"
    rows.write_text('{"prompt": "a b c", "completion": "d e"}\n' * 2, encoding="utf-8")
    recipe = MixtureRecipe.model_validate(
        {
            "name": "two",
            "parts": [{"dataset": "sample-human", "rows": 5}, {"path": str(rows), "rows": "all"}],
        }
    )
    folder = build(shipped, plan(shipped, recipe), to=tmp_path / "mix").folder
    lock, _ = read_lock(folder)

    document = mixture_spdx(shipped, lock, created=NOW, tool="instructory-0.1.0")

    assert faults(document) == []
    packages = {package["name"]: package for package in document["packages"]}
    sums = {output["path"]: output["sha256"] for output in lock["outputs"]}
    assert {name: packages[name]["checksums"][0]["checksumValue"] for name in sums} == sums
    assert packages["mixture-two"]["licenseDeclared"] == "NOASSERTION"
    assert packages["Sample, human-crafted"]["licenseDeclared"] == "CC0-1.0"
