from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_client import Session
from hub_server import Fault, hub_server

from registry.errors import ExitCode
from registry.hub import choose_files, retried


def rows(count: int, word: str = "q") -> bytes:
    return b"".join(
        json.dumps({"instruction": f"{word}{at}", "output": "a" * 40}).encode() + b"\n" for at in range(count)
    )


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with hub_server() as hub:
        found = Session(hub, tmp_path_factory.mktemp("hub"))
        yield found
        found.close()


@pytest.fixture(autouse=True)
def no_faults_left(session: Session) -> Iterator[None]:
    yield
    session.hub.faults.clear()


def test_a_repository_is_pinned_to_its_commit_and_read_split_by_split(session: Session) -> None:
    repo = session.hub.repository("me/plain")
    first = repo.commit({"README.md": b"# Rows\n", "data/test.jsonl": rows(3), "data/train.jsonl": rows(60)})

    found = session.fetch("me/plain")

    assert (found["rows_kept"], found["shape"], found["source"]["kind"]) == (63, "alpaca", "hub")
    assert (found["source"]["repository"], found["source"]["revision"]) == ("me/plain", first)
    assert [file["name"] for file in found["source"]["files"]] == ["data/train.jsonl", "data/test.jsonl"]
    assert found["source"]["skipped"] == [["README.md", "not in the default configuration"]]
    asked = [path for _, path in session.hub.requests if path.startswith("/datasets/me/plain/resolve/")]
    assert asked
    assert all(f"/resolve/{first}/" in path for path in asked)


def test_a_new_commit_is_seen_and_an_old_one_can_still_be_had(session: Session) -> None:
    repo = session.hub.repository("me/moving")
    old = repo.commit({"rows.jsonl": rows(2)})
    before = session.fetch("me/moving")
    new = repo.commit({"rows.jsonl": rows(5)})

    after, again = session.fetch("me/moving"), session.fetch("me/moving", old)

    assert [found["source"]["revision"] for found in (before, after, again)] == [old, new, old]
    assert [found["rows_kept"] for found in (before, after, again)] == [2, 5, 2]
    assert before["snapshot"] == again["snapshot"] != after["snapshot"]


def test_the_card_says_which_files_are_the_default(session: Session) -> None:
    configs = b"configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: chosen/*.jsonl\n"
    card = b"---\n" + configs + b"---\n"
    repo = session.hub.repository("me/configured")
    repo.commit({"README.md": card, "chosen/a.jsonl": rows(4), "other/b.jsonl": rows(9)})

    found = session.fetch("me/configured")

    assert [file["name"] for file in found["source"]["files"]] == ["chosen/a.jsonl"]
    assert ["other/b.jsonl", "not in the default configuration"] in found["source"]["skipped"]


def test_a_repository_with_a_script_gives_its_row_files_and_runs_nothing(session: Session) -> None:
    repo = session.hub.repository("me/scripted")
    repo.commit({"scripted.py": b"raise SystemExit\n", "rows.jsonl": rows(4), "dataset_infos.json": b"{}"})

    found = session.fetch("me/scripted")

    assert found["rows_kept"] == 4
    assert ["scripted.py", "not named like a file of rows"] in found["source"]["skipped"]
    assert ["dataset_infos.json", "facts about the dataset"] in found["source"]["skipped"]


@pytest.mark.parametrize(
    ("kinds", "words"),
    [({"gated": True}, "is gated: accept its terms"), ({"private": True}, "does not exist, or is private")],
)
def test_closed_repositories_say_what_to_do(session: Session, kinds: dict[str, bool], words: str) -> None:
    name = f"me/{'-'.join(kinds)}"
    session.hub.repository(name, **kinds).commit({"rows.jsonl": rows(4)})

    found = session.fetch(name)

    assert (found["error"], found["exit"]) == ("NetworkError", ExitCode.NETWORK)
    assert words in found["text"]


