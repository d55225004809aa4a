"""What kind of file it is, told by its content; what is no row file is refused by name."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from registry.errors import ProblemCode
from registry.readers.byte_source import ByteSource
from registry.readers.delimited import Delimited, is_table
from registry.readers.json_array import JsonArray
from registry.readers.json_lines import JsonLines
from registry.readers.json_object import JsonObject, is_one_object
from registry.readers.parquet import PARQUET_MAGIC, ParquetRows
from registry.readers.raw import RowFile, refusal

HEAD_BYTES = 1 << 16
BLANK = b" \t\r\n"

FOREIGN_MARKS = (b"\x00\x00\xfe\xff", b"\xff\xfe", b"\xfe\xff")
BINARY = (
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "gzip inside gzip"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"(\xb5/\xfd", "a zstd archive"),
    (b"7z\xbc\xaf'\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"ARROW1\x00\x00", "an Arrow file"),
    (b"\x93NUMPY", "a numpy array"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
PICKLE = re.compile(rb"\x80[\x02-\x05]")
POINTERS = (b"version https://git-lfs.github.com/spec/", b"/annex/objects/", b"../.git/annex/objects/")
WEB_PAGE = re.compile(rb"<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
ERROR_TEXT = re.compile(
    rb"(404: Not Found|Entry not found|Not Found|Invalid username or password|Repository not found|Forbidden"
    rb"|Access to .{1,200} is restricted|Unauthorized|Internal Server Error|Bad Gateway|Too Many Requests)"
    rb"\s*\.?\s*$",
    re.IGNORECASE,
)


def open_rows(source: ByteSource) -> RowFile:
    """The rows of `source` in whatever form its content shows.

    Raises:
        InputRefusedError: not a row file: encoding, unsupported, pointer, error_page, no_rows, or a fault
            of gzip.
    """
    head = source.head(HEAD_BYTES)
    if head.startswith(PARQUET_MAGIC):
        return ParquetRows(source)
    _refuse_foreign(source.name, head)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(BLANK)
    if start.startswith(b"["):
        return JsonArray(source)
    if start.startswith(b"{"):
        fresh = ByteSource(source.path, source.name, source.limits)
        return JsonObject(source) if is_one_object(fresh) else JsonLines(source)
    if not start:
        return JsonLines(source)
    _refuse_text(source.name, start)
    if is_table(source.name, head):
        return Delimited(source)
    if start[:1] in b'"-0123456789tfn':
        return JsonLines(source)
    raise refusal(
        source.name,
        ProblemCode.UNSUPPORTED,
        "plain text, not rows",
        shown=start[:200].decode("utf-8", "replace"),
    )


def check_regular(path: Path, name: str, *, limit: int, over: str) -> int:
    """The size of the regular file at `path`.

    Raises:
        InputRefusedError: no_access, special_file or too_big (`over` says the limit in words).
    """
    try:
        status = path.stat()
    except OSError as error:
        raise refusal(name, ProblemCode.NO_ACCESS, f"cannot read: {error.strerror or error}") from error
    if not stat.S_ISREG(status.st_mode):
        raise refusal(name, ProblemCode.SPECIAL_FILE, "a pipe, socket or device, not a regular file")
    if status.st_size > limit:
        raise refusal(name, ProblemCode.TOO_BIG, over)
    return status.st_size


def _refuse_foreign(name: str, head: bytes) -> None:
    if head.startswith(FOREIGN_MARKS):
        raise refusal(name, ProblemCode.ENCODING, "text in UTF-16 or UTF-32: save it as UTF-8")
    for magic, what in BINARY:
        if head.startswith(magic):
            raise refusal(name, ProblemCode.UNSUPPORTED, f"{what}, not rows: unpack or convert it first")
    if PICKLE.match(head):
        raise refusal(name, ProblemCode.UNSUPPORTED, "a pickle: it can run code and is never opened")
    if head[257:262] == b"ustar":
        raise refusal(name, ProblemCode.UNSUPPORTED, "a tar archive, not rows: unpack it first")
    if head.startswith(POINTERS):
        raise refusal(
            name, ProblemCode.POINTER, "a large-file pointer, not the file: fetch the real content first"
        )


def _refuse_text(name: str, start: bytes) -> None:
    shown = start[:200].decode("utf-8", "replace")
    if WEB_PAGE.match(start):
        raise refusal(name, ProblemCode.ERROR_PAGE, "a web page, not rows: check the address", shown=shown)
    if len(start) < 400 and ERROR_TEXT.match(start):
        raise refusal(name, ProblemCode.ERROR_PAGE, "an error answer of a server, not rows", shown=shown)
    if start.startswith(b"#!"):
        raise refusal(name, ProblemCode.UNSUPPORTED, "a script: it is never run", shown=shown)
    if b"\x00" in start[:4096]:
        raise refusal(name, ProblemCode.UNSUPPORTED, "binary content of no known kind")
