"""Where the files lie that come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_ROOM: Final = Path(__file__).parent
SAMPLES_FILE: Final = _ROOM / "samples" / "catalog.yaml"
"""The catalogue of the bundled sample datasets."""


def shipped_catalog() -> Path:
    """The catalogue: beside the room in the wheel, above it in the source tree."""
    packed = _ROOM / "catalog.yaml"
    return packed if packed.is_file() else _ROOM.parent / "catalog.yaml"