def test_a_token_opens_them_and_is_told_nowhere(session: Session, tmp_path: Path) -> None:
    session.hub.repository("me/closed", gated=True, private=True).commit({"rows.jsonl": rows(4)})
    mine = Session(session.hub, tmp_path, HF_TOKEN=session.hub.token)

    found = mine.fetch("me/closed")
    session.hub.faults.append(Fault("/api/datasets/me/closed", 9, 403))
    refused = mine.fetch("me/closed")
    mine.close()

    assert found["rows_kept"] == 4
    assert "answered 403" in refused["text"]
    assert session.hub.token not in json.dumps([found, refused])
    assert all(
        session.hub.token.encode() not in path.read_bytes()
        for path in (tmp_path / "snapshots").rglob("*")
        if path.is_file()
    )


def test_missing_repositories_revisions_and_rows_are_told_apart(session: Session) -> None:
    session.hub.repository("me/there").commit({"README.md": b"no rows here"})

    assert "does not exist" in session.fetch("me/nowhere")["text"]
    assert "has no revision 'v9'" in session.fetch("me/there", "v9")["text"]
    assert "no files of rows" in session.fetch("me/there")["text"]
    assert "no name of a Hub repository" in session.fetch("me/../there")["text"]


@pytest.mark.parametrize(
    ("status", "headers"), [(503, {}), (500, {}), (429, {}), (429, {"Retry-After": "0"})]
)
def test_short_outages_are_waited_out(session: Session, status: int, headers: dict[str, str]) -> None:
    name = f"me/flaky{status}{len(headers)}"
    session.hub.repository(name).commit({"rows.jsonl": rows(4)})
    session.hub.faults.append(Fault(f"^/api/datasets/{name}$", 1 if headers else 2, status, headers))

    assert session.fetch(name)["rows_kept"] == 4


def test_long_outages_are_told_after_five_tries(session: Session) -> None:
    session.hub.repository("me/down").commit({"rows.jsonl": rows(4)})
    session.hub.faults.append(Fault("^/api/datasets/me/down$", 99, 503))
    session.hub.requests.clear()

    found = session.fetch("me/down")

    assert "answered 503" in found["text"]
    assert session.hub.requests.count(("GET", "/api/datasets/me/down")) == 5


def test_other_bytes_than_listed_are_fetched_once_more(session: Session) -> None:
    content = rows(40)
    for name in ("once", "twice"):
        session.hub.repository(f"me/{name}").commit({"rows.jsonl": content})

    def spoil(name: str, times: int) -> Fault:
        commit = session.hub.repositories[f"me/{name}"].head
        headers = {"ETag": '"00"', "X-Repo-Commit": commit}
        return Fault(f"me/{name}/resolve/.+/rows.jsonl", times, 200, headers, content.replace(b"q3", b"x3"))

    session.hub.faults += [spoil("once", 2), spoil("twice", 99)]

    assert session.fetch("me/once")["rows_kept"] == 40
    assert session.fetch("me/twice")["error"] == "IntegrityError"


def test_offline_and_unreachable_hubs_are_network_errors(session: Session, tmp_path: Path) -> None:
    offline = Session(session.hub, tmp_path / "offline", HF_HUB_OFFLINE="1")
    nowhere = Session(session.hub, tmp_path / "nowhere", HF_ENDPOINT="http://127.0.0.1:9")

    said = [one.fetch("me/plain") for one in (offline, nowhere)]
    for one in (offline, nowhere):
        one.close()

    assert [found["error"] for found in said] == ["NetworkError", "NetworkError"]
    assert "HF_HUB_OFFLINE" in said[0]["text"]
    assert "cannot be reached" in said[1]["text"]


def test_waits_grow_and_end() -> None:
    waits: list[float] = []

    def fail() -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        retried(fail, sleep=waits.append)

    assert len(waits) == 4
    assert waits == sorted(waits)


def test_what_cannot_get_better_is_not_asked_again() -> None:
    with pytest.raises(FileNotFoundError):
        retried(lambda: Path("/nowhere/at/all").stat(), sleep=time.sleep)


def test_without_a_layout_all_row_files_are_read_in_byte_order() -> None:
    listed: dict[str, Any] = dict.fromkeys(["b.jsonl", "B.json", "README.md", "dataset_infos.json"])

    chosen, skipped = choose_files(listed, None)

    assert len(chosen) == 2
    assert [name for name, _ in skipped] == ["README.md", "dataset_infos.json"]
