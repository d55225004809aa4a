"""What is declared of one dataset or benchmark, validated at the border."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from registry.errors import ProblemCode
from registry.spdx import normalise_license
from registry.vocabulary import (
    Category,
    CommercialUse,
    EvidenceStatus,
    Focus,
    Kind,
    Method,
    Modality,
    RowFormat,
    SurveyTable,
)

STORED: Final = {"stored": True}
"""Validation context for documents of our own database: licence and agreement were checked on the way in."""

MAX_TEXT = 65_536
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,95}")
_DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
_REPO_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_ARXIV = re.compile(r"\d{4}\.\d{4,5}(v\d+)?")
_LANGUAGE = re.compile(r"multi|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _fault(code: ProblemCode, message: str) -> PydanticCustomError:
    return PydanticCustomError(code.value, "{message}", {"message": message})


def _dataset_id(value: str) -> str:
    if not _ID.fullmatch(value) or _DEVICES.fullmatch(value):
        raise _fault(
            ProblemCode.BAD_ID, f"{value!r} is not an id: use a-z, 0-9 and -, at most 96, no device name"
        )
    return value


def _repository(value: str) -> str:
    parts = value.split("/")
    if len(parts) != 2 or any(not _REPO_PART.fullmatch(p) or ".." in p or p.endswith(".") for p in parts):
        raise _fault(ProblemCode.BAD_ID, f"{value!r} is not a repository: write owner/name")
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme != "https" or "@" in parts.netloc or len(value) > 2048:
        raise _fault(ProblemCode.BAD_URL, f"{value[:120]!r} is not an https address without user part")
    if not value.isprintable() or " " in value:
        raise _fault(ProblemCode.BAD_URL, f"{value[:120]!r} holds blanks or control characters")
    return value


def _paper(value: str) -> str:
    if value.startswith("https://"):
        return _url(value)
    if not _ARXIV.fullmatch(value):
        raise _fault(
            ProblemCode.BAD_VALUE, f"{value!r} is neither an arXiv id (2304.03277) nor an https address"
        )
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise _fault(ProblemCode.BAD_VALUE, f"{value!r} is not a language code such as en, zh or multi")
    return value


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _filled(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise _fault(ProblemCode.BAD_VALUE, "the list is empty: name at least one")
    return values


def _several(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(values) < 2:
        raise _fault(ProblemCode.BAD_VALUE, "a conflict needs two readings or more")
    return values


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    seen = set()
    for value in values:
        if value in seen:
            raise _fault(ProblemCode.BAD_VALUE, f"{str(value)!r} stands here twice")
        seen.add(value)
    return values


def _shape(pattern: str) -> WithJsonSchema:
    """What editors are told of a text that a function checks."""
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})


_SHORT = StringConstraints(min_length=1, max_length=MAX_TEXT, strip_whitespace=False)
_LIST = (BeforeValidator(_tuple), AfterValidator(_distinct))
Text: TypeAlias = Annotated[str, _SHORT]
DatasetId: TypeAlias = Annotated[str, AfterValidator(_dataset_id), _shape(_ID.pattern)]
Repository: TypeAlias = Annotated[str, AfterValidator(_repository), _shape("[^/]+/[^/]+")]
Url: TypeAlias = Annotated[str, AfterValidator(_url), _shape("https://.+")]
Paper: TypeAlias = Annotated[str, AfterValidator(_paper), _shape(rf"{_ARXIV.pattern}|https://.+")]
Language: TypeAlias = Annotated[str, AfterValidator(_language), _shape(_LANGUAGE.pattern)]
Texts: TypeAlias = Annotated[tuple[Text, ...], *_LIST]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Fields of one entry that do not go together; `field` is the one to look at."""

    field: str
    code: ProblemCode
    message: str


