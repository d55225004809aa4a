from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import InputRefusedError, ProblemCode
from registry.limits import Limits
from registry.readers import BadRow, RawRow, open_rows
from registry.readers.byte_source import ByteSource
from registry.readers.delimited import csv_cells
from registry.readers.json_array import JsonArray, Skipper, Window
from registry.readers.json_lines import JsonLines, without_mark
from registry.readers.strict_json import RowFaultError, canonical, decode

SMALL = Limits(row_bytes=400, depth=8)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, max_size=4)


class Bytes:
    """Bytes in memory in place of a file."""

    name = "memory"

    def __init__(self, content: bytes, chunk: int, limits: Limits | None = None) -> None:
        self._content = content
        self._chunk = chunk
        self.limits = limits or Limits()

    def chunks(self) -> Iterator[bytes]:
        for at in range(0, len(self._content), self._chunk):
            yield self._content[at : at + self._chunk]


def array(content: bytes, chunk: int = 1 << 20, limits: Limits | None = None) -> list[RawRow | BadRow]:
    source: Any = Bytes(content, chunk, limits)
    return list(JsonArray(source, Window("memory", without_mark(source.chunks()))).rows())


def from_file(path: Path, limits: Limits | None = None) -> list[RawRow | BadRow]:
    return list(open_rows(ByteSource(path, path.name, limits or Limits())).rows())


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def fields(items: list[RawRow | BadRow]) -> list[dict[str, Any]]:
    assert all(isinstance(item, RawRow) for item in items), items
    return [item.fields for item in items if isinstance(item, RawRow)]


def codes(items: list[RawRow | BadRow]) -> list[tuple[str, int | None, int | None]]:
    return [(i.problem.code, i.problem.line, i.problem.row) for i in items if isinstance(i, BadRow)]


def refused(path: Path, limits: Limits | None = None) -> tuple[ProblemCode, str]:
    with pytest.raises(InputRefusedError) as caught:
        from_file(path, limits)
    problem = caught.value.problems[0]
    return problem.code, problem.message


@given(st.lists(objects, max_size=6), st.integers(1, 40), st.sampled_from([None, 2]))
@settings(max_examples=50, deadline=None)
def test_an_array_gives_the_same_rows_however_its_bytes_are_cut(
    rows: list[dict[str, Any]], chunk: int, indent: int | None
) -> None:
    content = json.dumps(rows, ensure_ascii=False, indent=indent).encode()

    assert fields(array(content, chunk)) == json.loads(content)


@given(st.lists(objects | st.just({"text": "y" * 500}), max_size=5), st.integers(1, 64))
@settings(max_examples=40, deadline=None)
def test_rows_over_the_limit_are_bad_and_the_others_are_not_touched(
    rows: list[dict[str, Any]], chunk: int
) -> None:
    content = json.dumps(rows, ensure_ascii=False).encode()
    sizes = [len(json.dumps(row, ensure_ascii=False)) for row in rows]

    found = array(content, chunk, Limits(row_bytes=400))

    assert [isinstance(item, BadRow) for item in found] == [size > 400 for size in sizes]
    assert {item.problem.code for item in found if isinstance(item, BadRow)} <= {ProblemCode.TOO_BIG}


