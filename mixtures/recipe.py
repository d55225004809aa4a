"""A wish for a mixture: what a person writes, validated at the border."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.field_faults import Origin, problems_of
from registry.field_lines import read_file, read_yaml

Names = Annotated[tuple[str, ...], Field(strict=False)]
Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
ViewName = Literal["prompt", "first_prompt", "response", "final_answer", "all", "first_prompt+final_answer"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Budget(_Strict):
    """How much the whole mixture holds: rows, or tokens of prompts and responses together."""

    rows: Positive | None = None
    tokens: Positive | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.rows is None) == (self.tokens is None):
            raise ValueError("give either rows or tokens")
        return self


class Where(_Strict):
    """Which rows of a part may be used.

    Words are those of the response, tokens those of prompt and response together.
    """

    min_words: Count | None = None
    max_words: Count | None = None
    min_tokens: Count | None = None
    max_tokens: Count | None = None
    min_turns: Count | None = None
    max_turns: Count | None = None
    min_constraints: Count | None = None
    languages: Names = ()
    flags_none: Names = ()
    flags_any: Names = ()

    @model_validator(mode="after")
    def _ordered_bounds(self) -> Self:
        for unit in ("words", "tokens", "turns"):
            low, high = getattr(self, f"min_{unit}"), getattr(self, f"max_{unit}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"min_{unit} {low} is above max_{unit} {high}: no row can pass")
        return self


class Part(_Strict):
    """One source of rows.

    `weight` asks for a share of what fixed parts leave of the budget; `rows` for a fixed number of rows, or
    for "all". With neither, the weight is 1. `epochs` is how often a row may be used; `rows: all` uses each
    row that often. `max_rows` and `max_share` (of the whole budget) cap a weighted part; what is cut goes to
    the others.
    """

    dataset: str | None = None
    path: str | None = None
    weight: Annotated[float, Field(ge=0)] | None = None
    rows: Positive | Literal["all"] | None = None
    epochs: Annotated[float, Field(gt=0, le=1000)] = 1.0
    where: Where = Where()
    max_rows: Positive | None = None
    max_share: Annotated[float, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.dataset is None) == (self.path is None):
            raise ValueError("name either a dataset or a path")
        if self.weight is not None and self.rows is not None:
            raise ValueError("rows and weight exclude each other: rows is a fixed number, weight a share")
        if self.rows is not None and self.max_share is not None:
            raise ValueError("max_share caps a weighted part; this one has rows")
        if isinstance(self.rows, int) and self.max_rows is not None:
            raise ValueError("rows and max_rows exclude each other: one number of rows is enough")
        return self

    @property
    def ref(self) -> str:
        """The dataset id or path as written."""
        return self.dataset if self.dataset is not None else str(self.path)

    @property
    def name(self) -> str:
        """The dataset id, or the file name of a path: what may be shown wherever the mixture travels."""
        return self.dataset if self.dataset is not None else Path(str(self.path)).name

    @property
    def gives_all(self) -> bool:
        """Whether every row that is left of it is used equally often, so that none has to be chosen."""
        return self.rows == "all" and self.max_rows is None and self.epochs.is_integer()

    @property
    def share_weight(self) -> float:
        """The weight in force: as written, 1 where neither weight nor rows is, 0 for a part with rows."""
        if self.rows is not None:
            return 0.0
        return 1.0 if self.weight is None else self.weight


class Deduplicate(_Strict):
    """Near duplicates leave: Jaccard of the word shingles of `view` at or above `threshold`, verified.

    Of each cluster the row of the part named first in `keep` stays; parts not named follow in recipe order.
    Rows of one template leave only where what they fill into it is similar as well: Jaccard of the shingles
    that are not template at or above `slots`; 0 looks at whole texts alone.
    """

    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    view: ViewName = "first_prompt+final_answer"
    shingle: Annotated[int, Field(ge=1, le=20)] = 5
    slots: Annotated[float, Field(ge=0, le=1)] = 0.5
    keep: Names = ()


class Decontaminate(_Strict):
    """Rows that match a benchmark leave."""

    against: Annotated[Names, Field(min_length=1)]
    rule: Literal[
        "exact", "ngram8_any", "ngram_cover", "ngram12", "ngram13", "containment", "idf_cluster"
    ] = "ngram13"


class Policy(_Strict):
    """The licence the mixture needs; `unclear` says what to do where facts do not decide."""

    use: Literal["commercial", "research", "redistribution", "competing-model"] = "commercial"
    unclear: Literal["allow", "warn", "forbid"] = "warn"


class Output(_Strict):
    """Files to write and the shape of their rows."""

    format: Annotated[tuple[Literal["jsonl", "parquet"], ...], Field(strict=False, min_length=1)] = ("jsonl",)
    shape: Literal["messages", "alpaca", "sharegpt", "prompt-completion"] = "messages"

    @model_validator(mode="before")
    @classmethod
    def _one_format_as_list(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("format"), str):
            return {**data, "format": [data["format"]]}
        return data


class MixtureRecipe(_Strict):
    """A validated wish; equal wishes have equal `sha256`, whatever file or order of keys they came in.

    Without a budget, weighted parts make the largest mixture their weights permit.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,95}$")] = "mixture"
    seed: Count = 0
    budget: Budget | None = None
    parts: Annotated[tuple[Part, ...], Field(strict=False, min_length=1)]
    deduplicate: Deduplicate | None = None
    decontaminate: Decontaminate | None = None
    policy: Policy | None = None
    output: Output = Output()

    _origin: Origin = PrivateAttr(default_factory=Origin)

    @model_validator(mode="after")
    def _parts_fit_budget(self) -> Self:
        if not any(part.rows is not None or part.share_weight > 0 for part in self.parts):
            raise ValueError("every part has weight 0: nothing would be chosen")
        if self.budget is None and any(part.max_share is not None for part in self.parts):
            raise ValueError("max_share is a share of the budget, and there is no budget")
        return self

    @model_validator(mode="after")
    def _keep_names_parts(self) -> Self:
        refs = {part.ref for part in self.parts}
        unknown = [name for name in self.deduplicate.keep if name not in refs] if self.deduplicate else []
        if unknown:
            raise ValueError(f"deduplicate.keep names {unknown[0]!r}, which is no part of the mixture")
        return self

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The recipe in the YAML file `path`; relative paths in it start at its folder.

        Raises:
            InputRefusedError: every fault with file, line and field.
        """
        path = Path(path)
        raw = read_file(path, what="recipe")
        return cls._from_bytes(raw, Origin(file=str(path), folder=path.resolve().parent))

    @classmethod
    def from_text(cls, text: str, *, file: str = "recipe") -> Self:
        """The recipe in a YAML text; relative paths in it start at the working folder.

        Raises:
            InputRefusedError: as `load`.
        """
        return cls._from_bytes(text.encode("utf-8", "surrogatepass"), Origin(file=file))

    @classmethod
    def _from_bytes(cls, raw: bytes, origin: Origin) -> Self:
        data, lines = read_yaml(raw, origin.file, what="recipe", fields=("name", "parts"))
        origin = origin.with_lines(lines)
        try:
            recipe = cls.model_validate(data)
        except ValidationError as error:
            raise InputRefusedError(problems_of(error, cls, origin)) from error
        recipe._origin = origin
        return recipe

    def problem(self, code: ProblemCode, message: str, *where: str | int) -> Problem:
        """A problem with this recipe, located at the field path `where`, for example ("parts", 0, "rows")."""
        return self._origin.problem(code, message, where)

    def resolve(self, ref: str) -> str:
        """`ref` as it can be opened: an existing file or folder beside the recipe, else `ref` itself."""
        beside = self._origin.folder / ref if self._origin.folder else Path(ref)
        return str(beside) if beside.exists() else ref

    def plain(self) -> dict[str, Any]:
        """The recipe as plain JSON types, without fields that hold their default."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def to_yaml(self) -> str:
        """YAML that loads to an equal recipe."""
        return yaml.safe_dump(
            self.plain(), sort_keys=False, allow_unicode=True, default_flow_style=None, width=110
        )

    @property
    def sha256(self) -> str:
        """SHA-256 of the recipe in canonical JSON; of an absolute path only the file name counts."""
        return hashlib.sha256(
            json.dumps(self.portable(), sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest()

    def portable(self) -> dict[str, Any]:
        """`plain()` with absolute paths cut to their file names: what may stand in a lock that travels."""
        plain = self.plain()
        for part in plain["parts"]:
            if "path" in part:
                part["path"] = _travelling(part["path"])
        for section, field in (("deduplicate", "keep"), ("decontaminate", "against")):
            if field in plain.get(section, {}):
                plain[section][field] = [_travelling(ref) for ref in plain[section][field]]
        return plain


def _travelling(ref: str) -> str:
    return Path(ref).name if Path(ref).is_absolute() else ref
