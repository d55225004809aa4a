"""One pass over the files of a source into a snapshot; every row is kept or reported."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from registry.columns import ColumnTally
from registry.errors import InputRefusedError, IntegrityError, Problem, ProblemCode
from registry.files import atomic_write_text, sha256_file
from registry.limits import Limits
from registry.pinning import PROBLEMS_KEPT, Pinned, pin_files, snapshot_id
from registry.readers import BadRow, RawRow, open_rows
from registry.readers.byte_source import ByteSource, Progress
from registry.readers.raw import bad_row, refusal
from registry.readers.strict_json import RowFaultError, canonical, exact_text
from registry.set_aside import SetAside
from registry.shapes.choice import shape_name
from registry.snapshot import (
    MANIFEST_FILE,
    ROWS_FILE,
    Snapshot,
    Source,
    SourceFile,
    load_snapshot,
    manifest_of,
)
from registry.snapshot_writer import RowWriter, is_whole, new_folder, place_folder, row_writer
from registry.sources import RowSource


@dataclass(slots=True)
class Tally:
    """What was counted so far; problems past the first 100 are counted by code only."""

    rows_read: int = 0
    rows_bad: int = 0
    blank_lines: int = 0
    problems: list[Problem] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    def note(self, problem: Problem) -> None:
        """Count one bad row."""
        self.rows_bad += 1
        self.codes[problem.code] += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)

    def refusal(self) -> InputRefusedError:
        """The error that lists the bad rows."""
        counts = ", ".join(f"{code} {count}" for code, count in self.codes.most_common())
        summary = f"{self.rows_bad:,} of {self.rows_read:,} rows are bad ({counts}); nothing was kept"
        return InputRefusedError(self.problems, summary=summary)


def read_source(
    source: RowSource,
    *,
    home: Path,
    limits: Limits,
    limit: int | None = None,
    keep_good: bool = False,
    progress: Progress | None = None,
) -> Snapshot:
    """The snapshot of `source` under `home`: found there by content, else read and written.

    Raises:
        InputRefusedError: a file or row is refused; all that was found is listed.
        DiskError: writing failed.
    """
    pinned = pin_files(source, limits)
    identity = snapshot_id(source, pinned, limit=limit, keep_good=keep_good)
    if is_whole(home / identity):
        return load_snapshot(home / identity)
    job = Job(source, pinned, limits, limit=limit, keep_good=keep_good, progress=progress)
    with new_folder(home) as folder:
        snapshot = job.write(identity, folder)
        place_folder(folder, home / identity)
    return replace(snapshot, folder=home / identity)


class Job:
    """Reading the files of one source once."""

    def __init__(
        self,
        source: RowSource,
        files: list[Pinned],
        limits: Limits,
        *,
        limit: int | None,
        keep_good: bool,
        progress: Progress | None,
    ) -> None:
        self._source = source
        self._files = files
        self._limits = limits
        self._limit = limit
        self._keep_good = keep_good
        self._tally = Tally()
        self._done = 0
        self._total = sum(file.size for file in files)
        self._progress = progress

    def write(self, identity: str, folder: Path) -> Snapshot:
        """Write rows, bad rows and manifest into `folder`.

        Raises:
            InputRefusedError: bad rows without `keep_good`, none that is good, or a broken file.
        """
        tally = self._tally
        with SetAside(folder, active=self._keep_good) as aside, row_writer(folder) as writer:
            files = tuple(self._read_file(file, writer, aside) for file in self._files)
            if tally.rows_bad and (not self._keep_good or not writer.rows):
                raise tally.refusal()
            kept = writer.rows
        if tally.rows_read != kept + tally.rows_bad:
            raise IntegrityError(f"{tally.rows_read} rows read, but {kept} kept and {tally.rows_bad} bad")
        snapshot = self._snapshot(identity, folder, files)
        atomic_write_text(
            folder / MANIFEST_FILE, json.dumps(manifest_of(snapshot), ensure_ascii=False, indent=1)
        )
        return snapshot

    def _snapshot(self, identity: str, folder: Path, files: tuple[SourceFile, ...]) -> Snapshot:
        source, tally = self._source, self._tally
        rows_path = folder / ROWS_FILE
        return Snapshot(
            id=identity,
            dataset=source.dataset,
            source=Source(
                kind=source.kind,
                files=files,
                repository=source.repository,
                revision=source.revision,
                skipped=source.skipped,
            ),
            shape=shape_name([file.shape.name for file in self._files]),
            rows_read=tally.rows_read,
            rows_kept=tally.rows_read - tally.rows_bad,
            rows_bad=tally.rows_bad,
            blank_lines=tally.blank_lines,
            problems=tuple(tally.problems),
            folder=folder,
            rows_bytes=rows_path.stat().st_size,
            rows_sha256=sha256_file(rows_path),
            limit=self._limit,
            keep_good=self._keep_good,
        )

    def _read_file(self, file: Pinned, writer: RowWriter, aside: SetAside) -> SourceFile:
        tally, first = self._tally, self._tally.rows_read
        bad_before = tally.rows_bad
        source = ByteSource(file.path, file.name, self._limits, advance=self._advance)
        rows = open_rows(source)
        complete = True
        columns = ColumnTally()
        for item in rows.rows():
            if self._limit is not None and tally.rows_read >= self._limit:
                complete = False
                break
            bad = self._keep(item, file, writer, columns) if isinstance(item, RawRow) else item
            tally.rows_read += 1
            if bad is not None:
                tally.note(bad.problem)
                aside.add(bad)
        if complete and source.sha256 != file.sha256:
            raise refusal(
                file.name, ProblemCode.INTEGRITY, "the file changed while it was read: fetch it again"
            )
        tally.blank_lines += rows.blank_lines
        return SourceFile(
            name=file.name,
            bytes=file.size,
            sha256=file.sha256,
            format=rows.format,
            shape=file.shape.name,
            first_row=first,
            rows_read=tally.rows_read - first,
            rows_bad=tally.rows_bad - bad_before,
            blank_lines=rows.blank_lines,
            envelope=exact_text(rows.envelope) if rows.envelope else None,
            columns=columns.columns(),
        )

    def _keep(self, item: RawRow, file: Pinned, writer: RowWriter, columns: ColumnTally) -> BadRow | None:
        fields = item.fields
        columns.see(fields)
        if len(columns) > self._limits.fields:
            what = self._limits.exceeded("fields", f"{len(columns):,} distinct fields: their number")
            raise refusal(file.name, ProblemCode.TOO_MANY_FIELDS, what)
        try:
            content = canonical(fields)
            if len(content) > self._limits.text_bytes:
                check_texts(fields, self._limits)
            shaped = file.shape.read(fields)
            extra = exact_text(shaped.extra) if shaped.extra else "{}"
        except UnicodeEncodeError:
            fault = RowFaultError(ProblemCode.SURROGATE, "a text has half a surrogate pair and no UTF-8 form")
        except RowFaultError as found:
            fault = found
        else:
            if self._keep_good or not self._tally.rows_bad:
                writer.add(self._tally.rows_read, hashlib.sha256(content).digest(), shaped, extra)
            return None
        raw = item.raw if item.raw is not None else exact_text(fields)
        return bad_row(file.name, fault, raw, line=item.line, row=item.row)

    def _advance(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total, "reading")


def check_texts(value: Any, limits: Limits) -> None:
    """Refuse a row with a text over the limit.

    Raises:
        RowFaultError: too_big.
    """
    if isinstance(value, str):
        if len(value) * 4 > limits.text_bytes and len(value.encode()) > limits.text_bytes:
            raise RowFaultError(ProblemCode.TOO_BIG, limits.exceeded("text_bytes", "a text of the row"))
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            check_texts(item, limits)
