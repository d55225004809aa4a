"""Where things live and which limits hold: read from INSTRUCTORY_* variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from platformdirs import user_data_path
from pydantic import Field, field_validator

from registry.environment import FromEnvironment


class Settings(FromEnvironment):
    """Settings of one run; every field can be set as INSTRUCTORY_<NAME>."""

    prefix: ClassVar[str] = "INSTRUCTORY_"

    home: Path = Field(
        default_factory=lambda: user_data_path("instructory"), description="folder for all we write"
    )
    database: str | None = Field(default=None, description="SQLAlchemy URL; None means registry.db in home")
    catalog: Path | None = Field(default=None, description="catalogue to read; None means the shipped one")
    overlay: tuple[Path, ...] = Field(
        default=(), description="catalogues of your own over the one in force; later ones win"
    )
    offline: bool = Field(default=False, description="open no connection at all")

    @field_validator("overlay", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """A variable names files as PATH does: with `:` between them (`;` on Windows)."""
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database or f"sqlite:///{self.home / 'registry.db'}"

    @property
    def snapshots(self) -> Path:
        """Folder of row snapshots."""
        return self.home / "snapshots"

    @property
    def signatures(self) -> Path:
        """Folder of MinHash signatures."""
        return self.home / "signatures"

    @property
    def features(self) -> Path:
        """Folder of per-row features."""
        return self.home / "features"

    @property
    def mixtures(self) -> Path:
        """Folder of mixtures built from the dashboard."""
        return self.home / "mixtures"
