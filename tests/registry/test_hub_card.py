"""Cards of entries: the Hub's client reads them, our import gives the facts back, texts stay inert."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry.card import card_facts
from registry.card_license import HUB_IDS
from registry.entry import Entry
from registry.hub_card import entry_card, front_matter, inert
from registry.registry import Registry


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    from registry.settings import Settings

    with Registry.open(Settings(home=tmp_path_factory.mktemp("home"))) as opened:
        yield opened


def card_of(registry: Registry, entry: Entry) -> str:
    parents = [registry.entry(parent) for parent in entry.derived_from]
    return entry_card(entry, parents=parents, verdict=registry.license(entry.id))


def test_the_hub_client_reads_the_front_matter(shipped: Registry) -> None:
    from huggingface_hub import DatasetCard

    for entry in list(shipped.values())[::5]:
        front = front_matter(entry)
        card = DatasetCard(card_of(shipped, entry))
        read: dict[str, Any] = card.data.to_dict()
        assert {name: read[name] for name in front} | {"source_datasets": 0} == front | {"source_datasets": 0}
        assert card.data.pretty_name == entry.name


def test_every_licence_is_a_word_the_hub_knows(shipped: Registry) -> None:
    for entry in shipped.values():
        told = front_matter(entry)["license"]
        assert set([told] if isinstance(told, str) else told) <= HUB_IDS, entry.id


def test_what_a_card_says_comes_back_by_the_import(shipped: Registry) -> None:
    differing = []
    for entry in list(shipped.values())[::3]:
        if entry.license is None or entry.license.startswith("LicenseRef") or " " in entry.license:
            continue
        facts = card_facts(card_of(shipped, entry)).facts
        same = (facts["name"], facts["license"], facts["languages"]) == (
            " ".join(entry.name.split()),
            entry.license,
            list(entry.languages),
        )
        if not same:
            differing.append(entry.id)

    assert differing == []


def test_a_card_tells_facts_verdict_sources_and_citation(shipped: Registry) -> None:
    card = card_of(shipped, shipped["alpaca"])

    assert "license: cc-by-nc-4.0" in card
    assert "| size\\_rows" not in card
    assert "| size_rows | 52,002 |" in card
    assert "## Commercial use: forbidden" in card
    assert "- https://huggingface.co/datasets/tatsu-lab/alpaca\n" in card
    assert "@misc{alpaca," in card


def test_hostile_names_stay_text() -> None:
    entry = Entry.model_validate(
        {
            "id": "odd",
            "name": "<script>x</script>\n---\nlicense: mit | [a](b) \x1b[31m",
            "category": "human-crafted",
            "method": "manual-annotation",
            "focus": "general",
            "languages": ["no"],
            "format": "single-turn",
            "commercial_use": "no",
            "evidence": [{"source": "our tests", "status": "verified"}],
        }
    )

    card = entry_card(entry)
    facts = card_facts(card).facts

    shown = card.split("---", 2)[2].split("```bibtex")[0]
    assert "<script" not in shown.replace("\\<", "")
    assert "\x1b" not in card
    assert facts["languages"] == ["no"]
    assert "license" not in facts
    assert inert("a|b<c>\n# d") == "a\\|b\\<c\\> # d"
