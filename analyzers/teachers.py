"""Which models wrote the rows: by the rows' own fields, else as declared; and how models name themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from analyzers.arrow import pc
from analyzers.row_labels import row_values
from analyzers.views import View, view_texts
from registry.teacher_terms import teacher_terms
from registry.vocabulary import Category

if TYPE_CHECKING:
    from registry.entry import Entry
    from registry.snapshot import Snapshot

MODEL_FIELDS: Final = frozenset(
    {
        *("generator", "model", "model_name", "model_id", "models", "teacher", "teacher_model"),
        *("generated_by", "generation_model", "llm", "llm_name", "response_model", "engine"),
    }
)
"""Fields that name the model that wrote a row, by their names in lower case."""

MIXED_FIELDS: Final = frozenset({"source", "origin", "annotator", "author"})
"""Fields that may name a model or something else; they count where the value is a model we know."""

_MOST_CHARS = 120

# An assistant that says who made it; a text about a company rarely says "I" or "me" just before.
_I_AM = r"\bI(?:'m| am)"
_MADE = r"\b(?:I|me|assistant|model)\b[^.!?\n]{0,60}\b(?:developed|created|trained|made|built) by"

SELF_NAMES: Final[Mapping[str, str]] = {
    "OpenAI": rf"{_I_AM} (?:ChatGPT|GPT-?[345])\b|{_MADE} OpenAI\b",
    "Anthropic": rf"{_I_AM} Claude\b|{_MADE} Anthropic\b",
    "Google": rf"{_I_AM} (?:Gemini|Bard)\b|{_MADE} Google\b",
    "Meta": rf"{_I_AM} (?:Llama|LLaMA)\b|{_MADE} Meta\b",
    "Alibaba": rf"{_I_AM} Qwen\b|{_MADE} Alibaba\b|我是通义千问",
    "DeepSeek": rf"{_I_AM} DeepSeek\b|{_MADE} DeepSeek\b|我是DeepSeek",
    "Mistral": rf"{_I_AM} Mistral\b|{_MADE} Mistral\b",
    "LMSYS": rf"{_I_AM} Vicuna\b|{_MADE} (?:LMSYS|researchers from Large Model Systems)",
    "LAION": rf"{_I_AM} Open ?Assistant\b",
    "some model": r"(?i)\bas an AI (?:language )?model\b|作为一个?(?:AI|人工智能)语言模型",
}
"""How models name themselves in answers, by their makers. Case counts where not said otherwise."""

Basis = Literal["field", "declared", "people", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShare:
    """Rows that one model wrote. `basis` says how that is known; `model` is None where it is not.

    `field`: the rows say so. `declared`: the catalogue does, for rows that do not say; several declared
    models stand in one share, for nobody says which row is whose. `people`: the catalogue names no model.
    """

    model: str | None
    rows: int
    share: float
    basis: Basis
    provider: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfName:
    """Rows in whose answer a model of this maker names itself: a hint, not a proof."""

    provider: str
    rows: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherFootprint:
    """Who wrote the rows of a dataset; the shares of `models` sum to 1 where there are rows."""

    dataset: str
    rows: int
    models: tuple[ModelShare, ...]
    hints: tuple[SelfName, ...]
    fields: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        plain = asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def teacher_footprint(snapshot: Snapshot, entry: Entry | None = None) -> TeacherFootprint:
    """Share of rows by generating model, most rows first, and the names models give themselves.

    A row counts for the model its own field names (the first of its fields in alphabetical order), else for
    what `entry` declares. Cost: one pass over fields and answers.
    """
    named: dict[int, tuple[str, str]] = {}
    for position, field, value in row_values(snapshot, MODEL_FIELDS | MIXED_FIELDS):
        model = _model(field, value)
        if model is not None:
            named[position] = min(named.get(position, (field, model)), (field, model))
    rows = snapshot.rows_kept
    counts = Counter(model for _, model in named.values())
    shares = [_share(model, found, rows, "field") for model, found in counts.items()]
    silent = rows - len(named)
    if silent:
        model, basis = _declared(entry)
        shares.append(_share(model, silent, rows, basis))
    return TeacherFootprint(
        dataset=snapshot.dataset,
        rows=rows,
        models=tuple(sorted(shares, key=lambda s: (-s.rows, s.model or ""))),
        hints=_hints(snapshot),
        fields=tuple(sorted({field for field, _ in named.values()})),
    )


def named_models(snapshot: Snapshot, entry: Entry | None = None) -> dict[str, float]:
    """Share of rows by model as far as the rows' own fields name one; empty where none do."""
    shares = teacher_footprint(snapshot, entry).models
    return {share.model: share.share for share in shares if share.basis == "field" and share.model}


def together(footprints: Sequence[TeacherFootprint], name: str) -> TeacherFootprint:
    """The footprint of all rows of several datasets."""
    rows = sum(footprint.rows for footprint in footprints)
    models: Counter[tuple[str | None, Basis]] = Counter()
    hints: Counter[str] = Counter()
    for footprint in footprints:
        models.update({(share.model, share.basis): share.rows for share in footprint.models})
        hints.update({hint.provider: hint.rows for hint in footprint.hints})
    shares = [_share(model, found, rows, basis) for (model, basis), found in models.items()]
    return TeacherFootprint(
        dataset=name,
        rows=rows,
        models=tuple(sorted(shares, key=lambda s: (-s.rows, s.model or "", s.basis))),
        hints=tuple(SelfName(provider=p, rows=n, share=n / rows) for p, n in hints.most_common()),
        fields=tuple(sorted({field for footprint in footprints for field in footprint.fields})),
    )


def _share(model: str | None, found: int, rows: int, basis: Basis) -> ModelShare:
    terms = teacher_terms(model.replace("_", "-")) if model else None
    provider = terms.provider if terms else None
    return ModelShare(model=model, rows=found, share=found / rows, basis=basis, provider=provider)


def _declared(entry: Entry | None) -> tuple[str | None, Basis]:
    if entry is not None and entry.teacher:
        return " or ".join(entry.teacher), "declared"
    if entry is not None and entry.category is Category.HUMAN_CRAFTED:
        return None, "people"
    return None, "unknown"


def _model(field: str, value: object) -> str | None:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _MOST_CHARS:
        return None
    model = value.strip()
    if field.lower() in MIXED_FIELDS and teacher_terms(model.replace("_", "-")) is None:
        return None
    return model


def _hints(snapshot: Snapshot) -> tuple[SelfName, ...]:
    counts: Counter[str] = Counter()
    for batch in snapshot.batches(list(View.RESPONSE.columns)):
        answers = view_texts(batch, View.RESPONSE)
        for provider, pattern in SELF_NAMES.items():
            counts[provider] += pc.sum(pc.match_substring_regex(answers, pattern)).as_py() or 0
    rows = snapshot.rows_kept
    return tuple(SelfName(provider=p, rows=n, share=n / rows) for p, n in counts.most_common() if n)
