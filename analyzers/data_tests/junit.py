"""Outcomes as a JUnit file, the form in which build servers take test results."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree as ET

from analyzers.data_tests.run import DataTestReport, Outcome
from registry.errors import escaped

_KINDS = {"fail": "failure", "undecided": "error"}


def to_junit(report: DataTestReport) -> bytes:
    """The report as JUnit XML: a suite a dataset, a case an expectation; UTF-8.

    A failed expectation is a failure, an undecided one an error. Times are 0 and no clock is read, so equal
    outcomes give equal bytes. Control characters, which XML cannot hold, stand as escapes.
    """
    root = ET.Element("testsuites", _counts("data tests", report.outcomes))
    for dataset, outcomes in groupby(report.outcomes, key=lambda outcome: outcome.dataset):
        held = list(outcomes)
        suite = ET.SubElement(root, "testsuite", _counts(escaped(dataset), held))
        for outcome in held:
            _add_case(suite, outcome, report.file)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def case_name(outcome: Outcome) -> str:
    """The figure and what is expected of it, on one line."""
    inside = [*([outcome.view] if outcome.view else []), *(f"{k}={v}" for k, v in outcome.params.items())]
    place = f" ({', '.join(inside)})" if inside else ""
    mode = ", whole interval" if outcome.confidence == "interval" else ""
    return escaped(f"{outcome.metric}{place} {outcome.expected}{mode}")


def measured(outcome: Outcome) -> str:
    """Value, interval and rows on one line."""
    value = "no value" if outcome.value is None else f"{outcome.value:.6g}"
    low, high = outcome.ci_low, outcome.ci_high
    interval = "" if low is None or high is None else f" [{low:.6g}, {high:.6g}]"
    return f"{value}{interval}, {outcome.n_used:,} of {outcome.n_total:,} rows"


def _add_case(suite: ET.Element, outcome: Outcome, file: str) -> None:
    where = f"{file}:{outcome.line}" if outcome.line else file
    case = ET.SubElement(
        suite,
        "testcase",
        {"classname": escaped(outcome.dataset), "name": case_name(outcome), "time": "0"},
    )
    found = escaped(measured(outcome))
    if outcome.status in _KINDS:
        message = escaped(outcome.reason or outcome.status)
        fault = ET.SubElement(case, _KINDS[outcome.status], {"message": message, "type": outcome.status})
        fault.text = (
            f"{message}\nmeasured: {found}\nexpected in {escaped(where)}: {escaped(outcome.expected)}"
        )
    ET.SubElement(case, "system-out").text = found


def _counts(name: str, outcomes: Iterable[Outcome]) -> dict[str, str]:
    held = [outcome.status for outcome in outcomes]
    return {
        "name": name,
        "tests": str(len(held)),
        "failures": str(held.count("fail")),
        "errors": str(held.count("undecided")),
        "time": "0",
    }
