"""REST keeps to its OpenAPI document, whatever is sent, and the document keeps to what is pinned here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from instructory.doors import Doors
from registry.registry import Registry

pytest.importorskip("fastapi", reason="needs the extra api")
schemathesis = pytest.importorskip("schemathesis", reason="needs the dev group")

from instructory.api.access import Token  # noqa: E402  (not there without the extra)
from instructory.api.app import create_app  # noqa: E402
from instructory.api.jobs import Job, Jobs  # noqa: E402
from instructory.api.launch import openapi_document  # noqa: E402

PINNED = Path(__file__).parent / "openapi_pinned.json"
SECRET = "a token for these tests only"

# What the tool says of its own use of hypothesis and of jsonschema.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


class IdleJobs(Jobs):
    """Takes work and never does it: what is sent here must not reach the network."""

    def submit(self, kind: Any, asked: Mapping[str, Any], work: Any) -> Job:
        """A job that waits for ever."""
        return Job("0" * 16, kind, asked)


OPENED: list[Registry] = []
APP = create_app(Doors(lambda: OPENED[0]), token=Token(SECRET))
APP.state.jobs = IdleJobs()
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP)


@pytest.fixture(scope="module", autouse=True)
def opened(doors: Doors) -> None:
    OPENED.append(doors.registry)


@SCHEMA.parametrize()
@settings(
    max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
def test_every_route_keeps_to_its_document(case: Any) -> None:
    # A recipe is checked by its own rules, which a JSON Schema does not hold: 422 is right there.
    excluded = [schemathesis.checks.positive_data_acceptance] if case.path == "/plan" else []
    case.call_and_validate(headers={"Authorization": f"Bearer {SECRET}"}, excluded_checks=excluded)


def parameter(plain: Mapping[str, Any]) -> str:
    return f"{plain['in']} {plain['name']}{'' if plain.get('required') else '?'}"


def shape(document: dict[str, Any]) -> dict[str, Any]:
    """What callers rely on: routes, parameters, answers, and the fields of every form."""
    routes = {
        f"{method.upper()} {path}": {
            "parameters": sorted(
                f"{p['in']} {p['name']}{'' if p.get('required') else '?'}"
                for p in route.get("parameters", ())
            ),
            "body": route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema"),
            "answers": {
                status: sorted(answer.get("content", {})) for status, answer in route["responses"].items()
            },
        }
        for path, methods in document["paths"].items()
        for method, route in methods.items()
    }
    forms = {
        name: {"fields": sorted(form.get("properties", {})), "required": sorted(form.get("required", ()))}
        for name, form in document["components"]["schemas"].items()
        if "properties" in form
    }
    return {"routes": routes, "forms": forms}


def test_the_openapi_document_is_the_pinned_one() -> None:
    """After a wanted change: write `shape(openapi_document())` to the file and read the difference."""
    assert shape(openapi_document()) == json.loads(PINNED.read_text(encoding="utf-8"))
