from collections.abc import Callable
from typing import Any

import numpy as np

from analyzers.hygiene import FLAGS, FlagEvidence
from analyzers.views import View
from dashboard.views import facts, family, licence, measured, rows
from dashboard.views.figures import Figures, Origin, for_entry, united
from dashboard.views.overlap import Found
from dashboard.views.problems import said
from registry.entry import Conflict, Entry, Evidence, Reading
from registry.errors import InputRefusedError, NotMeasuredError, Problem, ProblemCode
from registry.kinship import Relation
from registry.licensing import LicenseVerdict, Reason
from registry.lineage import family as lineage_of
from registry.measurements import Measurement, Overlap
from registry.terms import Use, Verdict

MakeEntry = Callable[..., Entry]
MakeFigures = Callable[..., Figures]
MakeMeasurement = Callable[..., Measurement]


def test_each_fact_says_how_well_it_is_known(make_entry: MakeEntry) -> None:
    entry = make_entry(
        license="MIT",
        evidence=[
            Evidence(source="a list", status="secondary"),
            Evidence(source="memory", status="recalled", fields=("license",)),
        ],
    )

    known = {fact.field: fact.status for fact in facts.facts(entry)}

    assert known["license"] == "recalled"
    assert known["category"] == "secondary"
    assert "Teacher models" in facts.unknown_facts(entry)
    assert [reading.status for reading in facts.readings(entry)] == ["secondary", "recalled"]


def test_conflicting_sources_stand_side_by_side(make_entry: MakeEntry) -> None:
    readings = (Reading(value="52K", source="survey"), Reading(value="70K", source="publisher"))

    lines = facts.conflicts(make_entry(conflicts=[Conflict(field="size_rows", readings=readings)]))

    assert lines == ["Rows declared: 52K (survey); 70K (publisher)"]


def test_hidden_characters_of_a_fact_are_shown(make_entry: MakeEntry) -> None:
    entry = make_entry(license_note="free\u202eeerf")

    assert next(f for f in facts.facts(entry) if f.field == "license_note").value == "free⟨U+202E⟩eerf"


def test_the_gravest_reason_comes_first_with_its_line_of_descent() -> None:
    evidence = (Evidence(source="card", status="verified"), Evidence(source="list", status="secondary"))
    reasons = (
        Reason("p", ("c", "p"), Verdict.ALLOWED, "MIT", evidence),
        Reason("c", ("c",), Verdict.FORBIDDEN, "NC", ()),
    )
    verdict = LicenseVerdict(Use("commercial"), ("c",), Verdict.FORBIDDEN, reasons)

    shown = licence.reasons(verdict, str.upper)

    assert [(r.verdict, r.path, r.sources) for r in shown] == [
        ("forbidden", "C", "no source"),
        ("allowed", "C ← P", "card and 1 more"),
    ]
    assert "commercial" in licence.verdict_line(verdict)


def test_the_family_is_drawn_by_generation_and_the_rest_is_counted(make_entry: MakeEntry) -> None:
    children = [(f"child-{i:02}", "self") for i in range(20)]
    lineage = lineage_of("self", [("self", "parent"), ("parent", "grand"), *children])

    chart, names, height = family.family_chart(lineage, make_entry)

    places = {node["name"]: node["value"] for node in chart["series"][0]["data"]}
    assert places["grand"][0] < places["parent"][0] < places["self"][0] < places["child-00"][0]
    assert len(names) == 3 + family.MAX_COLUMN
    assert "6 not drawn" in chart["title"]["subtext"]
    assert height > 300
    assert family.clicked(names, [{"series_index": 0, "data_indices": [0]}]) == "grand"
    assert family.clicked(names, [{"series_index": 1, "data_indices": [0]}]) is None


