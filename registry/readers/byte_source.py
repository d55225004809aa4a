"""The bytes of one source file, unpacked, measured and hashed while they pass."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from registry.errors import ProblemCode
from registry.limits import Limits
from registry.readers.raw import refusal

CHUNK = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31

Progress = Callable[[int, int | None, str], None]
"""Called now and then with the stored bytes read so far, those of all files, and what is going on."""


class ByteSource:
    """One file read once from its start. `name` is what errors call it.

    `sha256` and `packed_bytes` are of the bytes as stored and complete once the last chunk was taken.
    """

    def __init__(
        self, path: Path, name: str, limits: Limits, *, advance: Callable[[int], None] | None = None
    ) -> None:
        self.path = path
        self.name = name
        self.limits = limits
        self.packed_bytes = 0
        self._digest = hashlib.sha256()
        self._advance = advance
        with self._reading(), path.open("rb") as file:
            self.is_gzip = file.read(2) == GZIP_MAGIC

    @property
    def sha256(self) -> str:
        """Hash of the stored bytes that have passed so far, as hex."""
        return self._digest.hexdigest()

    def head(self, size: int) -> bytes:
        """The first `size` unpacked bytes, or fewer where the file ends; counts and hashes nothing."""
        found = b""
        for chunk in ByteSource(self.path, self.name, self.limits).chunks():
            found += chunk
            if len(found) >= size:
                break
        return found[:size]

    def chunks(self) -> Iterator[bytes]:
        """The unpacked bytes, about 1 MiB at a time.

        Raises:
            InputRefusedError: the file cannot be read or is over a limit; of gzip also: truncated,
                integrity, bomb.
        """
        size = 0
        for chunk in self._gunzip() if self.is_gzip else self._stored():
            size += len(chunk)
            if size > self.limits.file_bytes:
                raise refusal(
                    self.name, ProblemCode.TOO_BIG, self.limits.exceeded("file_bytes", "unpacked size")
                )
            yield chunk

    def _stored(self) -> Iterator[bytes]:
        with self._reading(), self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                self.packed_bytes += len(chunk)
                self._digest.update(chunk)
                if self._advance is not None:
                    self._advance(len(chunk))
                yield chunk

    def _gunzip(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(GZIP_WINDOW)
        unpacked = 0
        fed = False
        for packed in self._stored():
            data = packed
            while data:
                if unpacker.eof:
                    self._check_next_member(data)
                    unpacker = zlib.decompressobj(GZIP_WINDOW)
                chunk = self._unpack(unpacker, data)
                fed = True
                data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                unpacked += len(chunk)
                self._check_ratio(unpacked)
                if chunk:
                    yield chunk
        if fed and not unpacker.eof:
            raise refusal(
                self.name, ProblemCode.TRUNCATED, "the gzip stream ends early: fetch the file again"
            )

    def _unpack(self, unpacker: zlib._Decompress, data: bytes) -> bytes:
        try:
            return unpacker.decompress(data, CHUNK)
        except zlib.error as error:
            raise refusal(self.name, ProblemCode.INTEGRITY, f"damaged gzip stream: {error}") from error

    def _check_next_member(self, data: bytes) -> None:
        if not data.startswith(GZIP_MAGIC[: len(data)]):
            raise refusal(
                self.name, ProblemCode.INTEGRITY, "bytes follow the last gzip member", shown=repr(data[:40])
            )

    def _check_ratio(self, unpacked: int) -> None:
        limits = self.limits
        if unpacked > limits.bomb_floor_bytes and unpacked > self.packed_bytes * limits.bomb_ratio:
            what = f"{unpacked:,} bytes out of {self.packed_bytes:,} packed ones: the ratio"
            raise refusal(self.name, ProblemCode.BOMB, limits.exceeded("bomb_ratio", what))

    def _reading(self) -> _Reading:
        return _Reading(self.name)


class _Reading:
    """Turns an OSError of reading into a refusal."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, ConnectionError):
            raise refusal(
                self.name, ProblemCode.NO_ACCESS, f"cannot read: {error.strerror or error}"
            ) from error
