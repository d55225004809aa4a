"""Data tests: located faults, expectations decided, and the two forms in which outcomes leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.data_tests.bound import Bound
from analyzers.data_tests.file import DataTests, Expectation
from analyzers.data_tests.junit import to_junit
from analyzers.data_tests.run import DataTestReport, Outcome, decide, run_data_tests
from registry.errors import InputRefusedError, NotMeasuredError
from registry.measurements import Measurement
from registry.registry import Registry
from registry.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "data-tests" / "samples.yaml"
finite = st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: round(number, 6))


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with Registry.open(settings) as opened:
        yield opened


def faults(text: str) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(InputRefusedError) as caught:
        DataTests.from_text(text)
    return [(p.line, p.field, p.message) for p in caught.value.problems]


def figure(
    value: float | None, *, low: float | None = None, high: float | None = None, **more
) -> Measurement:
    made = {"metric": "refusal", "version": 1, "view": "response", "n_total": 100, "n_used": 100, **more}
    return Measurement(dataset="d", value=value, ci_low=low, ci_high=high, **made)


def wanted(text: str, confidence: str = "point") -> Expectation:
    return Expectation(metric="refusal", bound=Bound.parse(text), confidence=confidence)


@given(finite, finite)
def test_bounds_mean_what_the_signs_mean_in_python(value: float, limit: float) -> None:
    held = {sign: Bound.parse(f"{sign}{limit:.6f}").holds(value) for sign in ("<", "<=", ">", ">=", "=")}

    assert held == {
        "<": value < limit,
        "<=": value <= limit,
        ">": value > limit,
        ">=": value >= limit,
        "=": value == limit,
    }


@given(finite, finite, finite)
def test_between_takes_both_ends(value: float, a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)

    assert Bound.parse(f"between {low:.6f} and {high:.6f}").holds(value) is (low <= value <= high)


@pytest.mark.parametrize(("text", "high"), [("< 0.5 %", 0.005), ("<=1%", 0.01), ("≤ 2e-3", 0.002)])
def test_per_cent_is_the_decimal_a_person_means(text: str, high: float) -> None:
    assert Bound.parse(text).high == high


@pytest.mark.parametrize(
    "text", ["", "0.01", "<", "< nan", "<1e999", "between 3 and 1", "< 0.1 or so", "< ٣"]
)
def test_what_is_no_expectation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expectation|finite|nothing lies"):
        Bound.parse(text)


def test_every_fault_of_a_file_is_found_in_one_run_with_its_line() -> None:
    text = """version: 2
confidance: interval
datasets:
  - dataset: sample-human
    expect:
      dup_naer: '<0.01'
      refusal: 0.5
      len_words: '<100'
      mtld: {view: prompt, value: '>1'}
      usable_rate: {value: 'about 1'}
  - {dataset: a, path: b, expect: {}}