def test_figures_measured_here_replace_shipped_ones_of_the_same_entry(make_figures: MakeFigures) -> None:
    shipped = [
        make_figures("stanford-alpaca", entry="alpaca"),
        make_figures("cut", entry="alpaca", is_whole=False),
    ]
    own = [make_figures("alpaca", entry="alpaca", origin=Origin.HERE)]

    held = united(shipped, own)

    assert set(held) == {"alpaca", "cut"}
    assert [f.name for f in for_entry(held, "alpaca")] == ["alpaca", "cut"]


def test_a_declared_size_that_was_counted_otherwise_is_said_to_differ(
    make_entry: MakeEntry, make_figures: MakeFigures, make_measurement: MakeMeasurement
) -> None:
    found = (make_measurement("language_share", 1.0, params={"language": "zh"}),)
    lines = {
        b.what: b for b in measured.beside(make_entry(size_rows=200), make_figures("one", found, rows=100))
    }

    assert lines["Rows"].verdict == "≠ differs"
    assert lines["Languages"].verdict == "≠ differs"
    assert lines["Form of a row"].verdict == "not comparable"


def test_a_part_is_not_held_against_the_declared_size(
    make_entry: MakeEntry, make_figures: MakeFigures
) -> None:
    lines = measured.beside(make_entry(size_rows=200), make_figures(is_whole=False))

    assert lines[0].agrees is None
    assert "a part" in lines[0].measured


def test_rates_are_drawn_with_their_interval_and_their_number_of_rows(
    make_figures: MakeFigures, make_measurement: MakeMeasurement
) -> None:
    rate = make_measurement("refusal", 0.1, ci_low=0.05, ci_high=0.2)
    found = measured.flag_chart(make_figures("one", (rate, make_measurement("pii", 0.0))))

    assert found is not None
    chart, _ = found
    assert "n = 100" in chart["title"]["subtext"]
    assert chart["yAxis"][0]["data"] == ["refusal"]
    assert [series["data"] for series in chart["series"][1:]] == [[5.0], [15.0]]


def test_unmeasured_numbers_are_dashes_and_reasons_are_shown(
    make_figures: MakeFigures, make_measurement: MakeMeasurement
) -> None:
    figures = make_figures("one", (make_measurement("mtld", None, reason="no words"),))

    assert measured.cards(figures)[3].value == "–"
    assert measured.all_rows(figures)["Value"] == ["– no words"]
    assert measured.flag_chart(figures) is None
    assert measured.language_chart(figures) is None


def _row(**more: Any) -> dict[str, Any]:
    turns = [
        {"role": "user", "content": "call 555-0100", "tool_calls": None, "label": None},
        {"role": "assistant", "content": "", "tool_calls": '[{"name": "f"}]', "label": None},
    ]
    return {"row": 3, "system": None, "turns": turns, "extra": "{}", **more}


def test_refusals_of_sets_made_for_safety_are_read_with_their_purpose(
    make_entry: Callable[..., Entry],
) -> None:
    assert "Declared purpose: safety" in measured.purpose_note(make_entry(focus="safety"))
    assert (measured.purpose_note(make_entry()), measured.purpose_note(None)) == ("", "")


def test_flagged_places_are_marked_and_private_ones_masked() -> None:
    evidence = [FlagEvidence("pii", "phone", View.PROMPT, 0, 5, 13, "000-0000")]

    shown = rows.shown_row(_row(), evidence)

    assert [(s.text, s.is_marked) for s in shown.turns[0].segments] == [("call ", False), ("000-0000", True)]
    assert shown.flags[0].severity == "warn"
    assert "555-0100" in shown.raw


def test_empty_turns_and_tool_calls_are_said() -> None:
    shown = rows.shown_row(_row(system="be kind"), [])

    assert [turn.kind for turn in shown.turns] == ["system", "user", "assistant"]
    assert "(empty)" in shown.turns[2].notes
    assert any("tool_calls" in note for note in shown.turns[2].notes)


