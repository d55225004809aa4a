from __future__ import annotations

import pyarrow as pa
import pytest

from analyzers import readability as rd
from analyzers.base import Batch
from analyzers.text import words

SAMPLE = "The cat sat on the mat. It purred loudly."


def texts(*rows: str) -> pa.LargeStringArray:
    return pa.array(rows, pa.large_string())


def batch_of(responses: list[str], languages: list[str]) -> Batch:
    rows = pa.RecordBatch.from_pydict({"response": texts(*responses)})
    return Batch(rows, features=pa.RecordBatch.from_pydict({"language": languages}))


def test_the_sample_of_the_definitions_is_counted_as_stated() -> None:
    assert rd.count_text(texts(SAMPLE)) == rd.TextCounts(
        rows=1, words=9, sentences=2, syllables=10, letters=31, long_words=0
    )


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (rd.flesch_kincaid_grade, -0.7239),
        (rd.flesch_reading_ease, 108.2675),
        (rd.automated_readability_index, -2.9567),
        (rd.coleman_liau_index, -2.1244),
        (rd.gunning_fog, 1.8),
    ],
)
def test_the_bare_formulas_give_the_figures_of_the_definitions(formula: object, expected: float) -> None:
    counts = rd.TextCounts(rows=1, words=9, sentences=2, syllables=10, letters=31, long_words=0)

    assert formula(counts) == pytest.approx(expected, abs=1e-4)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("the", 1),
        ("be", 1),
        ("bee", 1),
        ("make", 1),
        ("makes", 1),
        ("table", 2),
        ("tables", 2),
        ("whole", 1),
        ("houses", 2),
        ("purred", 1),
        ("wanted", 2),
        ("agreed", 2),
        ("beautiful", 3),
        ("readability", 5),
        ("rhythm", 1),
        ("don't", 1),
        ("42", 1),
    ],
)
def test_syllables_are_groups_of_vowels_without_silent_endings(word: str, syllables: int) -> None:
    assert rd.count_syllables(words(texts(word))).tolist() == [syllables]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", 3),
        ("No end mark", 1),
        ("Pi is 3.14 and that is it.", 1),
        ('He said "go." Then left...', 2),
        ("- eggs\n- milk\n\n- bread", 3),
        ("Ends here.\nNext line.\n", 2),
    ],
)
def test_sentences_end_at_marks_and_line_breaks(text: str, sentences: int) -> None:
    assert rd.count_text(texts(text)).sentences == sentences


def test_code_and_mathematics_are_not_read() -> None:
    assert rd.count_text(texts("Look.\n```py\nvery long code here\n```")).words == 1
    assert rd.count_text(texts("So $alpha + beta$ holds.")).words == 2


def test_only_english_rows_are_read_and_few_words_give_null() -> None:
    analyzer = rd.Readability()
    prose = [SAMPLE + " " + SAMPLE] * 6

    enough = analyzer.finish(analyzer.measure(batch_of([*prose, "Guten Tag."], ["en"] * 6 + ["de"])))
    too_few = analyzer.finish(analyzer.measure(batch_of([*prose, "Guten Tag."], ["en"] + ["de"] * 6)))

    assert {f.params["formula"] for f in enough} == set(rd.FORMULAS)
    assert {f.n_used for f in enough} == {6}
    values = {f.params["formula"]: f.value for f in enough}
    assert values["gunning_fog"] == pytest.approx(1.8)
    assert {(f.value, f.reason) for f in too_few} == {(None, "18 English words, fewer than 100")}


def test_the_formulas_read_all_rows_as_one_text() -> None:
    analyzer = rd.Readability()
    whole = analyzer.measure(batch_of([SAMPLE, "x. " * 200], ["en", "en"]))

    parts = [analyzer.measure(batch_of([row], ["en"])) for row in (SAMPLE, "x. " * 200)]

    assert analyzer.merge(*parts) == whole
