"""Every metric has a name for people and says what it is associated with."""

from __future__ import annotations

from analyzers.metric_catalogue import DIRECTIONS, GRADES, facts_of, metric_facts, uncatalogued
from analyzers.table import ANALYZERS, load_analyzer


def test_every_metric_has_a_line_in_the_catalogue() -> None:
    assert uncatalogued() == [], "add a line to _NAMED in analyzers/metric_catalogue.py"


def test_grades_and_directions_of_all_figures_can_be_said() -> None:
    analyzers = [load_analyzer(name) for name in ANALYZERS]
    figures = [figure for a in analyzers for figure in a.finish(a.start())]

    assert {f.evidence for f in figures} <= set(GRADES)
    assert {f.direction for f in figures} <= set(DIRECTIONS)
    assert all(facts_of(f.metric).association(f.evidence) for f in figures)


def test_nothing_is_said_to_improve_anything() -> None:
    said = " ".join(f"{f.label} {f.association(grade)}" for f in metric_facts().values() for grade in GRADES)

    assert "associated with" in said
    assert not any(word in said.lower() for word in ("improve", "boost", "predicts", "guarantee"))


def test_labels_tell_metrics_apart() -> None:
    labels = [facts.label for facts in metric_facts().values()]

    assert len(set(labels)) == len(labels)
    assert facts_of("no_such").label == "no_such"
