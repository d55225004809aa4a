"""Every term is defined in one line, in the code and in the docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.vocabulary import VOCABULARIES, Kind, Term

DOCS = Path(__file__).parents[2] / "docs" / "catalogue.md"


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_each_term_has_a_definition_of_its_own(vocabulary: type[Term]) -> None:
    definitions = [term.definition for term in vocabulary]

    assert all(text.endswith(".") and "\n" not in text for text in definitions)
    assert len(set(definitions)) == len(definitions)


@pytest.mark.parametrize("vocabulary", [v for v in VOCABULARIES if v is not Kind])
def test_the_docs_give_the_same_definitions(vocabulary: type[Term]) -> None:
    text = DOCS.read_text(encoding="utf-8")

    for term in vocabulary:
        assert f"| `{term}` | {term.definition} |" in text
