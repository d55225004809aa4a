"""CSV by RFC 4180, and TSV, in which quotes are not special and a header may be missing."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator
from typing import Any

from registry.errors import ProblemCode
from registry.readers.byte_source import ByteSource
from registry.readers.json_lines import LongLine, lines
from registry.readers.raw import BadRow, RawRow, bad_row, refusal
from registry.readers.strict_json import RowFaultError

KNOWN_HEADINGS = frozenset(
    (
        *(
            "instruction",
            "prompt",
            "question",
            "problem",
            "query",
            "input",
            "context",
            "system",
            "text",
            "id",
        ),
        *("output", "response", "answer", "completion", "target", "solution", "chosen", "rejected"),
        *("messages", "conversations"),
    )
)
Cells = list[str]


class Delimited:
    """Rows of a CSV or TSV file; `line` is where the record starts.

    Without a header line (TSV only) the fields are named `column_1` and so on.
    """

    def __init__(self, source: ByteSource) -> None:
        self.blank_lines = 0
        self.envelope: dict[str, Any] | None = None
        self._source = source
        self._is_tsv = is_tsv(source.name, source.head(1 << 16))
        self.format = "tsv" if self._is_tsv else "csv"

    def rows(self) -> Iterator[RawRow | BadRow]:
        """Every record but the header, as a row or a bad row.

        Raises:
            InputRefusedError: the header is empty, has an empty or doubled name.
        """
        records = self._tsv_records() if self._is_tsv else self._csv_records()
        names: Cells | None = None
        for line, raw, cells in records:
            if isinstance(cells, RowFaultError):
                if names is None and not self._is_tsv:
                    raise refusal(self._source.name, cells.code, f"the header: {cells.message}", line=line)
                yield bad_row(self._source.name, cells, raw, line=line)
            elif names is None and (not self._is_tsv or is_header(cells)):
                names = self._header(cells, line)
            else:
                names = names or self._unnamed(len(cells))
                yield self._row(names, cells, raw, line)

    def _row(self, names: Cells, cells: Cells, raw: bytes, line: int) -> RawRow | BadRow:
        if len(cells) != len(names):
            fault = RowFaultError(
                ProblemCode.RAGGED, f"{len(cells)} cells where there are {len(names)} columns"
            )
            return bad_row(self._source.name, fault, raw, line=line)
        return RawRow(dict(zip(names, cells, strict=True)), raw, line, None)

    def _header(self, cells: Cells, line: int) -> Cells:
        if not all(cell.strip() for cell in cells):
            raise refusal(self._source.name, ProblemCode.SCHEMA, "a column has no name", line=line)
        twice = sorted({cell for cell in cells if cells.count(cell) > 1})
        if twice:
            raise refusal(
                self._source.name, ProblemCode.SCHEMA, f"two columns are named {twice[0]!r}", line=line
            )
        return cells

    def _unnamed(self, count: int) -> Cells:
        self.format = "tsv, no header line"
        return [f"column_{number}" for number in range(1, count + 1)]

    def _tsv_records(self) -> Iterator[tuple[int, bytes, Cells | RowFaultError]]:
        for number, line in enumerate(lines(self._source), start=1):
            if isinstance(line, LongLine):
                what = self._source.limits.exceeded("row_bytes", f"a row of {line.size:,} bytes")
                yield number, line.start, RowFaultError(ProblemCode.TOO_BIG, what)
            elif not line.strip(b" \r"):
                self.blank_lines += 1
            else:
                record = line.removesuffix(b"\r")
                yield number, record, _decoded(record, lambda text: text.split("\t"))

    def _csv_records(self) -> Iterator[tuple[int, bytes, Cells | RowFaultError]]:
        for line, record, cells in CsvRecords(self._source).records():
            if not record.strip():
                self.blank_lines += 1
            else:
                yield line, record, cells


class CsvRecords:
    """Cuts a stream into CSV records; quoted cells may hold line feeds."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source

    def records(self) -> Iterator[tuple[int, bytes, Cells | RowFaultError]]:
        """Line where the record starts, its bytes, and its cells or what is wrong with it.

        A record over the row limit is bad, so is a quote that never closes; nothing after it is guessed.
        """
        held: list[bytes] = []
        size = start = 0
        is_open = False
        limits = self._source.limits
        found_lines = enumerate(lines(self._source), start=1)
        for number, found in found_lines:
            line = found.start if isinstance(found, LongLine) else found
            size += found.size if isinstance(found, LongLine) else len(line) + 1
            start = start if held else number
            held.append(line)
            if size > limits.row_bytes + 1:
                deque(found_lines, maxlen=0)  # the rest is read for its hash only
                message = limits.exceeded(
                    "row_bytes", "a record; it and all after it were not read: its size"
                )
                yield start, b"\n".join(held)[:480], RowFaultError(ProblemCode.TOO_BIG, message)
                return
            is_open = is_open_after(line, is_open)
            if not is_open:
                record = b"\n".join(held).removesuffix(b"\r")
                yield start, record, _decoded(record, csv_cells)
                held, size = [], 0
        if held:
            message = "the quote that opens here never closes; nothing after it was read"
            yield start, b"\n".join(held), RowFaultError(ProblemCode.SYNTAX, message)


