"""The REST door: what it answers, what it refuses, who may change something."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from instructory.doors import Doors
from registry.errors import InputRefusedError

pytest.importorskip("fastapi", reason="needs the extra api")

from instructory.api.access import MAX_BODY_BYTES, Token
from instructory.api.app import create_app
from instructory.api.jobs import MAX_WAITING, Jobs

SECRET = "a token for these tests only"
BEARER = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture(scope="module")
def client(doors: Doors) -> TestClient:
    """A client of a server without a token."""
    return TestClient(create_app(doors, token=Token(None)))


@pytest.fixture
def trusted(doors: Doors) -> TestClient:
    """A client of a server with a token."""
    return TestClient(create_app(doors, token=Token(SECRET)))


def finished(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found: dict[str, Any] = client.get(f"/jobs/{job['id']}", headers=BEARER).json()
        if found["state"] in ("done", "failed"):
            return found
        time.sleep(0.02)
    raise AssertionError(f"job still {found['state']}")


def test_pages_by_key_hold_every_dataset_once(client: TestClient, doors: Doors) -> None:
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        answer = client.get("/entries", params={"limit": 100, **after})
        page = answer.json()
        seen += [entry["id"] for entry in page["entries"]]
        assert ("Link" in answer.headers) == (page["next"] is not None)
        if page["next"] is None:
            break
        after = {"after": page["next"]}

    assert seen == list(doors.registry)


def test_filters_are_those_of_the_command_line(client: TestClient) -> None:
    params = {"category": ["distillation", "self-improvement"], "commercial": "yes", "min_rows": 10_000}

    found = client.get("/entries", params=params).json()["entries"]

    assert found
    assert {entry["category"] for entry in found} <= {"distillation", "self-improvement"}
    assert all(entry["commercial_use"] == "yes" and entry["size_rows"] >= 10_000 for entry in found)


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/entries/alpaca", lambda doors: doors.entry("alpaca")),
        ("/entries/alpaca/lineage", lambda doors: doors.lineage("alpaca")),
        ("/license?ids=alpaca&ids=gsm8k", lambda doors: doors.license(["alpaca", "gsm8k"])),
        ("/entries/gsm8k/license?use=research", lambda doors: doors.license(["gsm8k"], use="research")),
        ("/compare?ids=alpaca&ids=gsm8k", lambda doors: doors.compare(["alpaca", "gsm8k"])),
    ],
)
def test_nothing_that_is_known_is_lost_on_the_way(
    client: TestClient, doors: Doors, path: str, door: Any
) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    expected = json.loads(json.dumps(door(doors)))
    assert contains(answer.json(), expected)


def contains(found: Any, expected: Any) -> bool:
    """Whether all of `expected` stands in `found`; the answer may spell out what is empty."""
    if isinstance(expected, dict):
        return all(name in found and contains(found[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(contains, found, expected))
    return bool(found == expected)


def test_measurements_page_by_key(client: TestClient) -> None:
    whole = client.get("/entries/alpaca/measurements?limit=200").json()
    assert whole["next"] is not None
    first = client.get("/entries/alpaca/measurements?limit=7").json()
    second = client.get("/entries/alpaca/measurements", params={"limit": 7, "after": first["next"]}).json()

    assert first["measurements"] + second["measurements"] == whole["measurements"][:14]
    one = client.get("/entries/alpaca/measurements?metric=usable_rate").json()
    assert {m["metric"] for m in one["measurements"]} == {"usable_rate"}


def test_an_overlap_is_seen_from_the_side_that_is_named_first(client: TestClient) -> None:
    there = client.get("/overlap?a=alpagasus&b=alpaca").json()
    back = client.get("/overlap?a=alpaca&b=alpagasus").json()

    assert there["rows_b"] == back["rows_a"] == 52_002
    assert (there["share_a"], there["share_b"]) == (back["share_b"], back["share_a"])


@pytest.mark.parametrize(
    ("form", "media", "begins"),
    [
        ("croissant", "application/ld+json", '{\n  "@context"'),
        ("card", "text/markdown", "---"),
        ("bibtex", "application/x-bibtex", "@misc{alpaca,"),
        ("spdx", "application/spdx+json", '{\n  "spdxVersion"'),
    ],
)
def test_a_description_has_its_own_media_type(client: TestClient, form: str, media: str, begins: str) -> None:
    answer = client.get("/entries/alpaca/description", params={"as": form})

    assert answer.headers["content-type"].startswith(media)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.startswith(begins)


def test_a_plan_is_that_of_the_command_line(client: TestClient) -> None:
    recipe = {"seed": 7, "budget": {"rows": 40}, "parts": [{"dataset": "sample-human"}]}

    answer = client.post("/plan", json={"recipe": recipe})

    assert answer.status_code == 200
    assert answer.json()["totals"]["rows"] == 40


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind", "exit_code"),
    [
        ("GET", "/entries/alpacca", None, 404, "UnknownDataset", 2),
        ("GET", "/entries/..%2F..%2Fetc", None, 404, "NotFound", 2),
        ("GET", "/entries?category=none", None, 422, "InvalidRequest", 2),
        ("GET", "/entries?after=none", None, 404, "UnknownDataset", 2),
        ("GET", "/compare?ids=alpaca&ids=aya-dataset", None, 404, "NotMeasured", 3),
        ("GET", "/compare?ids=%2Fetc%2Fpasswd", None, 422, "InvalidRequest", 2),
        ("GET", "/overlap?a=alpaca&b=aya-dataset", None, 404, "NotMeasured", 3),
        ("GET", "/nowhere", None, 404, "NotFound", 2),
        ("DELETE", "/entries/alpaca", None, 405, "MethodNotAllowed", 2),
        ("POST", "/plan", {"recipe": {"parts": [{"path": "/etc/passwd"}]}}, 422, "InputRefused", 3),
        ("POST", "/plan", {"recipe": {"parts": [{"dataset": "/etc/passwd"}]}}, 404, "UnknownDataset", 2),
        ("POST", "/plan", {"recipe": {"parts": [{"dataset": "aya-dataset"}]}}, 404, "NotMeasured", 3),
        ("POST", "/plan", {"recipe": {"party": []}}, 422, "InputRefused", 3),
        ("POST", "/fetch", {"dataset": "sample-human"}, 401, "NoToken", 3),
        ("GET", "/jobs", None, 401, "NoToken", 3),
    ],
)
def test_errors_are_problems_with_the_codes_of_the_command_line(
    client: TestClient, method: str, path: str, body: Any, status: int, kind: str, exit_code: int
) -> None:
    answer = client.request(method, path, json=body)

    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["type"] == f"urn:instructory:problem:{kind}"
    assert problem["exit_code"] == exit_code
    assert problem["detail"]


def test_a_faulty_recipe_is_told_field_by_field(client: TestClient) -> None:
    answer = client.post("/plan", json={"recipe": {"parts": [{"dataset": "x", "wheight": 1}], "sed": 1}})

    assert {fault["field"] for fault in answer.json()["errors"]} >= {"parts[0].wheight", "sed"}


def test_too_much_is_refused_as_it_arrives(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * (MAX_BODY_BYTES // 16)

    answer = client.post("/plan", content=endless(), headers={"content-type": "application/json"})

    assert answer.status_code == 413
    assert answer.json()["exit_code"] == 3


def test_another_host_name_gets_nothing(client: TestClient) -> None:
    assert client.get("/health", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/health", headers={"host": "localhost:8502"}).json()["may_change"] is False


@pytest.mark.parametrize(
    "header",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {SECRET}"}, {"Authorization": SECRET}],
)
def test_without_the_token_nothing_starts(trusted: TestClient, header: dict[str, str]) -> None:
    answer = trusted.post("/fetch", json={"dataset": "sample-human"}, headers=header)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert trusted.get("/jobs", headers=BEARER).json() == {"jobs": []}


def test_a_server_without_a_token_takes_none(client: TestClient) -> None:
    answer = client.post("/fetch", json={"dataset": "sample-human"}, headers=BEARER)

    assert answer.status_code == 403
    assert "read-only" in answer.json()["detail"]
    assert "read-only" in client.get("/jobs").json()["detail"]


def test_jobs_bring_rows_measure_them_and_their_overlap(trusted: TestClient, doors: Doors) -> None:
    for dataset in ("sample-human", "sample-distilled"):
        started = trusted.post("/fetch", json={"dataset": dataset}, headers=BEARER)
        assert started.status_code == 202
        assert finished(trusted, started.json())["result"]["rows_bad"] == 0
    asked = {"dataset": "sample-human", "only": ["structure"]}
    measured = finished(trusted, trusted.post("/analyze", json=asked, headers=BEARER).json())
    pair = {"a": "sample-human", "b": "sample-distilled"}
    matched = finished(trusted, trusted.post("/overlap", json=pair, headers=BEARER).json())

    assert measured["result"][0]["n_total"] == 162
    assert trusted.get("/entries/sample-human/measurements").json()["measurements"]
    assert matched["result"]["exact_a"] == 3
    assert trusted.get("/overlap?a=sample-distilled&b=sample-human").json()["exact_b"] == 3
    assert [job["kind"] for job in trusted.get("/jobs", headers=BEARER).json()["jobs"]] == [
        *("overlap", "analyze", "fetch", "fetch"),
    ]


def test_a_job_that_fails_tells_why(trusted: TestClient) -> None:
    asked = {"dataset": "sample-human", "only": ["no_such_metric"]}

    failed = finished(trusted, trusted.post("/analyze", json=asked, headers=BEARER).json())

    assert failed["state"] == "failed"
    assert failed["problem"]["type"] == "urn:instructory:problem:UnknownMetric"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("fetch", {"dataset": "../secrets"}, 422),
        ("fetch", {"dataset": "no-such-set"}, 404),
        ("fetch", {"dataset": "sample-human", "source": "/etc/passwd"}, 422),
        ("analyze", {"dataset": "aya-dataset"}, 404),
        ("overlap", {"a": "sample-human", "b": "aya-dataset"}, 404),
    ],
)
def test_jobs_take_ids_and_nothing_else(trusted: TestClient, kind: str, body: Any, status: int) -> None:
    answer = trusted.post(f"/{kind}", json=body, headers=BEARER)

    assert answer.status_code == status
    assert trusted.get("/jobs", headers=BEARER).json() == {"jobs": []}


def test_the_queue_is_bounded_and_old_jobs_are_forgotten() -> None:
    import threading

    jobs, gate = Jobs(), threading.Event()
    for _ in range(MAX_WAITING):
        jobs.submit("fetch", {}, lambda _: gate.wait(30))

    with pytest.raises(Exception, match="wait already"):
        jobs.submit("fetch", {}, lambda _: None)
    gate.set()
    jobs.close()

    assert {job["state"] for job in jobs.all()} <= {"done", "queued"}


def test_an_unexpected_error_tells_the_log_and_not_the_caller(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Doors, "lineage", broken)
    client = TestClient(create_app(doors, token=Token(None)), raise_server_exceptions=False)

    answer = client.get("/entries/alpaca/lineage")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["exit_code"] == 1


def test_a_token_is_long_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTRUCTORY_API_TOKEN", "short")
    with pytest.raises(InputRefusedError) as refused:
        Token.from_environment()
    monkeypatch.setenv("INSTRUCTORY_API_TOKEN", SECRET)
    token = Token.from_environment()

    assert "short" not in str(refused.value).partition("shorter")[0]
    assert SECRET not in repr(token) + repr(vars(token))
    assert token.matches(SECRET)
    assert not token.matches(SECRET + " ")
    assert not Token(None).matches("")