def test_an_unknown_role_is_shown_but_names_no_style() -> None:
    turn = {"role": "we ird\u202e", "content": "x"}

    shown = rows.shown_row(_row(turns=[turn]), [])

    assert shown.turns[0].kind == "other"
    assert "U+202E" in shown.turns[0].role


def test_long_texts_are_cut_and_say_so() -> None:
    turn = {"role": "user", "content": "x" * (rows.MAX_CHARS + 7)}

    shown = rows.shown_row(_row(turns=[turn]), [])

    assert sum(len(s.text) for s in shown.turns[0].segments) == rows.MAX_CHARS
    assert "7 more characters" in shown.turns[0].notes[0]


def test_overlapping_places_become_one() -> None:
    found = rows.segments("abcdefgh", [(1, 4, False), (3, 6, False), (6, 6, False)])

    assert [(s.text, s.is_marked) for s in found] == [("a", False), ("bcdef", True), ("gh", False)]


def test_rows_are_chosen_by_flag_and_cut_into_pages() -> None:
    first, second = FLAGS[0].id, FLAGS[1].id
    bits = np.array([0, 1, 2, 3, 0, 1, 1], dtype=np.uint64)

    assert rows.flag_counts(bits) == {first: 4, second: 2}
    assert rows.flagged_positions(bits, [second], 7).tolist() == [2, 3]
    assert rows.flagged_positions(bits, [], 7).tolist() == list(range(7))
    assert rows.page_of(np.arange(7), 2) == [5, 6]
    assert (rows.page_count(7), rows.page_count(0)) == (2, 1)


def test_measured_shares_of_children_stand_beside_the_declared_edge(
    make_entry: MakeEntry, make_figures: MakeFigures
) -> None:
    lineage = lineage_of("alpaca", [("alpagasus", "alpaca"), ("other", "alpaca")])
    figures = [
        make_figures("stanford", entry="alpaca"),
        make_figures("cut", entry="alpagasus", is_whole=False),
    ]
    shared = Overlap(
        a="stanford", b="cut", view="prompt", shingle=5, threshold=0.8, rows_a=100, rows_b=10, matched_a=9,
        matched_b=9, exact_a=9, exact_b=9, pairs=9,
    )  # fmt: skip

    found = family.with_measured(lineage, [Found(shared, Origin.SHIPPED)], figures)
    chart, names, _ = family.family_chart(found, make_entry)

    assert {edge.child: edge.measured for edge in found.edges} == {"alpagasus": 0.9, "other": None}
    assert names.index("alpagasus") < names.index("other")
    assert any("90 %" in node["label"]["formatter"] for node in chart["series"][0]["data"])


def test_refused_input_is_said_field_by_field() -> None:
    faults = [
        Problem(code=ProblemCode.BAD_VALUE, message="too\u202e big", file="page", field=f"f{i}")
        for i in range(12)
    ]

    lines = said(InputRefusedError(faults)).splitlines()

    assert lines[0] == "f0: too⟨U+202E⟩ big"
    assert lines[-1] == "… and 2 more"
    assert said(NotMeasuredError("no rows")) == "no rows"


def test_steps_measured_on_rows_say_so_and_undeclared_ones_come_first() -> None:
    def step(child: str, parent: str, direction: str) -> Relation:
        return Relation(
            child=child, parent=parent, kind="rows", view="all", share=0.9, back=0.2, exact=0.5, found=90,
            direction=direction,
        )  # fmt: skip

    told = [step("a", "b", "declared"), step("a", "c", "containment"), step("a", "d", "none")]
    lines = family.measured_lines(lineage_of("a", [("a", "b"), ("a", "e")], told), str.upper)

    assert lines == [
        "A ← C, not declared: 90.0 % of the rows stand in it (50.0 % word for word)",
        "Akin: 90.0 % of the rows of A stand in D too; which was first is not known",
        "A ← B, declared: 90.0 % of the rows stand in it (50.0 % word for word)",
    ]