@given(values, st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_the_skipper_finds_the_end_of_a_value_cut_anywhere(value: Any, chunk: int) -> None:
    text = json.dumps([value])
    skipper, ends = Skipper(), []

    for at in range(0, len(text) + 2, chunk):
        end = skipper.feed((text + ", ")[at : at + chunk], 0)
        if end is not None:
            ends.append(at + end)
            break

    assert ends == [len(text)]


@given(
    st.binary(max_size=120) | st.lists(objects.map(lambda row: json.dumps(row).encode())).map(b"\n".join),
    st.integers(1, 50),
)
@settings(max_examples=50, deadline=None)
def test_every_line_is_kept_or_bad_or_blank(content: bytes, chunk: int) -> None:
    source: Any = Bytes(content, chunk, SMALL)
    reader = JsonLines(source)

    items = list(reader.rows())

    rest = content.removeprefix(b"\xef\xbb\xbf")
    lines = rest.split(b"\n")[: None if rest and not rest.endswith(b"\n") else -1]
    assert len(items) + reader.blank_lines == len(lines)
    for item in items:
        if isinstance(item, RawRow):
            assert item.line is not None
            assert item.fields == json.loads(lines[item.line - 1])


cells = st.text(st.sampled_from('ab,"\n\r\té '), max_size=8)


@given(st.lists(st.tuples(cells, cells, cells), max_size=5))
@settings(max_examples=50, deadline=None)
def test_csv_reads_back_what_the_standard_library_writes(
    tmp_path_factory: Any, rows: list[tuple[str, ...]]
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("prompt", "answer", "note"), *rows])
    path = tmp_path_factory.getbasetemp() / "table.csv"
    path.write_bytes(out.getvalue().encode())

    assert [tuple(row.values()) for row in fields(from_file(path))] == rows


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "a": 2}', ProblemCode.DUPLICATE_KEY),
        ('{"a": {"b": 1, "b": 1}}', ProblemCode.DUPLICATE_KEY),
        ('{"a": NaN}', ProblemCode.NUMBER),
        ('{"a": -Infinity}', ProblemCode.NUMBER),
        ('{"a": 1e999}', ProblemCode.NUMBER),
        ('{"a": 9223372036854775808}', ProblemCode.NUMBER),
        ('{"a": ' + "9" * 5000 + "}", ProblemCode.NUMBER),
        ("[" * 65 + "]" * 65, ProblemCode.TOO_DEEP),
        ("[" * 100_000, ProblemCode.TOO_DEEP),
        ('{"a": "line\nbreak"}', ProblemCode.SYNTAX),
        ('{"a": 01}', ProblemCode.SYNTAX),
        ("{'a': 1}", ProblemCode.SYNTAX),
        ('{"a": 1,}', ProblemCode.SYNTAX),
        ('{"a": 1} x', ProblemCode.SYNTAX),
        ("", ProblemCode.SYNTAX),
    ],
)
def test_what_rfc_8259_does_not_have_is_refused(text: str, code: ProblemCode) -> None:
    with pytest.raises(RowFaultError) as caught:
        decode(text)

    assert caught.value.code is code


def test_strict_json_takes_the_largest_and_the_deepest_that_is_allowed() -> None:
    assert decode(" [9223372036854775807, -9223372036854775808]\n") == [2**63 - 1, -(2**63)]
    assert decode("[" * 64 + "]" * 64)
    assert decode('{"a": "\\u0000", "brackets": "' + "[{" * 200 + '"}')["a"] == "\0"


def test_canonical_json_sorts_keys_and_normalises_nothing() -> None:
    assert canonical({"b": "é", "a": [1.0, 1, None]}) == '{"a":[1.0,1,null],"b":"é"}'.encode()
    with pytest.raises(UnicodeEncodeError):
        canonical({"a": "\ud800"})


def test_a_line_ends_at_a_line_feed_and_nowhere_else(tmp_path: Path) -> None:
    content = '\ufeff{"a": "x\u2028y\u0085"}\r\n\n  \n{"a": "last"}'.encode()

    reader = open_rows(ByteSource(written(tmp_path, "rows.jsonl", content), "rows.jsonl", Limits()))
    items = list(reader.rows())

    assert fields(items) == [{"a": "x\u2028y\u0085"}, {"a": "last"}]
    assert [item.line for item in items if isinstance(item, RawRow)] == [1, 4]
    assert reader.blank_lines == 2


def test_bad_lines_are_told_by_line_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [b'{"a": 1}', b"[1]", b'"text"', b'{"a": "\xff"}', b'{"a" 1}', b"null", b'{"b": 2}']

    items = from_file(written(tmp_path, "rows.jsonl", b"\n".join(lines)))

    assert codes(items) == [
        ("not_object", 2, None),
        ("not_object", 3, None),
        ("encoding", 4, None),
        ("syntax", 5, None),
        ("not_object", 6, None),
    ]
    assert [item.fields for item in items if isinstance(item, RawRow)] == [{"a": 1}, {"b": 2}]


