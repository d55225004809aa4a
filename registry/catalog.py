"""catalog.yaml <-> entries: every fault at once, with line, entry and field."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from registry.entry import MAX_TEXT, Benchmark, Entry, disagreements
from registry.errors import InputRefusedError, Problem, ProblemCode, excerpt
from registry.lineage import find_cycles
from registry.strict_yaml import Block, Listing, Node, Scalar, parse_yaml, to_python
from registry.vocabulary import Kind

FORMAT: Final = 1
MAX_BYTES: Final = 5 * 1024 * 1024
MAX_ENTRIES: Final = 10_000
_TOP_KEYS: Final = ("format", "datasets", "benchmarks")


@dataclass(frozen=True, slots=True)
class Catalog:
    """A valid catalogue: its entries and benchmarks in the order of the file, and the SHA-256 of its bytes."""

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

    file: str
    sha256: str
    kind: Kind
    datasets: list[_Record]
    benchmarks: list[_Record]
    problems: list[Problem]


@dataclass(slots=True)
class _Record:
    """One block of the file; `model` is None where it is invalid."""

    label: str
    node: Block
    model: Entry | Benchmark | None = None

    def line(self, field: str | None = None) -> int:
        """The line of `field`, else of the block."""
        return self.node.values[field][0] if field in self.node.values else self.node.line


def load_catalog(path: str | Path, *, kind: Kind = Kind.DATASET) -> Catalog:
    """The catalogue in `path`; entries that do not say otherwise are of `kind`.

    Raises:
        InputRefusedError: the file cannot be read or holds a fault; every fault is named.
    """
    reading = _read(Path(path), kind)
    if reading.problems:
        raise InputRefusedError(
            reading.problems, summary=f"{path}: {len(reading.problems)} faults in the catalogue"
        )
    return Catalog(
        tuple(record.model for record in reading.datasets if isinstance(record.model, Entry)),
        tuple(record.model for record in reading.benchmarks if isinstance(record.model, Benchmark)),
        reading.sha256,
    )


def check_catalog(path: str | Path, *, kind: Kind = Kind.DATASET) -> CatalogReport:
    """Every fault of the catalogue in `path`; never raises for what the file holds."""
    reading = _read(Path(path), kind)
    return CatalogReport(str(path), len(reading.datasets), len(reading.benchmarks), tuple(reading.problems))


def catalog_schema() -> dict[str, Any]:
    """The JSON Schema of catalog.yaml, for editors that complete and check while typing."""
    from registry.catalog_schema import build_schema

    return build_schema()


def _read(path: Path, kind: Kind) -> _Reading:
    reading = _Reading(str(path), "", kind, [], [], [])
    text = _text(path, reading)
    if text is None:
        return reading
    root, problems = parse_yaml(text, reading.file)
    reading.problems += problems
    if root is None or (isinstance(root, Scalar) and root.kind == "null"):
        if not problems:
            _add(reading, ProblemCode.NO_ROWS, "the file is empty")
        return reading
    if not isinstance(root, Block):
        _add(reading, ProblemCode.NOT_OBJECT, "expects a mapping with format and datasets", line=root.line)
        return reading
    _check_top(root, reading)
    reading.datasets = _records(root, "datasets", Entry, reading)
    reading.benchmarks = _records(root, "benchmarks", Benchmark, reading)
    if not reading.datasets and not reading.problems:
        _add(reading, ProblemCode.NO_ROWS, "no datasets in the file", line=root.line)
    _check_together(reading)
    reading.problems.sort(key=lambda problem: problem.line or 0)
    return reading


def _text(path: Path, reading: _Reading) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        _add(reading, ProblemCode.NO_ACCESS, error.strerror or "cannot be read")
        return None
    reading.sha256 = hashlib.sha256(data).hexdigest()
    if len(data) > MAX_BYTES:
        _add(reading, ProblemCode.TOO_BIG, f"{len(data)} bytes, the limit is {MAX_BYTES}")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _add(reading, ProblemCode.ENCODING, f"byte 0x{data[error.start]:02x} is not UTF-8", line=line)
        return None


def _check_top(root: Block, reading: _Reading) -> None:
    for name, (line, _) in root.values.items():
        if name not in _TOP_KEYS:
            _add(reading, ProblemCode.UNKNOWN_KEY, _unknown_key(name, _TOP_KEYS), line=line, field=name)
    if "format" not in root.values:
        _add(reading, ProblemCode.MISSING_FIELD, f"format is missing: write format: {FORMAT}", line=root.line)
        return
    line, node = root.values["format"]
    found = to_python(node)
    if found != FORMAT or isinstance(found, bool):
        message = f"format {found!r} is not known: this version reads format {FORMAT}"
        _add(reading, ProblemCode.UNSUPPORTED, message, line=line, field="format")


def _records(
    root: Block, section: str, model: type[Entry] | type[Benchmark], reading: _Reading
) -> list[_Record]:
    if section not in root.values:
        if section == "datasets":
            _add(reading, ProblemCode.MISSING_FIELD, "datasets is missing", line=root.line, field=section)
        return []
    line, node = root.values[section]
    if not isinstance(node, Listing):
        _add(reading, ProblemCode.WRONG_TYPE, f"{section} expects a list", line=line, field=section)
        return []
    if len(node.items) > MAX_ENTRIES:
        _add(reading, ProblemCode.TOO_BIG, f"{len(node.items)} blocks, the limit is {MAX_ENTRIES}", line=line)
        return []
    records = []
    for index, item in enumerate(node.items):
        if isinstance(item, Block):
            records.append(_record(item, f"{section}[{index}]", model, reading))
        else:
            message = f"{section}[{index}] expects a mapping"
            _add(reading, ProblemCode.NOT_OBJECT, message, line=item.line, field=section)
    return records


def _record(node: Block, place: str, model: type[Entry] | type[Benchmark], reading: _Reading) -> _Record:
    plain = to_python(node)
    label = plain["id"] if isinstance(plain.get("id"), str) else place
    if model is Entry:
        plain.setdefault("kind", reading.kind)
    record = _Record(excerpt(label), node)
    add = partial(_add, reading, entry=record.label)
    nulls = set(_empty_values(node, (), add))
    for fault in disagreements(plain, model):
        add(fault.code, fault.message, line=record.line(fault.field), field=fault.field)
    try:
        record.model = model.model_validate(plain)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["loc"] and detail["loc"] not in nulls:
                _add_detail(detail, node, model, add)
    return record


_Add = Callable[..., None]


def _empty_values(node: Node, path: tuple[str | int, ...], add: _Add) -> Iterator[tuple[str | int, ...]]:
    """Report every value left empty: a fact that is not known is left out, not written down as nothing."""
    if isinstance(node, Scalar):
        if node.kind == "null":
            message = "empty value: leave the key out, or quote it if this text is meant"
            add(ProblemCode.NULL_FIELD, message, line=node.line, field=_dotted(path))
            yield path
        elif len(node.text) > MAX_TEXT:
            add(ProblemCode.TOO_BIG, f"{len(node.text)} characters, the limit is {MAX_TEXT}", line=node.line)
    elif isinstance(node, Listing):
        for index, item in enumerate(node.items):
            yield from _empty_values(item, (*path, index), add)
    else:
        for name, (_, item) in node.values.items():
            yield from _empty_values(item, (*path, name), add)


def _add_detail(detail: Any, node: Block, model: type[BaseModel], add: _Add) -> None:
    """Turn one pydantic error into a located problem."""
    path: tuple[str | int, ...] = detail["loc"]
    line, found = _locate(node, path)
    code, message = _explain(detail, found, path, model)
    shown = excerpt(found.text) if isinstance(found, Scalar) else None
    add(code, message, line=line, field=_dotted(path), excerpt=shown)


def _explain(
    detail: Any, found: Node | None, path: Sequence[str | int], model: type[BaseModel]
) -> tuple[ProblemCode, str]:
    kind = detail["type"]
    if kind == "missing":
        return ProblemCode.MISSING_FIELD, f"{path[-1]} is missing"
    if kind == "extra_forbidden":
        return ProblemCode.UNKNOWN_KEY, _unknown_key(str(path[-1]), _fields_at(model, path[:-1]))
    if kind == "enum":
        known = _terms(detail)
        return ProblemCode.BAD_VALUE, f"{_shown(found)} is not a known term{_offer(_raw(found), known)}"
    if kind in ProblemCode:
        return ProblemCode(kind), detail["msg"]
    if kind.endswith("_type"):
        return ProblemCode.WRONG_TYPE, _wrong_type(kind, found)
    return ProblemCode.BAD_VALUE, f"{_shown(found)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _wrong_type(kind: str, found: Node | None) -> str:
    wanted = {"string_type": "text", "int_type": "a whole number", "bool_type": "true or false"}.get(
        kind, "a list"
    )
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        wanted = "a mapping"
    if isinstance(found, Scalar):
        if wanted == "text":
            return f"expects text, but YAML reads {found.text!r} as a {found.kind}: quote it"
        return f"expects {wanted}, not the {found.kind} {excerpt(found.text)!r}"
    return f"expects {wanted}, not a {'list' if isinstance(found, Listing) else 'mapping'}"


def _terms(detail: Any) -> list[str]:
    expected = detail.get("ctx", {}).get("expected", "")
    return [part.strip("' ") for part in expected.replace(" or ", ", ").split(",")]


def _raw(found: Node | None) -> str:
    return found.text if isinstance(found, Scalar) else ""


def _shown(found: Node | None) -> str:
    return repr(excerpt(found.text)) if isinstance(found, Scalar) else "the value"


def _unknown_key(name: str, known: Sequence[str]) -> str:
    return f"key {excerpt(name)!r} is not known{_offer(name, known)}"


def _offer(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=3)
    return f"; did you mean {', '.join(near)}?" if near else f"; known: {', '.join(known)}"


def _fields_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Names of the fields of the model that stands at `path`."""
    from registry.entry import Conflict, Evidence, Reading

    inner: Mapping[str, type[BaseModel]] = {"evidence": Evidence, "conflicts": Conflict, "readings": Reading}
    names = [part for part in path if isinstance(part, str)]
    return list((inner.get(names[-1], model) if names else model).model_fields)


