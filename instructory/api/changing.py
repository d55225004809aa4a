"""Routes that start work: for those who bring the token only."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Security
from fastapi.security import HTTPBearer

from instructory import verbs
from instructory.api.access import may_change
from instructory.api.answers import AnalyzeRequest, FetchRequest, JobAnswer, JobList, OverlapRequest
from instructory.api.jobs import Jobs
from instructory.api.problems import BODY, documented
from instructory.api.reading import Asked

# Only for OpenAPI to name the scheme; `may_change` decides.
_bearer = HTTPBearer(auto_error=False, description="the server's INSTRUCTORY_API_TOKEN")
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_START: dict[str, Any] = {
    "response_model": JobAnswer,
    "status_code": HTTPStatus.ACCEPTED,
    "responses": documented(
        *_DENIED,
        HTTPStatus.NOT_FOUND,
        *BODY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
}

router = APIRouter(dependencies=[Security(_bearer), Depends(may_change)])


def jobs_of(request: Request) -> Jobs:
    """The jobs of the app that serves `request`."""
    jobs: Jobs = request.app.state.jobs
    return jobs


Work = Annotated[Jobs, Depends(jobs_of)]


@router.post("/fetch", summary="Bring rows", **_START)
def fetch(asked: FetchRequest, doors: Asked, jobs: Work) -> dict[str, Any]:
    """Rows of an entry from its Hub repository, or of a bundled sample; never from a path."""
    registry = doors.registry
    registry.declared(asked.dataset)

    def work(progress: Any) -> Any:
        snapshot = verbs.fetch(
            registry,
            asked.dataset,
            limit=asked.limit,
            keep_good=asked.keep_good,
            revision=asked.revision,
            progress=progress,
        )
        return snapshot.to_json()

    return jobs.submit("fetch", asked.model_dump(), work).to_json()


@router.post("/analyze", summary="Measure rows", **_START)
def analyze(asked: AnalyzeRequest, doors: Asked, jobs: Work) -> dict[str, Any]:
    """Figures of rows that were fetched; they are stored, and `measurements` has them from then on."""
    doors.require_rows(asked.dataset)

    def work(progress: Any) -> Any:
        measured = verbs.analyze(
            doors.registry,
            asked.dataset,
            only=asked.only,
            limit=asked.limit,
            seed=asked.seed,
            progress=progress,
        )
        return [m.to_json() for m in measured]

    return jobs.submit("analyze", asked.model_dump(), work).to_json()


@router.post("/overlap", summary="Measure an overlap", **_START)
def overlap(asked: OverlapRequest, doors: Asked, jobs: Work) -> dict[str, Any]:
    """Rows of two fetched datasets that match; the result is stored, and `/overlap` has it from then on."""
    for dataset in (asked.a, asked.b):
        doors.require_rows(dataset)

    def work(_: Any) -> Any:
        found = verbs.overlap(
            doors.registry,
            asked.a,
            asked.b,
            view=asked.view,
            shingle=asked.shingle,
            threshold=asked.threshold,
        )
        return found.to_json()

    return jobs.submit("overlap", asked.model_dump(), work).to_json()


@router.get("/jobs", response_model=JobList, responses=documented(*_DENIED), summary="All work")
def every_job(jobs: Work) -> dict[str, Any]:
    """What this server was asked to do since it started, newest first."""
    return {"jobs": jobs.all()}


@router.get(
    "/jobs/{id}",
    response_model=JobAnswer,
    responses=documented(*_DENIED, HTTPStatus.NOT_FOUND),
    summary="One piece of work",
)
def job(id: Annotated[str, Path(pattern="^[0-9a-f]{16}$")], jobs: Work) -> dict[str, Any]:  # noqa: A002
    """How far it is, and what came of it."""
    return jobs.get(id)
