"""How much an input may ask for; each limit is a setting INSTRUCTORY_LIMIT_<NAME>."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from registry.environment import FromEnvironment

MIB = 1 << 20


class Limits(FromEnvironment):
    """Limits of reading; sizes in bytes."""

    prefix: ClassVar[str] = "INSTRUCTORY_LIMIT_"

    row_bytes: int = Field(default=16 * MIB, ge=1, description="one row as it stands in the source")
    text_bytes: int = Field(default=8 * MIB, ge=1, description="one text of a row, as UTF-8")
    file_bytes: int = Field(default=20 * 1024 * MIB, ge=1, description="one input file, unpacked")
    document_bytes: int = Field(default=128 * MIB, ge=1, description="a file that is one JSON object")
    bomb_ratio: int = Field(default=200, ge=1, description="unpacked size over packed size")
    bomb_floor_bytes: int = Field(
        default=64 * MIB, ge=1, description="unpacked size below which no ratio counts"
    )
    row_group_bytes: int = Field(default=512 * MIB, ge=1, description="one Parquet row group, unpacked")
    parquet_memory_bytes: int = Field(
        default=4096 * MIB, ge=MIB, description="address space of the Parquet process"
    )
    depth: int = Field(default=64, ge=1, description="nesting of JSON values")
    fields: int = Field(default=1000, ge=1, description="distinct field names of one file")

    def exceeded(self, name: str, what: str) -> str:
        """The words of an error: what is over which limit, its value and its setting."""
        value: int = getattr(self, name)
        return f"{what} is over the limit of {value:,} ({name}; set INSTRUCTORY_LIMIT_{name.upper()})"
