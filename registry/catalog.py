"""catalog.yaml <-> entries: every fault at once, with line, entry and field."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from registry.catalog_faults import Faults, Record, add_detail, empty_values, offer, unknown_key
from registry.entry import Benchmark, Entry, disagreements
from registry.errors import InputRefusedError, Problem, ProblemCode, excerpt
from registry.lineage import find_cycles
from registry.strict_yaml import Block, Listing, Node, Scalar, parse_yaml, to_python
from registry.vocabulary import Kind

FORMAT: Final = 1
MAX_BYTES: Final = 5 * 1024 * 1024
MAX_ENTRIES: Final = 10_000
TOP_KEYS: Final = ("format", "datasets", "benchmarks")


@dataclass(frozen=True, slots=True)
class Catalog:
    """A valid catalogue: entries and benchmarks in the order of the file, and the SHA-256 of its bytes."""

    entries: tuple[Entry, ...]
    benchmarks: tuple[Benchmark, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class CatalogReport:
    """What a check found: how many blocks were read, and every fault in the order of the file."""

    file: str
    entries: int
    benchmarks: int
    errors: tuple[Problem, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        keys = ("file", "line", "entry", "field", "code", "message")
        errors = [{key: getattr(problem, key) for key in keys} for problem in self.errors]
        return {"file": self.file, "entries": self.entries, "benchmarks": self.benchmarks, "errors": errors}


@dataclass(slots=True)
class _Reading:
    """A catalogue while it is read."""

    faults: Faults
    kind: Kind
    datasets: list[Record]
    benchmarks: list[Record]
    base: tuple[Entry, ...] = ()
    sha256: str = ""


def load_catalog(
    path: str | Path,
    *,
    kind: Kind = Kind.DATASET,
    base: Sequence[Entry] = (),
    text: str | None = None,
) -> Catalog:
    """The catalogue in `path`; entries that do not say otherwise are of `kind`.

    Over `base` its entries may derive from those, and replace those whose id they carry. With `text` that is
    read as what the file would hold.

    Raises:
        InputRefusedError: the file cannot be read or holds a fault; every fault is named.
    """
    reading = _read(Path(path), kind, base, text)
    faults = reading.faults.found
    if faults:
        raise InputRefusedError(faults, summary=f"{path}: {len(faults)} faults in the catalogue")
    return Catalog(
        tuple(record.model for record in reading.datasets if isinstance(record.model, Entry)),
        tuple(record.model for record in reading.benchmarks if isinstance(record.model, Benchmark)),
        reading.sha256,
    )


def check_catalog(
    path: str | Path | None = None, *, kind: Kind = Kind.DATASET, base: Sequence[Entry] = ()
) -> CatalogReport:
    """Every fault of the catalogue in `path` (the one in force if None); what the file holds never raises."""
    if path is None:
        from registry.settings import Settings
        from registry.shipped import shipped_catalog

        path = Settings().catalog or shipped_catalog()
    reading = _read(Path(path), kind, base)
    return CatalogReport(
        str(path), len(reading.datasets), len(reading.benchmarks), tuple(reading.faults.found)
    )


def _read(path: Path, kind: Kind, base: Sequence[Entry] = (), text: str | None = None) -> _Reading:
    reading = _Reading(Faults(str(path)), kind, [], [], tuple(base))
    text = _text(path, reading) if text is None else text
    if text is None:
        return reading
    root, problems = parse_yaml(text, str(path))
    faults = reading.faults
    faults.found += problems
    if root is None or (isinstance(root, Scalar) and root.kind == "null"):
        if not problems:
            faults.add(ProblemCode.NO_ROWS, "the file is empty")
    elif not isinstance(root, Block):
        faults.add(ProblemCode.NOT_OBJECT, "expects a mapping with format and datasets", line=root.line)
    else:
        _read_sections(root, reading)
    faults.found.sort(key=lambda problem: problem.line or 0)
    return reading


def _text(path: Path, reading: _Reading) -> str | None:
    add = reading.faults.add
    try:
        data = path.read_bytes()
    except OSError as error:
        add(ProblemCode.NO_ACCESS, error.strerror or "cannot be read")
        return None
    reading.sha256 = hashlib.sha256(data).hexdigest()
    if len(data) > MAX_BYTES:
        add(ProblemCode.TOO_BIG, f"{len(data):,} bytes, the limit is {MAX_BYTES:,}")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        add(ProblemCode.ENCODING, f"byte 0x{data[error.start]:02x} is not UTF-8", line=line)
        return None


def _read_sections(root: Block, reading: _Reading) -> None:
    _check_top(root, reading.faults)
    reading.datasets = _records(root, "datasets", Entry, reading)
    reading.benchmarks = _records(root, "benchmarks", Benchmark, reading)
    if not reading.datasets and not reading.faults.found:
        reading.faults.add(ProblemCode.NO_ROWS, "no datasets in the file", line=root.line)
    _check_together(reading)
    _name_owners(root, reading)


def _name_owners(root: Block, reading: _Reading) -> None:
    """Tell the entry of faults that were found before there were entries."""
    starts = {line: "" for line, _ in root.values.values()}
    starts |= {record.node.line: record.label for record in (*reading.datasets, *reading.benchmarks)}
    lines = sorted(starts)
    faults = reading.faults
    for index, problem in enumerate(faults.found):
        if problem.entry is None and problem.line is not None and problem.field is None:
            place = bisect_right(lines, problem.line) - 1
            owner = starts[lines[place]] if place >= 0 else ""
            faults.found[index] = replace(problem, entry=owner or None)


def _check_top(root: Block, faults: Faults) -> None:
    for name, (line, _) in root.values.items():
        if name not in TOP_KEYS:
            faults.add(ProblemCode.UNKNOWN_KEY, unknown_key(name, TOP_KEYS), line=line, field=name)
    if "format" not in root.values:
        message = f"format is missing: write format: {FORMAT}"
        faults.add(ProblemCode.MISSING_FIELD, message, line=root.line, field="format")
        return
    line, node = root.values["format"]
    if not (isinstance(node, Scalar) and node.kind == "number" and node.text == str(FORMAT)):
        shown = excerpt(node.text) if isinstance(node, Scalar) else "a list or mapping"
        message = f"format {shown!r} is not known: this version reads format {FORMAT}"
        faults.add(ProblemCode.UNSUPPORTED, message, line=line, field="format")


def _records(root: Block, section: str, model: type[Entry | Benchmark], reading: _Reading) -> list[Record]:
    add = reading.faults.add
    if section not in root.values:
        if section == "datasets":
            add(ProblemCode.MISSING_FIELD, "datasets is missing", line=root.line, field=section)
        return []
    line, node = root.values[section]
    if not isinstance(node, Listing):
        add(ProblemCode.WRONG_TYPE, f"{section} expects a list", line=line, field=section)
        return []
    if len(node.items) > MAX_ENTRIES:
        message = f"{len(node.items):,} blocks, the limit is {MAX_ENTRIES:,}"
        add(ProblemCode.TOO_BIG, message, line=line, field=section)
        return []
    records = []
    for index, item in enumerate(node.items):
        place = f"{section}[{index}]"
        if isinstance(item, Block):
            records.append(_record(item, place, model, reading))
        else:
            add(ProblemCode.NOT_OBJECT, f"{place} expects a mapping", line=item.line, field=section)
    return records


def _record(node: Block, place: str, model: type[Entry | Benchmark], reading: _Reading) -> Record:
    plain = to_python(node)
    label = plain["id"] if isinstance(plain.get("id"), str) else place
    if model is Entry:
        plain.setdefault("kind", reading.kind)
    record = Record(excerpt(label), node)
    add = partial(reading.faults.add, entry=record.label)
    reported = set(empty_values(node, (), add))
    for fault in disagreements(plain, model):
        add(fault.code, fault.message, line=record.line(fault.field), field=fault.field)
    try:
        record.model = model.model_validate(plain)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["loc"] and detail["loc"] not in reported:
                add_detail(detail, node, model, add)
    return record


def _check_together(reading: _Reading) -> None:
    """Faults that only show between entries: repeated ids, shared Hub ids, unknown parents, cycles."""
    faults = reading.faults
    for records in (reading.datasets, reading.benchmarks):
        _check_ids(records, faults)
    ids = {record.label: record for record in reading.datasets}
    below = [entry for entry in reading.base if entry.id not in ids]
    _check_hub_ids(reading.datasets, below, faults)
    parents = {record.label: _parents(record.node.values.get("derived_from")) for record in reading.datasets}
    parents |= {entry.id: list(entry.derived_from) for entry in below}
    for record in reading.datasets:
        for parent in parents[record.label]:
            if parent not in parents:
                message = f"no dataset {excerpt(parent)!r} to derive from{offer(parent, list(parents))}"
                faults.add_to(record, ProblemCode.BAD_VALUE, message, "derived_from")
    for cycle in find_cycles(parents):
        message = f"derives from itself: {' <- '.join((*cycle, cycle[0]))}"
        owner = next(name for name in cycle if name in ids)  # what lies below has no cycle by itself
        faults.add_to(ids[owner], ProblemCode.BAD_VALUE, message, "derived_from")


def _parents(value: tuple[int, Node] | None) -> list[str]:
    if value is None or not isinstance(value[1], Listing):
        return []
    return [item.text for item in value[1].items if isinstance(item, Scalar)]


def _check_ids(records: Sequence[Record], faults: Faults) -> None:
    first: dict[str, int] = {}
    for record in records:
        if "id" not in record.node.values:
            continue
        if record.label in first:
            message = f"id {record.label!r} stands twice, first on line {first[record.label]}"
            faults.add_to(record, ProblemCode.DUPLICATE_ID, message, "id")
        first.setdefault(record.label, record.line("id"))


def _check_hub_ids(records: Sequence[Record], below: Sequence[Entry], faults: Faults) -> None:
    """Two entries in one Hub repository must both say so: else one of them is likely a slip."""
    underneath: dict[str, list[str]] = {}
    for entry in below:
        if entry.hf_id:
            underneath.setdefault(entry.hf_id.lower(), []).append(entry.id)
    holders: dict[str, list[tuple[Record, Entry]]] = {}
    for record in records:
        if isinstance(record.model, Entry) and record.model.hf_id:
            holders.setdefault(record.model.hf_id.lower(), []).append((record, record.model))
    for repository, found in holders.items():
        for record, model in found:
            beside = [other.label for other, _ in found if other is not record]
            others = ", ".join([*beside, *underneath.get(repository, ())])
            if others and not model.hf_shared:
                message = f"{model.hf_id} also holds {others}: say hf_shared: true in each, or mend it"
                faults.add_to(record, ProblemCode.DUPLICATE_ID, message, "hf_id")
            elif model.hf_shared and not others:
                message = f"no other entry lives in {model.hf_id}: leave hf_shared out"
                faults.add_to(record, ProblemCode.BAD_VALUE, message, "hf_shared")
