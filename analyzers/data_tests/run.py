"""Running data tests: the figures that are asked for, each expectation decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from analyzers.data_tests.bound import Bound
from analyzers.data_tests.chosen import offered, plainest
from analyzers.data_tests.file import DatasetTests, DataTests, Expectation
from analyzers.one_pass import Progress
from analyzers.run import MeasurementStore, analyze_snapshot
from analyzers.runner import Workers
from registry.errors import InputRefusedError, NotMeasuredError, Problem, ProblemCode, UnknownDatasetError
from registry.measurements import Measurement, Param
from registry.snapshot import Snapshot, SnapshotIndex, open_snapshot

Status = Literal["pass", "fail", "undecided"]


class TestedRegistry(MeasurementStore, SnapshotIndex, Protocol):
    """What data tests need of the registry: rows by name, and a place for figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One expectation, decided: `expected` as written, and the figure it was held against.

    `status` is "undecided" where the figure is undefined or, under confidence "interval", has no interval
    although only some rows were used; `reason` says why, also for a failure.
    """

    dataset: str
    metric: str
    view: str | None
    params: Mapping[str, Param]
    expected: str
    confidence: str
    status: Status
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_used: int
    n_total: int
    version: int | None
    reason: str | None
    line: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {**asdict(self), "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class DataTestReport:
    """Every outcome, in the order of the file."""

    file: str
    outcomes: tuple[Outcome, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every expectation holds; what is undecided does not."""
        return all(outcome.status == "pass" for outcome in self.outcomes)

    def count(self, status: Status) -> int:
        """How many outcomes have that status."""
        return sum(outcome.status == status for outcome in self.outcomes)

    def to_json(self) -> dict[str, Any]:
        """`{file, passed, tests, failures, undecided, outcomes: [...]}`."""
        return {
            "file": self.file,
            "passed": self.is_passed,
            "tests": len(self.outcomes),
            "failures": self.count("fail"),
            "undecided": self.count("undecided"),
            "outcomes": [outcome.to_json() for outcome in self.outcomes],
        }


def run_data_tests(
    registry: TestedRegistry, tests: DataTests, *, workers: Workers = 1, progress: Progress | None = None
) -> DataTestReport:
    """Measure what the tests ask for, and nothing else, and decide every expectation.

    Raises:
        InputRefusedError: datasets or files nobody knows, each with its line; nothing was measured then.
        NotMeasuredError: rows that nobody fetched yet; names the commands to run.
    """
    outcomes: list[Outcome] = []
    for tested, snapshot in zip(tests.datasets, _opened(registry, tests), strict=True):
        metrics = dict.fromkeys(e.metric for e in tested.expectations if not e.is_count)
        found = (
            analyze_snapshot(
                registry, snapshot, only=list(metrics), seed=tests.seed, workers=workers, progress=progress
            ).measurements
            if metrics
            else ()
        )
        outcomes += [_outcome(tests, tested, wanted, snapshot, found) for wanted in tested.expectations]
    return DataTestReport(tests.origin.file, tuple(outcomes))


def decide(wanted: Expectation, figure: Measurement) -> tuple[Status, str | None]:
    """Whether a figure is as expected, and why not or why it cannot be told; null never passes."""
    bound = wanted.bound
    if figure.value is None:
        return "undecided", f"the figure is undefined: {figure.reason or 'no reason given'}"
    if not bound.holds(figure.value):
        return "fail", f"{figure.value:.6g} is not {bound.text}"
    if wanted.confidence == "interval":
        return _decide_interval(bound, figure)
    return "pass", None


def _opened(registry: TestedRegistry, tests: DataTests) -> list[Snapshot]:
    opened: list[Snapshot] = []
    problems: list[Problem] = []
    unfetched: list[str] = []
    for tested in tests.datasets:
        target = str((tests.origin.folder or Path()) / tested.ref) if tested.is_path else tested.ref
        try:
            if tested.is_path and not Path(target).exists():
                message = f"no file or folder {tested.ref!r}"
                problems.append(tests.origin.problem(ProblemCode.NO_ACCESS, message, tested.where))
            else:
                opened.append(open_snapshot(registry, target))
        except UnknownDatasetError as error:
            problems.append(tests.origin.problem(ProblemCode.BAD_ID, str(error), tested.where))
        except NotMeasuredError as error:
            unfetched.append(str(error))
    if problems:
        raise InputRefusedError(problems)
    if unfetched:
        raise NotMeasuredError("\n".join(dict.fromkeys(unfetched)))
    return opened


def _decide_interval(bound: Bound, figure: Measurement) -> tuple[Status, str | None]:
    if figure.ci_low is None or figure.ci_high is None:
        is_exact = figure.n_used == figure.n_total
        missing = f"no interval is known for {figure.n_used:,} of {figure.n_total:,} rows"
        return ("pass", None) if is_exact else ("undecided", missing)
    for end in (figure.ci_low, figure.ci_high):
        if not bound.holds(end):
            return "fail", f"{figure.value:.6g} is {bound.text}, but its 95 % interval reaches {end:.6g}"
    return "pass", None


def _outcome(
    tests: DataTests,
    tested: DatasetTests,
    wanted: Expectation,
    snapshot: Snapshot,
    found: Sequence[Measurement],
) -> Outcome:
    figure = _figure(wanted, snapshot, found)
    status, reason = decide(wanted, figure)
    return Outcome(
        dataset=tested.ref,
        metric=wanted.metric,
        view=figure.view,
        params=figure.params,
        expected=wanted.bound.text,
        confidence=wanted.confidence,
        status=status,
        value=figure.value,
        ci_low=figure.ci_low,
        ci_high=figure.ci_high,
        n_used=figure.n_used,
        n_total=figure.n_total,
        version=figure.version or None,
        reason=reason,
        line=tests.origin.line(wanted.where),
    )


def _figure(wanted: Expectation, snapshot: Snapshot, found: Sequence[Measurement]) -> Measurement:
    """The figure that is meant; a null one with the reason where none or several are."""
    rows = snapshot.rows_kept
    if wanted.is_count:
        value = {"rows": rows, "rows_bad": snapshot.rows_bad}[wanted.metric]
        return _bare(wanted, snapshot, value=float(value), used=snapshot.rows_read, total=snapshot.rows_read)
    figures = plainest(found, wanted.metric, wanted.view, wanted.params)
    if len(figures) == 1:
        return figures[0]
    others = [m for m in found if m.metric == wanted.metric]
    reason = (
        f"{len(figures)} figures fit: {offered(figures)}"
        if figures
        else f"the rows give no such figure; they give {offered(others)}"
    )
    return _bare(wanted, snapshot, reason=reason, used=rows, total=rows)


def _bare(
    wanted: Expectation,
    snapshot: Snapshot,
    *,
    used: int,
    total: int,
    value: float | None = None,
    reason: str | None = None,
) -> Measurement:
    return Measurement(
        dataset=snapshot.dataset,
        metric=wanted.metric,
        version=0,
        view=wanted.view,
        params=wanted.params,
        n_total=total,
        n_used=used,
        value=value,
        reason=reason,
    )
