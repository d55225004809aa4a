"""What is said of datasets: whether they are as expected, and how they compare on equal draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from instructory.verbs import Progress, open_snapshot

if TYPE_CHECKING:
    from analyzers.data_tests.file import DataTests
    from analyzers.data_tests.run import DataTestReport
    from registry.comparisons import FairComparison
    from registry.registry import Registry


def compare_fair(
    registry: Registry,
    refs: Sequence[str],
    *,
    unit: Literal["rows", "tokens"] = "rows",
    draws: int = 20,
    size: int | None = None,
    only: Iterable[str] | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
) -> FairComparison:
    """Figures of datasets on random draws of equal size, with ranges, beside draws from all of them together.

    A draw holds equally many rows, or (unit "tokens") whole rows with at most equally many words of the view
    that is measured: `size` of them, else as many as the smallest dataset has, at most 5,000 rows or 250,000
    words. `only` names analyzers or metrics, None those of diversity. Kept in the registry.

    Raises:
        NotMeasuredError: rows that nobody fetched yet.
        UnknownMetricError: `only` names neither an analyzer nor a metric.
        ValueError: fewer than two datasets, two draws or one row.
    """
    from analyzers.fair.compare import fair_comparison

    found = fair_comparison(
        [open_snapshot(registry, ref) for ref in dict.fromkeys(refs)],
        unit=unit,
        draws=draws,
        size=size,
        only=None if only is None else list(only),
        seed=seed,
        workers=workers,
        progress=progress,
    )
    registry.add_comparison(found)
    return found


def test_data(
    registry: Registry,
    tests: DataTests | str | Path,
    *,
    workers: int = 1,  # noqa: PT028  (no test of pytest)
    progress: Progress | None = None,  # noqa: PT028
) -> DataTestReport:
    """Every expectation of a data test file (or of `DataTests`) decided on freshly measured figures.

    Raises:
        InputRefusedError: faults of the file, each with its line, or datasets nobody knows.
        NotMeasuredError: rows that nobody fetched yet.
    """
    from analyzers.data_tests.file import DataTests
    from analyzers.data_tests.run import run_data_tests

    loaded = tests if isinstance(tests, DataTests) else DataTests.load(tests)
    return run_data_tests(registry, loaded, workers=workers, progress=progress)


# Imported into a module of tests by its own name, pytest would take it for one.
test_data.__test__ = False  # type: ignore[attr-defined]


def expect(
    registry: Registry,
    ref: str,
    expectations: Mapping[str, Any],
    *,
    confidence: Literal["point", "interval"] = "point",
    workers: int = 1,
) -> DataTestReport:
    """What is expected of one dataset, written as under `expect:` in a data test file, decided.

    `expect(registry, "alpaca", {"dup_near": "<0.01"}).is_passed`

    Raises:
        InputRefusedError, NotMeasuredError: as `test_data`.
    """
    from analyzers.data_tests.file import DataTests

    tests = DataTests.of(ref, expectations, confidence=confidence)
    return test_data(registry, tests, workers=workers)


def report(
    registry: Registry,
    refs: Sequence[str],
    *,
    to: str | Path,
    title: str | None = None,
    against: Sequence[str] = (),
    made_on: str | None = None,
    force: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
) -> Path:
    """Write a report of datasets to attach to a data card, as one HTML or Markdown file, by its ending.

    What was not measured yet is measured; items of the benchmarks `against` are looked for in rows that are
    at hand. No clock is read: equal facts give equal bytes, and `made_on` is printed as given.

    Raises:
        InputRefusedError: another ending, or a file that is there without `force`.
        NotMeasuredError: rows that nobody fetched, and no figures ship of them.
    """
    from dashboard.report.build import report_document
    from dashboard.report.gather import told
    from dashboard.report.html import to_html
    from dashboard.report.markdown import to_markdown
    from instructory import __version__
    from instructory.benchmark_checks import contamination
    from registry.errors import InputRefusedError, Problem, ProblemCode
    from registry.files import atomic_write_text

    path = Path(to)
    render = {".html": to_html, ".md": to_markdown}.get(path.suffix.lower())
    if render is None or (path.exists() and not force):
        code = ProblemCode.UNSUPPORTED if render is None else ProblemCode.BAD_VALUE
        message = (
            "a report ends in .html or .md" if render is None else "the file is there; force replaces it"
        )
        raise InputRefusedError([Problem(code=code, message=message, file=str(path))])
    found = []
    for ref in dict.fromkeys(refs):
        leaks = contamination(registry, ref, against=against, explain=0) if against else []
        found.append(told(registry, ref, contaminations=leaks, workers=workers, progress=progress))
    document = report_document(
        found,
        registry.comparisons(),
        title=title,
        made_by=f"instructory {__version__}",
        made_on=made_on,
    )
    atomic_write_text(path, render(document))
    return path
