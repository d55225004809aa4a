"""Flags of rows and of whole datasets stand in one list, with severity, rule and words."""

from __future__ import annotations

from collections.abc import Callable

from analyzers.hygiene import FLAGS
from dashboard.views.flag_rates import SEVERITY, finds, flag_rates, rule
from registry.measurements import Measurement

Make = Callable[..., Measurement]


def test_rates_are_those_over_all_kinds_and_of_whole_datasets(make_measurement: Make) -> None:
    near = {"shingle": 5, "threshold": 0.8}
    held = [
        make_measurement("refusal", 0.2),
        make_measurement("refusal", 0.1, params={"code": "policy"}),
        make_measurement("dup_near", 0.3, params=near, version=4),
        make_measurement("answer_conflict", None),
        make_measurement("ttr", 0.5),
    ]

    rates = flag_rates(held)

    assert [(m.metric, m.value) for m in rates] == [("refusal", 0.2), ("dup_near", 0.3)]
    assert [(SEVERITY[m.metric], rule(m)) for m in rates] == [("warn", "v1"), ("warn", "v4")]
    assert "earlier row" in finds(rates[1])


def test_every_flag_has_a_severity_and_words(make_measurement: Make) -> None:
    assert set(SEVERITY) == {flag.id for flag in FLAGS} | {"answer_conflict", "dup_exact", "dup_near"}
    assert all(finds(make_measurement(name, 0.1)) for name in SEVERITY)
