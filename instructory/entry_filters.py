"""The filters of a search for datasets, written once for the command line and for REST.

A door takes them as one keyword `filters`; `spread` gives it a parameter for each of them instead, in the
words of its own kind of door.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from registry.vocabulary import Category, CommercialUse, Focus, Method, Modality, RowFormat

R = TypeVar("R")


class Kind(StrEnum):
    """What a filter takes: alternatives, one word, yes or no, a number of rows, or words to look for."""

    MANY = "many"
    ONE = "one"
    YES_NO = "yes_no"
    ROWS = "rows"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """A filter as people write it: `word`; `field` is its name in `Registry.find`.

    `terms` is its closed vocabulary, if it has one, `no` the word for the opposite of yes.
    """

    word: str
    field: str
    kind: Kind
    says: str
    terms: type[StrEnum] | None = None
    no: str = ""


def _filter(word: str, kind: Kind, says: str, field: str = "", **more: Any) -> EntryFilter:
    return EntryFilter(word=word, field=field or word, kind=kind, says=says, **more)


ENTRY_FILTERS: tuple[EntryFilter, ...] = (
    _filter("category", Kind.MANY, "Construction category", terms=Category),
    _filter("method", Kind.MANY, "Construction method", terms=Method),
    _filter("focus", Kind.MANY, "What the rows teach", terms=Focus),
    _filter("modality", Kind.MANY, "text, image, …", terms=Modality),
    _filter("format", Kind.MANY, "Form of a row: single-turn, preference, …", terms=RowFormat),
    _filter("language", Kind.MANY, "Language code"),
    _filter("license", Kind.MANY, "SPDX id"),
    _filter("commercial", Kind.ONE, "yes, no or unclear", "commercial_use", terms=CommercialUse),
    _filter("teacher", Kind.MANY, "Generating model"),
    _filter("open", Kind.YES_NO, "Rows can be had, or not", no="closed"),
    _filter("in_survey", Kind.YES_NO, "In the survey's tables", no="not-in-survey"),
    _filter("min_rows", Kind.ROWS, "Declared rows, at least"),
    _filter("max_rows", Kind.ROWS, "Declared rows, at most"),
    _filter("search", Kind.WORDS, "Words to look for"),
)


def spread(door: Callable[..., R], annotate: Callable[[EntryFilter], Any]) -> Callable[..., R]:
    """`door` with a keyword for each filter, None where not asked for, in place of its keyword `filters`.

    `annotate` gives the annotation of a filter's parameter. What `door` gets as `filters` are keywords for
    `Registry.find`.
    """

    @wraps(door)
    def asked(*args: Any, **given: Any) -> R:
        filters = {each.field: given.pop(each.word) for each in ENTRY_FILTERS}
        return door(*args, filters=filters, **given)

    hints = get_type_hints(door, include_extras=True)
    kept = [p for name, p in inspect.signature(door).parameters.items() if name != "filters"]
    own = [p.replace(annotation=hints[p.name], kind=p.KEYWORD_ONLY) for p in kept]
    added = [
        inspect.Parameter(each.word, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotate(each))
        for each in ENTRY_FILTERS
    ]
    signature = inspect.Signature([*added, *own], return_annotation=hints["return"])
    asked.__signature__ = signature  # type: ignore[attr-defined]
    asked.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return asked
