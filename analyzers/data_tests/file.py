"""A file of data tests: what a person writes, checked at the border, every fault with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from analyzers.data_tests.bound import FORMS, Bound
from analyzers.data_tests.chosen import figures_of, offered, plainest
from analyzers.table import ON_REQUEST, metric_owners
from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.field_faults import FieldPath, Origin
from registry.field_lines import read_file, read_yaml
from registry.measurements import Param

Confidence = Literal["point", "interval"]
VERSION = 1
COUNTS: Mapping[str, str] = {
    "rows": "rows that could be read",
    "rows_bad": "rows that could not be read and were set aside",
}
ALIASES: Mapping[str, str] = {"duplicate_rate": "dup_near"}
"""Other words for a metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One figure of a dataset and the numbers it may be.

    `confidence` "point" asks it of the value, "interval" of the whole 95 % interval. `view` and `params`
    choose among the figures of the metric; None and empty choose the plainest.
    """

    metric: str
    bound: Bound
    view: str | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    confidence: Confidence = "point"
    where: FieldPath = field(default=(), compare=False)

    @property
    def is_count(self) -> bool:
        """Whether rows are counted rather than measured."""
        return self.metric in COUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetTests:
    """A dataset and what is expected of it."""

    ref: str
    is_path: bool
    expectations: tuple[Expectation, ...]
    where: FieldPath = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataTests:
    """What is expected of some datasets; `seed` is that of every drawing."""

    datasets: tuple[DatasetTests, ...]
    seed: int = 0
    origin: Origin = field(default_factory=lambda: Origin(file="data tests"), compare=False)

    @classmethod
    def load(cls, path: str | Path) -> DataTests:
        """The data tests in the YAML file `path`; relative paths in it start at its folder.

        Raises:
            InputRefusedError: every fault with file, line and field.
        """
        path = Path(path)
        raw = read_file(path, what="data test file")
        return _checked(raw, Origin(file=str(path), folder=path.resolve().parent))

    @classmethod
    def from_text(cls, text: str, *, file: str = "data tests") -> DataTests:
        """The data tests in a YAML text; relative paths in it start at the working folder.

        Raises:
            InputRefusedError: as `load`.
        """
        return _checked(text.encode("utf-8", "surrogatepass"), Origin(file=file))

    @classmethod
    def of(cls, ref: str, expect: Mapping[str, Any], *, confidence: Confidence = "point") -> DataTests:
        """What `expect` asks of one dataset, written as under `expect:` in a file.

        Raises:
            InputRefusedError: as `load`; there are no lines then.
        """
        plain = {"version": VERSION, "confidence": confidence}
        return _Reader(Origin(file="expect")).tests(
            {**plain, "datasets": [{"dataset": ref, "expect": dict(expect)}]}
        )


def _checked(raw: bytes, origin: Origin) -> DataTests:
    data, lines = read_yaml(raw, origin.file, what="data test file", fields=("version", "datasets"))
    return _Reader(origin.with_lines(lines)).tests(data)


class _Reader:
    """Plain data to data tests; every fault is kept, and all are raised together."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.problems: list[Problem] = []
        self.confidence: Confidence = "point"
        self.owners = metric_owners()

    def tests(self, data: Mapping[str, Any]) -> DataTests:
        self._known_keys(data, (), ("version", "datasets", "confidence", "seed"))
        if data.get("version") != VERSION:
            self._fault(ProblemCode.BAD_VALUE, f"write 'version: {VERSION}'", ("version",))
        self.confidence = self._confidence(data, (), "point")
        seed = data.get("seed", 0)
        if type(seed) is not int:
            self._fault(ProblemCode.WRONG_TYPE, "seed is a whole number", ("seed",))
            seed = 0
        datasets = self._datasets(data.get("datasets"))
        if self.problems:
            raise InputRefusedError(self.problems)
        return DataTests(datasets=datasets, seed=seed, origin=self.origin)

    def _datasets(self, data: object) -> tuple[DatasetTests, ...]:
        where: FieldPath = ("datasets",)
        if not isinstance(data, list) or not data:
            message = "list at least one dataset: - {dataset: ID or path: FILE, expect: {...}}"
            self._fault(ProblemCode.MISSING_FIELD, message, where)
            return ()
        return tuple(
            self._dataset(item, (*where, n))
            for n, item in enumerate(data)
            if self._is_mapping(item, (*where, n), "a dataset is a mapping: dataset or path, expect")
        )

    def _dataset(self, data: Mapping[str, Any], where: FieldPath) -> DatasetTests:
        self._known_keys(data, where, ("dataset", "path", "expect"))
        named = [name for name in ("dataset", "path") if name in data]
        if len(named) != 1 or not isinstance(data[named[0]], str) or not data[named[0]].strip():
            self._fault(ProblemCode.MISSING_FIELD, "name either a dataset or a path, as text", where)
        expect = data.get("expect")
        inside = (*where, "expect")
        found: list[Expectation] = []
        if self._is_mapping(expect, inside, "write what you expect: {metric: '<0.01'}") and not expect:
            self._fault(ProblemCode.MISSING_FIELD, "nothing is expected: write {metric: '<0.01'}", inside)
        for name, wanted in (expect if isinstance(expect, dict) else {}).items():
            found += self._of_metric(name, wanted, (*inside, name))
        ref = str(data[named[0]]) if named else ""
        return DatasetTests(
            ref=ref,
            is_path=named == ["path"],
            expectations=tuple(found),
            where=(*where, named[0]) if named else where,
        )

    def _of_metric(self, name: str, wanted: object, where: FieldPath) -> list[Expectation]:
        metric = ALIASES.get(name, name)
        if metric not in self.owners and metric not in COUNTS:
            known = [*self.owners, *COUNTS, *ALIASES]
            near = get_close_matches(name, known, n=3, cutoff=0.5)
            offer = f"did you mean {', '.join(near)}?" if near else "docs/metrics.md lists them"
            self._fault(ProblemCode.BAD_VALUE, f"no metric {name!r}; {offer}", where)
            return []
        if self.owners.get(metric) in ON_REQUEST:
            message = f"{name} takes a model or tokenizer of yours, which a data test cannot name"
            self._fault(ProblemCode.BAD_VALUE, message, where)
            return []
        several = wanted if isinstance(wanted, list) else [wanted]
        places = [(*where, n) for n in range(len(several))] if isinstance(wanted, list) else [where]
        found = (self._expectation(metric, item, place) for item, place in zip(several, places, strict=True))
        return [expectation for expectation in found if expectation is not None]

    def _expectation(self, metric: str, wanted: object, where: FieldPath) -> Expectation | None:
        plain = wanted if isinstance(wanted, dict) else {"value": wanted}
        inside = (*where, "value") if isinstance(wanted, dict) else where
        self._known_keys(plain, where, ("value", "view", "params", "confidence"))
        bound = self._bound(plain.get("value"), inside)
        view: Any = plain.get("view")
        params: Any = plain.get("params", {})
        if view is not None and not isinstance(view, str):
            self._fault(ProblemCode.WRONG_TYPE, "view is the name of a text", (*where, "view"))
        elif self._is_mapping(params, (*where, "params"), "params is a mapping: {n: 2}") and bound:
            found = Expectation(
                metric=metric,
                bound=bound,
                view=view,
                params=params,
                confidence=self._confidence(plain, where, self.confidence),
                where=where,
            )
            self._check_figure(found)
            return found
        return None

    def _bound(self, text: object, where: FieldPath) -> Bound | None:
        if not isinstance(text, str):
            self._fault(ProblemCode.WRONG_TYPE, f"an expectation is quoted text: {FORMS}", where)
            return None
        try:
            return Bound.parse(text)
        except ValueError as error:
            self._fault(ProblemCode.BAD_VALUE, str(error), where, value=text)
            return None

    def _check_figure(self, wanted: Expectation) -> None:
        if wanted.is_count:
            if wanted.view or wanted.params:
                message = f"{wanted.metric} counts rows and has neither view nor params"
                self._fault(ProblemCode.BAD_VALUE, message, wanted.where)
            return
        figures = [f for f in figures_of(self.owners[wanted.metric]) if f.metric == wanted.metric]
        found = plainest(figures, wanted.metric, wanted.view, wanted.params)
        # A setting that is null without rows takes its value from them, as the language of a share does.
        is_open = any(f.params.get(name, "") is None for f in figures for name in wanted.params)
        if figures and not found and not is_open:
            message = f"{wanted.metric} has no such figure; there are {offered(figures)}"
            self._fault(ProblemCode.BAD_VALUE, message, wanted.where)
        elif len(found) > 1:
            message = f"{wanted.metric} has {len(found)} figures; choose one: {offered(found)}"
            self._fault(ProblemCode.BAD_VALUE, message, wanted.where)

    def _confidence(self, data: Mapping[str, Any], where: FieldPath, otherwise: Confidence) -> Confidence:
        given = data.get("confidence", otherwise)
        for known in get_args(Confidence):
            if given == known:
                chosen: Confidence = known
                return chosen
        self._fault(ProblemCode.BAD_VALUE, "confidence is point or interval", (*where, "confidence"))
        return otherwise

    def _known_keys(self, data: Mapping[str, Any], where: FieldPath, known: tuple[str, ...]) -> None:
        for key in data:
            if key not in known:
                near = get_close_matches(key, known, n=1, cutoff=0.5)
                offer = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
                self._fault(ProblemCode.UNKNOWN_KEY, f"unknown key {key!r}; {offer}", (*where, key))

    def _is_mapping(self, data: object, where: FieldPath, message: str) -> bool:
        if not isinstance(data, dict):
            self._fault(ProblemCode.WRONG_TYPE, message, where)
        return isinstance(data, dict)

    def _fault(self, code: ProblemCode, message: str, where: FieldPath, *, value: object = None) -> None:
        self.problems.append(self.origin.problem(code, message, where, value=value))
