"""Facts from the Hub stand beside the declared ones, and what changed upstream is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from catalog_blocks import block, write_catalog
from hub_client import Session
from hub_server import Fault, hub_server

from registry.errors import ExitCode

CARD = """\
---
license: {license}
language: [en, de]
dataset_info:
  splits:
  - name: train
    num_examples: {rows}
---
# Tulips
"""
ROWS = b'{"instruction": "Say it.", "output": "It."}\n'
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with hub_server() as hub:
        found = Session(hub, tmp_path_factory.mktemp("hub"))
        yield found
        found.close()


@pytest.fixture(autouse=True)
def clean(session: Session) -> Iterator[None]:
    yield
    session.hub.faults.clear()
    session.hub.repositories.clear()


@pytest.fixture
def run(session: Session, home: Path, tmp_path: Path) -> Run:
    """Commands over a catalogue of three: `one` and `two` are on the Hub, `three` is not."""
    catalog = write_catalog(
        tmp_path,
        block(hf_id="lab/one", license="MIT", size_rows="10"),
        block(id="two", hf_id="lab/two"),
        block(id="three"),
    )
    variables = {"INSTRUCTORY_HOME": str(home), "INSTRUCTORY_CATALOG": str(catalog)}
    return lambda *argv, **more: session.run(*argv, **{**variables, **more})


@pytest.fixture
def team_run(run: Run, database_url: str) -> Run:
    """The same in a database of each kind."""
    return lambda *argv: run(*argv, INSTRUCTORY_DATABASE=database_url)


def publish(session: Session, name: str, *, rows: int = 10, license: str = "mit", data: bytes = ROWS) -> str:  # noqa: A002
    known = session.hub.repositories.get(name) or session.hub.repository(name)
    card = CARD.format(rows=rows, license=license).encode()
    return known.commit({"README.md": card, "data/train.jsonl": data * rows})


def test_facts_of_the_hub_stand_beside_the_declared_ones(session: Session, team_run: Run) -> None:
    run = team_run
    commit = publish(session, "lab/one", rows=12, license="apache-2.0")

    synced = run("sync", "one", "--json")["json"][0]
    shown = run("show", "one", "--json")["json"]

    facts = {fact["field"]: fact for fact in synced["facts"]}
    assert (synced["id"], synced["commit"], synced["new"]) == ("one", commit, True)
    assert facts["license"]["value"] == "Apache-2.0"
    assert (facts["license"]["declared"], facts["license"]["agrees"]) == ("MIT", False)
    assert facts["license"]["source"] == f"lab/one README.md@{commit[:7]}"
    assert (facts["size_rows"]["value"], facts["size_rows"]["declared"]) == (12, 10)
    assert facts["languages"]["agrees"] is False
    assert facts["gated"]["value"] is False
    assert facts["gated"]["agrees"] is None
    assert (facts["row_files"]["value"], facts["size_bytes"]["value"]) == (
        1,
        len(CARD.format(rows=12, license="apache-2.0")) + 12 * len(ROWS),
    )
    assert facts["last_modified"]["value"] == "2026-01-01T00:00:00+00:00"
    assert (shown["license"], shown["size_rows"]) == ("MIT", 10)
    assert shown["hub"] == synced["facts"] == run("evidence", "one", "--json")["json"]["hub"]


def test_every_look_is_kept_and_an_equal_one_is_not_new(
    session: Session, team_run: Run, database_url: str
) -> None:
    run = team_run
    first = publish(session, "lab/one")
    looks = [run("sync", "one", "--json")["json"][0]["new"] for _ in range(2)]
    second = publish(session, "lab/one", rows=11)
    looks.append(run("sync", "one", "--json")["json"][0]["new"])

    from registry.hub_history import HubHistory
    from registry.store import Store

    store = Store(database_url)
    kept = HubHistory(store).states("LAB/one")
    store.close()
    assert looks == [True, False, True]
    assert [(state.commit, state.facts["size_rows"]) for state in kept] == [(first, 10), (second, 11)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("^/api/datasets/lab/one$", 9, 401), "refused"),
        (Fault("^/api/datasets/lab/one$", 9, 401, {"X-Error-Code": "RepoNotFound"}), "gone"),
        (Fault("^/api/datasets/lab/one$", 9, 403), "refused"),
        (Fault("^/api/datasets/lab/one$", 9, 404, {"X-Error-Code": "RepoNotFound"}), "gone"),
        (Fault("^/api/datasets/lab/one$", 9, 412), "changed"),
        (Fault("^/api/datasets/lab/one$", 5, 429, {"Retry-After": "400"}), "busy"),
        (Fault("^/api/datasets/lab/one$", 5, 503), "down"),
    ],
)
def test_a_failing_repository_is_told_and_the_others_go_on(
    session: Session, run: Run, fault: Fault, reason: str
) -> None:
    publish(session, "lab/one")
    publish(session, "lab/two")
    session.hub.faults.append(fault)

    found = run("sync", "one", "two", "--json")
    failed, read = found["json"]

    assert found["code"] == ExitCode.WITH_FAULTS
    assert (failed["reason"], failed["commit"], failed["facts"]) == (reason, None, [])
    assert failed["message"]
    assert (read["reason"], read["commit"]) == (None, session.hub.repositories["lab/two"].head)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("^/api/datasets/lab/one$", 2, 429, {"Retry-After": "0"}),
        Fault("^/api/datasets/lab/one$", 2, 503),
        Fault("^/api/datasets/lab/one$", 2, 200, cut=True),
        Fault("lab/one/resolve/.*/README.md$", 1, 200, cut=True),
    ],
)
def test_short_outages_and_cut_transfers_are_waited_out(session: Session, run: Run, fault: Fault) -> None:
    commit = publish(session, "lab/one")
    if "README" in fault.pattern:
        fault.headers |= {"ETag": '"00"', "X-Repo-Commit": commit}
    session.hub.faults.append(fault)

    found = run("sync", "one", "--json")

    assert (found["code"], found["json"][0]["commit"]) == (0, commit)
    assert "license" in {fact["field"] for fact in found["json"][0]["facts"]}


def test_a_gated_card_is_read_as_the_hub_shows_it_and_no_token_is_told(session: Session, run: Run) -> None:
    session.hub.repository("lab/one", gated=True)
    publish(session, "lab/one", rows=77)

    closed = run("sync", "one", "--json")
    opened = run("sync", "one", "--json", HF_TOKEN=session.hub.token)

    facts = {fact["field"]: fact["value"] for fact in closed["json"][0]["facts"]}
    assert (facts["gated"], facts["license"], facts["size_rows"]) == (True, "MIT", 77)
    assert closed["json"][0]["notes"] == ["the card is closed to us: its front matter as the Hub shows it"]
    assert session.hub.token not in json.dumps([closed, opened])


def test_a_card_that_is_broken_or_missing_leaves_the_other_facts(session: Session, run: Run) -> None:
    session.hub.repository("lab/one").commit({"README.md": b"---\na: [1\n---\n", "a.jsonl": ROWS})
    session.hub.repository("lab/two").commit({"a.jsonl": ROWS})

    one, two = run("sync", "one", "two", "--json")["json"]

    assert "cannot be read" in one["notes"][0]
    assert two["notes"] == ["the repository has no card"]
    for found in (one, two):
        assert "row_files" in {fact["field"] for fact in found["facts"]}
        assert "license" not in {fact["field"] for fact in found["facts"]}


def test_offline_asks_nothing(session: Session, run: Run) -> None:
    publish(session, "lab/one")
    run("sync", "one")
    session.hub.requests.clear()

    for command in (("sync", "one"), ("drift", "one")):
        found = run(*command, INSTRUCTORY_OFFLINE="1")
        assert found["code"] == ExitCode.NETWORK
        assert "offline" in found["err"]
    assert session.hub.requests == []


def test_what_has_no_repository_is_refused(run: Run) -> None:
    assert run("sync", "three")["code"] == ExitCode.REFUSED
    assert run("sync", "nothing")["code"] == ExitCode.USAGE
    assert run("drift", "one")["code"] == ExitCode.REFUSED
    assert run("drift", "--json")["json"] == []


def test_drift_since_a_look_names_each_fact_that_differs(session: Session, run: Run) -> None:
    before = publish(session, "lab/one")
    run("sync", "one")
    assert run("drift", "one", "--json")["json"][0]["status"] == "same"
    after = publish(session, "lab/one", rows=11, license="cc-by-nc-4.0")
    session.hub.repositories["lab/one"].gated = True

    found = run("drift", "--json")["json"][0]

    changes = {change["field"]: (change["before"], change["after"]) for change in found["changes"]}
    assert found["since"] == {"kind": "sync", "commit": before}
    assert (found["status"], found["commit"], found["rows_changed"]) == ("changed", after, True)
    assert changes["commit"] == (before, after)
    assert changes["license"] == ("MIT", "CC-BY-NC-4.0")
    assert changes["size_rows"] == (10, 11)
    assert changes["gated"] == (False, True)
    assert "row_files" not in changes


def test_drift_since_a_snapshot_reads_what_the_hub_had_then(session: Session, run: Run) -> None:
    before = publish(session, "lab/one", license="apache-2.0")
    assert run("fetch", "one")["code"] == 0
    repo = session.hub.repositories["lab/one"]
    repo.commit({**repo.commits[before], "README.md": CARD.format(rows=10, license="mit").encode()})

    found = run("drift", "one", "--json")["json"][0]

    assert found["since"] == {"kind": "snapshot", "commit": before}
    assert found["rows_changed"] is False
    assert {change["field"] for change in found["changes"]} == {"commit", "license", "size_bytes"}


def test_a_rewritten_history_and_a_repository_that_is_gone_are_told(session: Session, run: Run) -> None:
    publish(session, "lab/one")
    publish(session, "lab/two")
    run("fetch", "one")
    run("sync", "two")
    del session.hub.repositories["lab/two"]
    session.hub.repositories["lab/one"].commits.clear()
    publish(session, "lab/one", rows=9)

    found = run("drift", "one", "two", "--json")
    rewritten, gone = found["json"]

    assert "no longer there" in rewritten["message"]
    assert rewritten["rows_changed"] is None
    assert (gone["status"], gone["commit"]) == ("gone", None)
    assert found["code"] == ExitCode.WITH_FAULTS


def test_drift_since_a_lock(session: Session, run: Run, tmp_path: Path) -> None:
    commit = publish(session, "lab/one", rows=30)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("name: small\nbudget: {rows: 5}\nparts: [{dataset: one, weight: 1}]\n")
    run("fetch", "one")
    assert run("mix", str(recipe), "--to", str(tmp_path / "mixture"))["code"] == 0
    publish(session, "lab/one", rows=31)

    found = run("drift", "--lock", str(tmp_path / "mixture"), "--json")["json"]

    assert [one["since"] for one in found] == [{"kind": "lock", "commit": commit}]
    assert found[0]["status"] == "changed"
