"""mixture.lock: what a mixture was made of and what was written; checking and comparing locks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow as pa

from registry.errors import InputRefusedError, Problem, ProblemCode
from registry.files import sha256_file
from registry.snapshot import Snapshot

LOCK_FILE = "mixture.lock"
MANIFEST_FILE = "manifest.json"
FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OUTPUT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether files are what their lock says; `problems` is empty exactly when they are."""

    problems: tuple[str, ...]
    files: int

    @property
    def ok(self) -> bool:
        """True where nothing differs."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {"ok": self.ok, "problems": list(self.problems), "files": self.files}


@dataclass(frozen=True, slots=True)
class LockDiff:
    """What another lock has more, less and differently; empty where they make the same mixture."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {"added": list(self.added), "removed": list(self.removed), "changed": list(self.changed)}


def writer_versions() -> dict[str, str]:
    """Versions of what decides the bytes: ours, and that of the Parquet writer."""
    try:
        ours = version("instructory")
    except PackageNotFoundError:  # run from a source tree that is not installed
        ours = "source"
    return {"instructory": ours, "pyarrow": pa.__version__}


def source_facts(label: str, snapshot: Snapshot, license_id: str | None) -> dict[str, Any]:
    """What a lock says of one source: enough to find and to recognise the same rows again."""
    source = snapshot.source
    return {
        "part": label,
        "dataset": snapshot.dataset,
        "kind": source.kind,
        "repository": source.repository,
        "revision": source.revision,
        "snapshot": snapshot.id,
        "rows": snapshot.rows_kept,
        "rows_sha256": snapshot.rows_sha256,
        "license": license_id,
        "files": [{"name": f.name, "bytes": f.bytes, "sha256": f.sha256} for f in source.files],
    }


def read_lock(path: str | Path) -> tuple[dict[str, Any], Path]:
    """The lock in the file `path`, or in the folder `path`, and the folder it speaks of.

    Raises:
        InputRefusedError: no lock, a newer format, a missing hash or a name that leaves the folder.
    """
    path = Path(path)
    file = path / LOCK_FILE if path.is_dir() else path
    try:
        lock = json.loads(file.read_bytes())
    except OSError as error:
        raise _refused(
            file, ProblemCode.NO_ACCESS, f"cannot read the lock: {error.strerror or error}"
        ) from error
    except ValueError as error:
        raise _refused(file, ProblemCode.SYNTAX, "not JSON; is it a mixture.lock?") from error
    problems = [
        Problem(code=code, message=message, file=str(file), field=field)
        for code, message, field in _faults(lock)
    ]
    if problems:
        raise InputRefusedError(problems, summary=f"{file} is refused as a whole")
    return lock, file.parent


def verify(path: str | Path) -> Verification:
    """Compare every file beside a lock with the size and SHA-256 it states, and the manifest with the lock.

    Raises:
        InputRefusedError: the lock itself cannot be used.
    """
    lock, folder = read_lock(path)
    problems = [found for output in lock["outputs"] if (found := _file_fault(folder, output))]
    problems += _manifest_faults(folder)
    return Verification(tuple(problems), len(lock["outputs"]))


def diff(a: str | Path, b: str | Path) -> LockDiff:
    """What `b` has that `a` has not, the other way round, and what differs: sources, settings, outputs.

    Raises:
        InputRefusedError: a lock cannot be used.
    """
    before, after = (_flat(read_lock(path)[0]) for path in (a, b))
    both = [name for name in before if name in after]
    return LockDiff(
        added=tuple(f"{name} = {after[name]}" for name in after if name not in before),
        removed=tuple(f"{name} = {before[name]}" for name in before if name not in after),
        changed=tuple(f"{n}: {before[n]} -> {after[n]}" for n in both if before[n] != after[n]),
    )


def is_output_name(name: str) -> bool:
    """Whether `name` is a plain file name that cannot leave its folder."""
    return _OUTPUT_NAME.fullmatch(name) is not None


