"""What is finished of a job that is not: plain files, one a shard, found again by the next run.

A shard holds a tree of dataclasses, tuples, dicts, numbers, texts and arrays: a JSON head that spells the
tree and the arrays behind it. Nothing in it can run: classes are looked up among our own dataclasses. Large
arrays are read through a memory map, so that what is merged costs address space, not memory.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from registry.files import atomic_write, disk_errors

if os.name == "posix":
    import fcntl

Array = npt.NDArray[Any]

MAGIC = b"INSSHARD"
LOCK_FILE = "lock"
# Smaller arrays are copied: a map has the size of a page at least.
MAPPED_BYTES = 4_096

_ALIGNMENT = 64
_ROOMS = ("analyzers.", "registry.")
_HEAD = len(MAGIC) + 8


@contextmanager
def unfinished(home: Path, identity: str) -> Iterator[Path]:
    """The folder of the shards of one job, kept where the block ends with an error, else removed.

    What an earlier run of the same `identity` finished is found in it. Where another process is at the same
    job this instant, the folder is one of our own.

    Raises:
        DiskError: the folder cannot be made.
    """
    folder = home / identity
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK_FILE).open("wb")
    with lock:
        if not _taken(lock.fileno()):
            with TemporaryDirectory(dir=home) as own:
                yield Path(own)
            return
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def write_shard(path: Path, tree: object) -> None:
    """Put `tree` under the name `path`, whole or not at all.

    Raises:
        TypeError: something in the tree is no plain value.
        DiskError: writing failed.
    """
    writer = _Writer()
    spelt = writer.spell(tree)
    head = json.dumps({"size": writer.size, "tree": spelt}, separators=(",", ":")).encode()
    with atomic_write(path) as file:
        file.write(MAGIC + len(head).to_bytes(8, "little") + head)
        file.write(bytes(-(_HEAD + len(head)) % _ALIGNMENT))
        for part in writer.parts:
            file.write(part)
            file.write(bytes(-len(part) % _ALIGNMENT))


def read_shard(path: Path) -> Any:
    """The tree that `write_shard` put there; large arrays are read-only maps of the file.

    Raises:
        ValueError: the file is not such a shard, or not whole.
        OSError: there is none.
    """
    with pa.memory_map(str(path)) as file:
        # The buffer keeps the map, but no open file: there may be many thousand shards.
        data = file.read_buffer()
    if len(data) < _HEAD or data[: len(MAGIC)].to_pybytes() != MAGIC:
        raise ValueError(f"{str(path)!r} is no shard")
    length = int.from_bytes(data[len(MAGIC) : _HEAD].to_pybytes(), "little")
    head = json.loads(data[_HEAD : _HEAD + length].to_pybytes())
    begin = _HEAD + length + -(_HEAD + length) % _ALIGNMENT
    if len(data) != begin + head["size"]:
        raise ValueError(f"{str(path)!r} is cut off")
    return _Reader(data, begin).read(head["tree"])


def is_finished(path: Path) -> bool:
    """Whether a whole shard is there."""
    try:
        read_shard(path)
    except (OSError, ValueError, KeyError):
        return False
    return True


_KINDS = {
    kind: f"read_{kind.lower()}"
    for kind in (
        *("float", "bytes", "ndarray", "scalar", "tuple", "list", "set", "frozenset", "dict", "Counter"),
        *("enum", "class"),
    )
}


class _Writer:
    """Spells a tree as JSON and collects the bytes behind it."""

    def __init__(self) -> None:
        self.parts: list[memoryview] = []
        self.size = 0

    def spell(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind in {bool, int, str}:
            return value
        spelt = self._plain(kind, value)
        return self._ours(value) if spelt is None else [kind.__name__, *spelt]

    def _plain(self, kind: type, value: Any) -> Iterable[Any] | None:
        """What follows the name of the type; None where it is none of Python's or numpy's."""
        if kind is float:
            return [value.hex()]
        if kind is bytes:
            return self._put(memoryview(value))
        if kind in {tuple, list}:
            return map(self.spell, value)
        if kind in {set, frozenset}:
            return map(self.spell, sorted(value))
        if kind in {dict, Counter}:
            return ([self.spell(key), self.spell(item)] for key, item in value.items())
        return self._array(value) if kind is np.ndarray else None

    def _ours(self, value: Any) -> list[Any]:
        kind = type(value)
        if isinstance(value, np.generic):
            return ["scalar", ["ndarray", *self._array(np.asarray(value))]]
        name = [kind.__module__, kind.__qualname__]
        if isinstance(value, Enum) and _is_ours(name[0]):
            return ["enum", *name, self.spell(value.value)]
        if is_dataclass(value) and _is_ours(name[0]):
            return ["class", *name, *(self.spell(getattr(value, field.name)) for field in fields(value))]
        raise TypeError(f"a shard cannot hold {'.'.join(name)}")

    def _array(self, array: Array) -> list[Any]:
        if array.dtype.hasobject:
            raise TypeError("a shard holds no arrays of Python objects")
        flat = np.ascontiguousarray(array).reshape(-1)
        return [*self._put(memoryview(flat.tobytes())), array.dtype.str, list(array.shape)]

    def _put(self, data: memoryview) -> tuple[int, int]:
        place = self.size
        self.parts.append(data)
        self.size += len(data) + -len(data) % _ALIGNMENT
        return place, len(data)


class _Reader:
    """Makes a tree from its spelling and the bytes behind it."""

    def __init__(self, data: pa.Buffer, begin: int) -> None:
        self._data = data
        self._begin = begin

    def read(self, spelt: Any) -> Any:
        if not isinstance(spelt, list):
            return spelt
        kind, *rest = spelt
        return getattr(self, _KINDS[kind])(*rest)

    def read_float(self, digits: str) -> float:
        return float.fromhex(digits)

    def read_bytes(self, place: int, size: int) -> bytes:
        return self._slice(place, size).to_pybytes()

    def read_ndarray(self, place: int, size: int, kind: str, shape: list[int]) -> Array:
        if not size:
            return np.empty(shape, kind)
        array: Array = np.frombuffer(memoryview(self._slice(place, size)), kind).reshape(shape)
        return array if size >= MAPPED_BYTES else array.copy()

    def read_scalar(self, spelt: list[Any]) -> Any:
        return self.read(spelt)[()]

    def read_tuple(self, *items: Any) -> tuple[Any, ...]:
        return tuple(map(self.read, items))

    def read_list(self, *items: Any) -> list[Any]:
        return list(map(self.read, items))

    def read_set(self, *items: Any) -> set[Any]:
        return set(map(self.read, items))

    def read_frozenset(self, *items: Any) -> frozenset[Any]:
        return frozenset(map(self.read, items))

    def read_dict(self, *pairs: Any) -> dict[Any, Any]:
        return {self.read(key): self.read(value) for key, value in pairs}

    def read_counter(self, *pairs: Any) -> Counter[Any]:
        return Counter(self.read_dict(*pairs))

    def read_enum(self, module: str, name: str, value: Any) -> Any:
        return _class(module, name)(self.read(value))

    def read_class(self, module: str, name: str, *values: Any) -> Any:
        kind = _class(module, name)
        made = object.__new__(kind)
        for field, value in zip(fields(kind), values, strict=True):
            object.__setattr__(made, field.name, self.read(value))
        return made

    def _slice(self, place: int, size: int) -> pa.Buffer:
        return self._data.slice(self._begin + place, size)


def _class(module: str, name: str) -> Any:
    kind = getattr(import_module(module), name, None) if _is_ours(module) else None
    if not isinstance(kind, type) or not (is_dataclass(kind) or issubclass(kind, Enum)):
        raise ValueError(f"a shard names {module}.{name}, which is no record of ours")
    return kind


def _is_ours(module: str) -> bool:
    return module.startswith(_ROOMS)


def _taken(descriptor: int) -> bool:
    """Whether the lock is now ours; always where the system has none."""
    if os.name != "posix":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
