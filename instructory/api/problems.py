"""Errors as `application/problem+json` (RFC 9457), with the exit codes of the command line."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from instructory.api.access import NoTokenError, ReadOnlyError
from instructory.output import problems_json
from registry.errors import ExitCode, InstructoryError, NotMeasuredError

MEDIA_TYPE: Final = "application/problem+json"
_STATUS: Final = {
    ExitCode.USAGE: HTTPStatus.NOT_FOUND,
    ExitCode.REFUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    ExitCode.NETWORK: HTTPStatus.BAD_GATEWAY,
    ExitCode.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    ExitCode.DISK: HTTPStatus.INSUFFICIENT_STORAGE,
}
_SPECIAL: Final[dict[type[InstructoryError], HTTPStatus]] = {
    NotMeasuredError: HTTPStatus.NOT_FOUND,
    ReadOnlyError: HTTPStatus.FORBIDDEN,
    NoTokenError: HTTPStatus.UNAUTHORIZED,
}


class Fault(BaseModel):
    """One located fault of what was sent."""

    code: str = Field(description="a word of registry.errors.ProblemCode, or the validator's own")
    message: str
    file: str | None = None
    line: int | None = None
    row: int | None = None
    entry: str | None = None
    field: str | None = None
    excerpt: str | None = None


class ProblemAnswer(BaseModel):
    """What went wrong; `exit_code` is what the command line would have answered to the shell."""

    type: str = Field(description="urn:instructory:problem: and the kind of error")
    title: str
    status: int
    detail: str
    exit_code: int
    errors: list[Fault] = []


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: 422 and `statuses`, each a problem."""
    every = {HTTPStatus.UNPROCESSABLE_ENTITY, *statuses}
    return {
        int(status): {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}},
        }
        for status in sorted(every)
    }


BODY: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
"""What any request with a body may get: it is no JSON at all, or too much of it."""


def install(app: FastAPI) -> None:
    """Make `app` answer every error as a problem."""
    app.add_exception_handler(InstructoryError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def status_of(error: InstructoryError) -> HTTPStatus:
    """The HTTP status that says what the exit code of `error` says."""
    special = next((status for kind, status in _SPECIAL.items() if isinstance(error, kind)), None)
    return special or _STATUS.get(error.exit_code, HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(
    status: HTTPStatus,
    kind: str,
    detail: str,
    exit_code: ExitCode,
    errors: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A problem as plain JSON types."""
    return {
        "type": f"urn:instructory:problem:{kind}",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "exit_code": int(exit_code),
        "errors": list(errors),
    }


def problem_of(error: InstructoryError) -> dict[str, Any]:
    """One of our errors as a problem."""
    kind = type(error).__name__.removesuffix("Error")
    return problem(status_of(error), kind, str(error), error.exit_code, problems_json(error))


async def _ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InstructoryError)
    found = problem_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if found["status"] == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(found, found["status"], media_type=MEDIA_TYPE, headers=headers)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"code": fault["type"], "message": fault["msg"], "field": ".".join(map(str, fault["loc"]))}
        for fault in error.errors()
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    detail = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults[:3])
    found = problem(status, "InvalidRequest", detail, ExitCode.USAGE, faults)
    return JSONResponse(found, status, media_type=MEDIA_TYPE)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_methods(request))}
    status = HTTPStatus(error.status_code)
    code = ExitCode.REFUSED if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE else ExitCode.USAGE
    found = problem(status, status.name.title().replace("_", ""), str(error.detail), code)
    return JSONResponse(found, status, media_type=MEDIA_TYPE, headers=headers)


def _methods(request: Request) -> list[str]:
    """Every method of the path: routes of one path do not know of each other."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return sorted(
        method.upper()
        for template, methods in request.app.openapi()["paths"].items()
        if compile_path(template)[0].match(path)
        for method in methods
    )


async def _unexpected(_: Request, error: Exception) -> JSONResponse:
    # Clients rely on an answer in the promised form; what happened is for the log, not for them.
    logging.getLogger(__name__).error("unexpected error", exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    found = problem(status, "Unexpected", "an unexpected error; the server's log says more", ExitCode.FAILED)
    return JSONResponse(found, status, media_type=MEDIA_TYPE)
