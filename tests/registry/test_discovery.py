"""What the Hub has and the catalogue lacks: listed, counted, proposed as blocks that can be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from catalog_blocks import block, catalog_text, write_catalog
from hub_client import Session
from hub_server import Fault, hub_server

from registry.catalog import load_catalog
from registry.catalogs import load_layers
from registry.errors import ExitCode

Run = Callable[..., dict[str, Any]]
ROWS = b'{"instruction": "Say it.", "output": "It."}\n'
CARD = b"""\
---
license: mit
language: [fi]
tags: [instruction-finetuning]
task_categories: [text-generation]
dataset_info:
  features:
  - name: instruction
    dtype: string
  - name: output
    dtype: string
  splits:
  - name: train
    num_examples: 3
---
# Tulip Instruct

Translated into Finnish by machine from an existing set.
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with hub_server() as hub:
        hub.repository("lab/one").commit({"README.md": CARD, "a.jsonl": ROWS})
        hub.repository("lab/tulip-instruct").commit({"README.md": CARD, "a.jsonl": ROWS})
        hub.repository("copy/known-instruct").commit({"README.md": CARD, "a.jsonl": ROWS})
        hub.repository("lab/known-instruct").commit({"README.md": CARD, "a.jsonl": ROWS})
        hub.repository("lab/instruct-free-weather").commit({"README.md": b"# Weather\n", "a.csv": b"a\n1\n"})
        hub.repository("lab/instruct-broken").commit(
            {"README.md": CARD.replace(b"license: mit", b"license: &terms mit"), "a.jsonl": ROWS}
        )
        hub.repository("lab/secret-instruct", private=True).commit({"README.md": CARD, "a.jsonl": ROWS})
        found = Session(hub, tmp_path_factory.mktemp("hub"))
        yield found
        found.close()


@pytest.fixture
def run(session: Session, home: Path, tmp_path: Path) -> Iterator[Run]:
    methods = ("translation", "user-logs")
    catalog = write_catalog(
        tmp_path,
        block(id="known", hf_id="lab/known-instruct"),
        *(
            block(id=f"{method}-{n}", method=method, category=category)
            for method, category in zip(methods, ("self-improvement", "distillation"), strict=True)
            for n in range(6)
        ),
    )
    variables = {"INSTRUCTORY_HOME": str(home), "INSTRUCTORY_CATALOG": str(catalog)}
    yield lambda *argv, **more: session.run(*argv, **{**variables, **more})
    session.hub.faults.clear()


def test_every_listed_repository_is_accounted_for(run: Run) -> None:
    found = run("discover", "--search", "instruct", "--json")["json"]

    names = [one["hf_id"] for one in found["candidates"]]
    assert names == ["copy/known-instruct", "lab/tulip-instruct"]
    assert (found["listed"], found["known"], found["unlike"], found["further"]) == (5, 1, 1, 0)
    assert [one["hf_id"] for one in found["failed"]] == ["lab/instruct-broken"]
    assert found["candidates"][0]["same_name_as"] == ["known"]
    assert found["candidates"][1]["signs"] == [
        "name: instruct",
        "tags: instruction-finetuning",
        "task: text-generation",
        "columns: instruction, output",
    ]


def test_the_classifier_shows_its_figures(run: Run) -> None:
    figures = {one["target"]: one for one in run("discover", "--limit", "1", "--json")["json"]["classifier"]}

    assert set(figures) == {"category", "method", "focus"}
    assert figures["method"]["macro_f1"] == 1.0
    assert {term["term"]: term["entries"] for term in figures["method"]["terms"]} == {
        "translation": 6,
        "user-logs": 6,
    }
    assert figures["focus"]["macro_f1"] is not None


def test_a_block_can_be_taken_as_it_is_and_says_what_is_only_proposed(run: Run, tmp_path: Path) -> None:
    candidate = run("discover", "--search", "tulip", "--json")["json"]["candidates"][0]
    path = tmp_path / "reviewed.yaml"
    path.write_text(catalog_text(candidate["yaml"]), encoding="utf-8")

    entry = load_catalog(path).entries[0]

    assert (entry.id, entry.hf_id, entry.license, entry.size_rows) == (
        "tulip-instruct",
        "lab/tulip-instruct",
        "MIT",
        3,
    )
    assert (str(entry.method), str(entry.format), entry.languages) == ("translation", "single-turn", ("fi",))
    assert candidate["proposals"]["method"]["term"] == "translation"
    assert entry.status_of("license") == "verified"
    assert entry.status_of("method") == entry.status_of("category") == "recalled"
    assert "# method: proposed, p = 0." in candidate["yaml"]


def test_people_get_blocks_on_stdout_and_figures_on_stderr(run: Run) -> None:
    found = run("discover", "--search", "tulip")

    assert "  - id: tulip-instruct\n" in found["out"]
    assert "macro-F1" in found["err"]
    assert "1 proposed" in found["err"]


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "no access"), (412, "changed meanwhile"), (404, "not found")]
)
def test_a_hub_that_does_not_list_is_a_network_error(
    session: Session, run: Run, status: int, reason: str
) -> None:
    session.hub.faults.append(Fault("^/api/datasets$", 9, status))

    found = run("discover", "--search", "tulip")

    assert found["code"] == ExitCode.NETWORK
    assert reason in found["err"]


def test_outages_while_listing_are_waited_out_and_offline_asks_nothing(session: Session, run: Run) -> None:
    session.hub.faults += [
        Fault("^/api/datasets$", 1, 429, {"Retry-After": "0"}),
        Fault("^/api/datasets$", 1, 200, cut=True),
    ]
    assert run("discover", "--search", "tulip", "--json")["json"]["listed"] == 1
    session.hub.requests.clear()

    assert run("discover", INSTRUCTORY_OFFLINE="1")["code"] == ExitCode.NETWORK
    assert session.hub.requests == []


def test_a_repository_is_added_from_its_card(session: Session, run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    commit = session.hub.repositories["lab/tulip-instruct"].head

    added = run("add", "lab/tulip-instruct", "--to", str(mine), "--id", "ours", "--json")
    other = run("add", "copy/known-instruct", "--to", str(mine), "--json")
    known = run("add", "lab/known-instruct", "--to", str(mine))
    gone = run("add", "lab/nowhere", "--to", str(mine))

    ours, copy = load_layers([tmp_path / "catalog.yaml", mine]).entries[-2:]
    assert (added["json"]["id"], other["json"]["id"]) == (ours.id, copy.id) == ("ours", "known-instruct")
    assert (ours.hf_id, ours.license, ours.gated) == ("lab/tulip-instruct", "MIT", False)
    for field in ("license", "gated"):
        assert ours.evidence_for(field)[0].source == f"lab/tulip-instruct README.md@{commit[:7]}"
        assert ours.status_of(field) == "verified"
    assert (known["code"], gone["code"]) == (ExitCode.REFUSED, ExitCode.NETWORK)
    assert "also holds known" in known["err"]