def test_a_line_over_the_limit_is_bad_without_being_held(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.jsonl", b'{"a": "' + b"x" * 3_000_000 + b'"}\n{"a": 1}\n')

    items = from_file(path, Limits(row_bytes=1000))

    assert codes(items) == [("too_big", 1, None)]
    assert isinstance(items[0], BadRow)
    assert items[0].raw is None
    assert "INSTRUCTORY_LIMIT_ROW_BYTES" in items[0].problem.message


def test_bad_elements_of_an_array_are_told_by_row() -> None:
    content = (
        b'[{"a": 1}, 7, {"a": 1, "a": 2}, {"a": "\xff"}, {"a": NaN}, ' + b'{"a": ' + b"[" * 70 + b"]" * 70
    )
    items = array(content + b'}, {"z": 0}]', chunk=16)

    assert codes(items) == [
        ("not_object", None, 1),
        ("duplicate_key", None, 2),
        ("encoding", None, 3),
        ("number", None, 4),
        ("too_deep", None, 5),
    ]
    assert [item.row for item in items if isinstance(item, RawRow)] == [0, 6]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b'[{"a": 1},\n {"a": 2}', ProblemCode.TRUNCATED, 2),
        (b'[{"a": 1},\n {"a" 2}]', ProblemCode.SYNTAX, 2),
        (b'[{"a": 1},\n]', ProblemCode.SYNTAX, 2),
        (b'[{"a": 1}]\n\n{"a": 2}', ProblemCode.SYNTAX, 3),
        (b'[{"a": 1} {"a": 2}]', ProblemCode.SYNTAX, 1),
        (b'[{"a": "never ends', ProblemCode.SYNTAX, 1),
    ],
)
def test_a_broken_array_is_refused_with_its_line(content: bytes, code: ProblemCode, line: int) -> None:
    with pytest.raises(InputRefusedError) as caught:
        array(content, chunk=5)

    assert (caught.value.problems[0].code, caught.value.problems[0].line) == (code, line)


def test_the_first_character_decides_between_lines_and_array(tmp_path: Path) -> None:
    lines = written(tmp_path, "a.json", b'{"a": 1}\n{"a": 2}\n')
    one = written(tmp_path, "b.jsonl", b'\n [{"a": 1}, {"a": 2}]\n')

    assert fields(from_file(lines)) == fields(from_file(one)) == [{"a": 1}, {"a": 2}]


def test_rows_inside_an_envelope_are_found_and_the_rest_is_kept(tmp_path: Path) -> None:
    around = b'{"canary": "x", "URL": [NaN], "Definition": ["Do."],\n'
    content = around + b' "Instances": [{"input": "a"}, 3, {"b": NaN}]}'
    reader = open_rows(ByteSource(written(tmp_path, "task.json", content), "task.json", Limits()))

    items = list(reader.rows())

    assert isinstance(items[0], RawRow)
    assert items[0].fields == {"Definition": ["Do."], "input": "a"}
    assert codes(items) == [("not_object", None, 1), ("number", None, 2)]
    assert reader.envelope == {"canary": "x", "URL": ["NaN"], "Definition": ["Do."]}


def test_one_object_over_many_lines_is_one_row(tmp_path: Path) -> None:
    path = written(
        tmp_path, "talk.json", json.dumps({"chat": {"turn_1": {"Human": "Hi"}}}, indent=2).encode()
    )

    assert fields(from_file(path)) == [{"chat": {"turn_1": {"Human": "Hi"}}}]


def test_gzip_members_are_one_stream_and_names_do_not_matter(tmp_path: Path) -> None:
    content = gzip.compress(b'{"a": 1}\n{"a"') + gzip.compress(b": 2}\n")

    assert fields(from_file(written(tmp_path, "rows.txt", content))) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(b'{"a": 1}\n' * 50)[:-12], ProblemCode.TRUNCATED),
        (gzip.compress(b'{"a": 1}\n') + b"more", ProblemCode.INTEGRITY),
        (gzip.compress(b'{"a": 1}\n')[:-8] + b"\0" * 8, ProblemCode.INTEGRITY),
        (gzip.compress(gzip.compress(b'{"a": 1}\n')), ProblemCode.UNSUPPORTED),
    ],
    ids=["cut", "more behind it", "another checksum", "twice"],  # the bytes hold the time of day
)
def test_damaged_gzip_is_refused(tmp_path: Path, content: bytes, code: ProblemCode) -> None:
    assert refused(written(tmp_path, "rows.jsonl.gz", content))[0] is code