def canonical_json(value: Any) -> str:
    """Indented JSON with sorted keys and a final line feed: equal values, equal text."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _faults(lock: Any) -> Iterator[tuple[ProblemCode, str, str | None]]:
    if not isinstance(lock, dict) or not isinstance(lock.get("format"), int):
        yield ProblemCode.SCHEMA, "no lock of a mixture: it has no format number", "format"
        return
    if lock["format"] != FORMAT:
        yield (
            ProblemCode.UNSUPPORTED,
            f"format {lock['format']}; this program reads format {FORMAT}",
            "format",
        )
        return
    for section in ("sources", "outputs"):
        items = lock.get(section)
        if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
            yield ProblemCode.MISSING_FIELD, "missing or empty", section
            return
    yield from _hash_faults(lock)
    for n, output in enumerate(lock["outputs"]):
        if not is_output_name(str(output.get("path"))):
            yield ProblemCode.BAD_VALUE, "an output's path is a plain file name", f"outputs[{n}].path"


def _hash_faults(lock: Mapping[str, Any]) -> Iterator[tuple[ProblemCode, str, str]]:
    hashes: list[tuple[str, Any]] = [("recipe_sha256", lock.get("recipe_sha256"))]
    for n, source in enumerate(lock["sources"]):
        files = source.get("files") or [{}]
        hashes += [(f"sources[{n}].{name}", source.get(name)) for name in ("snapshot", "rows_sha256")]
        hashes += [(f"sources[{n}].files[{m}].sha256", file.get("sha256")) for m, file in enumerate(files)]
    hashes += [(f"outputs[{n}].sha256", output.get("sha256")) for n, output in enumerate(lock["outputs"])]
    for field, value in hashes:
        if not isinstance(value, str) or not _SHA256.fullmatch(value):
            yield ProblemCode.INTEGRITY, "a SHA-256 is missing", field


def _file_fault(folder: Path, output: Mapping[str, Any]) -> str | None:
    path = folder / output["path"]
    if not path.is_file():
        return f"{output['path']}: missing"
    size = path.stat().st_size
    if size != output["bytes"]:
        return f"{output['path']}: {size:,} bytes, the lock says {output['bytes']:,}"
    found = sha256_file(path)
    return None if found == output["sha256"] else f"{output['path']}: SHA-256 {found}, not {output['sha256']}"


def _manifest_faults(folder: Path) -> list[str]:
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        expected = manifest["lock"]["sha256"]
    except OSError:
        return [f"{MANIFEST_FILE}: missing; the build did not finish"]
    except (ValueError, KeyError, TypeError):
        return [f"{MANIFEST_FILE}: not readable"]
    if sha256_file(folder / LOCK_FILE) != expected:
        return [f"{LOCK_FILE}: not the one the manifest was written with"]
    return []


def _flat(lock: Mapping[str, Any]) -> dict[str, str]:
    """The facts of a lock, one a name, sources and outputs under their own names."""
    facts = {f"recipe.{key}": _shown(value) for key, value in lock["recipe"].items() if key != "parts"}
    facts |= {f"recipe.parts[{n}]": _shown(part) for n, part in enumerate(lock["recipe"]["parts"])}
    facts |= {f"writers.{name}": _shown(value) for name, value in lock["writers"].items()}
    for section, name in (("sources", "part"), ("benchmarks", "dataset"), ("outputs", "path")):
        for item in lock.get(section, ()):
            facts |= _named(f"{section}.{item[name]}", item, leave_out=(name, "part", "dataset", "path"))
    return facts


def _named(prefix: str, item: Mapping[str, Any], *, leave_out: Sequence[str]) -> dict[str, str]:
    return {f"{prefix}.{key}": _shown(value) for key, value in item.items() if key not in leave_out}


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _refused(file: Path, code: ProblemCode, message: str) -> InputRefusedError:
    return InputRefusedError([Problem(code=code, message=message, file=str(file))])