class Evidence(_Declared):
    """Where facts were read.

    With `fields`, the item speaks for exactly these and outranks items without; without `fields`, it
    speaks for every fact that no other item names.
    """

    source: Text = Field(description="owner/repo file@commit, a page address, or `general knowledge`")
    status: Annotated[EvidenceStatus, Field(strict=False)] = Field(
        description="verified, secondary or recalled"
    )
    fields: Texts = Field(
        default=(), description="the fields this source speaks for; none means the whole entry"
    )
    note: Text | None = Field(default=None, description="what the source says beyond the fields")


class Reading(_Declared):
    """What one source says where sources conflict."""

    value: Text = Field(description="the fact as that source gives it")
    source: Text = Field(description="who says so")
    status: Annotated[EvidenceStatus, Field(strict=False)] | None = Field(
        default=None, description="how well that source was read: verified, secondary or recalled"
    )


class Conflict(_Declared):
    """One field on which sources disagree, with every reading."""

    field: Text = Field(description="the field in question")
    readings: Annotated[tuple[Reading, ...], BeforeValidator(_tuple), AfterValidator(_several)] = Field(
        description="two or more"
    )
    note: Text | None = Field(default=None, description="which reading the entry follows, and why")


class _Sourced(_Declared):
    """What datasets and benchmarks share: identity, licence and evidence."""

    id: DatasetId = Field(description="short name, stable for ever: a-z, 0-9 and -")
    name: Text = Field(description="the name its makers use")
    hf_id: Repository | None = Field(default=None, description="Hugging Face dataset repository, owner/name")
    github: Repository | None = Field(default=None, description="GitHub repository, owner/name")
    paper: Paper | None = Field(default=None, description="arXiv id, or https address of the paper")
    size_rows: int | None = Field(
        default=None, ge=0, description="one published count; left out where unknown"
    )
    license: Text | None = Field(
        default=None, description="SPDX id or expression, LicenseRef-..., or other; left out where unknown"
    )
    in_survey: bool = Field(default=False, description="stands in a table of the instruction-tuning survey")
    evidence: Annotated[tuple[Evidence, ...], BeforeValidator(_tuple)] = Field(
        default=(), description="where the facts were read"
    )

    @field_validator("license")
    @classmethod
    def _known_license(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None or (info.context or {}).get("stored"):
            return value
        return normalise_license(value)

    @model_validator(mode="after")
    def _fields_agree(self, info: ValidationInfo) -> Self:
        if (info.context or {}).get("stored"):
            return self
        for fault in disagreements(
            {name: getattr(self, name) for name in type(self).model_fields}, type(self)
        ):
            raise _fault(fault.code, fault.message)
        return self

    def evidence_for(self, field: str) -> tuple[Evidence, ...]:
        """The items that speak for `field`: those that name it, else those that speak for the whole entry."""
        named = tuple(item for item in self.evidence if field in item.fields)
        return named or tuple(item for item in self.evidence if not item.fields)

    def status_of(self, field: str) -> EvidenceStatus | None:
        """The best status among the items that speak for `field`; None where nothing does."""
        found = {item.status for item in self.evidence_for(field)}
        return next((status for status in EvidenceStatus if status in found), None)

    def to_json(self) -> dict[str, Any]:
        """Every field as plain JSON types; None means not known."""
        return self.model_dump(mode="json")


class Entry(_Sourced):
    """The declared facts of one dataset. None means not known; an empty list means none is known."""

    kind: Annotated[Kind, Field(strict=False)] = Field(default=Kind.DATASET, description="dataset or sample")
    hf_shared: bool = Field(
        default=False, description="true where several entries live in one Hub repository"
    )
    homepage: Url | None = Field(default=None, description="https address people should visit")
    year: int | None = Field(default=None, ge=1950, le=2100, description="year of first publication")
    category: Annotated[Category, Field(strict=False)] = Field(description="pillar of construction")
    method: Annotated[Method, Field(strict=False)] = Field(
        description="the step that made the data what it is"
    )
    focus: Annotated[Focus, Field(strict=False)] = Field(description="what most rows are about")
    teacher: Texts = Field(default=(), description="models whose output the rows hold")
    languages: Annotated[tuple[Language, ...], *_LIST, AfterValidator(_filled)] = Field(
        description="language codes; multi for many"
    )
    size_text: Text | None = Field(
        default=None, description="published counts in words, where they differ or need units"
    )
    modality: Annotated[
        tuple[Annotated[Modality, Field(strict=False)], ...], *_LIST, AfterValidator(_filled)
    ] = Field(default=(Modality.TEXT,), description="what the rows hold")
    format: Annotated[RowFormat, Field(strict=False)] = Field(description="form of a row")
    license_name: Text | None = Field(default=None, description="with license other: its name")
    license_url: Url | None = Field(default=None, description="with license other: where it can be read")
    commercial_use: Annotated[CommercialUse, Field(strict=False)] = Field(
        description="cautious label, no legal advice"
    )
    license_note: Text | None = Field(
        default=None, description="how the licence was read and what restricts it"
    )
    gated: bool | None = Field(
        default=None, description="true: access must be asked for; left out: not checked"
    )
    open: bool = Field(default=True, description="false where the data was never released")
    derived_from: Annotated[tuple[DatasetId, ...], *_LIST] = Field(
        default=(), description="direct parents among the entries"
    )
    models_trained: Texts = Field(default=(), description="models known to be trained on it")
    survey_table: Annotated[SurveyTable, Field(strict=False)] | None = Field(
        default=None, description="the survey table that lists it"
    )
    conflicts: Annotated[tuple[Conflict, ...], BeforeValidator(_tuple)] = Field(
        default=(), description="where sources disagree, each reading with its source"
    )

    def summary(self) -> dict[str, Any]:
        """The dozen facts a list shows, as plain JSON types."""
        return {
            "id": self.id,
            "name": self.name,
            "category": str(self.category),
            "method": str(self.method),
            "focus": str(self.focus),
            "size_rows": self.size_rows,
            "license": self.license,
            "commercial_use": str(self.commercial_use),
            "languages": list(self.languages),
            "hf_id": self.hf_id,
            "derived_from": list(self.derived_from),
            "in_survey": self.in_survey,
        }


class Benchmark(_Sourced):
    """The declared facts of one evaluation set; its ids are a namespace of their own."""

    prompt_fields: Texts = Field(default=(), description="fields that hold the question")
    answer_fields: Texts = Field(default=(), description="fields that hold the answer or the tests")
    tests: Text = Field(description="what it measures, in one line")
    note: Text | None = Field(default=None, description="splits, counts and cautions")


def evidence_json(items: Sequence[Evidence]) -> list[dict[str, Any]]:
    """`items` as plain JSON types, empty keys left out."""
    return [item.model_dump(mode="json", exclude_defaults=True) for item in items]


def disagreements(values: Mapping[str, Any], model: type[_Sourced]) -> Iterator[Disagreement]:
    """What does not go together among `values`, which need not be valid themselves; missing means default."""
    known = model.model_fields
    for place in ("evidence", "conflicts"):
        for name in _fields_named(values.get(place)):
            if name not in known:
                yield Disagreement(place, ProblemCode.BAD_VALUE, f"{name!r} is no field of an entry")
    if model is not Entry:
        return
    if values.get("kind", Kind.DATASET) == Kind.DATASET and not values.get("evidence"):
        yield Disagreement(
            "evidence", ProblemCode.MISSING_FIELD, "evidence is missing: say where the facts were read"
        )
    if bool(values.get("in_survey")) != bool(values.get("survey_table")):
        yield Disagreement("in_survey", ProblemCode.BAD_VALUE, "in_survey: true and survey_table go together")
    if values.get("license") == "other" and not (values.get("license_name") and values.get("license_url")):
        yield Disagreement(
            "license", ProblemCode.BAD_LICENSE, "license other needs license_name and license_url"
        )


def _fields_named(items: object) -> Iterator[str]:
    for item in items if isinstance(items, list | tuple) else ():
        plain = item if isinstance(item, dict) else dict(item) if isinstance(item, BaseModel) else {}
        names = plain.get("fields", ())
        found = [*(names if isinstance(names, list | tuple) else ()), plain.get("field")]
        yield from (name for name in found if isinstance(name, str))
