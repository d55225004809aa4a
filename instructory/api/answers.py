"""The forms of what REST takes and answers; OpenAPI is made from them.

Answers may hold more than is named here: nothing that the command line says is left out.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,95}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]+$", min_length=1, max_length=200)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class EntrySummary(_Answer):
    """The dozen facts a list shows; null means not known."""

    id: str
    name: str
    category: str
    method: str
    focus: str
    size_rows: int | None
    license: str | None
    commercial_use: str
    languages: list[str]
    hf_id: str | None
    derived_from: list[str]
    in_survey: bool


class EntryPage(_Answer):
    """Datasets in order of ids; give `next` as `after` for the page behind."""

    entries: list[EntrySummary]
    next: str | None


class EvidenceItem(_Answer):
    """Where facts were read, and how sure that makes them."""

    source: str
    status: str
    fields: list[str] = []
    note: str | None = None


class EdgeAnswer(_Answer):
    """`child` derives from `parent`: declared by the catalogue, measured as the share of rows found."""

    child: str
    parent: str
    declared: bool
    measured: float | None


class LineageAnswer(_Answer):
    """The family of one dataset, nearest first."""

    ancestors: list[str]
    descendants: list[str]
    edges: list[EdgeAnswer]


class MeasurementAnswer(_Answer):
    """One number with what made it; `value` null means undefined, and `reason` says why."""

    dataset: str
    metric: str
    version: int
    view: str | None
    tokenizer: str | None
    params: dict[str, str | int | float | bool | None]
    n_total: int
    n_used: int
    seed: int | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    reason: str | None


class MeasurementPage(_Answer):
    """Figures in the order of their keys; give `next` as `after` for the page behind."""

    measurements: list[MeasurementAnswer]
    next: str | None


class EntryAnswer(EntrySummary):
    """Every fact of one dataset with its evidence, and what was fetched and measured of it."""

    evidence: list[EvidenceItem]
    snapshots: list[dict[str, Any]]
    measurements: list[MeasurementAnswer]
    lineage: LineageAnswer


class ReasonAnswer(_Answer):
    """One fact that bears on a verdict; `path` leads to the dataset that holds it."""

    dataset: str
    path: list[str]
    verdict: str
    fact: str
    evidence: list[EvidenceItem]


class LicenseAnswer(_Answer):
    """Whether a use is allowed, as a reading of published terms; no legal advice."""

    use: str
    datasets: list[str]
    verdict: Literal["allowed", "forbidden", "unclear"]
    reasons: list[ReasonAnswer]


class ComparedMetric(_Answer):
    """One figure over all datasets; null where one has none."""

    metric: str
    view: str | None
    params: dict[str, Any]
    direction: str
    values: list[float | None]
    n_used: list[int | None]
    comparable: bool


class ComparisonAnswer(_Answer):
    """Datasets and their figures side by side."""

    datasets: list[str]
    rows: list[ComparedMetric]


class OverlapAnswer(_Answer):
    """Rows of two datasets that match, counted both ways; `examples` hold texts of rows: untrusted."""

    a: str
    b: str
    view: str
    shingle: int
    threshold: float
    rows_a: int
    rows_b: int
    matched_a: int
    matched_b: int
    exact_a: int
    exact_b: int
    pairs: int
    share_a: float | None
    share_b: float | None
    examples: list[dict[str, Any]]


class PlanRequest(BaseModel):
    """A recipe as it stands in YAML; parts name datasets, never paths."""

    model_config = ConfigDict(extra="forbid")

    recipe: Annotated[dict[str, Any], Field(description="docs/mixtures.md says what a recipe holds")]


class PlanAnswer(_Answer):
    """The arithmetic of a recipe."""

    name: str
    seed: int
    recipe: str
    parts: list[dict[str, Any]]
    totals: dict[str, Any]
    license: LicenseAnswer
    warnings: list[Any]
    refused: list[str]


class HealthAnswer(_Answer):
    """That the server answers, and what it may do."""

    version: str
    datasets: int
    may_change: bool


class FetchRequest(BaseModel):
    """Rows to bring from the Hub repository of an entry, or from a bundled sample."""

    model_config = ConfigDict(extra="forbid")

    dataset: Id
    limit: Annotated[int, Field(ge=1, le=10**9)] | None = None
    keep_good: bool = False
    revision: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$")] | None = None


class AnalyzeRequest(BaseModel):
    """Figures to measure on rows that were fetched."""

    model_config = ConfigDict(extra="forbid")

    dataset: Id
    only: Annotated[list[Word], Field(min_length=1, max_length=50)] | None = None
    limit: Annotated[int, Field(ge=1, le=10**9)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class OverlapRequest(BaseModel):
    """An overlap to measure between rows that were fetched."""

    model_config = ConfigDict(extra="forbid")

    a: Id
    b: Id
    view: Word = "first_prompt+final_answer"
    shingle: Annotated[int, Field(ge=1, le=20)] = 5
    threshold: Annotated[float, Field(ge=0.05, le=1)] = 0.8


class JobAnswer(_Answer):
    """One piece of work; `result` is there once it is done, `problem` where it failed."""

    id: str
    kind: Literal["fetch", "analyze", "overlap"]
    asked: dict[str, Any]
    state: Literal["queued", "running", "done", "failed"]
    done: int | None
    total: int | None
    result: Any = None
    problem: dict[str, Any] | None = None


class JobList(_Answer):
    """The work of this server since it started, newest first."""

    jobs: list[JobAnswer]