"""

    found = faults(text)

    assert [line for line, _, _ in found] == [2, 1, 6, 7, 8, 9, 10, 11, 11]
    said = "\n".join(message for _, _, message in found)
    for part in (
        "did you mean 'confidence'",
        "write 'version: 1'",
        "did you mean dup_near",
        "quoted text",
        "choose one: {view: prompt, params: {stat: mean}}",
        "{view: first_prompt, params: {threshold: 0.72}}",
        "not an expectation",
        "either a dataset or a path",
        "nothing is expected",
    ):
        assert part in said
    assert found[2][1] == "datasets[0].expect.dup_naer"


@pytest.mark.parametrize(
    "text", ["", "- a", "version: 1", "version: 1\ndatasets: []", "version: 1\ndatasets: [x]", "a: &b 1"]
)
def test_what_is_no_data_test_file_is_refused_with_a_line(text: str) -> None:
    assert all(line is not None for line, _, _ in faults(text))


def test_a_name_nobody_knows_and_a_file_that_is_not_there_are_located(registry: Registry) -> None:
    text = (
        "version: 1\ndatasets:\n  - {dataset: sample-humann, expect: {rows: '>1'}}\n"
        "  - {path: gone.jsonl, expect: {rows: '>1'}}\n"
    )

    with pytest.raises(InputRefusedError, match="did you mean sample-human") as caught:
        run_data_tests(registry, DataTests.from_text(text))

    assert [p.line for p in caught.value.problems] == [3, 4]


def test_rows_nobody_fetched_are_an_error_and_no_pass(registry: Registry) -> None:
    with pytest.raises(NotMeasuredError, match="fetch alpaca"):
        run_data_tests(registry, DataTests.of("alpaca", {"rows": ">1"}))


def test_null_never_passes() -> None:
    for text in ("<1", ">=0", "between 0 and 1"):
        status, reason = decide(wanted(text), figure(None, reason="no rows"))

        assert (status, reason) == ("undecided", "the figure is undefined: no rows")


@given(finite, finite, finite, st.sampled_from(["<0", ">=0", "between -5 and 5"]))
def test_under_interval_all_of_it_has_to_hold(a: float, b: float, c: float, text: str) -> None:
    low, value, high = sorted((a, b, c))
    bound = Bound.parse(text)

    status, _ = decide(wanted(text, "interval"), figure(value, low=low, high=high))

    assert (status == "pass") is all(bound.holds(number) for number in (low, value, high))


def test_an_exact_figure_needs_no_interval_and_a_sampled_one_without_is_undecided() -> None:
    exact, sampled = figure(0.5), figure(0.5, n_used=10)

    assert decide(wanted("<1", "interval"), exact)[0] == "pass"
    assert decide(wanted("<1", "interval"), sampled)[0] == "undecided"
    assert decide(wanted("<1"), sampled)[0] == "pass"


def test_the_example_passes_on_the_bundled_samples_and_measures_only_what_it_asks(registry: Registry) -> None:
    report = run_data_tests(registry, DataTests.load(EXAMPLE))

    assert report.is_passed, [o for o in report.outcomes if o.status != "pass"]
    by_metric = {(o.dataset, o.metric): o for o in report.outcomes}
    assert by_metric["sample-human", "rows"].value == 162
    assert by_metric["sample-distilled", "distinct_n"].params == {"n": 2}
    measured = {m.metric for m in registry.measurements("sample-distilled")}
    assert measured == {"empty_output", "secrets", "distinct_n"}


def test_outcomes_are_those_of_the_figures(registry: Registry, tmp_path: Path) -> None:
    rows = [{"prompt": f"Say {n}", "completion": "" if n < 2 else f"It is {n}"} for n in range(10)]
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    tests = tmp_path / "tests.yaml"
    tests.write_text(
        "version: 1\ndatasets:\n  - path: mine.jsonl\n    expect:\n"
        "      empty_output: ['<=20%', '<0.2', {value: '<0.5', confidence: interval}]\n"
        "      readability: {params: {formula: gunning_fog}, value: '<20'}\n"
        "      language_share: {params: {language: de}, value: '<0.5'}\n"
    )

    found = run_data_tests(registry, DataTests.load(tests)).outcomes

    assert [o.status for o in found] == ["pass", "fail", "fail", "undecided", "undecided"]
    assert (found[0].value, found[0].n_used, found[0].n_total, found[0].line) == (0.2, 10, 10, 5)
    assert "interval reaches 0.50" in str(found[2].reason)
    assert "fewer than 100" in str(found[3].reason)


def test_junit_holds_hostile_text_and_counts_by_kind() -> None:
    hostile = 'a"<b>&\x00\x1b]]>\n\ud800'
    report = DataTestReport(hostile, tuple(_outcome(hostile, s) for s in ("pass", "fail", "undecided")))

    root = ET.fromstring(to_junit(report))

    assert root.tag == "testsuites"
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    (suite,) = root
    assert suite.get("name") == 'a"<b>&\\x00\\x1b]]>\\n\\ud800'
    assert [[child.tag for child in case] for case in suite] == [
        ["system-out"],
        ["failure", "system-out"],
        ["error", "system-out"],
    ]
    assert all(case.get("classname") and case.get("name") and case.get("time") for case in suite)
    assert to_junit(report) == to_junit(report)


def test_a_metric_that_takes_a_model_is_refused_where_it_stands() -> None:
    ((line, _, message),) = faults(
        "version: 1\ndatasets:\n  - dataset: a\n    expect:\n      ifd: {params: {stat: mean}, value: '<1'}\n"
    )

    assert (line, "takes a model" in message) == (5, True)


def test_no_outcome_at_all_cannot_be_written_in_a_file() -> None:
    assert faults("version: 1\ndatasets:\n  - {dataset: sample-human, expect: {}}\n")


def _outcome(text: str, status: str) -> Outcome:
    return Outcome(
        dataset=text,
        metric="refusal",
        view="response",
        params={"code": text},
        expected="<0.1",
        confidence="point",
        status=status,
        value=None if status == "undecided" else 0.5,
        ci_low=None,
        ci_high=None,
        n_used=1,
        n_total=1,
        version=1,
        reason=None if status == "pass" else text,
    )
