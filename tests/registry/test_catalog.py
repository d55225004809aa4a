"""The catalogue: every fault at once, each with line, entry and field; nothing valid is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from catalog_blocks import block, catalog_text, write_catalog
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalog import MAX_BYTES, MAX_ENTRIES, check_catalog, load_catalog
from registry.entry import MAX_TEXT
from registry.errors import ExitCode, InputRefusedError
from registry.shipped import SAMPLES_FILE, shipped_catalog
from registry.vocabulary import Category, Kind, Method


def faults(path: Path) -> list[tuple[int | None, str | None, str | None, str]]:
    return [(p.line, p.entry, p.field, str(p.code)) for p in check_catalog(path).errors]


def faults_of(tmp_path: Path, *blocks: str) -> list[tuple[int | None, str | None, str | None, str]]:
    return faults(write_catalog(tmp_path, *blocks))


def test_the_shipped_catalogue_is_whole() -> None:
    report = check_catalog()

    assert report.errors == ()
    assert (report.entries, report.benchmarks) == (464, 22)


def test_eighty_entries_stand_in_the_tables_of_the_survey() -> None:
    tables = [e.survey_table for e in load_catalog(shipped_catalog()).entries if e.in_survey]

    assert len(tables) == 80
    assert {str(table): tables.count(table) for table in tables} == {
        "instruct": 38,
        "models": 17,
        "reasoning": 9,
        "domain": 9,
        "multimodal": 7,
    }


def test_blocks_stand_in_order_of_category_method_and_id() -> None:
    entries = load_catalog(shipped_catalog()).entries
    order = [(list(Category).index(e.category), list(Method).index(e.method), e.id) for e in entries]

    assert order == sorted(order)


def test_each_conflict_is_announced_by_a_comment_above_its_block() -> None:
    lines = shipped_catalog().read_text(encoding="utf-8").splitlines()
    starts = {line.removeprefix("  - id: "): i for i, line in enumerate(lines) if line.startswith("  - id: ")}

    for entry in load_catalog(shipped_catalog()).entries:
        above = lines[starts[entry.id] - 1]
        assert above.startswith("  #") == bool(entry.conflicts), entry.id


def test_the_samples_use_the_same_form() -> None:
    samples = load_catalog(SAMPLES_FILE, kind=Kind.SAMPLE)

    assert {entry.kind for entry in samples.entries} == {Kind.SAMPLE}
    assert {entry.category for entry in samples.entries} == set(Category)


def test_a_minimal_block_is_enough(tmp_path: Path) -> None:
    catalog = load_catalog(write_catalog(tmp_path, block()))

    assert [entry.id for entry in catalog.entries] == ["one"]
    assert len(catalog.sha256) == 64


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"id": "One"}, "id", "bad_id"),
        ({"name": None}, "name", "missing_field"),
        ({"name": "12"}, "name", "wrong_type"),
        ({"name": ""}, "name", "null_field"),
        ({"name": "null"}, "name", "null_field"),
        ({"name": "[a]"}, "name", "wrong_type"),
        ({"commercial_use": "no"}, "commercial_use", "wrong_type"),
        ({"paper": "2304.03277"}, "paper", "wrong_type"),
        ({"year": '"2023"'}, "year", "wrong_type"),
        ({"year": "2023-01-01"}, "year", "wrong_type"),
        ({"size_rows": "1_000"}, "size_rows", "wrong_type"),
        ({"size_rows": "-5"}, "size_rows", "bad_value"),
        ({"open": '"no"'}, "open", "wrong_type"),
        ({"languages": "[en, no]"}, "languages[1]", "wrong_type"),
        ({"languages": "[english]"}, "languages[0]", "bad_value"),
        ({"languages": "[]"}, "languages", "bad_value"),
        ({"category": "distilation"}, "category", "bad_value"),
        ({"hf_id": "one"}, "hf_id", "bad_id"),
        ({"homepage": "http://example.org"}, "homepage", "bad_url"),
        ({"license": "Apache-2"}, "license", "bad_license"),
        ({"license": "other"}, "license", "bad_license"),
        ({"derived_from": "[two]"}, "derived_from", "bad_value"),
        ({"derived_from": "[one]"}, "derived_from", "bad_value"),
        ({"in_survey": "true"}, "in_survey", "bad_value"),
        ({"evidence": "[]"}, "evidence", "missing_field"),
        ({"evidence": "[{source: x}]"}, "evidence[0].status", "missing_field"),
        ({"evidence": "[{source: x, status: verified, fields: [colour]}]"}, "evidence", "bad_value"),
        ({"evidence": "[{source: x, status: verified, link: y}]"}, "evidence[0].link", "unknown_key"),
        ({"hf_id": "a/b", "hf_shared": "true"}, "hf_shared", "bad_value"),
        ({"catgory": "distillation"}, "catgory", "unknown_key"),
        ({"license_note": "a" * (MAX_TEXT + 1)}, "license_note", "too_big"),
    ],
)
def test_a_fault_is_found_at_its_line_once(
    tmp_path: Path, changes: dict[str, str | None], field: str, code: str
) -> None:
    text = block(**changes)
    head = field.split("[")[0]
    line = next((i for i, found in enumerate(text.splitlines(), 3) if f"{head}:" in found[:20]), 3)
    entry = "One" if changes.get("id") else "one"

    assert faults_of(tmp_path, text) == [(line, entry, field, code)]


def test_every_fault_is_found_in_one_run(tmp_path: Path) -> None:
    found = faults_of(
        tmp_path, block(id="A", name="1", year="x"), block(id="two", focus="art", evidence="[]")
    )

    assert [(entry, code) for _, entry, _, code in found] == [
        ("A", "bad_id"),
        ("A", "wrong_type"),
        ("A", "wrong_type"),
        ("two", "bad_value"),
        ("two", "missing_field"),
    ]


def test_faults_of_the_form_are_found_beside_faults_of_facts(tmp_path: Path) -> None:
    found = faults_of(tmp_path, block(name="!!str x", focus="art"), block(id="two", name="&a x"))

    assert {(entry, code) for _, entry, _, code in found} == {
        ("one", "tag"),
        ("one", "bad_value"),
        ("two", "alias"),
    }


def test_messages_say_what_to_do(tmp_path: Path) -> None:
    path = write_catalog(
        tmp_path,
        block(commercial_use="no", catgory="x", category="distilation", derived_from="[tow]"),
        block(id="two"),
    )
    messages = " ".join(problem.message for problem in check_catalog(path).errors)

    for words in ("quote it", "did you mean category?", "did you mean distillation?", "did you mean two?"):
        assert words in messages


def test_repeated_ids_name_the_first(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, block(), block())

    assert faults(path) == [(12, "one", "id", "duplicate_id")]
    assert "first on line 3" in check_catalog(path).errors[0].message


def test_a_hub_repository_stands_in_one_entry_unless_both_say_so(tmp_path: Path) -> None:
    twice = [block(hf_id="A/b"), block(id="two", hf_id="a/B")]
    shared = [block(hf_id="A/b", hf_shared="true"), block(id="two", hf_id="a/B", hf_shared="true")]

    assert [code for *_, code in faults_of(tmp_path, *twice)] == ["duplicate_id", "duplicate_id"]
    assert faults_of(tmp_path, *shared) == []


def test_a_cycle_is_reported_once_with_its_path(tmp_path: Path) -> None:
    path = write_catalog(
        tmp_path,
        block(derived_from="[two]"),
        block(id="two", derived_from="[three]"),
        block(id="three", derived_from="[one]"),
    )
    report = check_catalog(path)

    assert [str(p.code) for p in report.errors] == ["bad_value"]
    assert "one <- two <- three <- one" in report.errors[0].message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_rows"),
        ("# nothing\n", "no_rows"),
        ("null\n", "no_rows"),
        ("format: 1\ndatasets: []\n", "no_rows"),
        ("- a\n", "not_object"),
        ("format: 2\ndatasets: []\n", "unsupported"),
        ("format: '1'\ndatasets: []\n", "unsupported"),
        ("datasets: []\n", "missing_field"),
        ("format: 1\n", "missing_field"),
        ("format: 1\ndatasets: {}\n", "wrong_type"),
        ("format: 1\ndatasets: [3]\n", "not_object"),
        ("format: 1\ndatasets: []\nrows: 1\n", "unknown_key"),
        ("format: 1\ndatasets: [\n", "syntax"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(text)

    assert code in [found for *_, found in faults(path)]
    with pytest.raises(InputRefusedError) as caught:
        load_catalog(path)
    assert caught.value.exit_code is ExitCode.REFUSED


def test_bytes_that_are_not_utf8_are_located(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_bytes(b"format: 1\n# caf\xe9\n")

    assert faults(path) == [(2, None, None, "encoding")]


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + catalog_text(block()).encode())

    assert faults(path) == []


def test_limits_are_held(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(f"#{' ' * MAX_BYTES}\n")
    assert faults(path) == [(None, None, None, "too_big")]

    path.write_text("format: 1\ndatasets:\n" + "  - {}\n" * (MAX_ENTRIES + 1))
    assert faults(path)[0][3] == "too_big"


def test_a_missing_file_is_a_fault_of_the_same_form(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.yaml") == [(None, None, None, "no_access")]
    assert faults(tmp_path) == [(None, None, None, "no_access")]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_any_text_in_any_field_gives_a_report(text: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.yaml"
        path.write_text(catalog_text(block(name=text, license=text)), encoding="utf-8", errors="replace")

        report = check_catalog(path)

    assert report.to_json()["entries"] == report.entries


def test_the_report_is_plain_json(tmp_path: Path) -> None:
    report = check_catalog(write_catalog(tmp_path, block(id="One"))).to_json()

    assert report["entries"] == 1
    assert list(report["errors"][0]) == ["file", "line", "entry", "field", "code", "message"]
