"""Routes that only read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from instructory.api.answers import (
    ComparisonAnswer,
    EntryAnswer,
    EntryPage,
    HealthAnswer,
    Id,
    LicenseAnswer,
    LineageAnswer,
    MeasurementPage,
    OverlapAnswer,
    PlanAnswer,
    PlanRequest,
    Word,
)
from instructory.api.problems import BODY, documented
from instructory.doors import MAX_COMPARED, MAX_PAGE, Doors
from instructory.entry_filters import EntryFilter, Kind, spread
from instructory.verbs import DEFAULT_VIEW
from registry.terms import Use

router = APIRouter()

Ids = Annotated[list[Id], Query(min_length=1, max_length=MAX_COMPARED)]
EntryId = Annotated[Id, Path(description="an id of the catalogue, or of a bundled sample")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="at most so many")]
Rows = Annotated[int, Query(ge=0, le=10**15)]
View = Annotated[Word, Query(description="the text that is compared")]

_MEDIA = {
    "croissant": 'application/ld+json; profile="http://mlcommons.org/croissant/1.1"',
    "card": "text/markdown",
    "bibtex": "application/x-bibtex",
    "spdx": "application/spdx+json",
}
_MISSING = documented(HTTPStatus.NOT_FOUND)


def doors_of(request: Request) -> Doors:
    """The doors of the app that serves `request`."""
    doors: Doors = request.app.state.doors
    return doors


Asked = Annotated[Doors, Depends(doors_of)]


@router.get("/health", response_model=HealthAnswer, summary="That the server answers")
def health(request: Request, doors: Asked) -> dict[str, Any]:
    """Version, number of datasets, and whether a token may change things."""
    import instructory

    return {
        "version": instructory.__version__,
        "datasets": len(doors.registry),
        "may_change": request.app.state.token.is_set,
    }


def entries(
    request: Request,
    response: Response,
    doors: Asked,
    *,
    filters: dict[str, Any],
    limit: Limit = 50,
    after: Annotated[Id | None, Query(description="`next` of the page before")] = None,
) -> dict[str, Any]:
    """Datasets in order of ids; several values of one filter are alternatives."""
    page = doors.entries(**filters, limit=limit, after=after)
    if page["next"]:
        response.headers["Link"] = f'<{request.url.include_query_params(after=page["next"])}>; rel="next"'
    return page


def _parameter(wanted: EntryFilter) -> Any:
    """The query parameter of a filter."""
    word: Any = wanted.terms or Word
    kinds: dict[Kind, Any] = {Kind.MANY: list[word], Kind.YES_NO: bool, Kind.ROWS: Rows}
    return Annotated[kinds.get(wanted.kind, word) | None, Query(description=wanted.says)]


router.get("/entries", response_model=EntryPage, responses=_MISSING, summary="Datasets, filtered")(
    spread(entries, _parameter)
)


@router.get(
    "/entries/{id}", response_model=EntryAnswer, responses=_MISSING, summary="Everything known of one dataset"
)
def entry(id: EntryId, doors: Asked) -> dict[str, Any]:  # noqa: A002  (the public word)
    """All facts with their evidence, snapshots, measurements and lineage."""
    return doors.entry(id)


@router.get(
    "/entries/{id}/lineage", response_model=LineageAnswer, responses=_MISSING, summary="Ancestors and heirs"
)
def lineage(id: EntryId, doors: Asked) -> dict[str, Any]:  # noqa: A002
    """What a dataset was made from, and what was made from it."""
    return doors.lineage(id)


@router.get(
    "/entries/{id}/measurements", response_model=MeasurementPage, responses=_MISSING, summary="Its figures"
)
def measurements(
    id: EntryId,  # noqa: A002
    doors: Asked,
    metric: Annotated[Word | None, Query()] = None,
    limit: Limit = 50,
    after: Annotated[Word | None, Query(description="`next` of the page before")] = None,
) -> dict[str, Any]:
    """Figures measured here on the latest snapshot, else those shipped with the package."""
    return doors.measurements(id, metric=metric, limit=limit, after=after)


@router.get(
    "/entries/{id}/description",
    response_class=Response,
    responses={
        **_MISSING,
        200: {
            "description": "The dataset in the format asked for",
            "content": {
                media: {"schema": {"type": "object" if "json" in media else "string"}}
                for media in _MEDIA.values()
            },
        },
    },
    summary="The dataset in a format that others read",
)
def description(
    id: EntryId,  # noqa: A002
    doors: Asked,
    form: Annotated[Literal["croissant", "card", "bibtex", "spdx"], Query(alias="as")] = "croissant",
) -> Response:
    """Croissant 1.1, a Hub dataset card, BibTeX or SPDX 2.3; only what is known stands in it."""
    return Response(doors.description(id, form=form), media_type=_MEDIA[form])


@router.get("/license", response_model=LicenseAnswer, responses=_MISSING, summary="May they be used?")
def license_of(ids: Ids, doors: Asked, use: Use = Use.COMMERCIAL) -> dict[str, Any]:
    """What the published terms of all `ids`, their ancestors and teachers say of a use together."""
    return doors.license(ids, use=use)


@router.get(
    "/entries/{id}/license", response_model=LicenseAnswer, responses=_MISSING, summary="May it be used?"
)
def license_of_one(id: EntryId, doors: Asked, use: Use = Use.COMMERCIAL) -> dict[str, Any]:  # noqa: A002
    """What the published terms of a dataset, its ancestors and teachers say of a use."""
    return doors.license([id], use=use)


@router.get("/compare", response_model=ComparisonAnswer, responses=_MISSING, summary="Figures side by side")
def compare(ids: Ids, doors: Asked) -> dict[str, Any]:
    """Figures that were measured here or are shipped; 404 where one of the datasets has none."""
    return doors.compare(ids)


@router.get("/overlap", response_model=OverlapAnswer, responses=_MISSING, summary="Rows two datasets share")
def overlap(
    a: Annotated[Id, Query()], b: Annotated[Id, Query()], doors: Asked, view: View = DEFAULT_VIEW
) -> dict[str, Any]:
    """The stored overlap, else the shipped one; 404 where nobody looked at the two."""
    return doors.overlap(a, b, view=view)


@router.post(
    "/plan",
    response_model=PlanAnswer,
    responses=documented(HTTPStatus.NOT_FOUND, *BODY),
    summary="The arithmetic of a recipe",
)
def plan(asked: PlanRequest, doors: Asked) -> dict[str, Any]:
    """Rows and tokens of each part, licence verdict and warnings; writes no mixture."""
    return doors.plan(asked.recipe)
