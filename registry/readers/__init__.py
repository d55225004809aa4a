"""Bytes in, raw rows out: every line of a source is a row, a located fault or blank."""

from registry.readers.containers import open_rows
from registry.readers.raw import BadRow, RawRow, RowFile

__all__ = ["BadRow", "RawRow", "RowFile", "open_rows"]