def _locate(node: Block, path: Sequence[str | int]) -> tuple[int, Node | None]:
    """(line, node) of `path`; the line of the nearest block around it, and None, where it is missing."""
    here: Node = node
    line = node.line
    for part in path:
        if isinstance(here, Block) and part in here.values:
            line, here = here.values[str(part)]
        elif isinstance(here, Listing) and isinstance(part, int) and part < len(here.items):
            here = here.items[part]
            line = here.line
        else:
            return line, None
    return line, here


def _dotted(path: Sequence[str | int]) -> str:
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return shown.lstrip(".")


def _add(
    reading: _Reading,
    code: ProblemCode,
    message: str,
    *,
    line: int | None = None,
    entry: str | None = None,
    field: str | None = None,
    excerpt: str | None = None,
) -> None:
    problem = Problem(
        code=code, message=message, file=reading.file, line=line, entry=entry, field=field, excerpt=excerpt
    )
    reading.problems.append(problem)


def _check_together(reading: _Reading) -> None:
    """Faults that only show between entries: repeated ids, shared Hub ids, unknown parents, cycles."""
    for records in (reading.datasets, reading.benchmarks):
        _check_ids(records, reading)
    _check_hub_ids(reading)
    ids = {record.label: record for record in reading.datasets}
    parents = {record.label: _parents(record) for record in reading.datasets}
    for record in reading.datasets:
        for parent in parents[record.label]:
            if parent not in ids:
                message = f"no dataset {excerpt(parent)!r} to derive from{_near(parent, list(ids))}"
                _add_at(reading, record, ProblemCode.BAD_VALUE, message, "derived_from")
    for cycle in find_cycles(parents):
        message = f"derives from itself: {' <- '.join((*cycle, cycle[0]))}"
        _add_at(reading, ids[cycle[0]], ProblemCode.BAD_VALUE, message, "derived_from")


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=3)
    return f"; did you mean {', '.join(near)}?" if near else ""