def test_a_bomb_is_refused_once_past_the_floor(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 100_000))

    code, message = refused(path, Limits(bomb_floor_bytes=1 << 16))

    assert code is ProblemCode.BOMB
    assert "INSTRUCTORY_LIMIT_BOMB_RATIO" in message


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n",
            ProblemCode.POINTER,
            "pointer",
        ),
        (b"<!DOCTYPE html><html></html>", ProblemCode.ERROR_PAGE, "web page"),
        (b"  <html><head>", ProblemCode.ERROR_PAGE, "web page"),
        (b'{"error": "Repository not found"}', ProblemCode.ERROR_PAGE, "error answer"),
        (b"404: Not Found", ProblemCode.ERROR_PAGE, "error answer"),
        (b"\x80\x04\x95\x10\x00\x00\x00\x00", ProblemCode.UNSUPPORTED, "pickle"),
        (b"PK\x03\x04rest", ProblemCode.UNSUPPORTED, "zip"),
        (b"\xfd7zXZ\x00rest", ProblemCode.UNSUPPORTED, "xz"),
        (b"x" * 257 + b"ustar\x0000" + b"\0" * 300, ProblemCode.UNSUPPORTED, "tar"),
        (b"#!/bin/sh\nrm -r /\n", ProblemCode.UNSUPPORTED, "script"),
        (b"Once upon a time there was no data.\n", ProblemCode.UNSUPPORTED, "plain text"),
        (b"\x01\x02\x00\x03", ProblemCode.UNSUPPORTED, "binary"),
        ('{"a": 1}'.encode("utf-16"), ProblemCode.ENCODING, "UTF-16"),
    ],
)
def test_what_is_no_row_file_is_refused_by_name(
    tmp_path: Path, content: bytes, code: ProblemCode, word: str
) -> None:
    found, message = refused(written(tmp_path, "rows.json", content))

    assert found is code
    assert word in message


def test_tsv_has_no_quotes_and_perhaps_no_header(tmp_path: Path) -> None:
    bare = written(tmp_path, "bare.tsv", b'Say "hi\\nthere\tyes\tso it is\n"Quoted"\tno\twhy\n')
    headed = written(tmp_path, "headed.tsv", b"prompt\tanswer\nQ\tA\n")

    assert fields(from_file(bare))[0] == {
        "column_1": 'Say "hi\\nthere',
        "column_2": "yes",
        "column_3": "so it is",
    }
    assert fields(from_file(headed)) == [{"prompt": "Q", "answer": "A"}]


def test_csv_faults_are_located_and_good_rows_stay(tmp_path: Path) -> None:
    content = (
        b'\xef\xbb\xbfprompt,answer\r\n"a\nb",c\r\nonly one\r\nd"e,f\r\n\r\ng,h\r\n"never\r\ncloses,x\r\n'
    )

    items = from_file(written(tmp_path, "rows.csv", content))

    assert codes(items) == [("ragged", 4, None), ("syntax", 5, None), ("syntax", 8, None)]
    assert [item.fields for item in items if isinstance(item, RawRow)] == [
        {"prompt": "a\nb", "answer": "c"},
        {"prompt": "g", "answer": "h"},
    ]


@pytest.mark.parametrize("header", [b"prompt,,answer\na,b,c\n", b"prompt,prompt\na,b\n", b'pro"mpt,a\na,b\n'])
def test_a_csv_header_must_name_each_column_once(tmp_path: Path, header: bytes) -> None:
    assert refused(written(tmp_path, "rows.csv", header))[0] in {ProblemCode.SCHEMA, ProblemCode.SYNTAX}


def test_csv_cells_stay_the_texts_they_are() -> None:
    assert csv_cells("007,1.0,true,,NULL, x ") == ["007", "1.0", "true", "", "NULL", " x "]


def test_parquet_values_come_as_json(tmp_path: Path) -> None:
    table = pa.table({"prompt": ["a", None], "when": pa.array([0, 1], pa.date32()), "raw": [b"\x00", None]})
    pq.write_table(table, tmp_path / "rows.parquet")

    assert fields(from_file(tmp_path / "rows.parquet")) == [
        {"prompt": "a", "when": "1970-01-01", "raw": "AA=="},
        {"prompt": None, "when": "1970-01-02", "raw": None},
    ]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"prompt": ["a" * 100] * 1000}), tmp_path / "rows.parquet")
    content = (tmp_path / "rows.parquet").read_bytes()

    damaged = content[:8] + b"\xff" * 40 + content[48:]
    for broken in (content[:-20], damaged, b"PAR1" + b"\0" * 30 + b"PAR1"):
        assert refused(written(tmp_path, "broken.parquet", broken))[0] is ProblemCode.TRUNCATED


def test_a_parquet_row_group_over_the_limit_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"prompt": ["a" * 1000] * 1000}), tmp_path / "rows.parquet", use_dictionary=False)

    assert refused(tmp_path / "rows.parquet", Limits(row_group_bytes=1000))[0] is ProblemCode.TOO_BIG


def test_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTRUCTORY_LIMIT_ROW_BYTES", "77")

    assert Limits().row_bytes == 77