def is_open_after(line: bytes, is_open: bool) -> bool:
    """Whether a quoted cell is open at the end of `line`; a quote inside an unquoted cell opens nothing."""
    if b'"' not in line:
        return is_open
    at = 0
    while True:
        if not is_open:
            if line.startswith(b'"', at):
                at += 1
            else:
                at = line.find(b",", at) + 1
                if not at:
                    return False
                continue
        end = line.find(b'"', at)
        if end == -1:
            return True
        is_open = line.startswith(b'"', end + 1)
        at = end + 2
        if not is_open:
            at = line.find(b",", end + 1) + 1
            if not at:
                return False


def csv_cells(record: str) -> Cells:
    """Cells of one CSV record.

    Raises:
        RowFaultError: a quote stands where RFC 4180 has none.

    >>> csv_cells('a,"b ""c"", d",')
    ['a', 'b "c", d', '']
    """
    cells: Cells = []
    at = 0
    while True:
        if record.startswith('"', at):
            cell, at = _quoted(record, at)
        else:
            end = record.find(",", at)
            end = len(record) if end == -1 else end
            cell = record[at:end]
            if '"' in cell:
                raise RowFaultError(ProblemCode.SYNTAX, f"a quote inside the unquoted cell {len(cells) + 1}")
            at = end
        cells.append(cell)
        if at == len(record):
            return cells
        at += 1


def _quoted(record: str, at: int) -> tuple[str, int]:
    pieces = []
    at += 1
    while True:
        end = record.find('"', at)
        if end == -1:
            raise RowFaultError(ProblemCode.SYNTAX, "a quote never closes")
        pieces.append(record[at:end])
        if not record.startswith('"', end + 1):
            break
        pieces.append('"')
        at = end + 2
    if end + 1 < len(record) and record[end + 1] != ",":
        raise RowFaultError(ProblemCode.SYNTAX, "something follows a closing quote")
    return "".join(pieces), end + 1


def is_table(name: str, head: bytes) -> bool:
    """Whether text that is no JSON is a table, by its name, or by a tab or known heading at its start."""
    plain = name.lower().removesuffix(".gz")
    if plain.endswith((".csv", ".tsv")):
        return True
    first = head.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].rstrip(b"\r")
    if b"\t" in first:
        return True
    return b"," in first and is_header(first.decode("utf-8", "replace").split(","))


def is_tsv(name: str, head: bytes) -> bool:
    """Whether cells are parted by tabs: the name decides, else a tab in the first line."""
    plain = name.lower().removesuffix(".gz")
    if plain.endswith((".csv", ".tsv")):
        return plain.endswith(".tsv")
    return b"\t" in head.split(b"\n", 1)[0]


def is_header(cells: Cells) -> bool:
    """Whether these cells name columns: all different, none empty, one of them a heading that shapes know."""
    words = {cell.strip().strip('"').lower() for cell in cells}
    return len(words) == len(cells) and "" not in words and bool(words & KNOWN_HEADINGS)


def _decoded(record: bytes, split: Any) -> Cells | RowFaultError:
    try:
        cells: Cells = split(record.decode())
    except UnicodeDecodeError as error:
        return RowFaultError(ProblemCode.ENCODING, f"not UTF-8 at byte {error.start} of the row")
    except RowFaultError as fault:
        return fault
    return cells