def _parents(record: _Record) -> list[str]:
    _, node = record.node.values.get("derived_from", (0, None))
    return [item.text for item in node.items if isinstance(item, Scalar)] if isinstance(node, Listing) else []


def _check_ids(records: Sequence[_Record], reading: _Reading) -> None:
    first: dict[str, int] = {}
    for record in records:
        if "id" not in record.node.values:
            continue
        line = record.line("id")
        if record.label in first:
            message = f"id {record.label!r} stands twice, first on line {first[record.label]}"
            _add_at(reading, record, ProblemCode.DUPLICATE_ID, message, "id")
        first.setdefault(record.label, line)


def _check_hub_ids(reading: _Reading) -> None:
    """Two entries in one Hub repository must both say so: else one of them is likely a slip."""
    holders: dict[str, list[_Record]] = {}
    for record in reading.datasets:
        if isinstance(record.model, Entry) and record.model.hf_id:
            holders.setdefault(record.model.hf_id.lower(), []).append(record)
    for found in holders.values():
        models = [record.model for record in found if isinstance(record.model, Entry)]
        for record, model in zip(found, models, strict=True):
            others = ", ".join(other.label for other in found if other is not record)
            if others and not model.hf_shared:
                message = f"{model.hf_id} is also the repository of {others}: say hf_shared: true in each, or mend it"
                _add_at(reading, record, ProblemCode.DUPLICATE_ID, message, "hf_id")
            elif model.hf_shared and not others:
                message = f"no other entry lives in {model.hf_id}: leave hf_shared out"
                _add_at(reading, record, ProblemCode.BAD_VALUE, message, "hf_shared")


def _add_at(reading: _Reading, record: _Record, code: ProblemCode, message: str, field: str) -> None:
    _add(reading, code, message, line=record.line(field), entry=record.label, field=field)
