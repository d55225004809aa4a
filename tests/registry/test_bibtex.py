"""BibTeX entries: read back by another program, and inert whatever a name holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.bibtex import bibtex, latex
from registry.entry import Entry

# Its grammar is written against an older pyparsing.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

FACTS: dict[str, Any] = {
    "id": "tulip-tales",
    "name": "Tulip Tales",
    "hf_id": "tulip-lab/tulip_tales",
    "paper": "2304.03277",
    "year": 2023,
    "license": "MIT",
    "category": "human-crafted",
    "method": "manual-annotation",
    "focus": "general",
    "languages": ["en"],
    "format": "single-turn",
    "commercial_use": "yes",
    "evidence": [{"source": "our tests", "status": "verified"}],
}


def read(text: str) -> dict[str, str]:
    bibtexparser = pytest.importorskip("bibtexparser", reason="needs the dev group")
    (entry,) = bibtexparser.loads(text).entries
    found: dict[str, str] = entry
    return found


def entry_with(**facts: Any) -> Entry:
    return Entry.model_validate({**FACTS, **facts})


def test_another_program_reads_what_we_know() -> None:
    assert read(bibtex(entry_with(), revision="abc123")) == {
        "ENTRYTYPE": "misc",
        "ID": "tulip-tales",
        "title": "{Tulip Tales}",
        "key": "Tulip Tales",
        "organization": "tulip-lab",
        "year": "2023",
        "howpublished": r"\url{https://huggingface.co/datasets/tulip-lab/tulip_tales}",
        "eprint": "2304.03277",
        "archiveprefix": "arXiv",
        "note": "licence MIT; commit abc123",
    }


def test_what_is_not_known_is_left_out() -> None:
    bare = entry_with(hf_id=None, paper=None, year=None, license=None)

    assert set(read(bibtex(bare))) == {"ENTRYTYPE", "ID", "title", "key"}


def test_an_address_cannot_leave_its_braces() -> None:
    found = bibtex(entry_with(homepage="https://x.org/a}b%20c#d"))

    assert r"\url{https://x.org/a\%7Db\%20c\#d}" in found


@given(st.text(min_size=1, max_size=80))
def test_any_name_stays_inside_its_field(name: str) -> None:
    made = bibtex(entry_with(name=name))

    shown = [line.partition(" = ")[0].strip() for line in made.split("\n")]
    assert [line for line in shown if line != "key"] == [
        *("@misc{tulip-tales,", "title", "organization", "year", "howpublished", "eprint", "archiveprefix"),
        *("note", "}", ""),
    ]
    plain = latex(name)
    depth = 0
    for before, sign in zip(" " + plain, plain, strict=False):
        depth += (sign == "{") - (sign == "}") if before != "\\" else 0
        assert depth >= 0
    assert depth == 0
