"""Dataset cards of the Hub as proposed entries: what is taken, what is only suggested, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.card import REQUIRED, card_facts, read_card
from registry.card_license import HUB_IDS, hub_license
from registry.catalog import check_catalog
from registry.errors import InputRefusedError, ProblemCode
from registry.spdx import spelling

CARD = """\
---
license: cc-by-nc-4.0
language:
- en
- no
pretty_name: Tulip Tales
tags:
- synthetic
- arxiv:2304.03277
annotations_creators: [machine-generated]
source_datasets: [Tulip-Lab/Seeds, other-lab/none, original]
dataset_info:
  features:
  - name: instruction
    dtype: string
  - name: output
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          0: plain
          1: odd
  splits:
  - name: train
    num_examples: 52002
  - name: test
    num_examples: 1000
---
# Dataset Card for something else

- **Homepage:** [our page](https://tulips.example.org/data)
Code: https://github.com/tulip/tales.git, answers by GPT-4 and text-davinci-003.
See also arxiv.org/abs/2212.10560.

```bibtex
@misc{tales, title={Tulip Tales}, year={2023}}
```
"""
CHOSEN = {
    "category": "distillation",
    "method": "seed-expansion",
    "focus": "general",
    "languages": ["en"],
    "format": "single-turn",
    "commercial_use": "unclear",
}


def facts_of(front: str, body: str = "", **where: Any) -> dict[str, Any]:
    return dict(card_facts(f"---\n{front}\n---\n{body}", **where).facts)


def test_what_the_card_states_becomes_facts_with_the_card_as_evidence() -> None:
    found = card_facts(
        CARD, hf_id="tulip-lab/tulip-tales", revision="0123456789ab", known={"tulip-lab/seeds": "tulip-seeds"}
    )

    facts = dict(found.facts)
    (evidence,) = facts.pop("evidence")
    assert facts == {
        "id": "tulip-tales",
        "name": "Tulip Tales",
        "hf_id": "tulip-lab/tulip-tales",
        "github": "tulip/tales",
        "homepage": "https://tulips.example.org/data",
        "paper": "2304.03277",
        "languages": ["en", "no"],
        "size_rows": 53_002,
        "size_text": "train 52,002; test 1,000",
        "license": "CC-BY-NC-4.0",
        "commercial_use": "no",
        "license_note": "As the front matter of the dataset card states it.",
        "derived_from": ["tulip-seeds"],
    }
    assert evidence["source"] == "tulip-lab/tulip-tales README.md@0123456"
    assert (evidence["status"], evidence["note"]) == ("verified", "dataset card")
    assert set(evidence["fields"]) == set(facts) - {"id", "name", "hf_id"}
    assert found.missing == ("category", "method", "focus", "format")


def test_what_the_card_only_suggests_stays_a_hint() -> None:
    hints = "\n".join(card_facts(CARD).hints)

    assert "names as a source: Tulip-Lab/Seeds" in hints
    assert "format: the columns instruction, output suggest single-turn" in hints
    assert "category: the card suggests distillation or self-improvement" in hints
    assert "teacher: the text mentions GPT-4, text-davinci-003" in hints
    assert "year: its citations say 2023" in hints


def test_without_a_place_on_the_hub_the_card_was_read_at_second_hand() -> None:
    (evidence,) = card_facts(CARD, file="card.md").facts["evidence"]

    assert (evidence["source"], evidence["status"]) == ("dataset card card.md", "secondary")


def test_the_block_is_a_valid_entry_once_the_missing_fields_are_chosen(tmp_path: Path) -> None:
    found = card_facts(CARD, hf_id="tulip-lab/tulip-tales", known={"tulip-lab/seeds": "tulip-tales"})
    block = found.to_yaml().replace("    derived_from: [tulip-tales]\n", "")
    chosen = "".join(f"    {name}: {CHOSEN[name]}\n" for name in found.missing)
    catalog = tmp_path / "catalog.yaml"

    catalog.write_text(f"format: 1\ndatasets:\n{block}", encoding="utf-8")
    assert {(p.code, p.field) for p in check_catalog(catalog).errors} == {
        (ProblemCode.MISSING_FIELD, name) for name in found.missing
    }
    catalog.write_text(f"format: 1\ndatasets:\n{block}{chosen}", encoding="utf-8")
    assert check_catalog(catalog).errors == ()
    assert found.entry(**{name: CHOSEN[name] for name in found.missing}).size_rows == 53_002


@pytest.mark.parametrize(
    ("front", "license_id", "use"),
    [
        ("license: apache-2.0", "Apache-2.0", "unclear"),
        ("license: [mit, cc-by-nc-4.0]", "MIT AND CC-BY-NC-4.0", "no"),
        ("license: llama3.1", "LicenseRef-Llama-3.1-Community", "unclear"),
        ("license: other\nlicense_name: cc-by-4.0", "CC-BY-4.0", "unclear"),
        ("license: other\nlicense_name: tulip-research-only\nlicense_link: https://x.org/l", "other", "no"),
        ("license: other", None, "unclear"),
        ("license: unknown", None, "unclear"),
        ("license: my-own-words", None, "unclear"),
        ("pretty_name: none", None, "unclear"),
    ],
)
def test_licences_are_read_cautiously(front: str, license_id: str | None, use: str) -> None:
    facts = facts_of(front)

    assert facts.get("license") == license_id
    assert facts["commercial_use"] == use


def test_a_licence_that_is_not_taken_is_named_in_a_hint() -> None:
    hints = card_facts("---\nlicense: my-own-words\n---\n").hints

    assert any("my-own-words" in hint for hint in hints)


def test_several_configurations_give_no_row_count() -> None:
    one = "- config_name: {0}\n  splits:\n  - name: train\n    num_examples: {1}\n"
    found = card_facts(f"---\ndataset_info:\n{one.format('a', 5)}{one.format('b', 7)}---\n")

    assert "size_rows" not in found.facts
    assert found.facts["size_text"] == "a/train 5; b/train 7"
    assert any(hint.startswith("size_rows:") for hint in found.hints)


@pytest.mark.parametrize(
    ("front", "code", "line"),
    [
        ("a: [1", ProblemCode.SYNTAX, 3),
        ("a: 1\nb: &x 2\nc: *x", ProblemCode.ALIAS, 3),
        ("a: !!python/object/apply:os.system [ls]", ProblemCode.TAG, 2),
        ("a: 1\na: 2", ProblemCode.DUPLICATE_KEY, 3),
        ("- a\n- b", ProblemCode.NOT_OBJECT, 2),
    ],
)
def test_broken_or_unsafe_front_matter_is_refused_with_its_line(
    front: str, code: ProblemCode, line: int
) -> None:
    with pytest.raises(InputRefusedError) as refused:
        card_facts(f"---\n{front}\n---\n", file="card.md")

    first = refused.value.problems[0]
    assert (first.code, first.line, first.file) == (code, line, "card.md")


def test_an_address_an_entry_would_not_take_is_left_out_and_named() -> None:
    found = card_facts("- **Homepage:** https://user@evil.example/x\n")

    assert "homepage" not in found.facts
    assert any(hint.startswith("homepage: left out") for hint in found.hints)


def test_a_line_of_its_own_outranks_links_in_the_text() -> None:
    body = """
- **Repository:** [tales](https://github.com/tulip/tales)
- **Paper:** https://arxiv.org/abs/2304.03277
Compare https://github.com/other/one, https://arxiv.org/abs/2212.10560 and https://arxiv.org/pdf/1705.04146.pdf.
Thanks to [@somebody](https://github.com/somebody).
"""

    facts = card_facts(body).facts
    without = card_facts(body.replace("**", ""))

    assert (facts["github"], facts["paper"]) == ("tulip/tales", "2304.03277")
    assert not {"github", "paper"} & set(without.facts)
    assert any(hint.startswith("paper: the text names several") for hint in without.hints)


def test_a_card_from_the_hubs_own_template_is_read() -> None:
    pytest.importorskip("jinja2", reason="the Hub's template needs it")
    from huggingface_hub import DatasetCard, DatasetCardData

    data = DatasetCardData(language=["en", "no"], license="odc-by", pretty_name="Tales", tags=["synthetic"])
    links = {"repo": "https://github.com/tulip/tales", "paper": "https://arxiv.org/abs/2304.03277"}
    card = DatasetCard.from_template(data, **links)

    facts = card_facts(str(card)).facts

    names = ("name", "license", "languages", "github", "paper")
    assert tuple(facts[name] for name in names) == (
        *("Tales", "ODC-By-1.0", ["en", "no"], "tulip/tales", "2304.03277"),
    )


def test_hostile_text_cannot_leave_its_line() -> None:
    found = card_facts('---\nlicense: "x\\nevil: 1\\e[31m"\npretty_name: "a\\nb: c"\n---\n')

    assert found.facts["name"] == "a b: c"
    assert all(hint.isprintable() for hint in found.hints)
    assert "\nevil" not in found.to_yaml()


@given(st.text(alphabet=st.sampled_from("-\n: abc[]{}'\"#&*!|>\\\t0.,éلا") | st.characters(), max_size=200))
def test_any_text_gives_facts_an_entry_takes_or_a_located_refusal(text: str) -> None:
    for card in (text, f"---\n{text}\n---\n", f"---\npretty_name: x\nlicense: {text}\n---\n{text}"):
        try:
            found = card_facts(card)
        except InputRefusedError:
            continue
        entry = found.entry(**{name: CHOSEN[name] for name in found.missing})
        assert entry.evidence
        assert set(found.missing) <= set(REQUIRED)


def test_every_licence_we_can_spell_goes_to_the_hub_and_back() -> None:
    spelled = {name: known for name in HUB_IDS if (known := spelling(name)) is not None}

    assert {name: spelling(str(hub_license(known)["license"])) for name, known in spelled.items()} == spelled
    assert len(spelled) >= 60


def test_what_the_hub_has_no_name_for_is_other_with_its_name() -> None:
    assert hub_license("MIT OR Apache-2.0") == {"license": "other", "license_name": "MIT OR Apache-2.0"}
    assert hub_license("other", name="Terms of X", url="https://x.org") == {
        "license": "other",
        "license_name": "Terms of X",
        "license_link": "https://x.org",
    }
    assert hub_license(None) == {"license": "unknown"}


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_bytes(b"---\nlicense: \xff\n---\n")

    with pytest.raises(InputRefusedError) as refused:
        read_card(card)
    assert (refused.value.problems[0].code, refused.value.problems[0].line) == (ProblemCode.ENCODING, 2)
    with pytest.raises(InputRefusedError):
        read_card(tmp_path / "none.md")
